"""Where and when a record counts, by what its answers say."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from forms.periods import Period, read_period
from forms.placing import EARLIER, LATER, UNKNOWN_PERIOD, Roles, roles_of, told
from forms.rows import Cell, Column, Flat, Layout, TableLayout
from forms.schema import Node, Schema

RECEIVED = datetime(2026, 8, 3, 18, 30, tzinfo=UTC)
HERE = date(2026, 8, 4)
"""In Viet Nam it is the next morning already."""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        (" 2026 ", "2026-01-01", "2026-12-31"),
        ("2026-y", "2026-01-01", "2026-12-31"),
        ("2026-h1", "2026-01-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026Q1", "2026-01-01", "2026-03-31"),
        ("2026/q4", "2026-10-01", "2026-12-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-2", "2024-02-01", "2024-02-29"),
        ("9/2026", "2026-09-01", "2026-09-30"),
        ("2025-2026", "2025-09-01", "2026-08-31"),
        ("2026-09-30", "2026-09-30", "2026-09-30"),
        ("2024..2026", "2024-01-01", "2026-12-31"),
        ("2026-Q1..2026-09", "2026-01-01", "2026-09-30"),
    ],
)
def test_a_period_is_read_as_it_is_written(text: str, first: str, last: str) -> None:
    assert read_period(text) == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    ["", "h1", "26", "2026-13", "2026-Q", "2026-Q0", "2026-H3", "2026-02-30", "2025-2027", "0000", "y2026",
     "2026..2024", "2026..", "٢٠٢٦", "2026-Q1-2"],
)  # fmt: skip
def test_what_is_no_period_is_none(text: str) -> None:
    assert read_period(text) is None


PATHS = {
    "/today": Cell.DATE,
    "/commune": Cell.TEXT,
    "/g/village": Cell.TEXT,
    "/year": Cell.INT,
    "/half": Cell.TEXT,
    "/held_on": Cell.DATE,
    "/held_at": Cell.DATETIME,
}
SCHEMA = Schema("f", "1", "F", "data", tuple(Node(path, "string", at) for at, path in enumerate(PATHS)))
LAYOUT = Layout((
    TableLayout(
        "", None, tuple(Column(path, cell, f"q{at}") for at, (path, cell) in enumerate(PATHS.items()))
    ),
))
NAMES = {column.path.rpartition("/")[2]: column.name for column in LAYOUT.by_path[""].columns}


def roles(**units: str) -> Roles:
    """The roles of the form whose questions have these units."""
    marks = {path: {"unit": units.get(path.rpartition("/")[2], "")} for path in PATHS}
    return roles_of(SCHEMA, LAYOUT, marks)


def flat(**answers: object) -> Flat:
    """A record with these answers."""
    return Flat({"": [dict.fromkeys(NAMES.values()) | {NAMES[one]: said for one, said in answers.items()}]})


def test_the_narrowest_place_that_was_answered_comes_first() -> None:
    asked = roles(commune="place", village="place")
    both = told(flat(commune="00715", village=" 00715-001 "), asked, "k", RECEIVED)
    assert (both.places, both.path) == (("00715-001", "00715"), "/g/village")
    wider = told(flat(commune="00715", village=""), asked, "k", RECEIVED)
    assert (wider.places, wider.path) == (("00715",), "/commune")
    nothing = told(flat(), asked, "k", RECEIVED)
    assert (nothing.places, nothing.path) == ((), "/g/village")
    assert told(flat(village="x" * 99), asked, "k", RECEIVED).places == ("x" * 40,)
    unmarked = told(flat(village="00715-001"), roles(), "k", RECEIVED)
    assert (unmarked.places, unmarked.path) == ((), "")


ALL = {"year": "period", "half": "period", "held_on": "date", "held_at": "date"}
TODAY = date(2026, 8, 2)


@pytest.mark.parametrize(
    ("answers", "day", "findings"),
    [
        ({}, HERE, []),
        ({"today": TODAY}, TODAY, []),
        ({"today": TODAY, "held_on": date(2026, 7, 1)}, date(2026, 7, 1), []),
        ({"today": TODAY, "held_at": "2026-07-02T08:00:00.000+07:00"}, date(2026, 7, 2), []),
        ({"today": TODAY, "held_on": date(2026, 7, 1), "year": 2025}, date(2025, 12, 31), []),
        ({"year": 2026, "half": "h1"}, date(2026, 6, 30), []),
        ({"half": "2026-Q2"}, date(2026, 6, 30), []),
        # It begins before the receipt, so it may well end long after.
        ({"year": 2026}, date(2026, 12, 31), []),
        ({"year": 2025, "half": "spring"}, date(2025, 12, 31), []),
        ({"half": "spring", "today": TODAY}, TODAY, [(UNKNOWN_PERIOD, "/half", "spring")]),
        ({"held_on": date(2026, 9, 18)}, date(2026, 9, 18), []),
        ({"held_on": date(2026, 9, 19)}, HERE, [(LATER, "/held_on", "2026-09-19")]),
        ({"today": date(2062, 8, 2)}, HERE, [(LATER, "/today", "2062-08-02")]),
        ({"year": 2027}, HERE, [(LATER, "/half", "2027-12-31")]),
        ({"year": "2026..2030"}, date(2030, 12, 31), []),
        ({"year": "2026..9999"}, HERE, [(LATER, "/half", "9999-12-31")]),
        ({"held_on": date(2000, 1, 1)}, date(2000, 1, 1), []),
        ({"today": date(1970, 1, 1)}, HERE, [(EARLIER, "/today", "1970-01-01")]),
        ({"year": "0001-0002"}, HERE, [(EARLIER, "/half", "0001-09-01")]),
    ],
)
def test_a_record_counts_for_its_period_else_its_date_else_the_day_it_was_filled(
    answers: dict[str, object], day: date, findings: list[tuple[str, str, str]]
) -> None:
    found = told(flat(**answers), roles(**ALL), "uuid:1", RECEIVED)
    assert found.reported_on == day
    assert [(one.check, one.path, one.value) for one in found.findings] == findings
    assert {one.key for one in found.findings} <= {"uuid:1"}


def test_without_answers_it_counts_for_the_day_it_came() -> None:
    """Of an encrypted form nothing can be read."""
    assert told(Flat(), roles(**ALL), "k", RECEIVED).reported_on == HERE
