"""⑨ When a report is due and for which period: the days of the programme's calendar, in the year at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from forms.period_kinds import month_of, period_of


@dataclass(frozen=True, slots=True)
class Deadline:
    """A line of the calendar: last day as `MM-DD` every year or `YYYY-MM-DD` once, "" = none is named.

    `province` is the code of the province it is for, `*` every one.
    """

    id: str
    province: str
    due: str
    proposed: bool
    source: str


def read_deadlines(rows: Iterable[Mapping[str, str]]) -> dict[str, Deadline]:
    """The lines of `calendar.csv` by their id."""
    return {
        row["id"]: Deadline(row["id"], row["province"], row["due"], row["kind"] == "proposal", row["source"])
        for row in rows
    }


def next_due(due: str, today: date) -> date | None:
    """The last day of the round under way or to come; None where none is named or the only one is over."""
    if not due:
        return None
    if len(due) == len("2026-12-31"):
        only = date.fromisoformat(due)
        return only if only >= today else None
    month, day = (int(part) for part in due.split("-"))
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def period_due(kind: str, due: date | None, today: date) -> str:
    """The period a report of that deadline tells of: the one its last day lies in."""
    return period_of(month_of(due or today), kind)
