"""⑨ The columns of a spool as numbers: which rows belong together, and which answers are the same.

A column at a time: a province's rows have room as numbers where they have none as texts.
Knows: pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import KEY, PARENT_KEY, Table, Variable
from forms.datasets.spool import Spool
from forms.protection.sieve import Ids

MANY: Final = 20_000
"""Different answers of a column that are looked at; one with more tells rows apart and groups none."""

COMMUNE: Final = "commune_code"
VILLAGE: Final = "village_code"
_HOME_HOURS: Final = 7 * 3_600_000


@dataclass(frozen=True)
class Coded:
    """A column as numbers: 0 is blank, n the n-th of `values`."""

    ids: Ids
    values: tuple[Any, ...]

    def joined(self, ids: Mapping[int, int] | Ids) -> Ids:
        """The numbers exchanged for others, by their own."""
        table = (
            ids if isinstance(ids, np.ndarray) else np.array([ids[n] for n in range(len(self.values) + 1)])
        )
        return np.asarray(table.astype(np.int32)[self.ids], np.int32)


@dataclass
class Rows:
    """How the rows of a table hang on those around: `parents` and `roots` are row numbers there."""

    count: int
    parents: Ids
    roots: Ids


class Look:
    """Looks into a spool."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.dataset = spool.dataset
        self.rows: dict[str, Rows] = {}
        self._last: tuple[tuple[str, str], Coded | None] = (("", ""), None)
        for table in self.dataset.tables:
            self.rows[table.path] = self._rows(table)

    def _rows(self, table: Table) -> Rows:
        count = self.spool.count(table)
        if table.parent is None:
            own = np.arange(count, dtype=np.int32)
            return Rows(count, own, own)
        around = self.dataset.by_path[table.parent]
        parents = np.fromiter(self._parents(table, around), np.int32, count)
        return Rows(count, parents, self.rows[table.parent].roots[parents])

    def _parents(self, table: Table, around: Table) -> Iterator[int]:
        """The number of the row around each; both tables lie in the order of their records."""
        keys = enumerate(self._texts(around, KEY))
        number, key = next(keys, (0, None))
        for parent in self._texts(table, PARENT_KEY):
            while key != parent:
                number, key = next(keys)
            yield number

    def _texts(self, table: Table, name: str) -> Iterator[Any]:
        for batch in self.spool.batches(table, [name]):
            yield from batch.column(0).to_pylist()

    def coded(self, table: Table, name: str) -> Coded | None:
        """A column as numbers; None where too many answers are different."""
        if self._last[0] != (table.path, name):
            self._last = ((table.path, name), self._coded(table, name))
        return self._last[1]

    def _coded(self, table: Table, name: str) -> Coded | None:
        known: dict[Any, int] = {}
        pieces = []
        for batch in self.spool.batches(table, [name]):
            column = batch.column(0).dictionary_encode()
            words = column.dictionary.to_pylist()
            numbers = [0 if _blank(word) else known.setdefault(word, len(known) + 1) for word in words]
            if len(known) > MANY:
                return None
            places = pc.fill_null(column.indices, len(words))
            pieces.append(np.array([*numbers, 0], np.int32)[places.to_numpy(zero_copy_only=False)])
        return Coded(np.concatenate(pieces) if pieces else np.zeros(0, np.int32), tuple(known))

    @cached_property
    def communes(self) -> Coded:
        """The commune's code of each record."""
        return self._of_root(COMMUNE)

    @cached_property
    def villages(self) -> Coded:
        """The village's code of each record."""
        return self._of_root(VILLAGE)

    def _of_root(self, name: str) -> Coded:
        root = self.dataset.root
        found = self.coded(root, name) if name in root.by_name else None
        return found or Coded(np.zeros(self.rows[root.path].count, np.int32), ())

    @cached_property
    def years(self) -> Ids:
        """The year of each record's interview, else that it came in; 0 where neither is known."""
        root = self.dataset.root
        days = [one for one in root.variables if one.role == "date" and one.kind == "date"]
        days += [one for one in root.variables if one.role == "receipt" and one.kind == "moment"]
        years = np.zeros(self.rows[root.path].count, np.int32)
        for one in days:
            pieces = [self._years(batch.column(0), one) for batch in self.spool.batches(root, [one.name])]
            if pieces:
                years = np.where(years == 0, np.concatenate(pieces), years)
        return years

    @staticmethod
    def _years(column: pa.Array, variable: Variable) -> Ids:
        there = at_home(column) if variable.kind == "moment" else column
        return np.asarray(pc.fill_null(pc.year(there), 0).to_numpy(zero_copy_only=False), np.int32)


def at_home(moments: pa.Array) -> pa.Array:
    """Instants as the clock in Viet Nam showed them, without a zone."""
    shift = pa.scalar(_HOME_HOURS, pa.duration("ms"))
    return pc.add(pc.cast(pc.cast(moments, pa.int64()), pa.timestamp("ms")), shift)


def _blank(word: object) -> bool:
    return word is None or (isinstance(word, str) and not word.strip())
