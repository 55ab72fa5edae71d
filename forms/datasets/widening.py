"""⑨ One row for each record, its repeats spread out beside it: `member_1_name`, `member_2_name` and so on.

Why a spool again: every format can then be wide, protected rows too. Columns stand as the root has them up to
its last question; then each instance of each repeat, with the repeats in it behind its own answers; then the
rest of the root (receipt, review). A repeat has as many instances as the record with the most of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import KEY, ORDINAL, PARENT_KEY, Dataset, Labels, Table, Variable
from forms.datasets.spool import BLANK, TYPES, UNREADABLE, Spool, schema_of, unreadable
from forms.problems import TooManyColumns

MOST_COLUMNS: Final = 16_384
"""Columns a sheet of Excel has."""

_ROWS: Final = 500
_TOGETHER: Final = 4_000


class RowsAstray(RuntimeError):
    """Rows of a repeat whose record or order is not that of its parent; the spool was made wrong."""


@dataclass
class _Slot:
    """One instance of a repeat in a record's row: its variables there, by name in the repeat's table."""

    names: dict[str, str]


@dataclass
class _Repeat:
    """A repeat: how many instances a parent's row has, in how many places its parent stands."""

    table: Table
    count: int
    inner: list[_Repeat] = field(default_factory=list)
    slots: list[_Slot] = field(default_factory=list)

    @property
    def answers(self) -> tuple[Variable, ...]:
        """What of it is spread out: questions and what was made of them."""
        return tuple(one for one in self.table.variables if one.path or one.part_of)

    @property
    def width(self) -> int:
        """Columns of one instance."""
        return len(self.answers) + sum(one.count * one.width for one in self.inner)


def widen(spool: Spool, folder: Path, progress: Callable[[int, int], None] | None = None) -> Spool:
    """The dataset as one table, its rows in `folder`, which is made; TooManyColumns past 16,384."""
    dataset = spool.dataset
    top = _repeats(spool)
    columns = len(dataset.root.variables) + sum(one.count * one.width for one in top)
    if columns > MOST_COLUMNS:
        raise TooManyColumns(columns=columns, limit=MOST_COLUMNS)
    wide = Spool(folder, _described(dataset, top))
    folder.mkdir(parents=True, exist_ok=True)
    total, done = spool.count(dataset.root), 0
    readers = [_Reader(spool, one) for one in top]
    with wide.writer(wide.dataset.root) as sink:
        schema = schema_of(wide.dataset.root)
        for batch in spool.batches(dataset.root, size=_TOGETHER):
            # In small parts: all columns of one with a very large record are filled.
            parts = (batch.slice(at, _ROWS) for at in range(0, len(batch), _ROWS))
            sink.add_together([_Row(part, schema).with_all(readers) for part in parts])
            done += len(batch)
            if progress is not None:
                progress(done, total)
    for reader in readers:
        reader.end()
    return wide


# What the table is called and holds ----------------------------------------------------------------------


def _repeats(spool: Spool) -> list[_Repeat]:
    """The repeats of the root with those in them, and the most instances of each."""
    found: dict[str, _Repeat] = {}
    top: list[_Repeat] = []
    for table in spool.dataset.tables[1:]:
        most = max(
            (pc.max(batch.column(0)).as_py() or 0 for batch in spool.batches(table, [ORDINAL])), default=0
        )
        found[table.path] = one = _Repeat(table, most)
        (found[table.parent].inner if table.parent else top).append(one)
    return top


def _described(dataset: Dataset, top: Sequence[_Repeat]) -> Dataset:
    root = dataset.root
    asked = [at for at, one in enumerate(root.variables) if one.path or one.part_of]
    end = asked[-1] + 1 if asked else len(root.variables)
    taken = {one.name.casefold() for one in root.variables}
    spread = [one for repeat in top for one in _spread(repeat, "", (), taken)]
    variables = (*root.variables[:end], *spread, *root.variables[end:])
    return replace(dataset, tables=(replace(root, variables=variables),))


def _spread(
    repeat: _Repeat, before: str, around: tuple[tuple[Labels, int], ...], taken: set[str]
) -> Iterator[Variable]:
    """The variables of all instances of a repeat in one place of its parent."""
    stem = repeat.table.path.rpartition("/")[2]
    for number in range(1, repeat.count + 1):
        place = f"{before}{stem}_{number}_"
        where = (*around, (repeat.table.labels, number))
        names = {one.name: _free(f"{place}{one.name}", taken) for one in repeat.answers}
        repeat.slots.append(_Slot(names))
        for one in repeat.answers:
            yield replace(
                one,
                name=names[one.name],
                labels={language: _worded(words, language, where) for language, words in one.labels.items()},
                part_of=names.get(one.part_of, one.part_of),
            )
        for inner in repeat.inner:
            yield from _spread(inner, place, where, taken)


