"""Names of columns as SPSS and Stata allow them."""

from __future__ import annotations

import re

import pytest

from forms.datasets.formats.short_names import SPSS, STATA, Rule, short_names

AWKWARD = (
    "KEY",
    "n",
    "_id",
    "if",
    "Using",
    "str20",
    "by",
    "tuổi",
    "Đường",
    "2nd",
    "tail_",
    "x.y",
    "x-y",
    "_",
    "đ" * 70,
    *(f"a_question_with_quite_a_long_name_about_reading_{number}" for number in range(1, 30)),
)


@pytest.mark.parametrize("rule", [SPSS, STATA])
def test_every_name_is_allowed_and_no_two_are_the_same(rule: Rule) -> None:
    found = short_names(AWKWARD, rule)
    assert list(found) == list(AWKWARD)
    for short in found.values():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", short)
        assert not short.endswith("_")
        assert len(short) <= rule.longest
        assert not rule.reserves(short)
    assert len({short.lower() for short in found.values()}) == len(AWKWARD)


def test_a_name_that_is_allowed_stays() -> None:
    found = short_names(["x_y", "KEY", "x-y", "age_12", "tuổi", "Đường"], STATA)
    assert found["x_y"] == "x_y"
    assert found["KEY"] == "KEY"
    assert found["age_12"] == "age_12"
    assert found["tuổi"] == "tuoi"
    assert found["Đường"] == "Duong"
    assert re.fullmatch("x_y_[0-9a-f]{4}", found["x-y"])


def test_each_program_keeps_its_own_words() -> None:
    names = ["by", "if", "_n", "str5"]
    assert list(short_names(names, SPSS).values()) == ["v_by", "if", "v_n", "str5"]
    assert list(short_names(names, STATA).values()) == ["by", "v_if", "v_n", "v_str5"]


def test_neighbours_change_no_name() -> None:
    long = "a_question_with_quite_a_long_name_about_reading_7"
    alone = short_names([long], STATA)[long]
    assert alone == short_names(AWKWARD, STATA)[long]
    assert alone.startswith("a_question_with")
    assert alone.endswith("reading_7")
