"""K29-K32, Q28: classes whose reports, lessons, learners or lists do not go together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from forms.checks import classes
from forms.checks.classes import Beginner, Class, Listed, Month
from forms.checks.found import Found
from forms.checks.thresholds import Thresholds

NUMBERS = Thresholds()


def codes(found: Iterable[Found]) -> list[str]:
    return [one.check for one in found]


CLASS = Class("k", "Lớp A", 1, "00715-001", "1", date(2026, 9, 5), date(2026, 12, 20), 40, 100)


def months(*said: tuple[str, float], missing: int = 0) -> tuple[Month, ...]:
    return tuple(Month(at, month, False, held, held, 10, missing) for at, (month, held) in enumerate(said, 2))


def with_months(*said: tuple[str, float], missing: int = 0) -> Class:
    return Class(
        "k", "Lớp A", 1, "00715-001", "1", CLASS.start, CLASS.end, 40, 100, months(*said, missing=missing)
    )


@pytest.mark.parametrize(
    ("sent", "today", "since"),
    [
        ([], date(2026, 11, 5), "09/2026"),
        # October is due on the 4th of November.
        ([], date(2026, 11, 4), ""),
        ([("2026-09", 5.0)], date(2026, 12, 5), "10/2026"),
        ([("2026-09", 5.0), ("2026-10", 5.0)], date(2026, 12, 5), ""),
    ],
)
def test_two_months_without_a_report(sent: list[tuple[str, float]], today: date, since: str) -> None:
    found = list(classes.silent(with_months(*sent), today, NUMBERS.of("K29")))
    assert [one.details["m"] for one in found] == ([since] if since else [])


@pytest.mark.parametrize(
    ("held", "today", "odd"),
    [
        (48, date(2026, 10, 1), False),
        (49, date(2026, 10, 1), True),
        (69, date(2026, 12, 21), True),
        (39, date(2026, 12, 20), False),
    ],
)
def test_lessons_held_are_those_planned(held: float, today: date, *, odd: bool) -> None:
    assert bool(list(classes.held(with_months(("2026-09", held)), today, NUMBERS.of("K30")))) is odd


def test_a_term_that_is_over_held_seven_tenths_of_its_lessons() -> None:
    for lessons, odd in ((69.0, True), (70.0, False)):
        month = Month(2, "2026-12", True, 40, lessons, 10, 0)
        over = Class("k", "A", 1, None, "1", CLASS.start, CLASS.end, 40, 100, (month,))
        assert bool(list(classes.held(over, date(2026, 12, 1), NUMBERS.of("K30")))) is odd


def test_nobody_missing_for_three_months_running() -> None:
    three = [("2026-09", 8.0), ("2026-10", 8.0), ("2026-11", 8.0)]
    numbers = NUMBERS.of("Q28")
    assert codes(classes.always_there(with_months(*three), numbers)) == ["Q28"]
    assert not codes(classes.always_there(with_months(*three[:2]), numbers))
    assert not codes(classes.always_there(with_months(*three, missing=1), numbers))
    assert not codes(classes.always_there(with_months(*three[:2], ("2026-12", 8.0)), numbers))


@pytest.mark.parametrize(("phase", "grade", "odd"), [(0, 2, True), (1, 0, False), (0, 3, False)])
def test_a_learner_of_phase_2_has_a_basis(phase: float, grade: float, *, odd: bool) -> None:
    one = Beginner(1, "k", "p", "Mai", None, phase, grade)
    assert bool(list(classes.without_basis([one], {}))) is odd


def test_a_learner_is_in_one_class_at_a_time() -> None:
    begins = {"same": date(2026, 12, 20), "later": date(2026, 12, 21)}
    for name, odd in (("same", True), ("later", False)):
        other = Class("k2", "Lớp B", 2, None, "1", begins[name], date(2027, 5, 1))
        found = list(classes.doubled([Listed("p", "Mai", CLASS), Listed("p", "Mai", other)], {}))
        assert [one.records for one in found] == ([(1, 2)] if odd else [])
