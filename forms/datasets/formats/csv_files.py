"""⑨ A dataset as CSV, a file for each table in one archive.

For people: a byte order mark, so that Excel reads UTF-8; words or codes; days as dd/mm/yyyy and moments in
the time of Viet Nam; an apostrophe before what a spreadsheet program would work out. For programs: names, ISO
8601, nothing changed, and the two hidden columns that say which empty cells were asked. Both: UTF-8 in NFC,
RFC 4180, texts in quotes, nothing at all for an empty cell; an answer that could not be read stands as it was
sent for people, and in the hidden column alone for programs, whose columns keep their types.

Knows: pyarrow.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from forms.datasets.beside.readme import companions
from forms.datasets.description import Table
from forms.datasets.formats.archive import archive
from forms.datasets.formats.columns import (
    Column,
    as_sent,
    columns,
    composed,
    days,
    moments,
    per_word,
    pieces,
    put,
    said,
)
from forms.datasets.material import Material, Progress
from forms.datasets.spool import BLANK, TYPES, UNREADABLE, Spool
from forms.exports.csv_text import BOM
from forms.exports.harmless import harmless

_TEMPTING: Final = r"^[=+\-@\t\r]"
_HIDDEN: Final = (BLANK, UNREADABLE)


def write_csv(material: Material, path: Path, progress: Progress) -> None:
    """Write the archive: the tables, then what is said beside them."""
    spool = material.spool
    total = sum(spool.count(table) for table in spool.dataset.tables)
    done = 0
    with archive(path) as file:
        for table in spool.dataset.tables:
            with file.entry(f"{table.name}.csv") as entry:
                for rows in _Sheet(table, material).write(entry):
                    done += rows
                    progress(done, total)
        file.add_all(companions(material))


class _Sheet:
    """One table on its way into its file."""

    def __init__(self, table: Table, material: Material) -> None:
        self._table = table
        self._spool = material.spool
        self._style = material.style
        self._columns = columns(table, material.style, material.origin)
        # A column is of one type from end to end, so what could not be read makes all of it texts.
        self._mixed = not_read(material.spool, table) if material.style.for_people else frozenset()

    def write(self, entry: IO[bytes]) -> Iterator[int]:
        """Write it, and say after each piece how many rows that had."""
        people = self._style.for_people
        options = pa_csv.WriteOptions(delimiter=self._style.separator)
        if people:
            entry.write(BOM)
        with pa_csv.CSVWriter(entry, self._schema, write_options=options) as file:
            for batch in pieces(self._spool, self._table):
                file.write(pa.RecordBatch.from_arrays(list(self._cells(batch)), schema=self._schema))
                yield len(batch)

    @cached_property
    def _schema(self) -> pa.Schema:
        if self._style.for_people:
            return pa.schema([(harmless(one.head), self._type(one)) for one in self._columns])
        own = [(one.head, self._type(one)) for one in self._columns]
        return pa.schema([*own, *((name, pa.string()) for name in _HIDDEN)])

    def _type(self, column: Column) -> pa.DataType:
        """What the cells are when they are written: numbers and days of programs as they are, else texts."""
        if column.variable.name in self._mixed or column.kind == "moment":
            return pa.string()
        if column.kind == "date" and self._style.for_people:
            return pa.string()
        if column.kind == "decimal" and self._style.separator == ";":
            return pa.string()
        return TYPES[column.kind]

    def _cells(self, batch: pa.RecordBatch) -> Iterator[pa.Array]:
        sent = as_sent(batch) if self._mixed else {}
        for one in self._columns:
            name = one.variable.name
            if batch.column(name).null_count == len(batch) and not sent.get(name):
                yield pa.nulls(len(batch), self._type(one))
                continue
            if name not in self._mixed:
                yield self._written(batch.column(name), one)
                continue
            texts = put(self._written(batch.column(name), one).cast(pa.string()), sent.get(name, {}))
            yield per_word(texts, composed, _guarded)
        if not self._style.for_people:
            yield from (batch.column(name) for name in _HIDDEN)

    def _written(self, array: pa.Array, column: Column) -> pa.Array:
        """Cells as a person reads them, or a program."""
        people = self._style.for_people
        if pa.types.is_string(array.type):
            further = (composed, _guarded) if people else (composed,)
            return said(array, column, *further)
        if column.kind == "date" and people:
            return days(array)
        if column.kind == "moment":
            return moments(array) if people else _iso(array)
        if column.kind == "decimal" and self._style.separator == ";":
            return pc.replace_substring(array.cast(pa.string()), ".", ",")
        return array


def _guarded(texts: pa.Array) -> pa.Array:
    """Texts that no spreadsheet program works out."""
    tempting = pc.match_substring_regex(texts, _TEMPTING)
    if not pc.any(tempting).as_py():
        return texts
    return pc.if_else(tempting, pc.binary_join_element_wise("'", texts, ""), texts)


def _iso(moments: pa.Array) -> pa.Array:
    texts = pc.replace_substring(moments.cast(pa.timestamp("ms")).cast(pa.string()), " ", "T")
    return pc.binary_join_element_wise(texts, "Z", "")


def not_read(spool: Spool, table: Table) -> frozenset[str]:
    """Names of the variables of a table with an answer that could not be read."""
    found: set[str] = set()
    for batch in spool.batches(table, [UNREADABLE]):
        found.update(as_sent(batch))
    return frozenset(found)
