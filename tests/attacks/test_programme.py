"""A programme's workbook that would keep everybody busy who looks at a figure."""

from __future__ import annotations

import inspect
import sys

import pytest

from collector.actions.definitions import sheet_rows
from collector.actions.programme import read_programme
from collector.actions.publish import Definition
from forms.indicators.grounds import Grounds
from forms.indicators.programme import MOST_CIRCLES, MOST_INDICATORS, Definitions, order, read_definitions
from forms.problems import FormRefused
from tests.figured import sheet

PLAIN = {"code": "c0", "table": "places/commune", "numerator": "true()", "periods": "year"}
MANY = 300


def figure(number: int, of: int) -> dict[str, str]:
    """An indicator made of another."""
    return {"code": f"c{number}", "table": "figures", "numerator": f"${{c{of}}}", "periods": "year"}


def read(rows: list[dict[str, str]]) -> Definitions:
    extras = read_programme(Definition(sheet(rows).encode(), "programme.md"))
    assert extras is not None
    return read_definitions(sheet_rows(extras.plain()), Grounds())


def test_figures_made_of_figures_as_deep_as_they_come_are_put_in_order() -> None:
    rows = [PLAIN, *(figure(number, number - 1) for number in range(1, MANY))]
    several = read(rows[::-1]).indicators
    depth = sys.getrecursionlimit()
    # Less than what pytest itself needs and one call for each figure.
    sys.setrecursionlimit(len(inspect.stack()) + MANY)
    try:
        assert [one.code for one in order(several)] == [f"c{number}" for number in range(MANY)]
    finally:
        sys.setrecursionlimit(depth)


def test_a_circle_of_many_is_told_and_not_for_ever() -> None:
    rows = [figure(number, (number + 1) % MANY) for number in range(MANY)]
    with pytest.raises(FormRefused) as refused:
        read([*rows, figure(MANY, 0)])
    assert len(refused.value.remarks) == MOST_CIRCLES
    assert refused.value.remarks[0].details["circle"].startswith("c0 → c1 → c2 → ")


def test_a_workbook_of_more_indicators_than_anybody_reads_is_refused() -> None:
    with pytest.raises(FormRefused) as refused:
        read([{**PLAIN, "code": f"c{number}"} for number in range(MOST_INDICATORS + 1)])
    assert [one.sheet for one in refused.value.remarks] == ["indicators"]
