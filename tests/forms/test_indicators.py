"""The sheet of indicators becomes definitions, and every fault is told at its cell."""

from __future__ import annotations

import pytest

from forms.expressions.checking import read_formula
from forms.expressions.scope import Scope
from forms.expressions.tree import Answer
from forms.indicators import faults
from forms.indicators.definition import Indicator, Measure, Rows, Source, Split
from forms.indicators.grounds import Grounds
from forms.indicators.reading import read_indicators
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow, read_workbook
from forms.workbook import read_extras
from tests.forms.test_expressions import FORM

OWN = Grounds(own=FORM)

SHEET = (
    {
        "code": "illiterate",
        "label::Tiếng Việt (vi)": "Số người mù chữ",
        "label::English (en)": "Illiterate people",
        "table": "member",
        "where": "${age} >= 15 and ${age} <= 60",
        "numerator": "not(selected(${skills}, 'read'))",
        "unit": "person",
        "disaggregate": "sex, village",
        "direction": "decrease",
        "definition::English (en)": "Aged 15 to 60.",
        "source": "B.II.4",
    },
    {
        "code": "female_share",
        "label": "Tỷ lệ nữ",
        "table": "member",
        "where": "not(selected(${skills}, 'read'))",
        "numerator": "${sex} = '2'",
        "denominator": "true()",
        "unit": "%",
    },
    {
        "code": "income",
        "label": "Thu nhập",
        "numerator": "${income}",
        "denominator": "${size}",
        "factor": "1000",
        "disaggregate": "level",
    },
)


def sheet_as_text() -> bytes:
    """The sheet as an author writes it in a text file."""
    header = list(dict.fromkeys(column for cells in SHEET for column in cells))
    lines = [header, *([cells.get(column, "") for column in header] for cells in SHEET)]
    return "\n".join(["| indicators |", *("| | " + " | ".join(line) + " |" for line in lines)]).encode()


def rows(number: int = 2, /, **cells: str) -> list[SheetRow]:
    """One good row, with some cells otherwise; an empty text empties the cell."""
    good = {"code": "people", "label": "People", "table": "member", "numerator": "true()"}
    return [SheetRow("indicators", number, {name: text for name, text in {**good, **cells}.items() if text})]


def refused(sheet: list[SheetRow]) -> list[Remark]:
    with pytest.raises(FormRefused) as problem:
        read_indicators(sheet, OWN)
    return list(problem.value.remarks)


def test_a_sheet_becomes_definitions() -> None:
    sheet = read_extras(read_workbook(sheet_as_text(), "household.md")).indicators
    illiterate, share, income = read_indicators(sheet, OWN)
    scope = Scope(FORM, "/member")
    assert illiterate == Indicator(
        code="illiterate",
        labels={"Tiếng Việt (vi)": "Số người mù chữ", "English (en)": "Illiterate people"},
        numerator=Measure(
            Source(Rows.FORM, "household", "/member"),
            read_formula("not(selected(${skills}, 'read'))", scope),
            where=read_formula("${age} >= 15 and ${age} <= 60", scope),
        ),
        denominator=None,
        disaggregate=(
            Split("sex", Answer("sex", "/member/sex")),
            Split("village", Answer("village", "/village")),
        ),
        unit="person",
        factor=1,
        direction="decrease",
        definitions={"English (en)": "Aged 15 to 60."},
        source="B.II.4",
    )
    assert share.denominator is not None
    assert (share.factor, share.unit) == (100, "%")
    assert share.denominator.where == share.numerator.where == read_formula(SHEET[1]["where"], scope)
    level = Answer("level", "/level")
    assert (income.numerator.source.path, income.factor) == ("", 1000)
    assert income.disaggregate == (Split("level", level, below=level),)


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [(3, 4, 75.0), (0, 4, 0.0), (3, 0, None), (3, None, None), (None, 4, None)],
)
def test_a_ratio_is_divided_last_and_blank_over_nothing(
    numerator: float | None, denominator: float | None, value: float | None
) -> None:
    (share,) = read_indicators(rows(denominator="true()", unit="%"), OWN)
    assert share.value(numerator, denominator) == value


