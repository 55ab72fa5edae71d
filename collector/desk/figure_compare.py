"""Figures beside each other: some places over a group of indicators, one place over its periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from collector.actions.approvals import held_by
from collector.desk.figure_rows import Block, Row, blocks, rows_at
from collector.desk.standpoint import Standpoint
from forms.indicators.definition import Indicator
from forms.period_kinds import first_day, kind_of, last_day, month_of, period_of, years_before
from storage.cuts import can_see
from storage.problems import PlaceUnknown
from storage.queries.places import children, get_place
from storage.queries.whereabouts import Break, Spot, breaks_between

FEWEST, MOST = 2, 5
"""Places that may stand side by side."""

_BETTER: Mapping[str, int] = {"increase": 1, "at_least": 1, "decrease": -1}


@dataclass(frozen=True, slots=True)
class Column:
    """A place in a period; `locked` says that its figures there no longer change."""

    at: Standpoint
    locked: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure of a column: `change` is how far the first column is above it, `good` whether that is better.

    Both are None where there is nothing to compare, `good` also where neither way is better.
    """

    row: Row
    change: float | None = None
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator over all columns; `detail`: it only details the one above it."""

    code: str
    label: str
    indicator: Indicator
    form_id: str
    detail: bool
    entries: tuple[Entry, ...]

    @property
    def told(self) -> bool:
        """Whether any column says something: nothing counted and nobody heard of says nothing."""
        cells = (one.row.whole for one in self.entries)
        return any(one and one.value is not None and (one.counted or one.received) for one in cells)


@dataclass(frozen=True)
class Compared:
    """Columns and, of one group of indicators, the lines. `number` is the group among `titles`.

    `breaks` are the days on which units became others between the first and the last period.
    """

    columns: tuple[Column, ...]
    titles: tuple[str, ...]
    number: int
    lines: tuple[Line, ...]
    breaks: tuple[Break, ...] = ()

    @property
    def silent(self) -> tuple[Line, ...]:
        """The indicators of the group that no column has a figure for."""
        return tuple(one for one in self.lines if not one.told)

    @property
    def locked(self) -> bool:
        """Whether no figure of it changes any more."""
        return all(one.locked for one in self.columns)


def places_beside(
    session: Session, project_id: int, at: Standpoint, codes: Sequence[str], number: int | None
) -> Compared:
    """These places in the period of `at`, over the indicators of a group. Raises PlaceUnknown."""
    several = [_elsewhere(session, at, code) for code in dict.fromkeys(codes)]
    return _compared(session, project_id, several[:MOST], number)


def periods_beside(session: Session, project_id: int, at: Standpoint, number: int | None) -> Compared:
    """A place in its period, in the one before and in that of the year before."""
    several = [replace(at, period=one) for one in (at.period, *earlier(at.period))]
    found = _compared(session, project_id, several, number)
    oldest = min(last_day(one.period) for one in several)
    return replace(found, breaks=breaks_at(session, at, oldest))


def earlier(period: str) -> list[str]:
    """The period before and that of the year before: one and the same for a year."""
    before = period_of(month_of(first_day(period) - timedelta(days=1)), kind_of(period))
    return list(dict.fromkeys((before, years_before(period, 1))))


def breaks_at(session: Session, at: Standpoint, since: date) -> tuple[Break, ...]:
    """The changes of the map in a place after a day until the end of its period."""
    if not at.area:
        return ()
    codes = {at.area, *(code for code, _name in at.below)}
    by_day = {one.on: one for one in breaks_between(session, since, last_day(at.period), codes)}
    return tuple(by_day[on] for on in sorted(by_day))


def to_choose(session: Session, at: Standpoint) -> list[tuple[str, str]]:
    """Places that may stand side by side: the one looked at and what lies in it, else its neighbours."""
    if at.below or at.place is None:
        return [*([(at.area, at.name)] if at.area else []), *at.below]
    above = at.place.parent_code
    if above is None or not can_see(session, [above]):
        return [(at.area, at.name)]
    return [(above, get_place(session, above).name)] + [
        (one.code, one.span.name) for one in children(session, above)
    ]


def _elsewhere(session: Session, at: Standpoint, code: str) -> Standpoint:
    if not can_see(session, [code]):
        raise PlaceUnknown(code=code)
    place = get_place(session, code)
    spot = Spot(place.code, place.name, place.level, place.parent_code)
    return replace(at, place=spot, above=(), below=())


def _compared(
    session: Session, project_id: int, several: Sequence[Standpoint], number: int | None
) -> Compared:
    columns = tuple(
        Column(one, held_by(session, project_id, one.area, one.period) is not None) for one in several
    )
    found = [rows_at(session, project_id, one) for one in several]
    grouped = [blocks(rows) for rows in found]
    titles = tuple(block.title for block in grouped[0]) if grouped else ()
    chosen = _chosen(grouped, number) if titles else 0
    by_code = [{row.code: row for row in rows} for rows in found]
    lines = tuple(_lines(grouped[0][chosen], by_code)) if titles else ()
    return Compared(columns, titles, chosen, lines)


def _chosen(grouped: Sequence[Sequence[Block]], number: int | None) -> int:
    """The group asked for, else the first with a figure to compare."""
    count = len(grouped[0])
    if number is not None:
        return min(max(0, number), count - 1)
    told = (place for place in range(count) if any(_told(several[place]) for several in grouped))
    return next(told, 0)


def _told(block: Block) -> bool:
    return any(one.whole and one.whole.value for row in block.rows for one in (row, *row.rows))


def _lines(block: Block, by_code: Sequence[Mapping[str, Row]]) -> Iterator[Line]:
    for main in block.rows:
        for row in (main, *main.rows):
            first = row.whole.value if row.whole else None
            entries = tuple(
                _entry(several[row.code], first if place else None, row.indicator.direction)
                for place, several in enumerate(by_code)
            )
            yield Line(row.code, row.label, row.indicator, row.form_id, row is not main, entries)


def _entry(row: Row, first: float | None, direction: str) -> Entry:
    then = row.whole.value if row.whole else None
    if first is None or then is None:
        return Entry(row)
    change = first - then
    better = _BETTER.get(direction)
    return Entry(row, change, None if not better or not change else change * better > 0)
