"""⑨ A dataset as Parquet, a file for each table in one archive, for DuckDB, pandas, R and Power BI.

Cells keep their types and codes stay codes. What a column is stands in the metadata of its Arrow field:
`label` in the reader's language and `label:<language>` in the others, `values` and `missing` (JSON, code to
label, and codes that say why there is no answer), `path`, `pii`, `relevant`. Why a cell is empty stand in two
columns at the end: `__blank` lists the variables that were asked and left empty, `__unreadable` holds as
JSON what was sent where it could not be read; what is in neither was not asked.

Knows: pyarrow.parquet; its settings are pinned, so that the same rows are the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forms.datasets.beside.readme import companions
from forms.datasets.description import Table, Variable
from forms.datasets.formats.archive import archive
from forms.datasets.formats.columns import choices, composed, pieces
from forms.datasets.material import Material, Progress
from forms.datasets.plain_words import plain
from forms.datasets.spool import BLANK, UNREADABLE, schema_of

_SETTINGS: Final[Mapping[str, Any]] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": True,
    "write_statistics": True,
    "store_schema": True,
}
_GROUP: Final = 100_000
_MOST_CELLS: Final = 400_000


def write_parquet(material: Material, path: Path, progress: Progress) -> None:
    """Write the archive: the tables, then what is said beside them."""
    spool = material.spool
    total = sum(spool.count(table) for table in spool.dataset.tables)
    done = 0
    with archive(path) as file:
        for table in spool.dataset.tables:
            with file.entry(f"{table.name}.parquet", packed=False) as entry:
                for rows in _write(entry, table, material):
                    done += rows
                    progress(done, total)
        file.add_all(companions(material))


def _write(entry: IO[bytes], table: Table, material: Material) -> Iterator[int]:
    schema = schema_with_words(table, material)
    most = max(1, min(_GROUP, _MOST_CELLS // len(schema)))
    with pq.ParquetWriter(entry, schema, **_SETTINGS) as file:
        waiting: list[pa.RecordBatch] = []
        held = 0
        for batch in pieces(material.spool, table):
            waiting.append(finished(batch, schema))
            held += len(batch)
            if held >= most:
                file.write_table(pa.Table.from_batches(waiting), row_group_size=held)
                waiting, held = [], 0
            yield len(batch)
        if waiting:
            file.write_table(pa.Table.from_batches(waiting), row_group_size=held)


def finished(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rows of a spool as they stand in a file: texts composed, what was left blank as a list."""
    arrays = [
        composed(array) if array.type == pa.string() and array.null_count < len(array) else array
        for array in batch.columns
    ]
    at = schema.get_field_index(BLANK)
    arrays[at] = pc.split_pattern(arrays[at], ",")
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def schema_with_words(table: Table, material: Material) -> pa.Schema:
    """The columns of a table in its file, with what they are called and what their codes mean."""
    plain = schema_of(table)
    language = material.origin.language
    fields = [plain.field(one.name).with_metadata(_told(one, language)) for one in table.variables]
    hidden = [pa.field(BLANK, pa.list_(pa.string())), pa.field(UNREADABLE, pa.string())]
    dataset, origin = material.spool.dataset, material.origin
    return pa.schema([*fields, *hidden]).with_metadata({
        "form": dataset.form_id,
        "title": dataset.title,
        "table": table.name,
        "versions": " ".join(dataset.versions),
        "release": origin.release,
        "taken_at": origin.taken_at.isoformat(),
    })


def _told(variable: Variable, language: str) -> dict[str, str]:
    told = {"label": plain(variable.label(language)) or variable.name}
    told |= {f"label:{other}": plain(words) for other, words in variable.labels.items() if other != language}
    if variable.values:
        told["values"] = json.dumps(choices(variable.values, language), ensure_ascii=False)
        told["missing"] = json.dumps([one.code for one in variable.values if one.missing])
    others = {
        "kind": variable.kind,
        "path": variable.path,
        "pii": variable.pii,
        "relevant": variable.relevant,
    }
    return told | {name: text for name, text in others.items() if text}
