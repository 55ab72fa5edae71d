"""⑨ Rows on their way into files: read once from the database, kept in a folder, read by every writer.

A file of Parquet for each table, so that a whole province passes in pieces: statistics, the widths of
texts and the protection of persons each need a look at all rows before the first one is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from forms.datasets.description import Dataset, Kind, Table

BLANK: Final = "__blank"
"""A hidden column: names of variables, commas between, that were asked and left empty. An empty cell that
is not among them was not asked (its question was not relevant, or not in that version)."""

UNREADABLE: Final = "__unreadable"
"""A hidden column: JSON, variable name to the answer as sent, where it could not be read as its kind."""

AT_A_TIME: Final = 8_000
"""Rows of a piece."""

TYPES: Final[Mapping[Kind, pa.DataType]] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
    "time": pa.string(),
    "moment": pa.timestamp("ms", "UTC"),
    "code": pa.string(),
    "codes": pa.string(),
    "flag": pa.int8(),
}
"""How cells of a kind lie in a spool."""


def hold_little() -> None:
    """Let Arrow work in one thread, and give back at once what it lets go of: for a process of its own.

    Its own allocator keeps what each thread had at most, a third of all the process holds; and the processors
    of a small machine have phones to answer.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    pa.set_memory_pool(pa.system_memory_pool())


def schema_of(table: Table) -> pa.Schema:
    """The columns of a table in its spool: its variables in order, then the hidden ones."""
    fields = [pa.field(one.name, TYPES[one.kind]) for one in table.variables]
    return pa.schema([*fields, pa.field(BLANK, pa.string()), pa.field(UNREADABLE, pa.string())])


class Spool:
    """The rows of a dataset in a folder.

    They lie in the order of their records' keys (code points), those of a repeat as the phone wrote them.
    """

    def __init__(self, folder: Path, dataset: Dataset) -> None:
        self.folder = folder
        self.dataset = dataset

    def path(self, table: Table) -> Path:
        """Where the rows of a table lie."""
        return self.folder / f"{self.dataset.tables.index(table)}.parquet"

    @contextmanager
    def writer(self, table: Table) -> Iterator[Sink]:
        """Write the rows of a table, once."""
        schema = schema_of(table)
        with pq.ParquetWriter(self.path(table), schema, compression="zstd", compression_level=1) as file:
            yield Sink(file, schema)

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        rows: int = pq.read_metadata(self.path(table)).num_rows
        return rows

    def batches(
        self, table: Table, names: Sequence[str] | None = None, size: int = AT_A_TIME
    ) -> Iterator[pa.RecordBatch]:
        """The rows in pieces: all columns, the hidden ones too, or only these, in the order of the file."""
        with pq.ParquetFile(self.path(table), pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=size, columns=list(names) if names else None)


class Sink:
    """Takes the rows of one table."""

    def __init__(self, file: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._file = file
        self._schema = schema

    def add(self, columns: Mapping[str, Sequence[Any]], rows: int) -> None:
        """Append rows column by column; a column that is not given is empty."""
        arrays = [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
            for field in self._schema
        ]
        self.add_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Append rows that lie in Arrow already, with the columns of the table in order."""
        if batch.num_rows:
            self._file.write_batch(batch)

    def add_together(self, batches: Sequence[pa.RecordBatch]) -> None:
        """Append pieces that are to be read together; columns may share what is in them."""
        rows = sum(len(one) for one in batches)
        if rows:
            self._file.write_table(pa.Table.from_batches(batches, self._schema), row_group_size=rows)


def unreadable(row: str | None) -> Mapping[str, str]:
    """What the hidden column of a row says."""
    return json.loads(row) if row else {}
