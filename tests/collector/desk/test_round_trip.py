"""Rows out to Excel and back: a difference for each cell, nothing overwritten, undone as a whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from collector.actions import round_trip
from collector.actions.corrections import Corrections, Officer
from collector.clock import moment
from storage.models import Form
from tests.collector.desk.cleaning import LIST, edited, form, household, officer, volunteer
from tests.collector.desk.reader import Page, Reader, file
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

__all__ = ["form", "officer", "volunteer"]
ROWS = "/surveys/ho/rows"


def downloaded(officer: Reader, query: str = "") -> Workbook:
    """The sheet, opened."""
    answer = officer.get(f"{ROWS}.xlsx{query}")
    assert answer.status_code == 200, answer.text
    return load_workbook(BytesIO(answer.data))


def first(book: Workbook) -> Worksheet:
    """The sheet of rows."""
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def returned(officer: Reader, book: Workbook) -> Page:
    """The sheet sent back: what it would change."""
    saved = BytesIO()
    book.save(saved)
    response = officer.post(ROWS, {"file": file("rows.xlsx", saved.getvalue())})
    return Page(response)


def entered(officer: Reader, looked: Page) -> Page:
    [ticket] = looked.find("//input[@name='ticket']")
    return officer.send(f"{ROWS}/enter", {"ticket": str(ticket.get("value")), "reason": "paper"})


def table(page: Page, caption: str) -> list[list[str]]:
    """The rows of a table of the preview."""
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.find(f"//table[contains(caption, '{caption}')]/tbody/tr")
    ]


def cells(book: Workbook) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in first(book).iter_rows()]


def test_a_sheet_holds_the_rows_as_people_and_programs_know_them(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1, "=1+2"))
    book = downloaded(officer)
    assert cells(book) == [
        ["KEY", "VERSION", "/head", "/rooms", "/poor", "/people", "/oldest", "/code"],
        ["#", None, "Chủ hộ", "Số phòng", "Hộ nghèo", "people", "oldest", "code"],
        ["uuid:1", "uuid:1", "=1+2", 3, "1", "2", "40", "v1"],
    ]
    head = first(book)["C3"]
    assert (head.data_type, head.quotePrefix, first(book)["E3"].number_format) == ("s", True, "@")
    people = cells(downloaded(officer, "?table=/member"))
    assert people[2:] == [
        ["uuid:1/member[1]", "uuid:1", "Mỷ", 40],
        ["uuid:1/member[2]", "uuid:1", "Sử", 14],
    ]


def test_cells_that_differ_become_corrections_and_are_taken_back(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1, "Hộ 1"))
    volunteer.send(household(2, "Hộ 2"))
    book = downloaded(officer)
    first(book)["D3"], first(book)["E3"], first(book)["D4"] = 4, "2", 5
    looked = returned(officer, book)
    assert "3 cells would change, in 2 records" in looked.main
    assert table(looked, "What would change") == [
        ["3", "Hộ 1", "Số phòng", "3", "4"],
        ["3", "Hộ 1", "Hộ nghèo", "Có", "Không"],
        ["4", "Hộ 2", "Số phòng", "3", "5"],
    ]
    done = entered(officer, looked)
    assert "2 records were changed" in done.main
    now = officer.get(f"{LIST}/uuid:1/xml").data
    assert b"<rooms>4</rooms><poor>2</poor>" in now
    assert "Compared with the paper form" in officer.page(f"{LIST}/uuid:1").main
    [undo] = done.find("//form[contains(@action, '/undo')]/@action")
    assert "2 records are as before" in officer.send(str(undo)).main
    assert b"<rooms>3</rooms><poor>1</poor>" in officer.get(f"{LIST}/uuid:1/xml").data


def test_rows_of_a_repeat_are_corrected_too(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    book = downloaded(officer, "?table=/member")
    first(book)["D3"], first(book)["D4"] = 41, 15
    entered(officer, returned(officer, book))
    now = officer.get(f"{LIST}/uuid:1/xml").data
    assert b"<age>41</age>" in now
    assert b"<age>15</age>" in now
    assert b"<oldest>41</oldest>" in now


def test_what_cannot_be_taken_is_said_cell_by_cell(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1, "Hộ 1"))
    book = downloaded(officer)
    sheet = first(book)
    sheet["D3"], sheet["E3"], sheet["F3"] = "ba", "7", 9
    sheet.append(["uuid:nobody", "uuid:nobody", "x", 1, "1"])
    sheet.append(["uuid:1", "uuid:1", "x", 1, "1"])
    looked = returned(officer, book)
    told = [(row[2], row[4].partition(".")[0]) for row in table(looked, "Not taken")]
    assert told == [
        ("", "There is no such row among the records of this form"),
        ("", "The row stands in the file twice"),
        ("Số phòng", "“ba” is not a whole number"),
        ("Hộ nghèo", "“7” is not on the list of this question"),
        ("people", "The form works this answer out by itself; correct what it comes from"),
    ]
    assert looked.find("//input[@name='ticket']") == []


def test_what_a_phone_changed_since_the_download_is_not_overwritten(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1, "Hộ 1"))
    volunteer.send(household(2, "Hộ 2"))
    book = downloaded(officer)
    volunteer.send(edited(8, "uuid:1", "Hộ 1 mới"))
    first(book)["D3"], first(book)["D4"] = 4, 5
    looked = returned(officer, book)
    [head, rooms] = table(looked, "Not taken")
    assert (head[3], rooms[3]) == ("Hộ 1", "4")
    assert "changed since the download" in rooms[4]
    volunteer.send(edited(9, "uuid:2", "Hộ 2 mới"))
    done = entered(officer, looked)
    assert "0 records were changed" in done.main
    assert "4: cells that were not taken" in done.main
    assert "Hộ 2 mới".encode() in officer.get(f"{LIST}/uuid:2/xml").data
    assert b"<rooms>3</rooms>" in officer.get(f"{LIST}/uuid:2/xml").data


def test_a_file_that_is_no_such_sheet_is_refused(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    other = Workbook()
    first(other).append(["tên", "tuổi"])
    assert "not a sheet of this form" in returned(officer, other).main
    strange = downloaded(officer)
    first(strange)["D1"] = "/nothing"
    assert "/nothing" in returned(officer, strange).main


def many(count: int, change: Callable[[int], int]) -> bytes:
    """A sheet of many rows as it comes back, made without reading them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["KEY", "VERSION", "/rooms"])
    for number in range(count):
        sheet.append([f"uuid:{number}", f"uuid:{number}", change(number)])
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_five_thousand_rows_are_looked_at_in_little_memory(
    office: Office, form: Form, volunteer: Volunteer
) -> None:
    for number in range(30):
        volunteer.post(household(number))
    data = many(5_000, lambda number: 4 if number < 30 else 3)
    parts = office.parts
    cleaning = Corrections(parts.intake, parts.blobs, parts.shelf)
    with office.app.app_context():
        round_trip.look(cleaning, form.id, data, "rows.xlsx", Officer(None, moment()))
        tracemalloc.start()
        plan = round_trip.look(cleaning, form.id, data, "rows.xlsx", Officer(None, moment()))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (plan.rows, plan.cells, plan.refusals, len(plan.refused)) == (5_000, 30, 4_970, round_trip.SHOWN)
    assert peak < 20_000_000
