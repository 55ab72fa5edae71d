"""⑨ What is in each column, counted in one pass over the rows: for the codebook, DDI and the labels of SPSS.

Why: who gets a file first asks how many answered, and whether any answer lies where none can.
Silent when: a column names a person (class direct): nothing but how many cells are filled is told. In a
protected dataset nothing of a sensitive or unclassed number either, and of codes no count that stands for
fewer than FEWEST persons, nor the one from which it could be worked out.
Knows: pyarrow.compute.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import Table, Variable
from forms.datasets.spool import AT_A_TIME, BLANK, UNREADABLE, Spool, unreadable
from forms.protection.policy import FEWEST

Number: TypeAlias = int | float
Edge: TypeAlias = Number | date | datetime | str | None

_NUMBERS: Final = frozenset({"whole", "decimal", "flag"})
_EDGED: Final = frozenset({"whole", "decimal", "date", "moment", "time"})
_TALLIED: Final = frozenset({"code", "codes", "flag"})
_MOST_CODES: Final = 2_000
"""Codes of a list that are counted: lists of villages are, those of households say nothing."""

_MOST_CELLS: Final = 1_000_000
_FEWEST_ROWS: Final = 200
_SAFE_SUM: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a column.

    Cells that were answered (`valid`), asked and left empty (`blank`), not asked, and answered with what
    cannot be read as asked. `least`, `most` of numbers, days and times; `mean` of numbers. `counts` by code
    (of flags "0" and "1"); None for one that is not told, and `counts` is None where nothing was counted.
    """

    valid: int = 0
    blank: int = 0
    not_asked: int = 0
    unreadable: int = 0
    least: Edge = None
    most: Edge = None
    mean: float | None = None
    counts: Mapping[str, int | None] | None = None

    @property
    def rows(self) -> int:
        """Cells in all."""
        return self.valid + self.blank + self.not_asked + self.unreadable


Statistics: TypeAlias = Mapping[str, Mapping[str, Figures]]
"""Name of a table to name of a variable to what is told of it."""

_KNOWN: WeakKeyDictionary[Spool, Statistics] = WeakKeyDictionary()


def statistics(spool: Spool, *, protected: bool = False) -> Statistics:
    """What may be told of every column; the rows of a spool are counted once, however often it is asked."""
    known = _KNOWN.get(spool)
    if known is None:
        known = {table.name: _counted(spool, table) for table in spool.dataset.tables}
        _KNOWN[spool] = known
    return {
        table.name: {
            one.name: told(known[table.name][one.name], one, protected=protected) for one in table.variables
        }
        for table in spool.dataset.tables
    }


def told(figures: Figures, variable: Variable, *, protected: bool) -> Figures:
    """What of these figures may be told of a variable."""
    if variable.pii == "direct":
        return replace(figures, least=None, most=None, mean=None, counts=None)
    if not protected or variable.pii == "none" or not _of_persons(variable):
        return figures
    hidden = variable.pii in {"sensitive", ""} or figures.valid < FEWEST
    shown = replace(figures, least=None, most=None, mean=None) if hidden else figures
    if shown.counts is None:
        return shown
    counts = without_small_cells(shown.counts)
    # The share of a yes and the number of answers give the count that is hidden.
    told_mean = None if None in counts.values() else shown.mean
    return replace(shown, counts=counts, mean=told_mean)


def _of_persons(variable: Variable) -> bool:
    """Whether a column holds answers, or who sent them; keys and numbers of rows are ours."""
    return bool(variable.path) or variable.pii not in {"none", ""}


def without_small_cells(counts: Mapping[str, int | None]) -> Mapping[str, int | None]:
    """The counts without those of fewer than FEWEST, and without as many more as keep these from being told.

    Why: what is hidden together is what is left of the total; alone, or small itself, it would be known.
    """
    filled = sorted((count, code) for code, count in counts.items() if count)
    hidden: dict[str, int] = {}
    for count, code in filled:
        if count >= FEWEST and (not hidden or (len(hidden) > 1 and sum(hidden.values()) >= FEWEST)):
            break
        hidden[code] = count
    return {code: None if code in hidden else count for code, count in counts.items()}


