"""CSV as its readers find it: a spreadsheet program by its marks, pandas and DuckDB by its columns."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import pandas as pd
import pytest

from forms.datasets.formats.csv_files import not_read, write_csv
from forms.datasets.material import Material, Style
from tests.forms.datasets.formats.test_excel import odd_material, quiet
from tests.forms.datasets.made import HOUSEHOLDS, MEMBER, ROOT, ROWS, made_material

PROGRAMS = Style("codes", for_people=False)


def files(material: Material, folder: Path) -> dict[str, bytes]:
    """Name to contents of what is in the archive."""
    path = folder / "made.csv.zip"
    write_csv(material, path, quiet)
    with ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rows_of(content: bytes, separator: str = ",") -> list[list[str]]:
    """The lines as texts."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


def test_people_get_words_days_and_the_time_of_viet_nam(tmp_path: Path) -> None:
    made = files(made_material(tmp_path), tmp_path)
    assert list(made)[:3] == ["ho_gia_dinh.csv", "member.csv", "course.csv"]
    assert {"README.txt", "codebook.xlsx", "ddi.xml"} <= set(made)
    content = made["ho_gia_dinh.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    heads, first, second, _ = rows_of(content)
    assert heads == [one.label("vi") for one in ROOT.variables]
    said = dict(zip((one.name for one in ROOT.variables), first, strict=True))
    assert said["visited_on"] == "01/08/2026"
    assert said["SubmissionDate"] == "01/08/2026 10:04"
    assert said["consent"] == "Có"
    assert said["income"] == "1.25"
    assert said["note"] == 'Nhà ở đầu bản,\nhỏi "trưởng bản"'
    assert second[heads.index("Họ và tên chủ hộ")] == "'=1+1"


def test_an_answer_that_could_not_be_read_stands_as_it_was_sent(tmp_path: Path) -> None:
    material = made_material(tmp_path)
    heads, *rows = rows_of(files(material, tmp_path)["member.csv"])
    assert [row[heads.index("Tuổi")] for row in rows] == ["41", "39", "2", "bốn mươi"]
    assert not_read(material.spool, MEMBER) == {"age"}


@pytest.mark.parametrize("text", ["=1", "+84 91", "-x", "@a", "\tb", "\rc"])
def test_no_cell_for_people_begins_a_formula(tmp_path: Path, text: str) -> None:
    many: dict[str, list[Any]] = {"t": [text, "a", None, *[text] * 9], "n": [-5, 1, None, *[7] * 9]}
    material = odd_material(tmp_path, many, {"t": "text", "n": "whole"})
    (_, *rows) = rows_of(files(material, tmp_path)["odd.csv"])
    assert [row[1] for row in rows] == [f"'{text}", "a", "", *[f"'{text}"] * 9]
    assert rows[0][2] == "-5"
    (_, *rows) = rows_of(files(replace(material, style=PROGRAMS), tmp_path)["odd.csv"])
    assert [row[1] for row in rows] == [text, "a", "", *[text] * 9]


def test_programs_get_names_codes_and_what_is_behind_an_empty_cell(tmp_path: Path) -> None:
    made = files(replace(made_material(tmp_path), style=PROGRAMS), tmp_path)
    content = made["member.csv"]
    assert not content.startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(io.BytesIO(content), dtype={"sex": str, "ethnic": str})
    assert list(frame.columns) == [*(one.name for one in MEMBER.variables), "__blank", "__unreadable"]
    assert list(frame["ethnic"]) == ["08", "98", "08", "01"]
    assert frame["age"].dtype == float
    assert list(frame["__blank"].fillna("")) == ["", "", "", "tongues"]
    assert frame["__unreadable"].iloc[3] == '{"age":"bốn mươi"}'
    (tmp_path / "root.csv").write_bytes(made["ho_gia_dinh.csv"])
    asked = "SELECT KEY, visited_on, income FROM read_csv(?) ORDER BY KEY"
    with duckdb.connect() as connection:
        rows = connection.execute(asked, [str(tmp_path / "root.csv")]).fetchall()
    assert rows[0] == (HOUSEHOLDS[0], date(2026, 8, 1), 1.25)
    assert [row[2] for row in rows[1:]] == [None, None]
    received = pd.read_csv(tmp_path / "root.csv", parse_dates=["SubmissionDate"])["SubmissionDate"]
    assert received.iloc[0] == datetime(2026, 8, 1, 3, 4, 5, 678_000, UTC)


def test_every_row_comes_back(tmp_path: Path) -> None:
    material = replace(made_material(tmp_path), style=PROGRAMS)
    made = files(material, tmp_path)
    for table in material.spool.dataset.tables:
        heads, *rows = rows_of(made[f"{table.name}.csv"])
        given: list[dict[str, Any]] = [dict(row) for row in ROWS[table.path]]
        assert [row[0] for row in rows] == [row["KEY"] for row in given]
        for read, row in zip(rows, given, strict=True):
            filled = {name for name, text in zip(heads, read, strict=True) if text}
            assert filled == {name for name, cell in row.items() if cell is not None}


def test_a_semicolon_goes_with_decimal_commas(tmp_path: Path) -> None:
    material = replace(made_material(tmp_path), style=Style(separator=";"))
    heads, first, *_ = rows_of(files(material, tmp_path)["ho_gia_dinh.csv"], ";")
    assert first[heads.index("Thu nhập bình quân (triệu đồng)")] == "1,25"


def test_texts_are_composed(tmp_path: Path) -> None:
    sent = unicodedata.normalize("NFD", "Nguyễn Thị Hường")
    for style in (Style(), PROGRAMS):
        material = replace(odd_material(tmp_path / style.words, {"t": [sent]}, {"t": "text"}), style=style)
        assert rows_of(files(material, tmp_path)["odd.csv"])[1][1] == "Nguyễn Thị Hường"


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_csv(made_material(tmp_path / name), tmp_path / f"{name}.zip", quiet)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