def test_a_count_is_its_numerator() -> None:
    (people,) = read_indicators(rows(), OWN)
    assert people.value(7, None) == 7.0


@pytest.mark.parametrize("table", ["member", "/member", "child", "member/child", "/member/child", ""])
def test_a_table_is_named_by_its_repeat_or_its_path(table: str) -> None:
    path = {"": "", "child": "/member/child"}.get(table, "/" + table.strip("/"))
    assert [one.numerator.source.path for one in read_indicators(rows(table=table), OWN)] == [path]


@pytest.mark.parametrize(
    ("cells", "column", "fault"),
    [
        ({"code": ""}, "code", faults.CODE_MISSING),
        ({"code": "Tỷ lệ"}, "code", faults.CODE_WRONG),
        ({"label": ""}, "label", faults.LABEL_MISSING),
        ({"numerator": ""}, "numerator", faults.NUMERATOR_MISSING),
        ({"table": "membr"}, "table", faults.TABLE_UNKNOWN),
        ({"table": "entities/learners"}, "table", faults.TABLE_OF_PROGRAMME),
        ({"numertor": "1"}, "numertor", faults.COLUMN_UNKNOWN),
        ({"where": "${age}"}, "where", faults.NO_CONDITION),
        ({"where": "${level}"}, "where", faults.NO_CONDITION),
        ({"numerator": "${visited}"}, "numerator", faults.DATES_SUMMED),
        ({"numerator": "${sex}"}, "numerator", faults.CODES_SUMMED),
        ({"denominator": "if(${age} > 1, 1, ${sex})"}, "denominator", faults.CODES_SUMMED),
        ({"numerator": "concat(${age}, '1')"}, "numerator", faults.TEXT_SUMMED),
        ({"numerator": "''"}, "numerator", faults.TEXT_SUMMED),
        ({"factor": "percent"}, "factor", faults.FACTOR_WRONG),
        ({"factor": "-1"}, "factor", faults.FACTOR_WRONG),
        ({"factor": "nan"}, "factor", faults.FACTOR_WRONG),
        ({"direction": "up"}, "direction", faults.DIRECTION_UNKNOWN),
        ({"disaggregate": "skills"}, "disaggregate", faults.SPLIT_BY_LIST),
        ({"disaggregate": "visited"}, "disaggregate", faults.SPLIT_BY_MEASURE),
        ({"disaggregate": "head"}, "disaggregate", faults.SPLIT_BY_FREE_TEXT),
    ],
)
def test_a_fault_is_told_at_its_cell(cells: dict[str, str], column: str, fault: Remark) -> None:
    (remark,) = refused(rows(7, **cells))
    assert (remark.sheet, remark.row, remark.column) == ("indicators", 7, column)
    assert (remark.cause, remark.remedy) == (fault.cause, fault.remedy)
    assert "{" not in str(remark).replace("${", "")


def test_a_wrong_expression_is_told_at_its_cell_and_its_character() -> None:
    (remark,) = refused(rows(where="${age} >= 15 and ${agee} <= 60"))
    assert str(remark) == (
        "Sheet indicators, row 2, column where: At character 18, the form has no question named agee. "
        "The nearest name is age."
    )


def test_a_number_may_be_summed_and_a_calculation_too() -> None:
    for numerator in (
        "${age}",
        "number(${sex})",
        "if(${age} > 15, '1', '')",
        "coalesce(${age}, 0)",
        "${level}",
    ):
        assert read_indicators(rows(numerator=numerator), OWN)[0].numerator.amount.text == numerator


def test_a_code_stands_once_and_all_faults_are_told_together() -> None:
    sheet = [*rows(2), *rows(3, where="${age"), *rows(4, direction="up")]
    told = [(remark.row, remark.column) for remark in refused(sheet)]
    assert told == [(3, "where"), (3, "code"), (4, "direction"), (4, "code")]


def test_every_sentence_is_listed_for_the_catalogue() -> None:
    known = [fault for fault in vars(faults).values() if isinstance(fault, Remark)]
    assert set(map(id, known)) == set(map(id, faults.REMARKS))
