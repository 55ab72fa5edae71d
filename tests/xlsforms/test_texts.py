"""The text beside each workbook says what the workbook says, so that a change can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.spreadsheet import Workbook, read_workbook
from forms.workbook_text import render
from forms.xlsform import convert
from tests.xlsforms import surveys

BOOKS = sorted((Path(__file__).parents[2] / "xlsforms").glob("*/*.xlsx"))
SURVEYS = [surveys.book(form_id) for form_id in surveys.SURVEYS]


def cells(workbook: Workbook) -> dict[str, list[dict[str, str]]]:
    return {name: [dict(row.cells) for row in sheet.rows] for name, sheet in workbook.sheets.items()}


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_the_text_beside_a_workbook_is_its_rendering(book: Path) -> None:
    kept = book.with_suffix(".md").read_text(encoding="utf-8")
    assert kept == render(book.read_bytes()), "run: make xlsforms-text"


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_the_text_read_again_has_the_same_cells(book: Path) -> None:
    text = book.with_suffix(".md").read_bytes()
    assert cells(read_workbook(text, "form.md")) == cells(read_workbook(book.read_bytes(), book.name))


@pytest.mark.parametrize("book", SURVEYS, ids=lambda book: book.stem)
def test_the_text_is_the_same_form(book: Path) -> None:
    text = book.with_suffix(".md").read_bytes()
    assert convert(text, "form.md").xform == convert(book.read_bytes(), book.name).xform
