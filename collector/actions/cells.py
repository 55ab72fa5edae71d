"""⑧ Figures as they stand worked out: one by place, all of a place, one over the years.

Why: pages, programs and files say the same of a cell, so they ask the same functions for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.measure import LEVELS
from forms.period_kinds import KINDS, first_day, kind_of, last_day, month_of, months_of, period_of
from forms.periods import Period, read_period
from forms.places import DISTRICT
from storage.cells.tree import COUNTRY
from storage.problems import LevelUnknown, SplitUnknown
from storage.queries import approvals, cell_rows, cells
from storage.queries.approvals import CONFIRMED, LOCKED
from storage.queries.cell_rows import CellRow, Wanted
from storage.queries.places import get_place
from storage.queries.whereabouts import Spot, chains_of
from storage.scope import current

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never need it.
    from collector.actions.definitions import Defined, Settled
    from forms.indicators.definition import Indicator
    from forms.indicators.targets import Target

WHOLE_COUNTRY = ""
"""The code figures of the whole country stand under, with what names no place."""

_WIDE = (*LEVELS, COUNTRY)
LEVELS_KEPT = tuple(level for level in _WIDE if level != DISTRICT)
"""Levels there are figures of; districts are no more, what they were is told on the map of their day."""

_LONGEST_KEY = 120
"""Letters of a target's key that a cell names it by."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures of one indicator.

    `area`: the code of a place, None is all that the asker sees. `level`: that of the places listed, None
    is what lies right in the area. `by`: the name of what it is split by, "" = all together.
    """

    project_id: int
    code: str
    period: str
    area: str | None = None
    level: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`as_of`: of what moment figures are, None before they were worked out. `pending`: changes to come."""

    as_of: datetime | None
    pending: int


@dataclass(frozen=True, slots=True)
class Line:
    """A cell as it is shown.

    `place` is None for the whole country. `split` goes from the name of a question, or `@` and an attribute
    of communes, to its answer; `part`: only the communes that `target` speaks of. `state`: `confirmed`,
    `locked`, or "" while nobody has signed for it.
    """

    cell: CellRow
    place: Spot | None
    split: Mapping[str, str]
    target: Target | None
    state: str

    @property
    def part(self) -> bool:
        """Whether it is of the communes only that its target speaks of."""
        return self.cell.split.startswith("!")

    @property
    def completeness(self) -> float | None:
        """The share in percent of the units that are to report and have; None where nobody is to."""
        if not self.cell.expected or self.cell.received is None:
            return None
        return 100 * self.cell.received / self.cell.expected


@dataclass(frozen=True)
class Table:
    """One indicator in one period: all together, its parts that targets speak of, and by place and split.

    `total` is None where there is no figure, or the asker sees several places that have none in common.
    """

    defined: Defined
    asked: Asked
    total: Line | None
    parts: tuple[Line, ...]
    lines: tuple[Line, ...]
    targets: tuple[Target, ...]
    freshness: Freshness


@dataclass(frozen=True)
class Overview:
    """Every indicator of a period's kind in one place, in the order they are defined; None: no figure."""

    place: Spot | None
    period: str
    lines: tuple[tuple[Defined, Line | None], ...]
    freshness: Freshness


def stored_kind(text: str) -> str | None:
    """The kind of a period figures may be worked out for, None for any other text."""
    if read_period(text) is None:
        return None
    try:
        kind = kind_of(text)
        return kind if kind in KINDS and period_of(months_of(text)[0], kind) == text else None
    except (KeyError, ValueError):
        return None


def stored_as(span: Period, kinds: Collection[str] = KINDS) -> str | None:
    """The period figures are kept for that has these very days, None where there is none."""
    for kind in kinds:
        name = period_of(month_of(span.first), kind)
        if (first_day(name), last_day(name)) == (span.first, span.last):
            return name
    return None


def freshness(session: Session, project_id: int, now: datetime) -> Freshness:
    """How new the figures of a project are."""
    return Freshness(cells.as_of(session, project_id, now=now), cells.pending(session, project_id))


