"""Parquet as its readers find it: rows, types, labels and why a cell is empty, by pyarrow, pandas, DuckDB."""

from __future__ import annotations

import io
import json
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forms.datasets.formats.parquet import write_parquet
from forms.datasets.material import Material
from forms.datasets.spool import TYPES
from tests.forms.datasets.formats.test_excel import odd_material, quiet
from tests.forms.datasets.made import ROWS, made_material


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the archive was unpacked."""
    place = tmp_path_factory.mktemp("parquet")
    unpacked(made_material(place), place)
    return place


def unpacked(material: Material, place: Path) -> None:
    """Write the archive and take its files out of it."""
    write_parquet(material, place / "made.zip", quiet)
    with ZipFile(place / "made.zip") as file:
        file.extractall(place)


def test_rows_and_types_are_those_of_the_tables(folder: Path) -> None:
    for table in made_material(folder / "again").spool.dataset.tables:
        read = pq.read_table(folder / f"{table.name}.parquet")
        assert read.column_names == [*(one.name for one in table.variables), "__blank", "__unreadable"]
        for one in table.variables:
            assert read.schema.field(one.name).type == TYPES[one.kind]
            assert read.column(one.name).to_pylist() == [row.get(one.name) for row in ROWS[table.path]]


def test_labels_and_codes_are_in_the_metadata(folder: Path) -> None:
    schema = pq.read_schema(folder / "member.parquet")
    told = {key.decode(): text.decode() for key, text in schema.field("ethnic").metadata.items()}
    assert told["label"] == "Dân tộc"
    assert told["label:en"] == "Ethnicity"
    assert json.loads(told["values"]) == {"01": "Kinh", "08": "Mông", "98": "Không biết"}
    assert json.loads(told["missing"]) == ["98"]
    assert told["pii"] == "indirect"
    assert schema.metadata[b"form"] == b"ho_gia_dinh"
    assert schema.metadata[b"taken_at"] == b"2026-08-21T02:00:00+00:00"


def test_why_a_cell_is_empty_can_be_asked(folder: Path) -> None:
    asked = (
        "SELECT n, list_contains(__blank, 'tongues'), __unreadable->>'age' FROM read_parquet(?) "
        "WHERE tongues IS NULL OR age IS NULL ORDER BY KEY"
    )
    with duckdb.connect() as connection:
        rows = connection.execute(asked, [str(folder / "member.parquet")]).fetchall()
    assert rows == [(3, None, None), (1, True, "bốn mươi")]


def test_pandas_reads_numbers_and_days(folder: Path) -> None:
    frame = pd.read_parquet(folder / "ho_gia_dinh.parquet")
    assert frame["income"].sum() == 1.25
    assert str(frame["SubmissionDate"].dtype) == "datetime64[ms, UTC]"
    assert list(frame["commune_code"]) == ["03127"] * 3
    assert pd.read_parquet(folder / "member.parquet")["tongues__vie"].sum() == 1


def test_tables_join_by_their_keys(folder: Path) -> None:
    asked = (
        f"SELECT count(*) FROM '{folder}/course.parquet' c JOIN '{folder}/member.parquet' m "
        f"ON c.PARENT_KEY = m.KEY JOIN '{folder}/ho_gia_dinh.parquet' h ON m.PARENT_KEY = h.KEY"
    )
    with duckdb.connect() as connection:
        assert connection.execute(asked).fetchall() == [(3,)]


def test_texts_are_composed_and_groups_of_rows_are_large(tmp_path: Path) -> None:
    texts = ["e\u0302\u0323", None, *["x"] * 30_000]
    unpacked(odd_material(tmp_path, {"t": texts}, {"t": "text"}), tmp_path)
    read = pq.ParquetFile(tmp_path / "odd.parquet")
    assert read.read(["t"]).column("t").slice(0, 3).to_pylist() == ["ệ", None, "x"]
    assert read.metadata.num_row_groups == 1


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parquet(made_material(tmp_path / name), tmp_path / f"{name}.zip", quiet)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    material = odd_material(tmp_path, {"t": []}, {"t": "date"})
    write_parquet(material, tmp_path / "made.zip", quiet)
    with ZipFile(tmp_path / "made.zip") as file:
        read = pq.read_table(io.BytesIO(file.read("odd.parquet")))
    assert (read.num_rows, read.schema.field("t").type) == (0, pa.date32())
