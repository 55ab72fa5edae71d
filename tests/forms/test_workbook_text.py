"""A workbook as markdown: one table a sheet, nothing but the words."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from forms.problems import FormRefused
from forms.workbook_text import render


def saved(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    for number, (name, rows) in enumerate(sheets.items()):
        sheet = book.create_sheet(name, number)
        for row in rows:
            sheet.append(row)
    del book[book.sheetnames[-1]]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_each_sheet_is_a_table_under_its_name() -> None:
    book = saved(
        survey=[["type", "name", "label"], ["text", "who", "Họ và tên"], ["end_group"]],
        settings=[["form_id", "version"], ["f01", 2026112201]],
    )
    assert render(book) == (
        "| survey | | | |\n"
        "|---|---|---|---|\n"
        "| | type | name | label |\n"
        "| | text | who | Họ và tên |\n"
        "| | end_group | | |\n"
        "\n"
        "| settings | | |\n"
        "|---|---|---|\n"
        "| | form_id | version |\n"
        "| | f01 | 2026112201 |\n"
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a | b", r"a \| b"),
        ("one\ntwo", "one<br>two"),
        (1.0, "1"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (date(2026, 9, 10), "2026-09-10"),
        ("  spaces ", "spaces"),
    ],
)
def test_a_cell_is_one_line(cell: object, text: str) -> None:
    assert render(saved(notes=[["note"], [cell]])).splitlines()[-1] == f"| | {text} |"


def test_looks_do_not_matter() -> None:
    plain = Workbook()
    plain.worksheets[0].append(["type"])
    plain.worksheets[0].append(["note"])
    fine = Workbook()
    sheet = fine.worksheets[0]
    sheet.append(["type"])
    sheet["A3"] = "note"
    sheet["A1"].font = Font(bold=True)
    sheet.column_dimensions["A"].width = 40
    texts = []
    for book in (plain, fine):
        file = io.BytesIO()
        book.save(file)
        texts.append(render(file.getvalue()))
    assert texts[0] == texts[1]


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(FormRefused):
        render(b"not a workbook")