def answers(session: Session, defined: Defined, asked: Asked, now: datetime) -> bool:
    """Whether cells answer a question: they are worked out, and such ones are kept."""
    from collector.actions.definitions import definitions_of

    settled = definitions_of(session, asked.project_id)
    if [one.indicator.code for one in settled.indicators].count(asked.code) != 1:
        # Two forms that define the same code are told apart by their records only.
        return False
    kind = stored_kind(asked.period)
    if kind is None or kind not in defined.indicator.periods or asked.level not in {None, *LEVELS_KEPT}:
        return False
    return cells.as_of(session, asked.project_id, now=now) is not None


def table(session: Session, defined: Defined, asked: Asked, now: datetime) -> Table:
    """One indicator by place. Raises PlaceUnknown, LevelUnknown, SplitUnknown."""
    from collector.actions.definitions import definitions_of

    if asked.level not in {None, *_WIDE}:
        raise LevelUnknown(level=asked.level or "", known=", ".join(_WIDE))
    _require_split(defined.indicator, asked.by)
    if asked.area:
        get_place(session, asked.area)
    settled = definitions_of(session, asked.project_id)
    told = _Told(session, settled)
    base = Wanted(asked.project_id, (asked.code,), (asked.period,))
    home = home_of(asked.area)
    # All together and the parts, whatever it is split by.
    own = told.lines([] if home is None else cell_rows.rows(session, replace(base, at=home, by=None)))
    found = told.lines(_of_area(session, base, asked, home))
    return Table(
        defined,
        asked,
        next((one for one in own if not one.cell.split), None),
        tuple(one for one in own if one.part),
        tuple(found),
        tuple(one for one in settled.targets if one.indicator == asked.code),
        freshness(session, asked.project_id, now),
    )


def _of_area(session: Session, base: Wanted, asked: Asked, home: str | None) -> list[CellRow]:
    by = (asked.by,)
    if asked.level is not None:
        # Beyond the area there is nothing of it, so that it stands for what is wider.
        found = cell_rows.rows(session, replace(base, area=asked.area, level=asked.level, by=by))
        if found or not asked.area or _rank(asked.level) <= _rank(get_place(session, asked.area).level):
            return found
        return cell_rows.rows(session, replace(base, at=asked.area, by=by))
    if home is None:
        return [
            one
            for code in current().codes or ()
            for one in cell_rows.rows(session, replace(base, at=code, by=by))
        ]
    return cell_rows.rows(session, replace(base, under=home, by=by))


def _rank(level: str) -> int:
    return _WIDE.index(level)


def overview(
    session: Session, project_id: int, period: str, now: datetime, area: str | None = None
) -> Overview:
    """All indicators of one place and period. Raises PlaceUnknown."""
    from collector.actions.definitions import definitions_of

    if area:
        get_place(session, area)
    settled, home, kind = definitions_of(session, project_id), home_of(area), stored_kind(period)
    wanted = Wanted(project_id, periods=(period,), at=home)
    found = lines_of(session, settled, cell_rows.rows(session, wanted)) if home is not None else []
    by_code = {one.cell.code: one for one in found}
    return Overview(
        spot_of(session, home),
        period,
        tuple(
            (one, by_code.get(one.indicator.code))
            for one in settled.indicators
            if kind in one.indicator.periods
        ),
        freshness(session, project_id, now),
    )


def periods_of(session: Session, project_id: int, codes: Collection[str] = ()) -> list[str]:
    """The periods there are figures for, the latest first; of one kind after the other."""
    found = cells.periods_of(session, project_id, codes)
    return sorted(found, key=lambda one: (-last_day(one).toordinal(), KINDS.index(kind_of(one))))


def pages(session: Session, wanted: Wanted) -> Iterator[list[Line]]:
    """The cells of a file as lines, some at a time; `session` is for what is said about them."""
    from collector.actions.definitions import definitions_of

    told = _Told(session, definitions_of(session, wanted.project_id))
    for some in cell_rows.pages(wanted):
        yield told.lines(some)


