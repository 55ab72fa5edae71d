"""One figure over the years, against its target, its milestones and the pace between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, format_decimal
from sqlalchemy.orm import Session

from collector.actions.definitions import Defined, Settled
from collector.desk.figure_rows import Row, status_of
from collector.desk.standpoint import Standpoint
from forms.charts import Chart, Told, chart
from forms.indicators.standing import pace, same_way
from forms.indicators.targets import Target
from forms.period_kinds import kind_of, last_day
from storage.queries.cell_rows import CellRow, Wanted, rows
from storage.queries.figure_places import periods_at
from storage.queries.whereabouts import Break, breaks_between

UNTIL = date(2030, 12, 31)
"""The day the programme is to reach its aims."""


@dataclass(frozen=True, slots=True)
class Then:
    """The figure of a period and how it stood; `change` since the figure before it, None at the first."""

    period: str
    cell: CellRow
    status: str
    expected: float | None
    change: float | None = None


@dataclass(frozen=True)
class Drawn:
    """The drawing, and the same for those who read: figures, targets ahead, breaks of the map."""

    chart: Chart | None
    periods: tuple[Then, ...]
    steps: tuple[Target, ...]
    breaks: tuple[Break, ...]


def drawn(session: Session, defined: Defined, at: Standpoint, row: Row, settled: Settled) -> Drawn:
    """A figure of a place over all periods of the kind looked at."""
    code = defined.indicator.code
    kind = kind_of(at.period)
    periods = [one for one in periods_at(session, defined.project_id, at.area) if kind_of(one) == kind]
    split = row.held.split if row.held else ""
    wanted = Wanted(defined.project_id, (code,), tuple(periods), at=at.area, by=None if split else ("",))
    found = [one for one in rows(session, wanted) if one.split == split] if periods else []
    found.sort(key=lambda one: last_day(one.period))
    targets = [one for one in settled.targets if one.indicator == code]
    way = same_way(row.target, targets) if row.target and not row.target.is_duty else []
    line = pace(way)
    several = tuple(
        Then(one.period, one, status_of(one, row.target), line.at(last_day(one.period)), _since(before, one))
        for before, one in zip([None, *found], found, strict=False)
    )
    breaks = _breaks(session, at, found)
    steps = tuple(sorted((one for one in way if one.value is not None), key=_due))
    picture = _chart(several, steps, line.knots, breaks, _unit(defined)) if several else None
    return Drawn(picture, several, steps, breaks)


def _since(before: CellRow | None, one: CellRow) -> float | None:
    if before is None or before.value is None or one.value is None:
        return None
    return one.value - before.value


def _due(one: Target) -> date:
    return one.deadline or (one.period.last if one.period else date.max)


def _breaks(session: Session, at: Standpoint, found: Sequence[CellRow]) -> tuple[Break, ...]:
    if not found or not at.area:
        return ()
    codes = {at.area, *(code for code, _name in at.below)}
    first, last = last_day(found[0].period), last_day(found[-1].period)
    by_day: Mapping[date, Break] = {one.on: one for one in breaks_between(session, first, last, codes)}
    return tuple(by_day[on] for on in sorted(by_day))


def _unit(defined: Defined) -> str:
    return " %" if defined.indicator.unit == "%" else f" {defined.indicator.unit}".rstrip()


def _said(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{format_decimal(round(value, 1))}{unit}"


def _day(one: date) -> str:
    return str(format_date(one, "dd/MM/yyyy", rebase=False))


def _chart(
    several: Iterable[Then],
    steps: Sequence[Target],
    knots: Sequence[tuple[date, float]],
    breaks: Sequence[Break],
    unit: str,
) -> Chart:
    figures = [
        Told(last_day(one.period), one.cell.value, f"{one.period}: {_said(one.cell.value, unit)}", one.period)
        for one in several
    ]
    short = unit if unit == " %" else ""
    aims = [
        Told(_due(one), one.value, f"{_day(_due(one))}: {_said(one.value, unit)}", _said(one.value, short))
        for one in steps
        if _due(one) != date.max
    ]
    return chart(figures, aims, knots, [(one.on, _day(one.on)) for one in breaks], UNTIL)
