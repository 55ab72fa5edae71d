"""Two versions of a form side by side: what is told of each change."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from forms.questionnaire.comparing import (
    CALCULATION,
    CONSTRAINT,
    HINT,
    LABEL,
    LIST,
    REQUIRED,
    TITLE,
    TYPE,
    Aspect,
    Difference,
    Differences,
    Fate,
    What,
    differences,
)
from forms.questionnaire.definitions import Cell, RowDifference, row_differences
from forms.questionnaire.reading import read_questionnaire
from forms.xlsform import convert
from tests.forms.tables import SETTINGS

SURVEY = """
| survey |
| | type | name | label | hint | required | constraint | calculation |
| | begin_group | who | A. Hộ | | | | |
| | text | head | Tên chủ hộ | | | | |
| | integer | size | Số người | | | | |
| | end_group | | | | | | |
| | select_one yn | poor | Hộ nghèo? | | | | |
| | text | said | Ý kiến | | | | |
| | calculate | twice | | | | | ${size} * 2 |
| choices |
| | list_name | name | label |
| | yn | 1 | Có |
| | yn | 0 | Không |
"""


def compared(*replaced: tuple[str, str], settings: str = SETTINGS) -> Differences:
    """What the form above changes when these parts of it are replaced."""
    new = SURVEY
    for before, after in replaced:
        assert before in new
        new = new.replace(before, after)
    old = read_questionnaire(convert((SURVEY + SETTINGS).encode(), "form.md").xform)
    return differences(old, read_questionnaire(convert((new + settings).encode(), "form.md").xform))


def told(several: Sequence[Difference]) -> list[tuple[What, str]]:
    """What became of which."""
    return [(one.what, one.one.path) for one in several]


def line(name: str) -> str:
    """The row of a question."""
    return next(row for row in SURVEY.splitlines(keepends=True) if f" | {name} | " in row)


def test_the_same_form_differs_in_nothing() -> None:
    assert not compared()
    assert compared(settings=SETTINGS.replace("| 1 |", "| 2 |")) == Differences()


def test_a_question_comes_and_goes() -> None:
    found = compared((line("said"), "| | date | born | Ngày sinh | | | | |\n"))
    assert told(found.questions) == [(What.ADDED, "/born"), (What.REMOVED, "/said")]


def test_a_question_under_another_name_is_another_column() -> None:
    [one] = compared((" | said | ", " | opinion | ")).questions
    assert (one.what, one.old and one.old.name, one.new and one.new.name, one.aspects) == (
        What.RENAMED,
        "said",
        "opinion",
        (),
    )


def test_a_question_in_another_group_is_another_column() -> None:
    inside = line("said")
    found = compared((inside, ""), (line("head"), line("head") + inside))
    [one] = found.questions
    assert (one.what, one.old and one.old.path, one.one.path) == (What.REGROUPED, "/said", "/who/said")


def test_the_order_of_neighbours_is_told_once() -> None:
    [one] = compared((line("poor"), ""), (line("said"), line("said") + line("poor"))).questions
    assert (one.what, one.one.name, one.later) in {(What.MOVED, "poor", True), (What.MOVED, "said", False)}


@pytest.mark.parametrize(
    ("before", "after", "path", "aspects"),
    [
        ("Tên chủ hộ", "Họ tên chủ hộ", "/who/head", [Aspect(LABEL, "Tên chủ hộ", "Họ tên chủ hộ")]),
        ("Ý kiến | |", "Ý kiến | Ghi ngắn |", "/said", [Aspect(HINT, "", "Ghi ngắn")]),
        ("Ý kiến | | |", "Ý kiến | | yes |", "/said", [Aspect(REQUIRED, "", "true()")]),
        (
            "Số người | | |",
            "Số người | | | . > ${head} |",
            "/who/size",
            [Aspect(CONSTRAINT, "", ". > ${head}")],
        ),
        (
            "text | said",
            "select_one yn | said",
            "/said",
            [Aspect(TYPE, "text", "select1"), Aspect(LIST, "", "yn")],
        ),
        ("A. Hộ", "B. Hộ", "/who", [Aspect(LABEL, "A. Hộ", "B. Hộ")]),
    ],
)
def test_what_changed_is_told_part_by_part(before: str, after: str, path: str, aspects: list[Aspect]) -> None:
    [one] = compared((before, after)).questions
    assert (one.what, one.one.path, list(one.aspects), one.fate) == (What.CHANGED, path, aspects, None)


@pytest.mark.parametrize(
    ("before", "after", "fate"),
    [("integer | size", "text | size", Fate.WIDENED), ("text | said", "integer | said", Fate.REFUSED)],
)
def test_a_change_of_type_tells_what_becomes_of_answers(before: str, after: str, fate: Fate) -> None:
    [one] = compared((before, after)).questions
    assert one.fate is fate


def test_answers_of_lists_come_go_and_change_their_words() -> None:
    found = compared(("| | yn | 0 | Không |", "| | yn | 2 | Không rõ |"), ("| Có |", "| Có ạ |"))
    [one] = found.lists
    assert (one.name, [choice.name for choice in one.added]) == ("yn", ["2"])
    assert [choice.name for choice in one.removed] == ["0"]
    assert [(old.labels[""], new.labels[""]) for old, new in one.renamed] == [("Có", "Có ạ")]
    assert not found.questions


def test_what_is_computed_is_told_apart() -> None:
    found = compared(("${size} * 2", "${size} * 3"))
    assert not found.questions
    [one] = found.computed
    assert one.aspects == (Aspect(CALCULATION, "${size} * 2", "${size} * 3"),)


def test_a_language_and_a_title_are_told() -> None:
    found = compared(
        ("| label | hint", "| label::Tiếng Việt (vi) | hint"),
        settings="| settings |\n| | form_id | version | form_title |\n| | hộ | 1 | Phiếu hộ |\n",
    )
    assert (found.languages_added, found.languages_removed) == (("Tiếng Việt (vi)",), ("",))
    assert [one.what for one in found.whole] == [TITLE]


def sheets(**rows: list[dict[str, str]]) -> dict[str, object]:
    """Our sheets as a version keeps them."""
    return {
        name: [{"row": number, "cells": cells} for number, cells in enumerate(several, 2)]
        for name, several in rows.items()
    }


def test_indicators_and_checks_are_told_by_their_code() -> None:
    old = sheets(
        indicators=[{"code": "rate", "label::vi": "Tỷ lệ", "numerator": "${a} = 1"}, {"code": "gone"}],
        checks=[{"code": "K1", "constraint": "${a} > 0", "note": "x"}],
    )
    new = sheets(
        indicators=[{"code": "rate", "label::vi": "Tỷ lệ", "numerator": "${a} = 2"}],
        checks=[{"code": "K1", "constraint": "${a} > 0", "note": "y"}, {"code": "K2"}],
    )
    assert row_differences(old, new) == (
        RowDifference("indicators", "changed", "rate", "Tỷ lệ", (Cell("numerator", "${a} = 1", "${a} = 2"),)),
        RowDifference("indicators", "removed", "gone", "", (Cell("code", "gone", ""),)),
        RowDifference("checks", "added", "K2", "", (Cell("code", "", "K2"),)),
    )
    assert row_differences(old, old) == ()


def test_targets_are_told_by_what_they_are_for() -> None:
    row = {"indicator": "rate", "plan": "P", "area": "14", "period": "2030", "value": "90"}
    [one] = row_differences(sheets(targets=[row]), sheets(targets=[row | {"value": "95"}]))
    assert (one.what, one.code, one.cells) == (
        "changed",
        "rate · P · 14 · 2030",
        (Cell("value", "90", "95"),),
    )


def test_the_class_of_personal_data_is_told() -> None:
    old = {"marks": {"/who/head": {"pii": "indirect", "unit": ""}}}
    new = {"marks": {"/who/head": {"pii": "direct", "unit": ""}, "/new": {"pii": "none", "unit": ""}}}
    assert row_differences(old, new) == (
        RowDifference("marks", "changed", "head", cells=(Cell("pii", "indirect", "direct"),)),
    )
