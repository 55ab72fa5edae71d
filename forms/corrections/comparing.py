"""What differs between two versions of a record, row by row: a row taken out does not move the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from forms.corrections.filled import Filled, Row, Spot
from forms.corrections.logic import Logic
from forms.submission import read

ADDED, REMOVED = "added", "removed"

_MOST_PAIRED = 60
"""Rows that are compared each with each; of more the first is held against the first."""


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that is another one. `row` says whether its row came (`added`) or went (`removed`).

    `spot` is where it stands in the newer version, of a row that went in the older one.
    """

    spot: Spot
    before: str
    after: str
    worked_out: bool = False
    row: str = ""


def changes(before: bytes, after: bytes, logic: Logic) -> tuple[Change, ...]:
    """What differs, in the order of the form; ids are left out."""
    old, new = Filled(read(before).root, logic.schema), Filled(read(after).root, logic.schema)
    return tuple(_Comparison(old, new, logic).of(old.rows[""], new.rows[""]))


class _Comparison:
    def __init__(self, old: Filled, new: Filled, logic: Logic) -> None:
        self._old, self._new, self._logic = old, new, logic
        self._questions: dict[str, list[str]] = {}
        for node in logic.schema.questions:
            self._questions.setdefault(node.table, []).append(node.path)
        self._repeats: dict[str, list[str]] = {}
        for node in logic.schema.repeats:
            self._repeats.setdefault(node.table, []).append(node.path)

    def of(self, old: Row | None, new: Row | None) -> Iterator[Change]:
        """The changes of a row that is there before, after, or both."""
        row = new or old
        if row is None:
            return
        kind = REMOVED if new is None else ADDED if old is None else ""
        for path in self._questions.get(row.table, ()):
            before, after = old.text(path) if old else "", new.text(path) if new else ""
            if before != after and not path.startswith("/meta/"):
                yield Change(Spot(row.key, path), before, after, path in self._logic.calculations, kind)
        for table in self._repeats.get(row.table, ()):
            for one, other in self._paired(old.inner[table] if old else (), new.inner[table] if new else ()):
                yield from self.of(one, other)

    def _paired(self, old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
        ours, theirs = [self._said(row) for row in old], [self._said(row) for row in new]
        for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            if tag == "equal":
                yield from zip(old[a:b], new[c:d], strict=True)
            else:
                yield from self._alike(old[a:b], new[c:d])

    def _alike(self, old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
        """Each row with the one it resembles most among those that are left."""
        left = list(old)
        few = len(old) != len(new) and max(len(old), len(new)) <= _MOST_PAIRED
        spare = len(new) - len(old)
        for row in new:
            best = max(left, key=lambda one: self._same(one, row)) if few and left else None
            if best is None and left:
                best = left[0]
            if best is not None and spare > 0 and not self._same(best, row):
                best, spare = None, spare - 1
            if best is not None:
                left.remove(best)
            yield best, row
        for one in left:
            yield one, None

    def _same(self, one: Row, other: Row) -> int:
        # What was worked out says little of who somebody is.
        paths = (path for path in self._questions.get(one.table, ()) if path not in self._logic.calculations)
        return sum(bool(one.text(path)) and one.text(path) == other.text(path) for path in paths)

    def _said(self, row: Row) -> tuple[object, ...]:
        texts = tuple(row.text(path) for path in self._questions.get(row.table, ()))
        inner = (
            tuple(self._said(one) for one in row.inner[table]) for table in self._repeats.get(row.table, ())
        )
        return (*texts, *inner)
