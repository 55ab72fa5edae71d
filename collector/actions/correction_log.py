"""⑨ Every answer that was changed after it was sent, for the files of a dataset: who changed what, and why.

The versions of a record are compared as its page does it. What the form worked out anew, since an answer it
rests on was changed, is nobody's correction and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from forms.corrections.comparing import ADDED, REMOVED, Change, changes, same_rows
from forms.corrections.filled import Filled
from forms.corrections.logic import Logic, read_logic
from forms.datasets.description import Dataset, Table, Variable
from forms.datasets.material import Correction
from forms.phrases import template
from forms.problems import Problem
from forms.submission import read
from storage.blobs import BlobStore
from storage.compression import unpack
from storage.models import Form, SubmissionVersion
from storage.projection.shelf import Shelf
from storage.queries import forms
from storage.queries.corrected import Corrected, corrected

REASONS: Final[Mapping[str, str]] = {
    "typing": template("Mistyped"),
    "asked": template("Asked the household again"),
    "paper": template("Compared with the paper form"),
    "place": template("Belongs to another place"),
    "twice": template("Entered twice"),
    "agreed": template("Agreed with whoever filled it in"),
    "checked": template("Checked at the office"),
    "undone": template("An earlier change was undone"),
    "other": template("Another reason"),
}
SENT_AGAIN: Final = template("Sent again from the field, corrected")


ROWS: Final[Mapping[str, str]] = {
    ADDED: template("{reason} (the row is new)"),
    REMOVED: template("{reason} (the row was taken out; this was its key then)"),
}
"""What is said beside the answers of a row that came or went."""

_Changed: TypeAlias = tuple[SubmissionVersion, Change, str]
"""The version that brought a change, the change, and what the row adds to the key of the record."""


def same(key: str) -> str:
    """A key as it is: for datasets that show them."""
    return key


class CorrectionLog:
    """Reads what was corrected in the records of a dataset.

    `say` gives templates in the language of the file; `key` turns the key of a row into the one the dataset
    shows. `protected` hides all answers, and who changed them.
    """

    def __init__(
        self, blobs: BlobStore, shelf: Shelf, say: Callable[[str], str], *, protected: bool = False
    ) -> None:
        self._blobs, self._shelf, self._say, self._protected = blobs, shelf, say, protected
        self._logics: dict[int, Logic] = {}

    def of(
        self,
        session: Session,
        form: Form,
        dataset: Dataset,
        numbers: Sequence[int],
        key: Callable[[str], str] = same,
    ) -> Iterator[Correction]:
        """The corrections, in the order of the records' numbers as given, then of time, then of the form.

        `session` is the snapshot in which the records were chosen. A few records are held at once.
        """
        known = _variables(dataset)
        for record in corrected(session, form.id, numbers):
            for version, change, row in self._changed(session, form, record):
                place = known.get(change.spot.path)
                if place is not None:
                    by = record.names.get(version.submitter_id or 0, "")
                    yield self._correction(version, change, place, key(f"{record.key}{row}"), by)

    def _changed(self, session: Session, form: Form, record: Corrected) -> Iterator[_Changed]:
        """What was changed, oldest first; rows are named as they are in the version that counts now."""
        now: Mapping[str, str] | None = None
        found: list[_Changed] = []
        for older, newer in reversed(list(pairwise(record.versions))):
            try:
                before, after = self._xml(form, older), self._xml(form, newer)
                if read(after).envelope.encrypted:
                    continue
                logic = self._logic(session, form, newer)
                several = [one for one in changes(before, after, logic) if not one.worked_out]
                earlier = same_rows(
                    Filled(read(before).root, logic.schema), Filled(read(after).root, logic.schema), logic
                )
            except (KeyError, Problem):
                # A version whose bytes were erased, or that nobody can read, tells of no answer.
                continue
            found[:0] = [(newer, one, _named(one, now)) for one in several]
            now = {old: new if now is None else now.get(new, new) for new, old in earlier.items()}
        return iter(found)

    def _correction(
        self,
        version: SubmissionVersion,
        change: Change,
        place: tuple[Table, Variable],
        key: str,
        by: str,
    ) -> Correction:
        table, variable = place
        shown = not self._protected
        return Correction(
            key=key,
            table=table.name,
            variable=variable.part_of if variable.kind != "flag" and variable.part_of else variable.name,
            before=change.before if shown else None,
            after=change.after if shown else None,
            at=version.created_at,
            by="" if self._protected else by,
            reason=self._reason(version.reason, change),
        )

    def _reason(self, kept: str | None, change: Change) -> str:
        said = self._said(kept)
        return self._say(ROWS[change.row]).format(reason=said) if change.row else said

    def _said(self, kept: str | None) -> str:
        if kept is None:
            return self._say(SENT_AGAIN)
        code, _, words = kept.partition(": ")
        known = self._say(REASONS[code]) if code in REASONS else code
        # What somebody wrote himself may name a person.
        return f"{known}: {words}" if words and not self._protected else known

    def _xml(self, form: Form, version: SubmissionVersion) -> bytes:
        if version.xml is not None:
            shelved = self._shelf.get(version.form_version_id, draft=False, generation=form.generation)
            return unpack(version.xml, shelved.dictionary)
        with self._blobs.open(version.xml_blob or "") as handle:
            return handle.read()

    def _logic(self, session: Session, form: Form, version: SubmissionVersion) -> Logic:
        number = version.form_version_id
        if number not in self._logics:
            schema = self._shelf.get(number, draft=False, generation=form.generation).writer.schema
            self._logics[number] = read_logic(forms.version_xml(session, number), schema)
        return self._logics[number]


def _named(change: Change, now: Mapping[str, str] | None) -> str:
    """The row of a change by its key of today; one that is gone keeps the key it had."""
    row = change.spot.row
    return row if now is None or change.row == REMOVED else now.get(row, row)


def _variables(dataset: Dataset) -> Mapping[str, tuple[Table, Variable]]:
    """By path of a question: its table, and its first column."""
    found: dict[str, tuple[Table, Variable]] = {}
    for table in dataset.tables:
        for one in table.variables:
            if one.path:
                found.setdefault(one.path, (table, one))
    return found
