"""What differs between two versions of a record, row by row: a row taken out does not move the others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from forms.corrections.filled import Filled, Row, Spot
from forms.corrections.logic import Logic
from forms.submission import read

ADDED, REMOVED = "added", "removed"


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


def same_rows(old: Filled, new: Filled, logic: Logic) -> dict[str, str]:
    """Which row of the older version each row of the newer one was, by their keys; new rows are left out."""
    return dict(_Comparison(old, new, logic).same(old.rows[""], new.rows[""]))


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

    def same(self, old: Row, new: Row) -> Iterator[tuple[str, str]]:
        """The keys of rows that are in both, the newer one first."""
        yield new.key, old.key
        for table in self._repeats.get(new.table, ()):
            for one, other in self._paired(old.inner[table], new.inner[table]):
                if one is not None and other is not None:
                    yield from self.same(one, other)

    def _paired(self, old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
        """Rows that are the same, then those of the same first answer, then one after the other."""
        for equal, ours, theirs in _blocks(old, new, self._said):
            if equal:
                yield from zip(ours, theirs, strict=True)
                continue
            for _alike, some, others in _blocks(ours, theirs, self._called):
                yield from zip_longest(some, others)

    def _called(self, row: Row) -> str:
        """The first answer somebody gave in a row: in most forms a name."""
        asked = (path for path in self._questions.get(row.table, ()) if path not in self._logic.calculations)
        return next((row.text(path) for path in asked if row.text(path)), "")

    def _said(self, row: Row) -> tuple[object, ...]:
        texts = tuple(row.text(path) for path in self._questions.get(row.table, ()))
        inner = (
            tuple(self._said(one) for one in row.inner[table]) for table in self._repeats.get(row.table, ())
        )
        return (*texts, *inner)


def _blocks(
    old: Sequence[Row], new: Sequence[Row], said: Callable[[Row], Hashable]
) -> Iterator[tuple[bool, Sequence[Row], Sequence[Row]]]:
    """Stretches of rows that say the same, and between them those that do not."""
    matcher = SequenceMatcher(None, list(map(said, old)), list(map(said, new)), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        yield tag == "equal", old[a:b], new[c:d]
