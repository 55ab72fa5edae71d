"""What the memory refuses: not there, not allowed now, already there."""

from __future__ import annotations

from collections.abc import Mapping

from forms.corrections.checking import Refusal
from forms.corrections.filled import Spot
from forms.problems import Problem


class BlobStoreUnknown(Problem):
    """COLLECTOR_BLOBS_URL names a kind of store this server has not got."""

    sentence = "Files cannot be kept at {url}: this server knows {known}."


class StoreFailed(Problem):
    """The disk fails, or the bucket refuses."""

    sentence = (
        "The server's store of files does not work as it should. Nothing was stored. "
        "Try again later, and tell the office."
    )


class NetworkFileSystem(Problem):
    """SQLite on a shared folder loses data."""

    sentence = (
        "The data folder {path} lies on a network file system ({kind}), where SQLite can lose records. "
        "Choose a folder on a local disk, or use PostgreSQL."
    )


class ProjectNotFound(Problem):
    """No such project, or not for this actor."""

    sentence = "There is no project {project} here that you may see."


class FormNotFound(Problem):
    """No such form, or not for this actor."""

    sentence = "There is no form “{form}” here. Get the list of forms again."


class FormVersionNotFound(Problem):
    """The form is there, the version is not."""

    sentence = (
        "The form version “{version}” of form “{form}” does not exist. Get the form again and send once more."
    )


class NoDraft(Problem):
    """A draft was asked for and there is none."""

    sentence = "The form “{form}” has no draft."


class FormNotOpen(Problem):
    """A closed form takes no more submissions."""

    sentence = (
        "The form “{form}” is closed and takes no more submissions. Ask the office to open it, then "
        "send again."
    )


class VersionExists(Problem):
    """The same id and version were published with other bytes."""

    sentence = (
        "Version “{version}” of form “{form}” was already published with other contents. "
        "Give the form a new version and publish again."
    )


class RebuildOvertaken(Problem):
    """New versions or other rebuilds came between, again and again."""

    sentence = (
        "The tables of form “{form}” were not made again, because they changed in between several times. "
        "Try again when nobody publishes the form."
    )


class FormExists(Problem):
    """A form is created twice."""

    sentence = "A form “{form}” already exists in this project."


class FormWarned(Problem):
    """A form that works, but not as its author may think; whoever has read the warnings sends it again."""

    sentence = (
        "The form is valid, but there are warnings. Read them, and send it again with ignoreWarnings=true "
        "if they are acceptable."
    )


class DraftOfOtherForm(Problem):
    """A draft under the address of another form."""

    sentence = (
        "The form in the request calls itself “{other}”, and this is the address of “{form}”. "
        "Correct its form_id, or create it as a new form."
    )


class StateUnknown(Problem):
    """A form state that is none."""

    sentence = "“{value}” is no state of a form. Use open, closing or closed."


class AttachmentNotExpected(Problem):
    """A file the form does not ask for."""

    sentence = "The form “{form}” asks for no file named “{name}”."


class AttachmentNotFound(Problem):
    """A file that is not there (yet)."""

    sentence = "There is no file “{name}” here."


class SubmissionNotFound(Problem):
    """No such submission."""

    sentence = "There is no submission {instance} here."


class InstanceConflict(Problem):
    """The same instance id with another content."""

    sentence = (
        "A submission with the id {instance} was received before with different answers; the first "
        "one is kept. If this one is right, ask the office to correct it there."
    )


class SubmissionDeleted(Problem):
    """A record that the office deleted is sent again."""

    sentence = "The submission {instance} has been deleted at the office and is not taken again."


class EditOfUnknown(Problem):
    """An edit came before what it edits."""

    sentence = (
        "The submission {instance}, which this one corrects, has not been received yet. Send that one "
        "first, then this again."
    )


class EditSuperseded(Problem):
    """An edit of a version that is no longer the newest."""

    sentence = (
        "The submission {instance} was corrected by somebody else in the meantime, so this correction "
        "does not fit any more."
    )


class NotSignedIn(Problem):
    """Nobody, or not who they say."""

    sentence = "Sign in first: the user name or the password is wrong or missing."


class TooManyAttempts(Problem):
    """Somebody guesses passwords, or has forgotten one."""

    sentence = (
        "The password for this user name was wrong too often. Wait {minutes} minutes and try again, "
        "or ask an administrator of this server for a new password."
    )


class NotAllowed(Problem):
    """Somebody, but without the right."""

    sentence = "You have no right to do this. Ask an administrator of this server."


class TokenUnknown(Problem):
    """A phone's address that is revoked or was never given."""

    sentence = "This phone's access has been withdrawn or never existed. Ask the office for a new QR code."


class DraftGone(Problem):
    """A draft testing address that has ended."""

    sentence = "This draft has been published, replaced or removed. Get a new test code for it."


