"""⑤ Periods as forms and programs write them: a year, half, quarter, month or day, or from one to another."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

SPOKEN: Final = "2026, 2026-H1, 2026-Q3, 2026-09, 2025-2026, 2026-09-30, 2024..2026"
"""Examples of everything that is understood; two years that follow each other are a school year."""

_FORM = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:[-/ ]?(?:(?P<kind>[hqyHQY])(?P<part>[1-4])?|(?P<month>0?[1-9]|1[0-2])(?:-(?P<day>[0-9]{2}))?"
    r"|(?P<next>[0-9]{4})))?"
)
_MONTH_FIRST = re.compile(r"(?P<month>0?[1-9]|1[0-2])[-/](?P<year>[0-9]{4})")
_MONTHS = {"h": 6, "q": 3}
_SCHOOL_BEGINS, _SCHOOL_ENDS = (9, 1), (8, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date


def read_period(text: str) -> Period | None:
    """The period a text names (see SPOKEN), None where it names none."""
    text = text.strip()
    begin, dots, end = text.partition("..")
    if dots:
        first, last = read_period(begin), read_period(end)
        return Period(first.first, last.last) if first and last and first.first <= last.last else None
    found = _FORM.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
    if found is None:
        return None
    try:
        return _period(int(found["year"]), found.groupdict())
    except ValueError:
        return None


def _period(year: int, said: dict[str, str | None]) -> Period | None:
    if said.get("day"):
        day = date(year, int(said["month"] or 0), int(said["day"] or 0))
        return Period(day, day)
    if said["month"]:
        return _months(year, int(said["month"]), 1)
    if said.get("next"):
        following = int(said["next"] or 0)
        if following != year + 1:
            return None
        return Period(date(year, *_SCHOOL_BEGINS), date(following, *_SCHOOL_ENDS))
    kind, part = (said.get("kind") or "y").lower(), int(said.get("part") or 0)
    if kind == "y":
        return None if part else _months(year, 1, 12)
    length = _MONTHS[kind]
    return _months(year, (part - 1) * length + 1, length) if part else None


def _months(year: int, month: int, length: int) -> Period:
    last = month + length - 1
    return Period(date(year, month, 1), date(year, last, monthrange(year, last)[1]))