def targets_of(session: Session, defined: Defined) -> list[Target]:
    """The targets in force for an indicator."""
    from collector.actions.definitions import definitions_of

    settled = definitions_of(session, defined.project_id)
    return [one for one in settled.targets if one.indicator == defined.indicator.code]


def lines_of(session: Session, settled: Settled, found: Sequence[CellRow]) -> list[Line]:
    """Cells as they are shown, in their order."""
    return _Told(session, settled).lines(found)


def line_of(session: Session, project_id: int, key: tuple[str, str, str, str]) -> Line | None:
    """One cell by code, period, place and split."""
    from collector.actions.definitions import definitions_of

    code, period, place, split = key
    name = split.partition("=")[0] if not split.startswith("!") else None
    wanted = Wanted(project_id, (code,), (period,), at=place, by=None if name is None else (name,))
    found = [one for one in cell_rows.rows(session, wanted) if one.split == split]
    return next(iter(lines_of(session, definitions_of(session, project_id), found)), None)


def targets_by_key(settled: Settled) -> dict[tuple[str, str], Target]:
    """The targets in force, by indicator and key as cells name it."""
    return {(one.indicator, one.key[:_LONGEST_KEY]): one for one in settled.targets}


class _Told:
    """Says of cells what is not kept in them: their targets, and who signed for them."""

    def __init__(self, session: Session, settled: Settled) -> None:
        self._session = session
        self._project_id = settled.project_id
        self._targets = targets_by_key(settled)
        self._signed: dict[tuple[str, str], str] = {}
        self._asked: set[str] = set()

    def lines(self, found: Sequence[CellRow]) -> list[Line]:
        """The cells, in their order."""
        self._look({one.period for one in found})
        above = self._above(found)
        return [
            Line(
                one,
                _place_of(one),
                split_of(one.split),
                self._targets.get((one.code, one.target_key or "")),
                self._state(one, above.get(one.place_code, ())),
            )
            for one in found
        ]

    def _look(self, periods: set[str]) -> None:
        fresh = periods - self._asked
        if fresh:
            self._asked |= fresh
            several = approvals.newest(self._session, self._project_id, fresh)
            self._signed |= {(one.place_code, one.period): one.state for one in several}

    def _above(self, found: Iterable[CellRow]) -> Mapping[str, Sequence[str]]:
        periods = {period for _place, period in self._signed}
        codes = {one.place_code for one in found if one.place_code and one.period in periods}
        return chains_of(self._session, codes).above if codes else {}

    def _state(self, cell: CellRow, above: Sequence[str]) -> str:
        several = {self._signed.get((code, cell.period)) for code in above}
        return LOCKED if LOCKED in several else CONFIRMED if CONFIRMED in several else ""


def split_of(text: str) -> dict[str, str]:
    """What a cell is split by: name to answer; nothing for all together and for part of a place."""
    if not text or text.startswith("!"):
        return {}
    name, _sign, value = text.partition("=")
    return {name: value}


def _place_of(cell: CellRow) -> Spot | None:
    if cell.name is None or cell.level is None:
        return None
    return Spot(cell.place_code, cell.name, cell.level, cell.parent_code)


def spot_of(session: Session, code: str | None) -> Spot | None:
    """A place by its code, None for the whole country. Raises PlaceUnknown."""
    if not code:
        return None
    place = get_place(session, code)
    return Spot(place.code, place.name, place.level, place.parent_code)


def home_of(area: str | None) -> str | None:
    """The place whose figures are all together: the area, or what the asker sees; None where no one is."""
    if area is not None:
        return area
    codes = current().codes
    if codes is None:
        return WHOLE_COUNTRY
    return codes[0] if len(codes) == 1 else None


def _require_split(indicator: Indicator, by: str) -> None:
    known = [one.name for one in indicator.disaggregate]
    if by and by not in known:
        raise SplitUnknown(code=indicator.code, name=by, known=", ".join(known) or "–")
