"""⑤ Where and when a record counts, as its answers say: the roles `place`, `date`, `period` of questions.

What a code means, and who may have sent it, only the memory knows (`storage.queries.placing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from forms.periods import Period, read_period
from forms.rows import Column, Finding, Flat, Layout
from forms.schema import Schema
from forms.values import HOME

LATEST: Final = timedelta(days=45)
"""How far after its receipt a record may count; past that, a phone's clock is wrong, or a finger slipped."""

YEARS_AHEAD: Final = 10
"""How many years after its receipt the last day of a period may lie that has begun: a plan of five years."""

EARLIEST: Final = date(2000, 1, 1)
"""Before this nothing was collected: a phone without a clock says 1970, a slip of the finger the year 1."""

_LONGEST_CODE = 40
_LONGEST_VALUE = 500

NO_PLACE: Final = "place_missing"
UNKNOWN_PLACE: Final = "place_unknown"
OTHER_PLACE: Final = "place_elsewhere"
UNKNOWN_PERIOD: Final = "period_unreadable"
LATER: Final = "date_too_late"
EARLIER: Final = "date_too_early"


@dataclass(frozen=True, slots=True)
class Roles:
    """The questions of the root table that say where and when a record counts; places narrowest first.

    `today` is the question the phone fills in by itself.
    """

    places: tuple[Column, ...] = ()
    periods: tuple[Column, ...] = ()
    dates: tuple[Column, ...] = ()
    today: Column | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the answers say: codes of places, or uuids of villages, asked at `path`; and the day."""

    places: tuple[str, ...]
    path: str
    reported_on: date
    findings: tuple[Finding, ...] = ()


def roles_of(schema: Schema, layout: Layout, marks: Mapping[str, Mapping[str, str]]) -> Roles:
    """The roles of a form's questions; `marks` is what its workbook says of each path."""
    columns = {column.path: column for column in layout.by_path[""].columns}

    def having(role: str) -> tuple[Column, ...]:
        return tuple(
            columns[node.path]
            for node in schema.questions
            if node.path in columns and marks.get(node.path, {}).get("unit") == role
        )

    named = (columns[node.path] for node in schema.questions if node.name == "today" and node.path in columns)
    return Roles(having("place")[::-1], having("period"), having("date"), next(named, None))


def told(flat: Flat, roles: Roles, key: str, received_at: datetime) -> Told:
    """Where and when a record counts by its answers; the day of its receipt where they do not say.

    Findings: `period_unreadable`, `date_too_late` for a day more than 45 days after the receipt, and
    `date_too_early` for one before the year 2000.
    """
    row: Mapping[str, Any] = next(iter(flat.rows.get("", ())), {})
    answered = [column for column in roles.places if _text(row, column)]
    asked = answered[0] if answered else next(iter(roles.places), None)
    findings: list[Finding] = []
    reported_on = _day(row, roles, key, received_at.astimezone(HOME).date(), findings)
    places = tuple(dict.fromkeys(_text(row, column)[:_LONGEST_CODE] for column in answered))
    return Told(places, asked.path if asked else "", reported_on, tuple(findings))


def _day(row: Mapping[str, Any], roles: Roles, key: str, received: date, findings: list[Finding]) -> date:
    period = _period(row, roles, key, findings)
    dated = [column for column in (*roles.dates, *filter(None, [roles.today])) if _date(row, column)]
    if period is not None:
        # What lasts longer than these days may well be reported before it is over.
        begins, day, asked = period.first, period.last, roles.periods[-1].path
    elif dated:
        begins = day = _date(row, dated[0]) or received
        asked = dated[0].path
    else:
        return received
    if begins < EARLIEST:
        findings.append(Finding(EARLIER, asked, key, begins.isoformat()))
        return received
    if begins - received <= LATEST and day.year - received.year <= YEARS_AHEAD:
        return day
    findings.append(Finding(LATER, asked, key, day.isoformat()))
    return received


def _period(row: Mapping[str, Any], roles: Roles, key: str, findings: list[Finding]) -> Period | None:
    # A year in one question and its half in the next one are a period together.
    said = [text for column in roles.periods if (text := _text(row, column))]
    if not said:
        return None
    found = read_period("-".join(said)) or next(_readable(said), None)
    if found is None:
        value = " ".join(said)[:_LONGEST_VALUE]
        findings.append(Finding(UNKNOWN_PERIOD, roles.periods[-1].path, key, value))
    return found


def _readable(said: Iterable[str]) -> Iterator[Period]:
    return iter([period for period in map(read_period, said) if period])


def _text(row: Mapping[str, Any], column: Column) -> str:
    value = row.get(column.name)
    return "" if value is None else str(value).strip()


def _date(row: Mapping[str, Any], column: Column) -> date | None:
    """The day of an answer: of a date itself, of a moment the wall clock's."""
    value = row.get(column.name)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None
