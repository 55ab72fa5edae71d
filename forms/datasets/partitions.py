"""⑨ Rows of one province and year as a file of Parquet that lies beside those of others.

Many servers write files that are read as one table, so a column has the same type in all of them whatever the
protection of persons made of it: what may be said in bands or by the year is text everywhere. A column that
one of them left out is empty there for whoever reads by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forms.datasets.description import Table
from forms.datasets.formats.parquet import finished, schema_with_words
from forms.datasets.material import Material, Origin
from forms.datasets.spool import Spool

PROVINCE, YEAR, SERVER = "part_province", "part_year", "part_server"
"""What the folders of a partition are called; no question is."""

NOWHERE: Final = "00"
"""The province of what has none."""

SURVEYS, FIGURES, ABOUT = "surveys", "figures", "_about"
"""Folders at the top; engines pass over what begins with an underscore."""

_SETTINGS: Final[Mapping[str, Any]] = {"version": "2.6", "compression": "zstd", "compression_level": 3}
_MEASURED: Final = frozenset({"whole", "decimal", "date", "moment"})
_DESCRIBED: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - when it was made is not said, so that the same rows are the same bytes


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A partition: the code of a province and a year."""

    province: str
    year: int

    def __str__(self) -> str:
        """As the list of contents calls it."""
        return f"{self.province}/{self.year}"


def file_of(folder: Sequence[str], part: Part, server: str) -> str:
    """Where the rows of a partition lie, below the top."""
    keys = (f"{PROVINCE}={part.province}", f"{YEAR}={part.year}", f"{SERVER}={server}")
    return "/".join((*folder, *keys, "rows.parquet"))


def folder_name(form_id: str) -> str:
    """The id of a form as a folder may be called."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", form_id).lstrip("._") or "form"
    return plain if plain == form_id else f"{plain}-{sha256(form_id.encode()).hexdigest()[:8]}"


def write_table(spool: Spool, table: Table, was: Table | None, path: Path) -> int:
    """Write a table of a spool; `was` is it before persons were protected (None: they are not).

    Returns how many rows it has.
    """
    schema = _schema(spool, table, was)
    with pq.ParquetWriter(path, schema, **_SETTINGS) as file:
        rows = 0
        for batch in _batches(spool, table, schema):
            file.write_batch(batch)
            rows += len(batch)
    return rows


def _schema(spool: Spool, table: Table, was: Table | None) -> pa.Schema:
    origin = Origin("", "", "", _DESCRIBED, spool.dataset.languages[0])
    schema = schema_with_words(table, Material(spool, origin, spool.folder))
    for at, field in enumerate(schema):
        if was is not None and _may_be_words(was, field.name):
            schema = schema.set(at, field.with_type(pa.string()))
    told = {key: text for key, text in schema.metadata.items() if key not in {b"taken_at", b"release"}}
    return schema.with_metadata(told)


def _may_be_words(was: Table, name: str) -> bool:
    variable = was.by_name.get(name)
    return variable is not None and variable.kind in _MEASURED and variable.pii != "none"


def _batches(spool: Spool, table: Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    plain = pa.schema([
        field if field.name not in table.by_name else field.with_type(kept.type)
        for field, kept in zip(schema, _kept(spool, table), strict=True)
    ])
    for batch in spool.batches(table):
        done = finished(batch, plain)
        arrays = [
            one if one.type == field.type else one.cast(field.type)
            for one, field in zip(done, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _kept(spool: Spool, table: Table) -> pa.Schema:
    return pq.read_schema(spool.path(table))


def write_figures(spool: Spool, folder: Path) -> dict[int, tuple[Path, int]]:
    """The cells of a spool of figures, a file for each year they speak of: path and rows by year."""
    table = spool.dataset.root
    schema = _schema(spool, table, None)
    files: dict[int, pq.ParquetWriter] = {}
    rows: dict[int, int] = {}
    try:
        for batch in _batches(spool, table, schema):
            years = pc.cast(pc.utf8_slice_codeunits(batch.column("TIME_PERIOD"), 0, 4), pa.int32())
            for year in pc.unique(years).to_pylist():
                some = batch.filter(pc.equal(years, year))
                if year not in files:
                    files[year] = pq.ParquetWriter(folder / f"{year}.parquet", schema, **_SETTINGS)
                files[year].write_batch(some)
                rows[year] = rows.get(year, 0) + len(some)
    finally:
        for file in files.values():
            file.close()
    return {year: (folder / f"{year}.parquet", count) for year, count in sorted(rows.items())}


def columns_of(spool: Spool, table: Table, was: Table | None) -> list[dict[str, str]]:
    """What the list of contents says of the columns of a table."""
    types = {field.name: str(field.type) for field in _schema(spool, table, was)}
    language = spool.dataset.languages[0]
    return [
        {"name": one.name, "type": types[one.name], "label": one.label(language), "pii": one.pii}
        for one in table.variables
    ]
