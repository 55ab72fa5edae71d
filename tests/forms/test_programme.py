"""A programme's workbook becomes definitions, and every fault is told at its sheet, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from forms.expressions.faults import TEXT_IS_NO_NUMBER
from forms.indicators import faults
from forms.indicators.decisions import Decided
from forms.indicators.definition import Indicator, Rows, Source, Split
from forms.indicators.grounds import Grounds
from forms.indicators.programme import Around, Definitions, order, read_definitions
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.schema import Choice, Node, Schema
from forms.spreadsheet import SheetRow, read_workbook
from forms.workbook import is_programme, read_extras

HOUSEHOLD = Schema(
    form_id="household",
    version="1",
    title="Household",
    root="data",
    nodes=(
        Node("/village", "string", 0, control="select1", choices="villages.csv"),
        Node("/people", "int", 1, control="input"),
        Node("/member", "repeat", 2, control="repeat"),
        Node("/member/sex", "string", 3, table="/member", control="select1", choices="sex"),
        Node("/member/age", "int", 4, table="/member", control="input"),
        Node("/member/is_illit", "string", 5, table="/member"),
        Node("/member/person", "string", 6, table="/member"),
    ),
    choices={"sex": (Choice("1"), Choice("2"))},
)
CENTRE = Schema(
    form_id="centre",
    version="1",
    title="Centre",
    root="data",
    nodes=(
        Node("/centre_id", "string", 0, control="select1", choices="centres.csv"),
        Node("/teachers", "int", 1, control="input"),
        Node("/sex", "string", 2, control="select1", choices="sex"),
    ),
    choices={"sex": (Choice("1"), Choice("2"))},
)
GROUNDS = Grounds(
    forms={"household": HOUSEHOLD, "centre": CENTRE},
    lists={"centres": {"status", "ctype", "label"}},
)
AROUND = Around(areas={"38", "14890"}, elsewhere={"households_met": "household"})

BOOK = """
| indicators |
| | code | label | when | table | where | numerator | distinct | latest_by | denominator | denominator_table | denominator_where | unit | disaggregate | periods | base |
| | illiterate | Mù chữ | | household/member | ${age} >= 15 | ${is_illit} = 1 | ${person} | | | | | người | sex age(15..25 26..35 36..60) @border | year half | |
| | centres_active | Trung tâm | | entities/centres | | ${status} = '1' | | | | | | | @zone | | |
| | teachers_share | Có giáo viên | | centre | | ${teachers} > 0 | | ${centre_id} | true() | entities/centres | ${status} = '1' | % | | | |
| | communes_border | Xã biên giới | | places/commune | | ${border} = '1' | | | true() | | | % | | | |
| | difference | Chênh lệch | | figures | | ${illiterate} - ${households_met} | | | | | | | @zone | | |
| | growth | Tăng | | household | | ${people} | | | | | | % | | | 1 year |
| | official | Chính thức | count=quick | household/member | | ${is_illit} = 1 | | | | | | | | | |
| | official | Chính thức | count=papers | household/member | | ${is_illit} != 0 | | | | | | | | | |

| targets |
| | indicator | plan | area | where | period | deadline | comparison | value | binding | milestone | source |
| | teachers_share | TH | 38 | ${ethnic_mountainous} = '1' | | 2030-12-31 | at_least | 60 | | | II.2.a |
| | teachers_share | TH | 38 | ${ethnic_mountainous} = '1' | | 2026-12-31 | strive_for | 30 | | 1 | II.2.a |
| | growth | TH | 38 | | 2025..2030 | | at_least | 5 | | | II.2.d |
| | centres_active | TH | 38 | | | | duty | | | | II.1 |

| recognition |
| | standard | unit | from | to | where | of | age_from | age_to | share | source |
| | 1 | commune | | | | | 15 | 35 | 90 | 20 |
| | 1 | commune | | | ${especially_difficult} = '1' | | 15 | 25 | 90 | 20 |
| | 1 | province | 2025-07-01 | | | commune | | | 90 | 20 |

