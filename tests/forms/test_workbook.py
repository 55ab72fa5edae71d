"""Our own sheets and columns of a survey's workbook, read as text with the rows of Excel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from fractions import Fraction

import pytest

from forms.problems import FormRefused
from forms.spreadsheet import SheetRow, as_text, read_workbook
from forms.workbook import Extras, Marks, column_name, read_extras
from forms.xform import read_schema
from forms.xlsform import convert
from tests.forms.tables import excel, survey
from tests.forms.xls_file import xls


def extras(markdown: str) -> Extras:
    made = convert(markdown.encode(), "form.md")
    assert made.workbook is not None
    return read_extras(made.workbook, read_schema(made.xform))


def test_marks_stand_at_the_path_of_their_question() -> None:
    read = extras(
        survey(
            "text | a | A | direct |",
            "begin_group | g | G | |",
            "begin repeat | r | R | | person",
            "integer | a | A | Sensitive |",
            "date | d | D | none | date",
            "end repeat | | | |",
            "text | b | B | |",
            "end_group | | | |",
            "text | c | C | indirect | place",
            columns="type | name | label | pii | Unit",
        )
    )
    assert read.marks == {
        "/a": Marks("direct", ""),
        "/g/r": Marks("", "person"),
        "/g/r/a": Marks("sensitive", ""),
        "/g/r/d": Marks("none", "date"),
        "/c": Marks("indirect", "place"),
    }


def test_a_wrong_mark_is_told_with_its_row() -> None:
    with pytest.raises(FormRefused) as refused:
        extras(survey("text | a | A | secret | house", columns="type | name | label | pii | unit"))
    first, second = refused.value.remarks
    assert (first.sheet, first.row, first.column) == ("survey", 2, "pii")
    assert str(second) == (
        "Sheet survey, row 2, column unit: “house” is no role of a question. "
        "Use one of: place, date, period, centre, household, person."
    )


def test_our_columns_do_not_reach_the_converter() -> None:
    plain = convert(survey("text | a | A").encode(), "f.md").xform
    marked = survey("text | a | A | direct | person", columns="type | name | label | pii | unit")
    assert convert(marked.encode(), "f.md").xform == plain


BOOK: Mapping[str, Sequence[Sequence[object]]] = {
    "survey": [["type", "name", "label"], ["text", "a", "A"]],
    "settings": [["form_id", "counts"], ["f", "approved"]],
    "Indicators": [
        ["Code", "label::Tiếng Việt (vi)", "Where"],
        ["i1", "Tỷ lệ\u00a0biết chữ ", None],
        [None, None, None],
        ["i2", "Ti\u0309 le\u0323\u0302", "${a} = 'x'"],
    ],
    "targets": [["indicator", "period", "value"], ["i1", 2026, 92.5], ["i2", 2026.0, 60.0]],
    "checks": [["code", "severity"], ["c1", "error"]],
    "notes": [["anything"], ["else"]],
}


@pytest.mark.parametrize(("data", "name"), [(excel(BOOK), "f.xlsx"), (xls(BOOK), "f.xls")])
def test_our_sheets_are_rows_of_text(data: bytes, name: str) -> None:
    read = read_extras(read_workbook(data, name))
    assert read.counts == "approved"
    assert read.marks == {}
    assert read.indicators == (
        SheetRow("Indicators", 2, {"code": "i1", "label::Tiếng Việt (vi)": "Tỷ lệ biết chữ"}),
        SheetRow("Indicators", 4, {"code": "i2", "label::Tiếng Việt (vi)": "Tỉ lệ", "where": "${a} = 'x'"}),
    )
    assert [row.cells for row in read.targets] == [
        {"indicator": "i1", "period": "2026", "value": "92.5"},
        {"indicator": "i2", "period": "2026", "value": "60"},
    ]
    assert [row["code"] for row in read.checks] == ["c1"]
    assert read.checks[0]["message::English (en)"] == ""


def test_a_programme_has_no_survey_sheet() -> None:
    read = read_extras(read_workbook(b"| indicators |\n| | code |\n| | x |", "programme.md"))
    assert [row["code"] for row in read.indicators] == ["x"]
    assert read.targets == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  a\u00a0b ", "a b"),
        ("Tie\u0302\u0301ng", "Tiếng"),
        ("a\x0b\x1d\x00\ufffeb\r\nc\td", "ab\nc\td"),
        (True, "TRUE"),
        (False, "FALSE"),
        (7, "7"),
        (7.0, "7"),
        (-0.5, "-0.5"),
        (1e15, "1000000000000000"),
        (0.1, "0.1"),
        (float("inf"), "inf"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1), "2026-05-01"),  # noqa: DTZ001  # Excel keeps no time zone
        (datetime(2026, 5, 1, 7, 30), "2026-05-01 07:30:00"),  # noqa: DTZ001
        (time(7, 30), "07:30:00"),
        (Fraction(1, 2), "1/2"),
    ],
)
def test_a_cell_is_the_text_a_person_sees(value: object, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Code", "code"),
        (" Status as of ", "status_as_of"),
        ("latest-by", "latest_by"),
        ("Label::Tiếng Việt (vi)", "label::Tiếng Việt (vi)"),
    ],
)
def test_columns_of_ours_are_found_however_they_are_written(header: str, name: str) -> None:
    assert column_name(header) == name


def test_markdown_cells_may_hold_bars_rules_and_comments() -> None:
    book = read_workbook(
        rb"""
# a comment
| survey |      |      |
|--------|------|------|
|        | type | name | # another
|        | a \| b | x # y |
|        |      |      |
|        | c    | d    |
""",
        "f.MD",
    )
    assert [(row.row, dict(row.cells)) for row in book.rows("survey")] == [
        (2, {"type": "a | b", "name": "x # y"}),
        (3, {"type": "c", "name": "d"}),
    ]
    assert book.rows("settings") == ()