class UsernameTaken(Problem):
    """Two accounts with one name."""

    sentence = "There is already an account “{username}”."


class CredentialNotAscii(Problem):
    """Phones cannot send Vietnamese letters in a user name or password."""

    sentence = (
        "The {what} may only hold letters without accents, digits and common signs: phones cannot send "
        "others."
    )


class PasswordTooShort(Problem):
    """A password anyone can guess."""

    sentence = "The password needs at least {least} characters."


class UserNotFound(Problem):
    """No such account."""

    sentence = "There is no account “{username}”."


class PlaceUnknown(Problem):
    """A place code nobody knows."""

    sentence = "There is no place with the code {code}."


class PlacesTooWide(Problem):
    """Somebody with places of his own would make something for the whole map."""

    sentence = (
        "Your account works in certain places only, and what you want to save names none. "
        "Choose one of your places, or ask an administrator of this server."
    )


class IndicatorNotFound(Problem):
    """No such indicator."""

    sentence = "There is no indicator “{code}”."


class IndicatorAmbiguous(Problem):
    """One code in several surveys."""

    sentence = "Several surveys define the indicator “{code}”: {forms}. Say which one with form=…"


class SplitUnknown(Problem):
    """A question an indicator may not be split by."""

    sentence = "The indicator “{code}” cannot be split by “{name}”. It can be split by: {known}."


class PeriodUnknown(Problem):
    """A period nobody can read."""

    sentence = "“{period}” is no period. Write one like these: {known}."


class LevelUnknown(Problem):
    """A level of places that is none."""

    sentence = "“{level}” is no level of places. Use one of: {known}."


class CampaignNotFound(Problem):
    """No such campaign."""

    sentence = "There is no campaign {number}."


class CampaignUnusable(Problem):
    """A campaign that cannot be: a name, a form, a day is missing or wrong."""

    sentence = (
        "The campaign cannot be kept because of “{field}”. It needs a name, at least one survey, a unit "
        "of its list, and days that follow one another."
    )


class BatchNotFound(Problem):
    """No such batch."""

    sentence = "There is no import {number} here."


class BatchUndone(Problem):
    """A batch that was taken back already."""

    sentence = (
        "Number {number} was taken back already: everything is as it was before, and nothing else is left to "
        "do."
    )


class ArchiveUnreadable(Problem):
    """Something that is no zip of filled forms, or a broken one."""

    sentence = (
        "The file is no zip archive this server can read, or it is damaged. Pack the folder of filled forms "
        "into a .zip file again and send that."
    )


class ReasonMissing(Problem):
    """A record is sent back and nobody says why."""

    sentence = "Say what has to be corrected: whoever filled in the form reads it."


class ReviewStateUnknown(Problem):
    """A judgement of a record that is none."""

    sentence = "“{value}” is no review state. Use hasIssues, edited, approved or rejected."


class NoHouseholds(Problem):
    """Work is handed out, and there is no list of households or none of those named."""

    sentence = (
        "There are no households here to give out. They come with the first records of the household survey, "
        "or from a spreadsheet."
    )


class AnswersRefused(Problem):
    """A correction that the form would not take."""

    sentence = (
        "Some answers cannot be kept as they were typed ({paths}). Correct them as the form asks and send "
        "them again."
    )

    def __init__(self, refusals: Mapping[Spot, Refusal]) -> None:
        self.refusals = refusals
        super().__init__(count=len(refusals), paths=", ".join(sorted({one.path for one in refusals})))


class CorrectionEmpty(Problem):
    """A correction in which nothing differs."""

    sentence = "No answer is different from what is stored. Change at least one, or leave the page."


class CorrectionReasonMissing(Problem):
    """A correction without a reason."""

    sentence = "Say why the answers are corrected: choose a reason, and for “other” write it down."


class RecordEncrypted(Problem):
    """A correction of what nobody here can read."""

    sentence = "The record {instance} is encrypted, so nobody here can correct it."


class TooManyRecords(Problem):
    """More at once than can be done while somebody waits."""

    sentence = "These are {count} records; at most {limit} can be changed at once. Narrow the selection."


class SheetUnusable(Problem):
    """A file that is no sheet of rows to correct, or of another form."""

    sentence = (
        "The file is not a sheet of this form's rows: {missing}. Download the rows again, change cells only, "
        "and send that file."
    )


class NoDuplicate(Problem):
    """Two records that cannot be one."""

    sentence = (
        "These two records cannot be joined: they must be two live records of the same form, and neither may "
        "be joined already. Choose others, or undo the earlier joining first."
    )


class CommentEmpty(Problem):
    """A comment that says nothing."""

    sentence = "The comment is empty. Write what is to be noted, or leave the page."
