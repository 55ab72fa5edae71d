"""Targets: whose they are, what they ask of a figure, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from forms.expressions.checking import read_formula
from forms.indicators.grounds import place_scope
from forms.indicators.standing import Pace, Scale, pace, same_way, standing
from forms.indicators.targets import Target, applying
from forms.periods import read_period

END_2030 = date(2030, 12, 31)


def target(comparison: str = "at_least", value: float | None = 90, **other: object) -> Target:
    plain = Target("TH:38:2030-12-31", "literacy", "TH", "38", comparison, value, deadline=END_2030)
    return replace(plain, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comparison", "value", "sums", "told"),
    [
        ("at_least", 90, (900, 1000), ("met", 0)),
        ("at_least", 90, (899, 1000), ("on_way", 1)),
        # Shown as 90.0 %, and not enough.
        ("at_least", 90, (8996, 10000), ("on_way", 4)),
        ("at_least", 90, (8, 10), ("on_way", 1)),
        # 0.7 × 10 is more than 7 for a computer.
        ("at_least", 70, (7, 10), ("met", 0)),
        ("at_least", 10.5, (21, 200), ("met", 0)),
        ("strive_for", 30, (0, 7), ("on_way", 3)),
        ("implied_all", 100, (6, 7), ("on_way", 1)),
        ("more_than", 3, (3, 100), ("on_way", 1)),
        ("more_than", 3, (4, 100), ("met", 0)),
        ("equal", 100, (7, 7), ("met", 0)),
        ("equal", 100, (6, 7), ("on_way", 1)),
        ("at_most", 5, (5, 100), ("met", 0)),
        ("at_most", 5, (8, 100), ("on_way", 3)),
        ("at_least", 12, (12, None), ("met", 0)),
        ("at_least", 12, (9, None), ("on_way", 3)),
        ("equal", 2, (3, None), ("on_way", 1)),
        ("equal", 2, (2, None), ("met", 0)),
        ("at_most", 40, (41, None), ("on_way", 1)),
        ("more_than", 1.5, (1.5, None), ("on_way", 0)),
        ("increase", 0, (1, 10), ("met", 0)),
    ],
)
def test_a_figure_is_measured_by_its_sums(
    comparison: str, value: float, sums: tuple[float, float | None], told: tuple[str, float]
) -> None:
    numerator, denominator = sums
    shown = numerator if denominator is None else 100 * numerator / denominator
    found = standing(shown, numerator, denominator, target(comparison, value), date(2026, 12, 31))
    assert (found.status, found.to_reach) == told


def test_growth_is_missing_what_lies_above_the_year_before() -> None:
    grown = Scale(100, growth=True)
    five = target(value=5)
    assert standing(5, 105, 100, five, date(2026, 12, 31), scale=grown).status == "met"
    assert standing(4, 104, 100, five, date(2026, 12, 31), scale=grown).to_reach == 1


@pytest.mark.parametrize(
    ("comparison", "value"), [("duty", None), ("increase", None), ("at_least", None), ("denominator", None)]
)
def test_a_duty_has_no_status_and_says_so(comparison: str, value: float | None) -> None:
    found = standing(50, 5, 10, target(comparison, value), END_2030)
    assert (found.status, found.duty, found.to_reach) == ("", True, None)


def test_where_nothing_is_divided_there_is_no_data() -> None:
    found = standing(None, 0, 0, target(), END_2030)
    assert (found.status, found.duty) == ("no_data", False)


def test_what_is_not_reached_on_its_day_is_behind() -> None:
    at = {day: standing(50, 5, 10, target(), day).status for day in (date(2030, 12, 30), END_2030)}
    assert list(at.values()) == ["on_way", "behind"]
    timeless = target(deadline=None)
    assert standing(50, 5, 10, timeless, date(2026, 1, 1)).status == "behind"
    assert standing(50, 5, 10, timeless, date(2026, 1, 1), due=date(2026, 12, 31)).status == "on_way"


STEP = target(value=40, deadline=date(2026, 12, 31), milestone=True, comparison="strive_for")
LINE = pace([target(), STEP], (date(2024, 12, 31), 10.0))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 12, 30), None),
        (date(2024, 12, 31), 10.0),
        (date(2025, 12, 31), 25.0),
        (date(2026, 12, 31), 40.0),
        (date(2028, 12, 31), 65.01711),
        (END_2030, 90.0),
        (date(2031, 6, 1), 90.0),
    ],
)
def test_the_pace_is_straight_from_the_start_through_milestones(day: date, expected: float | None) -> None:
    assert LINE.at(day) == (None if expected is None else pytest.approx(expected, abs=1e-4))


def test_below_the_pace_is_behind_and_on_it_is_on_the_way() -> None:
    day = date(2026, 12, 31)
    assert standing(40, 4, 10, target(), day, line=LINE).status == "on_way"
    found = standing(39, 39, 100, target(), day, line=LINE)
    assert (found.status, found.to_reach, found.expected) == ("behind", 51, 40.0)


def test_a_falling_figure_has_to_be_below_its_line() -> None:
    line = pace([target("at_most", 0)], (date(2024, 12, 31), 100.0))
    day = date(2027, 12, 31)
    told = {
        count: standing(count, count, None, target("at_most", 0), day, line=line).status for count in (50, 51)
    }
    assert told == {50: "on_way", 51: "behind"}


def test_a_baseline_of_the_plan_comes_before_the_first_figure() -> None:
    said = target(baseline=(date(2024, 12, 31), 30.0))
    assert pace([said], (date(2025, 12, 31), 1.0)).knots[0] == (date(2024, 12, 31), 30.0)
    assert pace([target()]) == Pace(())
    assert pace([target("duty", None)], (date(2024, 12, 31), 1.0)) == Pace(())


def test_only_targets_of_one_plan_area_and_class_lie_on_one_line() -> None:
    border = read_formula("${border} = '1'", place_scope())
    others = [target(plan="LC"), target(area="12"), target(where=border), target(indicator="other")]
    assert same_way(STEP, [target(), *others]) == [target()]


YEAR = read_period("2026")
assert YEAR


def applied(several: list[Target], **other: object) -> list[str]:
    place = {"place": "14890", "level": "commune", "above": ["14890", "38"], "period": YEAR, "ratio": True}
    return [one.key for one in applying(several, **{**place, **other})]  # type: ignore[arg-type]


def test_a_target_belongs_to_its_area_and_its_years() -> None:
    several = [
        target(key="TH"),
        target(key="LC", area="12"),
        target(key="all", area=""),
        target(key="past", period=read_period("2025"), deadline=None),
        target(key="yearly", period=read_period("2025..2030"), deadline=None),
    ]
    assert applied(several) == ["yearly", "TH", "all"]
    assert applied(several, place="12", level="province", above=["12"]) == ["LC", "all"]


def test_the_first_is_the_nearest_then_the_binding_then_the_next_deadline() -> None:
    several = [
        target("duty", None, key="duty", area="14890"),
        target(key="final"),
        target(key="step", deadline=date(2026, 12, 31), milestone=True),
        target(key="past", deadline=date(2025, 12, 31)),
        target(key="hoped", binding="striving", deadline=date(2026, 12, 31)),
        target(key="own", area="14890"),
    ]
    assert applied(several) == ["own", "step", "final", "past", "hoped", "duty"]


def test_a_count_is_the_areas_own_unless_it_says_whose() -> None:
    several = [target(key="whole"), target(key="each", level="commune")]
    assert applied(several, ratio=False) == ["each"]
    assert applied(several, ratio=False, place="38", level="province", above=["38"]) == ["whole"]
    assert applied(several) == ["whole", "each"]


@pytest.mark.parametrize(
    ("attributes", "speaks"),
    [
        ({"border": "1", "zone": "III"}, True),
        ({"border": "1", "zone": "I"}, False),
        ({"border": "0", "zone": "III"}, False),
        ({}, False),
    ],
)
def test_a_class_of_communes_is_told_by_what_they_are(attributes: dict[str, str], speaks: bool) -> None:  # noqa: FBT001
    where = read_formula("${border} = '1' and not(${zone} = 'I' or ${zone} = '')", place_scope())
    one = target(where=where)
    assert one.includes(attributes) is speaks
    assert applied([one], attributes=attributes) == ([one.key] if speaks else [])
    # Of a province it speaks in part, and is kept.
    assert applied([one]) == [one.key]
