"""⑨ Answers as the tables hold them, laid into the columns of a dataset some thousand rows at a time.

An empty text is a question that was asked and left empty, no text one that was not asked; a typed answer
that could not be read stands in `as_sent`, one left empty is named in `blank` (`forms.rows`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import Table, Variable
from forms.datasets.ours import PARTS as POINT
from forms.datasets.spool import BLANK, TYPES, UNREADABLE, schema_of
from forms.rows import PARTS, Cell
from forms.values import codes

_SECONDS: Final = len("23:59:59")
_SUFFIX_OF_PART: Final = {name: suffix for name, suffix, _ in POINT}


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the answers to a question lie: the name of its physical column and how it is kept."""

    name: str
    cell: Cell

    @property
    def columns(self) -> tuple[str, ...]:
        """All its physical columns, its parts too."""
        return tuple(self.name + suffix for suffix, _ in PARTS[self.cell])


@dataclass
class _Page:
    """The cells of some rows as they come from a database, and what is found out about them."""

    cells: Mapping[str, Sequence[Any]]
    rows: int
    blank: list[tuple[pa.Array, str]] = field(default_factory=list)
    unreadable: dict[int, dict[str, str]] = field(default_factory=dict)
    named_blank: pa.DictionaryArray | None = None
    sent: dict[int, dict[str, str]] = field(default_factory=dict)


class Layer:
    """Lays the rows of one table; `kept` is by path of the question."""

    def __init__(self, table: Table, kept: Mapping[str, Kept]) -> None:
        self.table = table
        self._schema = schema_of(table)
        self._flags: dict[str, list[Variable]] = {}
        self._asked: dict[str, list[Variable]] = {}
        for one in table.variables:
            if one.kind == "flag":
                self._flags.setdefault(one.part_of, []).append(one)
            elif one.path in kept:
                self._asked.setdefault(one.path, []).append(one)
        self._kept = {path: kept[path] for path in self._asked}
        self.columns = tuple(name for one in self._kept.values() for name in one.columns)
        """The physical columns of answers it asks for, in order."""

    def lay(
        self,
        cells: Mapping[str, Sequence[Any]],
        as_sent: Sequence[str | None],
        blank: Sequence[str | None],
        ours: Mapping[str, Sequence[Any]],
    ) -> pa.RecordBatch:
        """A piece of the spool: answers by physical column, our own columns by their names."""
        page = _Page(cells, len(as_sent))
        if any(blank):
            page.named_blank = pa.array(blank, pa.string()).dictionary_encode()
        page.sent = {row: orjson.loads(text) for row, text in enumerate(as_sent) if text}
        made: dict[str, pa.Array] = {
            name: _array(values, self._schema.field(name).type) for name, values in ours.items()
        }
        for path, variables in self._asked.items():
            made.update(self._take(page, self._kept[path], variables))
        made[BLANK] = _joined(page)
        made[UNREADABLE] = _unreadable(page)
        arrays = [
            made[one.name] if one.name in made else pa.nulls(page.rows, one.type) for one in self._schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _take(self, page: _Page, kept: Kept, variables: Sequence[Variable]) -> Iterator[tuple[str, pa.Array]]:
        first = variables[0]
        if kept.cell is Cell.TEXT:
            array = pa.array(page.cells[kept.name], pa.string())
            array = _without_blank(page, array, [first.name])
            yield first.name, array
            yield from self._spread(first, array)
        elif kept.cell in {Cell.INT, Cell.DECIMAL, Cell.DATE}:
            array = _array(page.cells[kept.name], TYPES[first.kind])
            _note_typed(page, kept.name, first.name, array)
            yield first.name, array
        else:
            yield from _paired(page, kept, variables)

    def _spread(self, whole: Variable, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
        """The column of each code of a question with several answers."""
        flags = self._flags.get(whole.name)
        if not flags:
            return
        encoded = array.dictionary_encode()
        said = [frozenset(codes(text)) for text in encoded.dictionary.to_pylist()]
        for flag in flags:
            held = pa.array([flag.code in one for one in said], pa.bool_()).cast(pa.int8())
            yield flag.name, held.take(encoded.indices)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Cells as an array; SQLite hands days and moments out as texts."""
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_temporal(kind):
        first = next((one for one in values if one is not None), None)
        if isinstance(first, str):
            texts = pa.array(values, pa.string())
            if pa.types.is_timestamp(kind):
                return texts.cast(pa.timestamp("us")).cast(pa.timestamp("ms"), safe=False).cast(kind)
            return texts.cast(kind)
        if pa.types.is_timestamp(kind):
            return pa.array(values, pa.timestamp("us", "UTC")).cast(kind, safe=False)
    return pa.array(values, kind)


def _paired(page: _Page, kept: Kept, variables: Sequence[Variable]) -> Iterator[tuple[str, pa.Array]]:
    """A moment, a time or a point: the text as sent, and beside it what it was read as."""
    names = [one.name for one in variables]
    text = _without_blank(page, pa.array(page.cells[kept.name], pa.string()), names)
    arrays: list[pa.Array] = []
    for one in variables:
        if kept.cell is Cell.GEOPOINT:
            column = page.cells[kept.name + _SUFFIX_OF_PART[one.role]]
            arrays.append(pa.array(column, pa.float64()))
        elif kept.cell is Cell.TIME:
            read = page.cells[f"{kept.name}_at"]
            arrays.append(pa.array([_clock(value) for value in read], pa.string()))
        else:
            arrays.append(_array(page.cells[f"{kept.name}_at"], TYPES["moment"]))
    lost = pc.and_(pc.is_valid(text), pc.is_null(arrays[0]))
    if pc.any(lost).as_py():
        for row in pc.indices_nonzero(lost).to_pylist():
            page.unreadable.setdefault(row, {})[names[0]] = text[row].as_py()
    yield from zip(names, arrays, strict=True)


def _clock(value: Any) -> str | None:
    return None if value is None else str(value)[:_SECONDS]


def _without_blank(page: _Page, array: pa.Array, names: Sequence[str]) -> pa.Array:
    """The texts without empty ones, which are noted."""
    empty = pc.equal(array, "")
    if not pc.any(empty).as_py():
        return array
    page.blank.extend((empty, name) for name in names)
    return pc.if_else(empty, pa.scalar(None, pa.string()), array)


def _note_typed(page: _Page, column: str, name: str, array: pa.Array) -> None:
    """Note where a typed answer was left empty, and where it could not be read."""
    if page.named_blank is not None:
        told = page.named_blank.dictionary.to_pylist()
        named = pa.array([column in text.split(",") for text in told], pa.bool_())
        if pc.any(named).as_py():
            page.blank.append((named.take(page.named_blank.indices), name))
    for row, sent in page.sent.items():
        if column in sent and not array[row].is_valid:
            page.unreadable.setdefault(row, {})[name] = sent[column]


def _joined(page: _Page) -> pa.Array:
    """The hidden column of what was left empty."""
    if not page.blank:
        return pa.nulls(page.rows, pa.string())
    # Joined with "skip", Arrow leaves out rows in which all parts are null; so none of them is.
    parts = [pc.if_else(pc.fill_null(mask, False), f"{name},", "") for mask, name in page.blank]  # noqa: FBT003
    texts = pc.binary_join_element_wise(*parts, "")
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), pc.utf8_rtrim(texts, ","))


def _unreadable(page: _Page) -> pa.Array:
    """The hidden column of what could not be read."""
    texts: list[str | None] = [None] * page.rows
    for row, said in page.unreadable.items():
        texts[row] = orjson.dumps(said).decode()
    return pa.array(texts, pa.string())
