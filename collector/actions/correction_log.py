"""⑨ Every answer that was changed after it was sent, for the files of a dataset: who changed what, and why.

The versions of a record are compared as its page does it. What the form worked out anew, since an answer it
rests on was changed, is nobody's correction and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from sqlalchemy.orm import Session

from forms.corrections.comparing import Change, changes
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


def same(key: str) -> str:
    """A key as it is: for datasets that show them."""
    return key


class CorrectionLog:
    """Reads what was corrected in the records of a dataset.

    `say` gives templates in the language of the file; `key` turns the key of a row into the one the dataset
    shows. `protected` hides before and after of all answers but those that are about no person.
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
            for older, newer in pairwise(record.versions):
                for change in self._changes(session, form, older, newer):
                    place = known.get(change.spot.path)
                    if place is not None:
                        yield self._correction(record, newer, change, place, key)

    def _changes(
        self, session: Session, form: Form, older: SubmissionVersion, newer: SubmissionVersion
    ) -> Sequence[Change]:
        try:
            before, after = self._xml(form, older), self._xml(form, newer)
            if read(after).envelope.encrypted:
                return ()
            found = changes(before, after, self._logic(session, form, newer))
        except (KeyError, Problem):
            # A version whose bytes were erased, or that nobody can read, tells of no answer.
            return ()
        return [one for one in found if not one.worked_out]

    def _correction(
        self,
        record: Corrected,
        version: SubmissionVersion,
        change: Change,
        place: tuple[Table, Variable],
        key: Callable[[str], str],
    ) -> Correction:
        table, variable = place
        shown = variable.pii == "none" if self._protected else True
        return Correction(
            key=key(f"{record.key}{change.spot.row}"),
            table=table.name,
            variable=variable.part_of if variable.kind != "flag" and variable.part_of else variable.name,
            before=change.before if shown else None,
            after=change.after if shown else None,
            at=version.created_at,
            by="" if self._protected else record.names.get(version.submitter_id or 0, ""),
            reason=self._reason(version.reason),
        )

    def _reason(self, kept: str | None) -> str:
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


def _variables(dataset: Dataset) -> Mapping[str, tuple[Table, Variable]]:
    """By path of a question: its table, and its first column."""
    found: dict[str, tuple[Table, Variable]] = {}
    for table in dataset.tables:
        for one in table.variables:
            if one.path:
                found.setdefault(one.path, (table, one))
    return found