def _counted(spool: Spool, table: Table) -> Mapping[str, Figures]:
    wide = len(table.variables) or 1
    size = max(_FEWEST_ROWS, min(AT_A_TIME, _MOST_CELLS // wide))
    tallies = [_Tally(one) for one in table.variables]
    blank: Counter[str] = Counter()
    strange: Counter[str] = Counter()
    rows = 0
    for batch in spool.batches(table, size=size):
        rows += batch.num_rows
        for number, tally in enumerate(tallies):
            tally.add(batch.column(number))
        blank.update(_named(batch.column(BLANK)))
        hidden = batch.column(UNREADABLE)
        if hidden.null_count < len(hidden):
            for text in hidden.drop_null().to_pylist():
                strange.update(unreadable(text).keys())
    return {one.variable.name: one.figures(rows, blank, strange) for one in tallies}


def _named(column: pa.Array) -> Mapping[str, int]:
    """How often each name stands in a column of names with commas between."""
    filled = column.drop_null()
    if not len(filled):
        return {}
    return _counts_of(pc.list_flatten(pc.split_pattern(filled, ",")))


def _counts_of(column: pa.Array) -> Mapping[str, int]:
    counted = pc.value_counts(column)
    return dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))


@dataclass(slots=True)
class _Tally:
    """What is known of a column so far; `sums` are terms whose exact sum is that of the cells."""

    variable: Variable
    filled: int = 0
    least: Any = None
    most: Any = None
    sums: list[Number] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, column: pa.Array) -> None:
        cells = column.drop_null() if column.null_count else column
        self.filled += len(cells)
        kind = self.variable.kind
        if not len(cells) or self.variable.pii == "direct":
            return
        if kind in _EDGED:
            self._edges(cells)
        if kind in _NUMBERS:
            self._sum(cells)
        if kind in _TALLIED:
            self._count(cells)

    def _edges(self, cells: pa.Array) -> None:
        edges = pc.min_max(cells)
        least, most = edges["min"].as_py(), edges["max"].as_py()
        self.least = least if self.least is None else min(self.least, least)
        self.most = most if self.most is None else max(self.most, most)

    def _sum(self, cells: pa.Array) -> None:
        if self.variable.kind == "decimal":
            self.sums += _terms(cells.to_pylist())
            return
        edges = pc.min_max(cells)
        far = max(abs(edges["min"].as_py()), abs(edges["max"].as_py())) * len(cells)
        self.sums.append(pc.sum(cells).as_py() if far < _SAFE_SUM else sum(cells.to_pylist()))

    def _count(self, cells: pa.Array) -> None:
        if len(self.variable.values) > _MOST_CODES:
            return
        if self.variable.kind == "codes":
            cells = pc.list_flatten(pc.utf8_split_whitespace(cells))
        elif self.variable.kind == "flag":
            cells = cells.cast(pa.string())
        self.counts.update(_counts_of(cells))
        if len(self.counts) > _MOST_CODES:
            known = {one.code for one in self.variable.values}
            self.counts = Counter({code: count for code, count in self.counts.items() if code in known})

    def figures(self, rows: int, blank: Mapping[str, int], strange: Mapping[str, int]) -> Figures:
        """What is told in the end of so many rows."""
        name, of = self.variable.name, self.variable.part_of
        empty = rows - self.filled
        odd = min(strange.get(name) or strange.get(of, 0), empty)
        left = empty - odd
        # A column of ours is never asked: where it is empty there is nothing to say.
        asked_blank = left if not self.variable.path else min(blank.get(name) or blank.get(of, 0), left)
        return Figures(
            valid=self.filled,
            blank=asked_blank,
            not_asked=left - asked_blank,
            unreadable=odd,
            least=self.least,
            most=self.most,
            mean=_mean(self.sums, self.filled) if self.sums else None,
            counts=self._counts(),
        )

    def _counts(self) -> Mapping[str, int | None] | None:
        kind, values = self.variable.kind, self.variable.values
        if kind not in _TALLIED or self.variable.pii == "direct" or len(values) > _MOST_CODES:
            return None
        known = ("0", "1") if kind == "flag" else tuple(one.code for one in values)
        others = sorted(self.counts.keys() - set(known))
        return {code: self.counts.get(code, 0) for code in (*known, *others)}


def _terms(cells: list[float]) -> list[Number]:
    """A few numbers whose sum is that of the cells, whatever pieces they came in: nothing gets lost."""
    cells = [cell for cell in cells if math.isfinite(cell)]
    terms: list[Number] = []
    for _again in range(3):
        term = math.fsum([*cells, *(-one for one in terms)])
        if not term:
            break
        terms.append(term)
    return terms or [0.0]


def _mean(sums: list[Number], count: int) -> float:
    """The mean, to six places after the point."""
    total = sum(sums) if all(isinstance(one, int) for one in sums) else math.fsum(sums)
    return round(total / count, 6)
