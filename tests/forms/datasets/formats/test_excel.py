"""The workbook as its readers find it: openpyxl and pandas see the rows, dated, typed and labelled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest

from forms.datasets.description import Dataset, Table, Variable
from forms.datasets.formats import excel
from forms.datasets.formats.excel import write_xlsx
from forms.datasets.formats.sheet_xml import LONGEST
from forms.datasets.material import Material, Style
from forms.datasets.spool import Spool
from tests.forms.datasets.made import MEMBER, ROOT, ROWS, TAKEN_AT, made_material


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


def written(material: Material, folder: Path) -> Any:
    """The workbook as openpyxl reads it."""
    path = folder / "made.xlsx"
    write_xlsx(material, path, quiet)
    return openpyxl.load_workbook(path)


def odd_material(folder: Path, cells: Mapping[str, Sequence[Any]], kinds: Mapping[str, Any]) -> Material:
    """One table with these cells in columns of these kinds."""
    variables = [Variable("KEY", "text"), *(Variable(name, kinds[name], f"/{name}") for name in cells)]
    spool = Spool(folder / "odd", Dataset("odd", "Odd", (Table("odd", "", None, tuple(variables)),)))
    spool.folder.mkdir(parents=True)
    rows = len(next(iter(cells.values())))
    with spool.writer(spool.dataset.root) as sink:
        sink.add({"KEY": [f"uuid:{at}" for at in range(rows)], **cells}, rows)
    return replace(made_material(folder), spool=spool)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The workbook for officers."""
    folder = tmp_path_factory.mktemp("book")
    return written(made_material(folder), folder)


def test_a_sheet_for_each_table_then_what_is_said_beside_them(book: Any) -> None:
    titles = ["Hộ gia đình", "Thành viên", "Lớp học", "Codebook", "Lists of codes", "Corrections", "Notes"]
    assert book.sheetnames == titles


def test_heads_are_frozen_and_filtered_and_no_cells_are_merged(book: Any) -> None:
    for sheet in book.worksheets[:-1]:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert not sheet.merged_cells.ranges
        assert all(cell.font.b for cell in sheet[1])


def test_cells_are_what_was_answered_in_words_and_typed(book: Any) -> None:
    sheet = book["Hộ gia đình"]
    assert [cell.value for cell in sheet[1]] == [one.label("vi") for one in ROOT.variables]
    at = {one.name: number for number, one in enumerate(ROOT.variables)}
    first, second = (list(sheet[row]) for row in (2, 3))
    assert first[at["visited_on"]].value == datetime(2026, 8, 1)  # noqa: DTZ001 - Excel knows no zones
    assert first[at["visited_on"]].number_format == "dd/mm/yyyy"
    assert first[at["SubmissionDate"]].value == datetime(2026, 8, 1, 10, 4, 5)  # noqa: DTZ001
    assert first[at["SubmissionDate"]].number_format == "dd/mm/yyyy hh:mm"
    assert first[at["commune_code"]].value == "03127"
    assert first[at["commune_code"]].number_format == "@"
    assert first[at["consent"]].value == "Có"
    assert first[at["income"]].value == 1.25
    assert first[at["note"]].value == 'Nhà ở đầu bản,\nhỏi "trưởng bản"'
    assert second[at["started_at"]].value is None
    assert (second[at["head_name"]].value, second[at["head_name"]].data_type) == ("=1+1", "s")


def test_an_answer_that_could_not_be_read_stands_as_it_was_sent(book: Any) -> None:
    at = [one.name for one in MEMBER.variables].index("age")
    assert [row[at].value for row in book["Thành viên"].iter_rows(min_row=2)] == [41, 39, 2, "bốn mươi"]


@pytest.mark.parametrize("words", ["codes", "both"])
def test_pandas_reads_the_rows_back(tmp_path: Path, words: Any) -> None:
    material = replace(made_material(tmp_path), style=Style(words))
    write_xlsx(material, tmp_path / "made.xlsx", quiet)
    sheets = pd.read_excel(tmp_path / "made.xlsx", sheet_name=None, dtype=object)
    for table, title in zip(material.spool.dataset.tables, sheets, strict=False):
        frame = sheets[title]
        assert len(frame) == len(ROWS[table.path])
        for one in table.variables:
            head = one.name
            if words == "both":
                label = f"{one.label('vi')} (code)" if one.values else one.label("vi")  # noqa: PD011 - not of pandas
                head = label if label == one.name else f"{label} [{one.name}]"
            read = [None if pd.isna(cell) else cell for cell in frame[head].tolist()]
            assert read == [_seen(row, one) for row in ROWS[table.path]], (title, head)


