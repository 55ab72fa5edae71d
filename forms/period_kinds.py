"""⑧ The periods figures are worked out for: which ones a month lies in, and which months lie in one.

Months are counted through: year * 12 + month - 1. Every kind of period consists of whole months.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

_YEAR: Final = 12
_SCHOOL_BEGINS: Final = 8
"""September, counted from 0."""


def month_of(day: date) -> int:
    """The number of a day's month."""
    return day.year * _YEAR + day.month - 1


def month_in(text: str) -> int:
    """The number of the month that `2026-09…` begins with."""
    return int(text[:4]) * _YEAR + int(text[5:7]) - 1


def _quarter(month: int) -> str:
    return f"{month // _YEAR:04}-Q{month % _YEAR // 3 + 1}"


def _half(month: int) -> str:
    return f"{month // _YEAR:04}-H{month % _YEAR // 6 + 1}"


def _school_year(month: int) -> str:
    begins = (month - _SCHOOL_BEGINS) // _YEAR
    return f"{begins:04}-{begins + 1:04}"


_NAMES: Mapping[str, Callable[[int], str]] = {
    "month": lambda month: f"{month // _YEAR:04}-{month % _YEAR + 1:02}",
    "quarter": _quarter,
    "half": _half,
    "year": lambda month: f"{month // _YEAR:04}",
    "school_year": _school_year,
}
KINDS: Final = tuple(_NAMES)
"""The kinds of period there are."""

_LENGTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12, "school_year": 12}
_LONG: Final = {4: "year", 9: "school_year"}


def period_of(month: int, kind: str) -> str:
    """The period of a kind that a month lies in: `2026`, `2026-H1`, `2026-Q3`, `2026-09`, `2025-2026`."""
    return _NAMES[kind](month)


def kind_of(period: str) -> str:
    """The kind of a period by its name."""
    if len(period) == len("2026-09"):
        return {"H": "half", "Q": "quarter"}.get(period[5], "month")
    return _LONG[len(period)]


def months_of(period: str) -> range:
    """The months of a period."""
    kind = kind_of(period)
    first = int(period[:4]) * _YEAR
    if kind == "school_year":
        first += _SCHOOL_BEGINS
    elif kind == "month":
        first += int(period[5:]) - 1
    elif kind != "year":
        first += (int(period[6]) - 1) * _LENGTHS[kind]
    return range(first, first + _LENGTHS[kind])


def first_day(period: str) -> date:
    """The day a period begins."""
    year, month = divmod(months_of(period)[0], _YEAR)
    return date(year, month + 1, 1)


def last_day(period: str) -> date:
    """The day a period ends."""
    year, month = divmod(months_of(period)[-1], _YEAR)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def years_before(period: str, years: int) -> str:
    """The same period so many years earlier."""
    return period_of(months_of(period)[0] - years * _YEAR, kind_of(period))