| decisions |
| | code | label | options | option | default | consequence |
| | count | Số nào là chính thức | quick papers | Kiểm tra nhanh; Văn bằng | quick | Đổi số mù chữ |
"""  # noqa: E501


def book(text: str = BOOK) -> Mapping[str, tuple[SheetRow, ...]]:
    workbook = read_workbook(text.encode(), "programme.md")
    assert is_programme(workbook.sheets)
    return read_extras(workbook).definitions


def read(chosen: Mapping[str, str] | None = None) -> Definitions:
    around = Around(AROUND.areas, chosen or {}, AROUND.elsewhere)
    return read_definitions(book(), GROUNDS, around)


def found(code: str, definitions: Definitions | None = None) -> Indicator:
    return next(one for one in (definitions or read()).indicators if one.code == code)


def test_rows_come_from_forms_repeats_lists_places_and_figures() -> None:
    sources = {one.code: one.numerator.source for one in read().indicators}
    assert sources == {
        "illiterate": Source(Rows.FORM, "household", "/member"),
        "centres_active": Source(Rows.ENTITIES, "centres"),
        "teachers_share": Source(Rows.FORM, "centre"),
        "communes_border": Source(Rows.PLACES, "commune"),
        "difference": Source(Rows.FIGURES, ""),
        "growth": Source(Rows.FORM, "household"),
        "official": Source(Rows.FORM, "household", "/member"),
    }


def test_an_indicator_may_count_units_latest_records_and_another_table() -> None:
    share = found("teachers_share")
    assert share.numerator.latest_by is not None
    assert share.denominator is not None
    assert (share.denominator.source, share.denominator.latest_by) == (Source(Rows.ENTITIES, "centres"), None)
    assert share.denominator.where is not None
    assert share.denominator.where.text == "${status} = '1'"
    illiterate = found("illiterate")
    assert (illiterate.numerator.additive, share.numerator.additive) == (False, True)
    assert illiterate.periods == ("year", "half")
    growth = found("growth")
    assert (growth.base_years, growth.is_ratio, growth.value(110, 100)) == (1, True, 10.0)


def test_a_split_is_a_question_its_bands_or_a_class_of_communes() -> None:
    sex, age, border = found("illiterate").disaggregate
    assert (sex.name, sex.bands) == ("sex", ())
    assert (age.name, age.bands) == ("age", ((15, 25), (26, 35), (36, 60)))
    assert border == Split("@border")


def test_the_denominator_of_the_same_table_keeps_the_narrowing_above() -> None:
    text = BOOK.replace(
        "| ${age} >= 15 | ${is_illit} = 1 | ${person} | | | | |",
        "| ${age} >= 15 | ${is_illit} = 1 | | ${person} | true() | | |",
    )
    one = read_definitions(book(text), GROUNDS, AROUND).indicators[0]
    assert one.denominator is not None
    assert (one.denominator.where, one.denominator.latest_by) == (
        one.numerator.where,
        one.numerator.latest_by,
    )


def test_names_of_a_list_and_of_figures_stand_for_themselves() -> None:
    paths = [answer.path for answer in _answers(found("difference"))]
    assert paths == ["illiterate", "households_met"]
    assert [answer.path for answer in _answers(found("centres_active"))] == ["status"]


def _answers(one: Indicator) -> Any:
    from forms.expressions.tree import answers

    return answers(one.numerator.amount.tree)


@pytest.mark.parametrize(
    ("chosen", "formula"),
    [("quick", "${is_illit} = 1"), ("papers", "${is_illit} != 0"), ("gone", "${is_illit} = 1")],
)
def test_a_decision_says_which_row_is_in_force(chosen: str, formula: str) -> None:
    definitions = read({"count": chosen})
    assert found("official", definitions).numerator.amount.text == formula
    assert [one.code for one in definitions.indicators].count("official") == 1
    assert definitions.decided.decisions["count"].options["papers"] == {"": "Văn bằng"}


def test_targets_and_the_standard_are_read_with_their_clause() -> None:
    definitions = read()
    final, step, growth, duty = definitions.targets
    assert (final.value, final.binding, final.milestone) == (60.0, "required", False)
    assert (step.value, step.binding, step.milestone) == (30.0, "striving", True)
    assert (growth.period is not None, duty.is_duty, duty.value) == (True, True, None)
    assert len({one.key for one in definitions.targets}) == 4
    assert [(rule.unit, rule.age_to, rule.of) for rule in definitions.rules] == [
        ("commune", 35, ""),
        ("commune", 25, ""),
        ("province", 0, "commune"),
    ]


def test_figures_come_after_what_they_are_made_of() -> None:
    several = sorted(read().indicators, key=lambda one: one.code != "difference")
    assert several[0].code == "difference"
    codes = [one.code for one in order(several)]
    assert codes.index("illiterate") < codes.index("difference")


ROW = {"code": "extra", "label": "Extra", "table": "household", "numerator": "true()"}
TARGET = {
    "indicator": "growth",
    "plan": "TH",
    "area": "38",
    "period": "2031",
    "comparison": "at_least",
    "value": "5",
}
RULE = {"standard": "1", "unit": "commune", "age_from": "15", "age_to": "35", "share": "90"}
DECISION = {"code": "rule", "label": "Cách tính", "options": "a b", "default": "a"}
GOOD = {"indicators": ROW, "targets": TARGET, "recognition": RULE, "decisions": DECISION}

I, T, R, D = "indicators", "targets", "recognition", "decisions"  # noqa: E741
FAULTS: list[tuple[str, dict[str, str], str, Remark]] = [
    (I, {"table": ""}, "table", faults.TABLE_MISSING),
    (I, {"table": "household/persons"}, "table", faults.TABLE_UNKNOWN),
    (I, {"table": "survey"}, "table", faults.FORM_UNKNOWN),
    (I, {"table": "entities/schools"}, "table", faults.LIST_UNKNOWN),
    (I, {"table": "places/hamlet"}, "table", faults.LEVEL_UNKNOWN),
    (I, {"denominator": "true()", "denominator_table": "nowhere"}, "denominator_table", faults.FORM_UNKNOWN),
    (I, {"table": "entities/centres", "numerator": "${size} = '1'"}, "numerator", faults.PROPERTY_UNKNOWN),
    (I, {"table": "places/commune", "numerator": "${poor} = '1'"}, "numerator", faults.ATTRIBUTE_UNKNOWN),
    (I, {"table": "figures", "numerator": "${nothing}"}, "numerator", faults.FIGURE_UNKNOWN),
    (I, {"table": "figures", "numerator": "${extra} + 1"}, "numerator", faults.CIRCLE),
    (I, {"numerator": "${people} + 'many'"}, "numerator", TEXT_IS_NO_NUMBER),
    (I, {"numerator": "${people} div 0"}, "numerator", faults.DIVIDED_BY_ZERO),
    (I, {"numerator": "${people} div (2 - 2)"}, "numerator", faults.DIVIDED_BY_ZERO),
    (I, {"denominator": "0"}, "denominator", faults.DENOMINATOR_ZERO),
    (I, {"denominator": "false()"}, "denominator", faults.DENOMINATOR_ZERO),
    (I, {"denominator_where": "${people} > 0"}, "denominator_where", faults.DENOMINATOR_MISSING),
    (I, {"distinct": "${people} > 0"}, "distinct", faults.KEY_IS_CONDITION),
    (I, {"table": "entities/centres", "latest_by": "${ctype}"}, "latest_by", faults.LATEST_OF_RECORDS),
    (I, {"table": "figures", "numerator": "${illiterate}", "where": "${growth} > 1"}, "where", faults.FIGURES_ONLY_ADDED),  # noqa: E501
    (I, {"base": "a year"}, "base", faults.BASE_WRONG),
    (I, {"base": "1 year", "denominator": "true()"}, "base", faults.BASE_AND_DENOMINATOR),
    (I, {"periods": "week"}, "periods", faults.PERIODS_UNKNOWN),
    (I, {"when": "count"}, "when", faults.WHEN_UNREADABLE),
    (I, {"when": "age=quick"}, "when", faults.DECISION_UNKNOWN),
    (I, {"when": "count=slow"}, "when", faults.OPTION_UNKNOWN),
    (I, {"code": "growth"}, "code", faults.CODE_TWICE),
    (I, {"code": "official", "when": "count=quick"}, "code", faults.CODE_TWICE),
    (I, {"code": "households_met"}, "code", faults.CODE_OF_FORM),
    (I, {"disaggregate": "@poor"}, "disaggregate", faults.CLASS_UNKNOWN),
    (I, {"disaggregate": "people(15..10)"}, "disaggregate", faults.BANDS_WRONG),
    (I, {"disaggregate": "people(15..25 20..30)"}, "disaggregate", faults.BANDS_WRONG),
    (I, {"disaggregate": "people(..14 15.. 70..)"}, "disaggregate", faults.BANDS_WRONG),
    (I, {"disaggregate": "village(1..2)"}, "disaggregate", faults.BANDS_OF_TEXT),
    (I, {"disaggregate": "people(1..2"}, "disaggregate", faults.SPLIT_UNREADABLE),
    (I, {"disaggregate": "people(1..2) people(1..3)"}, "disaggregate", faults.SPLIT_TWICE),
    (I, {"disaggregate": "village", "denominator": "true()", "denominator_table": "places/commune"}, "disaggregate", faults.SPLIT_OVER_TWO_TABLES),  # noqa: E501
    (I, {"table": "figures", "numerator": "${growth}", "disaggregate": "sex"}, "disaggregate", faults.SPLIT_OF_FIGURES),  # noqa: E501
    (T, {"indicator": "nothing"}, "indicator", faults.INDICATOR_UNKNOWN),
    (T, {"plan": ""}, "plan", faults.PLAN_MISSING),
    (T, {"area": "99"}, "area", faults.AREA_UNKNOWN),
    (T, {"period": "soon"}, "period", faults.PERIOD_UNREADABLE),
    (T, {"deadline": "31/12/2030"}, "deadline", faults.DAY_UNREADABLE),
    (T, {"comparison": "about"}, "comparison", faults.COMPARISON_UNKNOWN),
    (T, {"comparison": ""}, "comparison", faults.COMPARISON_UNKNOWN),
    (T, {"value": "many"}, "value", faults.VALUE_UNREADABLE),
    (T, {"comparison": "duty"}, "value", faults.VALUE_OF_DUTY),
    (T, {"period": "2025..2030"}, "value", faults.TARGET_TWICE),
    (T, {"level": "hamlet"}, "level", faults.TARGET_LEVEL_UNKNOWN),
    (T, {"binding": "maybe"}, "binding", faults.BINDING_UNKNOWN),
    (T, {"milestone": "soon"}, "milestone", faults.MILESTONE_UNREADABLE),
    (T, {"baseline": "3"}, "baseline_on", faults.BASELINE_HALF),
    (T, {"where": "${poor} = '1'"}, "where", faults.ATTRIBUTE_UNKNOWN),
    (T, {"where": "string-length(${zone}) = 1"}, "where", faults.TOO_RICH_FOR_COMMUNES),
    (T, {"when": "count=slow"}, "when", faults.OPTION_UNKNOWN),
    (T, {"vlaue": "5"}, "vlaue", faults.COLUMN_UNKNOWN),
    (R, {"standard": "3"}, "standard", faults.STANDARD_UNKNOWN),
    (R, {"unit": "village"}, "unit", faults.UNIT_UNKNOWN),
    (R, {"unit": "province", "of": "village"}, "of", faults.BELOW_UNKNOWN),
    (R, {"unit": "province"}, "of", faults.BELOW_UNKNOWN),
    (R, {"from": "2026-01-01", "to": "2025-01-01"}, "to", faults.DAYS_TURNED),
    (R, {"age_from": "40"}, "age_to", faults.AGES_WRONG),
    (R, {"share": "190"}, "share", faults.SHARE_WRONG),
    (R, {"indicator": "nothing"}, "indicator", faults.INDICATOR_UNKNOWN),
    (D, {"options": "a"}, "options", faults.OPTIONS_MISSING),
    (D, {"default": "c"}, "default", faults.OPTION_UNKNOWN),
    (D, {"code": "count"}, "code", faults.CODE_TWICE),
    (D, {"label": ""}, "label", faults.LABEL_MISSING),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "cells", "column", "fault"), FAULTS)
def test_a_fault_is_told_at_its_cell(sheet: str, cells: dict[str, str], column: str, fault: Remark) -> None:
    row = SheetRow(sheet, 77, {name: text for name, text in {**GOOD[sheet], **cells}.items() if text})
    sheets = dict(book())
    sheets[sheet] = (*sheets[sheet], row)
    with pytest.raises(FormRefused) as problem:
        read_definitions(sheets, GROUNDS, AROUND)
    (remark,) = problem.value.remarks
    assert (remark.sheet, remark.row, remark.column) == (sheet, 77, column)
    assert (remark.cause, remark.remedy) == (fault.cause, fault.remedy)
    assert "{" not in str(remark).replace("${", "")


@pytest.mark.parametrize("sheet", [I, T, R, D])
def test_a_good_row_more_is_no_fault(sheet: str) -> None:
    sheets = dict(book())
    sheets[sheet] = (*sheets[sheet], SheetRow(sheet, 77, GOOD[sheet]))
    read_definitions(sheets, GROUNDS, AROUND)


def test_a_circle_is_told_however_far_round() -> None:
    growth, far = "| | growth | Tăng |", "| | far | Xa | | figures | | ${difference} + 1 |" + 9 * " |"
    text = BOOK.replace("${illiterate} - ${households_met}", "${far}").replace(growth, f"{far}\n{growth}")
    with pytest.raises(FormRefused) as problem:
        read_definitions(book(text), GROUNDS, AROUND)
    assert [(one.row, dict(one.details)["circle"]) for one in problem.value.remarks] == [
        (6, "difference → far → difference"),
        (7, "far → difference → far"),
    ]


def test_the_faults_of_all_sheets_are_told_together() -> None:
    text = BOOK.replace("household/member |", "household/people |", 1).replace("| 38 |", "| 99 |", 1)
    with pytest.raises(FormRefused) as problem:
        read_definitions(book(text), GROUNDS, AROUND)
    assert {(one.sheet, one.row, one.column) for one in problem.value.remarks} == {
        ("indicators", 2, "table"),
        ("targets", 2, "area"),
    }


def test_one_duty_named_in_two_clauses_is_kept_twice() -> None:
    row = SheetRow(T, 77, {"indicator": "centres_active", "plan": "TH", "area": "38", "comparison": "duty"})
    sheets = dict(book())
    sheets[T] = (*sheets[T], row)
    keys = [one.key for one in read_definitions(sheets, GROUNDS, AROUND).targets[-2:]]
    assert keys == ["TH:38:*", "TH:38:*#2"]


def test_nothing_decided_is_nothing_in_force_but_plain_rows() -> None:
    assert [Decided().holds(when) for when in ("", "count=quick")] == [True, False]
