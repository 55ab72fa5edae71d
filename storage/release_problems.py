"""What is refused about extracts, releases and the links to their files."""

from __future__ import annotations

from forms.problems import Problem


class ExtractNotFound(Problem):
    """No such extract, or somebody else's."""

    sentence = (
        "There are no files under the number {number} here. They may have been deleted because their time "
        "was over; ask for them again under “Downloads”."
    )


class ExtractFileNotFound(Problem):
    """The files are not made, or are gone."""

    sentence = "The file “{name}” is not here (yet). Look at the page of its files how far they are."


class ExtractUnusable(Problem):
    """What somebody asks for says nothing that can be made."""

    sentence = "The files cannot be made: “{value}” is no {what} this server knows. It knows: {known}."


class TooManyExtracts(Problem):
    """More files asked for than one may wait for."""

    sentence = (
        "You are waiting for {count} sets of files already, which is as many as one may. Ask again when some "
        "of them are made."
    )


class TooMuchKept(Problem):
    """More files kept than one may."""

    sentence = (
        "You keep {count} sets of files here already, {megabytes} MB, which is as much as one may. Delete "
        "some on the page of your own files, or wait until their time is over."
    )


class PhotosShowPeople(Problem):
    """Photos asked for with records in which nobody is to be found."""

    sentence = (
        "Photos and recordings show people, so they come only with names and all answers. Choose that, or "
        "take the files without them."
    )


class PhotosTooMany(Problem):
    """More photos than one archive takes, or than one may keep."""

    sentence = (
        "These records have {count} photos and recordings, {size} MB. At most {most} come at once, and you "
        "have {megabytes} MB left here. Ask for fewer places or days, or delete files you asked for earlier."
    )


class PurposeMissing(Problem):
    """Personal data taken away without saying what for."""

    sentence = (
        "These files hold what people told about themselves. Say in a few words what you need them for, or "
        "take the files without the people in them."
    )


class ReleaseNotFound(Problem):
    """No such release, or of places one does not see."""

    sentence = "There is no release number {number} here that you may see."


class ReleaseUnnamed(Problem):
    """A release without a name or without anything in it."""

    sentence = "The release needs a name and at least one survey, or the figures. Nothing was made."


class ReleaseFrozen(Problem):
    """Something would change what was issued."""

    sentence = (
        "Release number {number} was issued and never changes. Withdraw it with a reason and make it anew."
    )


class ReleaseStateWrong(Problem):
    """An act that the state of the release does not allow."""

    sentence = "Release number {number} is “{state}” now, so this cannot be done to it. Load its page again."


class ReleaseReasonMissing(Problem):
    """A release declined or withdrawn without a reason."""

    sentence = "Say why: the reason stands on the page of the release for everybody who took its files."


class ReleaseWithdrawn(Problem):
    """A file of a release that was withdrawn."""

    sentence = "Release number {number} was withdrawn: {reason}. Its files are not handed out any more."


class LinkEnded(Problem):
    """A link to a file that is over, changed, or withdrawn."""

    sentence = (
        "This link to a file does not work any more: its time is over, or the file was withdrawn. Ask "
        "whoever sent it to you for a new one."
    )


class PlanUnusable(Problem):
    """A release by the calendar for a line that is none."""

    sentence = "There is no deadline “{key}” in the campaigns of this project. Choose one of the list."


class LakeUnreachable(Problem):
    """A folder or bucket for Parquet that cannot be written to."""

    sentence = (
        "The files cannot be written to {where}: {reason}. See that the disk is there or the line stands "
        "and that it may be written to, then run the command again; what was written already is not "
        "written again."
    )