def _seen(row: Mapping[str, Any], one: Variable) -> Any:
    """A cell as it stands in the workbook."""
    if one.name == "age" and row.get("age") is None:
        return "bốn mươi"
    cell = row.get(one.name)
    if isinstance(cell, datetime):
        return cell.replace(hour=cell.hour + 7, microsecond=0, tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - Excel knows no zones
    return cell


def test_the_notes_say_that_figures_are_provisional_until_they_are_frozen(tmp_path: Path) -> None:
    def notes(material: Material) -> str:
        rows = written(material, tmp_path)["Notes"].iter_rows(values_only=True)
        return "\n".join(str(cell) for row in rows for cell in row if cell is not None)

    material = made_material(tmp_path)
    assert "rovisional" in notes(material)
    assert "Điều tra xóa mù chữ 2026" in notes(material)
    frozen = replace(material.origin, release="Tháng 8/2026")
    assert "rovisional" not in notes(replace(material, origin=frozen))


def test_corrections_are_in_it_and_what_is_hidden_stays_hidden(book: Any) -> None:
    rows = list(book["Corrections"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 2
    assert {"14", "41"} <= set(rows[0])
    assert not any("Vàng" in str(cell) for cell in rows[1])


def test_properties_name_nobody_and_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("a", "b"):
        material = made_material(tmp_path / name)
        write_xlsx(material, tmp_path / f"{name}.xlsx", quiet)
        files.append((tmp_path / f"{name}.xlsx").read_bytes())
    assert files[0] == files[1]
    said = openpyxl.load_workbook(tmp_path / "a.xlsx").properties
    assert (said.creator, said.lastModifiedBy) == (None, None)
    assert said.created == TAKEN_AT.replace(tzinfo=None)
    with ZipFile(tmp_path / "a.xlsx") as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


AWKWARD = (
    "=HYPERLINK(1)",
    "+84",
    "-5",
    "@x",
    "https://example.org",
    "0123",
    "1e5",
    "TRUE",
    "<a> & \"b\" 'c'",
    " hai đầu ",
    "dòng\nhai",
    "a\x07b\ufffe",
    "_x0041_",
    "𠀀 chữ Nôm",
    "Nguye\u0302\u0303n",
    "x" * 300,
)


def test_no_text_is_taken_for_anything_else(tmp_path: Path) -> None:
    sheet = written(odd_material(tmp_path, {"t": AWKWARD}, {"t": "text"}), tmp_path).worksheets[0]
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.hyperlink for cell in cells] == [None] * len(cells)
    read = [cell.value.replace("_x005F_", "_") for cell in cells]
    wanted = [text.replace("\x07", "").replace("\ufffe", "") for text in AWKWARD]
    wanted[14] = "Nguyễn"
    assert read == wanted
    # Excel shows ##### for a long text in a cell whose style says text.
    assert cells[-1].number_format == "General"


def test_numbers_and_days_that_excel_cannot_hold_are_texts(tmp_path: Path) -> None:
    cells: dict[str, list[Any]] = {
        "n": [10**15, 5, None],
        "x": [1e300, float("nan"), 0.1],
        "d": [date(1899, 12, 31), date(1900, 3, 1), date(1987, 6, 5)],
        "m": [datetime(1900, 1, 1, tzinfo=UTC), None, datetime(2026, 8, 1, 17, tzinfo=UTC)],
    }
    kinds = {"n": "whole", "x": "decimal", "d": "date", "m": "moment"}
    sheet = written(odd_material(tmp_path, cells, kinds), tmp_path).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, min_col=2, values_only=True))
    midnight = datetime(2026, 8, 2)  # noqa: DTZ001 - Excel knows no zones
    assert rows == [
        ("1000000000000000", 1e300, "31/12/1899", "01/01/1900 07:00"),
        ("5", None, datetime(1900, 3, 1), None),  # noqa: DTZ001
        (None, 0.1, datetime(1987, 6, 5), midnight),  # noqa: DTZ001
    ]


def test_a_text_longer_than_a_cell_is_cut_and_the_notes_say_so(tmp_path: Path) -> None:
    texts = ["a" * LONGEST, "b" * (LONGEST + 1), "𠀀" * LONGEST]
    book = written(odd_material(tmp_path, {"t": texts}, {"t": "text"}), tmp_path)
    read = [row[1].value for row in book.worksheets[0].iter_rows(min_row=2)]
    assert read[0] == texts[0]
    assert read[1] == "b" * (LONGEST - 4) + " […]"
    assert len(read[2].encode("utf-16-le")) // 2 <= LONGEST
    assert read[2].endswith("𠀀 […]")
    assert str(book["Notes"]["B3"].value).startswith("2 texts")


def test_rows_and_columns_past_the_sheet_continue_on_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 3)
    monkeypatch.setattr(excel, "MOST_COLUMNS", 3)
    cells: dict[str, list[Any]] = {
        "a": [1, 2, 3, 4, 5],
        "b": list("vwxyz"),
        "c": [None] * 5,
        "d": [6, 7, 8, 9, 10],
    }
    kinds = {"a": "whole", "b": "text", "c": "whole", "d": "whole"}
    book = written(odd_material(tmp_path, cells, kinds), tmp_path)
    assert book.sheetnames[:6] == ["odd", *(f"odd ({number})" for number in range(2, 7))]
    read = [list(book[name].iter_rows(values_only=True)) for name in book.sheetnames[:6]]
    assert [row for sheet in read[:3] for row in sheet[1:]] == [
        (f"uuid:{at}", at + 1, text) for at, text in enumerate("vwxyz")
    ]
    assert [row for sheet in read[3:] for row in sheet[1:]] == [
        (f"uuid:{at}", None, at + 6) for at in range(5)
    ]
    assert {sheet[0] for sheet in read[3:]} == {("KEY", "c", "d")}
    assert book["odd (3)"].auto_filter.ref == "A1:C2"
    told = "\n".join(str(row[1]) for row in book["Notes"].iter_rows(values_only=True))
    assert re.search("“odd” has 5 rows.*“odd \\(2\\)”", told)
    assert re.search("has 5 columns.*“odd \\(4\\)”", told)


def test_an_empty_table_is_a_sheet_with_heads(tmp_path: Path) -> None:
    sheet = written(odd_material(tmp_path, {"t": []}, {"t": "text"}), tmp_path).worksheets[0]
    assert list(sheet.iter_rows(values_only=True)) == [("KEY", "t")]


def test_progress_counts_every_row_once(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_xlsx(made_material(tmp_path), tmp_path / "made.xlsx", lambda *both: told.append(both))
    assert told[-1] == (10, 10)
    assert told == sorted(told)
