"""⑨ What a dataset holds as one number: the same on every database, every machine, in every format.

Each row is a line of its cells as text (decimals shortest, moments in UTC), in the order of the spool, which
is that of the records' keys; what was blank and what was not readable is part of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import Table
from forms.datasets.spool import Spool

# Letters no answer can hold: XML has none of them.
_CELL, _ROW, _EMPTY = "\x1f", "\x1e", "\x1d"
_ROWS: Final = 2_000
_AT_ONCE: Final = 500
"""Columns joined at once: one for each member of a large household makes thousands."""


def table_digest(spool: Spool, table: Table) -> str:
    """The SHA-256 over the names of a table's columns and all its rows."""
    found = hashlib.sha256(_CELL.join(one.name for one in table.variables).encode())
    for batch in spool.batches(table, size=_ROWS):
        lines = _lines(batch)
        found.update(_ROW.join(["", *lines.to_pylist()]).encode())
    return found.hexdigest()


def _lines(batch: pa.RecordBatch) -> pa.Array:
    columns: list[Any] = [pc.fill_null(column.cast(pa.string()), _EMPTY) for column in batch.columns]
    while len(columns) > 1:
        columns = [
            pc.binary_join_element_wise(*columns[start : start + _AT_ONCE], _CELL)
            for start in range(0, len(columns), _AT_ONCE)
        ]
    return columns[0]


def digest(said: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> str:
    """The SHA-256 over what was asked for and over each table's name, rows and digest, as canonical JSON."""
    told = {"asked": said, "tables": list(tables)}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
