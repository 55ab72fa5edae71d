"""⑧ One figure over time: its cells, what changed on the map, and the way to its target."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.cells import Freshness, Line, freshness, home_of, lines_of, spot_of
from forms.period_kinds import kind_of, last_day
from storage.queries import cell_rows, cells
from storage.queries.cell_rows import Wanted
from storage.queries.places import get_place
from storage.queries.whereabouts import Break, Spot, breaks_between

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never need it.
    from collector.actions.definitions import Defined
    from forms.indicators.standing import Pace
    from forms.indicators.targets import Target


@dataclass(frozen=True, slots=True)
class Point:
    """An indicator in a period; `breaks` are what changed on the map since the one before."""

    period: str
    line: Line | None
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class Trend:
    """One indicator in one place over time.

    `steps` are the target its last figure is held to, with its milestones, earliest first; `line` goes
    through them from where their plan began, and is empty where it names no beginning.
    """

    defined: Defined
    place: Spot | None
    points: tuple[Point, ...]
    steps: tuple[Target, ...]
    line: Pace
    freshness: Freshness


def trend(
    session: Session,
    defined: Defined,
    now: datetime,
    area: str | None = None,
    periods: Collection[str] = (),
) -> Trend:
    """One indicator in one place over periods of one kind, the indicator's first unless they are named.

    Raises PlaceUnknown.
    """
    from collector.actions.definitions import definitions_of

    if area:
        get_place(session, area)
    number, code, home = defined.project_id, defined.indicator.code, home_of(area)
    settled = definitions_of(session, number)
    known = sorted(periods) or [
        one
        for one in cells.periods_of(session, number, [code])
        if kind_of(one) == defined.indicator.periods[0]
    ]
    wanted = Wanted(number, (code,), tuple(known), at=home)
    found = lines_of(session, settled, cell_rows.rows(session, wanted)) if home is not None else []
    by_period = {one.cell.period: one for one in found}
    points = tuple(_points(session, known, by_period, home))
    target = next((one.target for one in reversed(found) if one.target is not None), None)
    steps, line = _line(target, [one for one in settled.targets if one.indicator == code])
    return Trend(defined, spot_of(session, home), points, steps, line, freshness(session, number, now))


def _points(
    session: Session, periods: Sequence[str], lines: Mapping[str, Line], home: str | None
) -> Iterator[Point]:
    before: str | None = None
    within = {home} if home else set()
    for period in sorted(periods, key=lambda one: (last_day(one), one)):
        breaks: Sequence[Break] = ()
        if before is not None and within:
            breaks = breaks_between(session, last_day(before), last_day(period), within)
        yield Point(period, lines.get(period), tuple(breaks))
        before = period


def _line(target: Target | None, targets: Sequence[Target]) -> tuple[tuple[Target, ...], Pace]:
    from forms.indicators.standing import Pace, pace, same_way

    if target is None:
        return (), Pace(())
    several = same_way(target, targets)
    return tuple(sorted(several, key=lambda one: one.deadline or date.max)), pace(several)