def _worded(words: str, language: str, where: Sequence[tuple[Labels, int]]) -> str:
    """`Thành viên 2: Họ và tên`."""
    before = (f"{labels.get(language, '')} {number}".strip() for labels, number in where)
    return f"{', '.join(before)}: {words}"


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where another variable is called so."""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free.casefold())
    return free


# The rows ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Places:
    """Where rows of a table stand in a piece of records: their keys, the record of each, its slot."""

    keys: pa.Array
    records: np.ndarray
    slots: np.ndarray


class _Reader:
    """The rows of a repeat, taken as far as the records of a piece reach."""

    def __init__(self, spool: Spool, repeat: _Repeat) -> None:
        self.repeat = repeat
        self.inner = [_Reader(spool, one) for one in repeat.inner]
        self._coming = spool.batches(repeat.table)
        self._rest: pa.RecordBatch | None = None

    def take(self, parents: _Places) -> tuple[pa.Table, _Places] | None:
        """The rows whose parents these are; those begin the rows that are left."""
        taken: list[pa.RecordBatch] = []
        at: list[pa.Array] = []
        while (batch := self._next()) is not None:
            found = pc.index_in(batch.column(PARENT_KEY), value_set=parents.keys)
            count = _before_null(found)
            taken.append(batch.slice(0, count))
            at.append(found.slice(0, count))
            if count < len(batch):
                self._rest = batch.slice(count)
                break
        rows = pa.Table.from_batches(taken).combine_chunks() if taken else None
        if rows is None or not len(rows):
            return None
        parent = pa.concat_arrays(at).to_numpy()
        number = rows.column(ORDINAL).to_numpy()
        places = _Places(
            rows.column(KEY).combine_chunks(),
            parents.records[parent],
            parents.slots[parent] * self.repeat.count + number - 1,
        )
        return rows, places

    def _next(self) -> pa.RecordBatch | None:
        rest, self._rest = self._rest, None
        return rest if rest is not None else next(self._coming, None)

    def end(self) -> None:
        """Raises RowsAstray where a row is left that no record took."""
        if self._next() is not None:
            raise RowsAstray(self.repeat.table.name)
        for one in self.inner:
            one.end()


def _before_null(found: pa.Array) -> int:
    """How many of them come before the first null."""
    first: int = pc.index(pc.is_null(found), True).as_py()
    return len(found) if first < 0 else first


class _Row:
    """A piece of the root's rows, growing into rows of the wide table."""

    def __init__(self, root: pa.RecordBatch, schema: pa.Schema) -> None:
        self._schema = schema
        self._count = len(root)
        self._columns = {name: root.column(name) for name in root.schema.names}
        self._blank: list[pa.Array] = [self._columns[BLANK]]
        self._unreadable: dict[int, dict[str, str]] = {}
        self._note_unreadable(self._columns[UNREADABLE], range(self._count), None)

    def with_all(self, readers: Sequence[_Reader]) -> pa.RecordBatch:
        """The rows with all that belongs to them."""
        own = _Places(self._columns[KEY], np.arange(self._count), np.zeros(self._count, dtype=np.int64))
        for reader in readers:
            self._spread(reader, own)
        self._columns[BLANK] = _listed(self._blank)
        self._columns[UNREADABLE] = pa.array(
            [
                json.dumps(self._unreadable[row], ensure_ascii=False) if row in self._unreadable else None
                for row in range(self._count)
            ],
            pa.string(),
        )
        # Columns without a cell share their nothing: most instances are those of a few large records.
        nothing = {kind: pa.nulls(self._count, kind) for kind in TYPES.values()}
        return pa.RecordBatch.from_arrays(
            [self._columns.get(one.name, nothing[one.type]) for one in self._schema], schema=self._schema
        )

    def _spread(self, reader: _Reader, parents: _Places) -> None:
        found = reader.take(parents)
        if found is None:
            return
        rows, places = found
        order = np.argsort(places.slots, kind="stable")
        slots = places.slots[order]
        ends = np.flatnonzero(np.diff(slots)) + 1
        for part in np.split(order, ends):
            self._put(rows, reader.repeat.slots[places.slots[part[0]]], part, places.records[part])
        for inner in reader.inner:
            self._spread(inner, places)

    def _put(self, rows: pa.Table, slot: _Slot, part: np.ndarray, records: np.ndarray) -> None:
        """Lay rows that stand in one slot beside their records."""
        source = np.zeros(self._count, dtype=np.int64)
        source[records] = part
        absent = np.ones(self._count, dtype=bool)
        absent[records] = False
        indices = pa.array(source, mask=absent)
        for name, wide in slot.names.items():
            cells = rows.column(name).take(indices).combine_chunks()
            if cells.null_count < self._count:
                self._columns[wide] = cells
        blank = rows.column(BLANK).take(indices).combine_chunks()
        if blank.null_count < self._count:
            self._blank.append(_renamed(blank, slot))
        hidden = rows.column(UNREADABLE)
        if hidden.null_count < len(hidden):
            self._note_unreadable(hidden.take(pa.array(part)), records.tolist(), slot)

    def _note_unreadable(
        self, hidden: pa.Array | pa.ChunkedArray, records: Sequence[int], slot: _Slot | None
    ) -> None:
        if hidden.null_count == len(hidden):
            return
        for record, text in zip(records, hidden.to_pylist(), strict=True):
            for name, sent in unreadable(text).items():
                wide = name if slot is None else slot.names.get(name)
                if wide is not None:
                    self._unreadable.setdefault(record, {})[wide] = sent


def _listed(lists: Sequence[pa.Array]) -> pa.Array:
    """Lists of names one behind the other, nothing where all are empty."""
    # Arrow drops a row in which it has nothing at all to join, so that there is always an empty text.
    behind = [pc.binary_join_element_wise(",", one, "") for one in lists]
    joined = pc.binary_join_element_wise("", *behind, "", null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), None, pc.utf8_slice_codeunits(joined, 1))


def _renamed(blank: pa.Array, slot: _Slot) -> pa.Array:
    encoded = blank.dictionary_encode()
    words = [
        ",".join(slot.names[name] for name in text.split(",") if name in slot.names) or None
        for text in encoded.dictionary.to_pylist()
    ]
    return pa.array(words, pa.string()).take(encoded.indices)
