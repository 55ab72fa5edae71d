"""Every refusal, with its sentence: where, what, what now.

Knows: no HTTP, no language but English; `collector/errors.py` maps each class to a status and
translates the sentence at the border.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from forms.remarks import Remark


class Problem(Exception):
    """Somebody outside asked for what cannot be done; anything else that is raised is our bug.

    `sentence` is an English template with `{named}` holes, `details` fills them and travels to
    programs as JSON, so its values are plain text, numbers or lists of those.
    """

    sentence: ClassVar[str] = "The request cannot be carried out."

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(str(self))

    def __str__(self) -> str:
        """The sentence in English, its holes filled."""
        return self.sentence.format(**self.details)


class FieldTypeConflict(Problem):
    """A question of a new form version has another type than the versions before gave it."""

    sentence = (
        "The question {path} was of type “{old}” in an earlier version and is of type “{new}” now. "
        "Give it its earlier type back, or another name."
    )


class FormIdUnusable(Problem):
    """A form id that phones or addresses cannot carry."""

    sentence = (
        "The form id “{form_id}” cannot be used: it may have at most {limit} characters and not end in .xml, "
        ".xls or .xlsx. Set another form_id, or rename the file."
    )


class FormRefused(Problem):
    """A form with faults its author has to correct; `remarks` says each of them with its place."""

    sentence = "The form cannot be used yet. {error}"

    def __init__(self, remarks: Sequence[Remark], warnings: Sequence[Remark] = ()) -> None:
        self.remarks = tuple(remarks)
        self.warnings = tuple(warnings)
        super().__init__(
            error="\n".join(map(str, self.remarks)),
            warnings=[str(remark) for remark in self.warnings],
            remarks=[remark.plain() for remark in self.remarks],
        )


class EntitiesUnusable(FormRefused):
    """A form whose entity lists cannot be kept, or that phones would not open because of them."""


class ListRefused(Problem):
    """A spreadsheet with faults its sender has to correct; `remarks` says each of them."""

    sentence = "The list cannot be used yet; nothing of it was entered. {error}"

    def __init__(self, remarks: Sequence[Remark]) -> None:
        self.remarks = tuple(remarks)
        super().__init__(
            error="\n".join(map(str, self.remarks)), remarks=[remark.plain() for remark in self.remarks]
        )


class TooManyColumns(Problem):
    """A table whose repeats would be spread out past what a spreadsheet holds."""

    sentence = (
        "In one line for each record this form has {columns} columns, and a spreadsheet holds {limit}. "
        "Leave layout=wide out: repeats then come as tables of their own."
    )


class FormWithoutMeta(Problem):
    """A form whose submissions could not be told apart."""

    sentence = (
        "The form has no meta group with an instanceID, by which a record is known. Add it and send again."
    )


class XFormDeclaresEntities(Problem):
    """An XForm with a document type declaration, through which one file can grow to a thousand."""

    sentence = "The XForm holds a document type declaration (<!DOCTYPE …>). Remove it and send again."


class XFormIncomplete(Problem):
    """An XForm without a part that every one has."""

    sentence = "The XForm has no {part}. Add it, or make the form from a spreadsheet."


class XFormTooLarge(Problem):
    """More bytes or more questions than a server can lay out."""

    sentence = "The XForm is too large: it has {size} {what}, and this server takes {limit}. Split the form."


class XFormUnreadable(Problem):
    """Not an XForm, or a dangerous one."""

    sentence = "The file is not a readable XForm: {reason}. Export it again from the tool it was made with."


class SubmissionUnreadable(Problem):
    """The XML of a submission does not parse."""

    sentence = (
        "The filled form that arrived cannot be read (line {line}: {cause}). Send it again; "
        "if that fails twice, keep it on the phone and tell the person in charge of the server."
    )


class SubmissionTooDeep(Problem):
    """The XML of a submission is nested past what any form asks."""

    sentence = (
        "The filled form that arrived holds groups more than {limit} deep, which no form asks for. "
        "Download the form again and fill it in anew."
    )


class EntitiesDeclared(Problem):
    """The XML of a submission declares entities: an attack, or a tool that is no form app."""

    sentence = (
        "The filled form that arrived defines its own XML entities, which is not allowed. "
        "Send it from ODK Collect or from the web form."
    )


class FormIdMissing(Problem):
    """The root element of a submission has no id."""

    sentence = (
        "The filled form that arrived does not say which form it answers (its first element has no "
        "id). Download the form again and fill it in anew."
    )


class InstanceIdMissing(Problem):
    """An encrypted submission has no instance id, without which it can never be opened."""

    sentence = (
        "The encrypted form '{form_id}' arrived without an instanceID and could never be opened. "
        "Download the form again and fill it in anew."
    )


class PrivateKeyUnusable(Problem):
    """What was given as a private key cannot open anything."""

    sentence = (
        "This is no RSA private key in PEM form, or its password is wrong. Use the file that was made "
        "together with the public_key of the form."
    )


class DecryptionFailed(Problem):
    """A record was encrypted with another key, or something of it was damaged."""

    sentence = (
        "The record {instance} cannot be decrypted: it was encrypted for another key, or a file of it is "
        "damaged. Try the private keys of earlier versions of the form."
    )


class IdTooLong(Problem):
    """An identifier in a submission is longer than any app makes one."""

    sentence = (
        "The {what} in the filled form that arrived is longer than {limit} characters. "
        "Download the form again and fill it in anew."
    )


class VillageListUnreadable(Problem):
    """A file that is no list of villages."""

    sentence = (
        "The list of villages cannot be read: it has to be CSV in UTF-8 with the columns {columns}. "
        "Save it again as “CSV UTF-8” with these columns."
    )


class VillageRowUnusable(Problem):
    """A row of a list of villages that would make two villages one, or none."""

    sentence = (
        "Line {line} of the list of villages cannot be used: its {column} is “{text}”. Every village "
        "needs a label, a uuid as name, and a village_code made of its commune_code, a hyphen and three "
        "digits; no uuid and no code may be there twice."
    )


class EarlierPlacesUnreadable(Problem):
    """A file that is no list of the units of before a reform."""

    sentence = (
        "The list of earlier units cannot be read at line {line}: it has to be CSV in UTF-8 with the columns "
        "{columns}, days written 2025-06-30. Correct the line and load the file again."
    )


class ExpressionWrong(Problem):
    """An expression that cannot be read, or that asks for what there is not; `remark` says it in parts.

    `character` is the place in the expression, counted from 1.
    """

    sentence = "The expression “{expression}” cannot be used. {error}"

    def __init__(self, expression: str, character: int, remark: Remark) -> None:
        self.remark = remark
        super().__init__(expression=expression, character=character, error=str(remark))


class EntityIdUnusable(Problem):
    """An entity id that is no version 4 UUID; phones drop such entities."""

    sentence = (
        "The entity id “{id}” cannot be used: it has to be a version 4 UUID. Correct how the form makes it."
    )


class EntityLabelMissing(Problem):
    """An entity without a name a list could show."""

    sentence = "The entity {uuid} has no label. Answer what its label is made of."


class EntityBaseVersionMissing(Problem):
    """An update that does not say what it changes."""

    sentence = (
        "The change of the entity {uuid} does not say which version it rests on (baseVersion). Download the "
        "form again and fill it in anew."
    )


class EntityNumberUnusable(Problem):
    """A version that is no number."""

    sentence = "The {what} of the entity is “{text}”, which is no whole number."


class EntityBranchMissing(Problem):
    """A trunk without its branch."""

    sentence = "The change of the entity {uuid} names a trunkVersion without a branchId."
