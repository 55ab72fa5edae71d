"""⑧ Figures: which ones the surveys define, and what they come to, place by place, as the map was on a day.

Sums are added up to the place asked for, and divided last. Figures of few people are shown as they are:
small cells are not suppressed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.problems import IndicatorNotMeasured
from forms.periods import SPOKEN, Period, read_period
from forms.places import COMMUNE, DISTRICT, PROVINCE, VILLAGE
from storage.database import db
from storage.models import Place
from storage.problems import (
    IndicatorAmbiguous,
    IndicatorNotFound,
    LevelUnknown,
    PeriodUnknown,
    PlaceUnknown,
    SplitUnknown,
)
from storage.queries.indicators import Counted, Sums, sums
from storage.queries.whereabouts import Break, Chains, Spot, breaks_between, chains_of, lying_in, own_of

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never measure.
    from collector.actions.definitions import Defined
    from forms.indicators.definition import Indicator, Split

LEVELS = (VILLAGE, COMMUNE, DISTRICT, PROVINCE)
"""From the narrowest to the widest; districts were closed on 30 June 2025."""

MOST_PERIODS = 40
"""Periods of one series."""

_KEPT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a figure is asked for.

    `by`: names of questions it may be split by. `area`: the code of a place, only what lies in it.
    `level`: the level places are added up to; None keeps the places of the records. `period`: only what
    counts for it. `on`: the day whose map holds; None is today's.
    """

    by: tuple[str, ...] = ()
    area: str | None = None
    level: str | None = None
    period: Period | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its sums, the records it rests on, and the value, None where it divides by nothing."""

    numerator: float
    denominator: float | None
    value: float | None
    counted: int


@dataclass(frozen=True, slots=True)
class Row:
    """The figure of one place (code "" = none given; name None = code unknown) and one split."""

    code: str
    place: Spot | None
    split: Mapping[str, str | None]
    figure: Figure


@dataclass(frozen=True)
class Measured:
    """An indicator: all together, and by place and split. `codes` are all places it was added up along."""

    total: Figure
    rows: tuple[Row, ...]
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Point:
    """An indicator in one period; `breaks` are what changed on the map since the one before."""

    period: Period
    measured: Measured
    breaks: tuple[Break, ...]


def indicators(session: Session, project_ids: Collection[int]) -> list[Defined]:
    """Every indicator in force in these projects: of their forms, and of their programmes."""
    from collector.actions.definitions import definitions_of

    return [one for number in project_ids for one in definitions_of(session, number).indicators]


def find(session: Session, project_ids: Collection[int], code: str, *, form_id: str | None = None) -> Defined:
    """The indicator of that code.

    Raises IndicatorNotFound, and IndicatorAmbiguous where several forms have it.
    """
    found = [
        one
        for one in indicators(session, project_ids)
        if one.indicator.code == code and form_id in {None, one.form_id}
    ]
    if not found:
        raise IndicatorNotFound(code=code)
    if len(found) > 1:
        raise IndicatorAmbiguous(code=code, forms=", ".join(one.form_id or "–" for one in found))
    return found[0]


def measurable(defined: Defined) -> bool:
    """Whether an indicator rests on the records of one form alone, each for itself."""
    from storage.figures import in_one_question

    return defined.counted is not None and in_one_question(defined.indicator)


def measure(defined: Defined, wanted: Wanted) -> Measured:
    """The figures of an indicator from the answers there are now.

    Raises PlaceUnknown, LevelUnknown, SplitUnknown, and IndicatorNotMeasured for one that rests on more
    than the records of one form.
    """
    if wanted.level is not None and wanted.level not in LEVELS:
        raise LevelUnknown(level=wanted.level, known=", ".join(LEVELS))
    indicator = _split(defined.indicator, wanted.by)
    if defined.counted is None or not measurable(defined):
        raise IndicatorNotMeasured(code=indicator.code)
    approved = defined.counted.sheets.get("counts") == "approved"
    # One connection at a time: many who measure at once would else wait for each other's second one.
    db.session().rollback()
    counted = Counted(approved=approved, period=wanted.period, as_sent=wanted.on is not None)
    found = sums(defined.counted.form_id, indicator, counted)
    session = db.session()
    if wanted.area is not None and session.get(Place, wanted.area) is None:
        raise PlaceUnknown(code=wanted.area)
    chains = chains_of(session, {one.place for one in found}, wanted.on)
    held = _Held(session, chains, wanted)
    cells: dict[tuple[str, tuple[str | None, ...]], list[Sums]] = {}
    for one in found:
        above = chains.above[one.place]
        if held.counts(one.place):
            cells.setdefault((held.at_level(above), one.split), []).append(one)
    names = [answer.name for answer in indicator.disaggregate]
    rows = [
        Row(code, chains.spots.get(code), dict(zip(names, split, strict=True)), _added(indicator, several))
        for (code, split), several in sorted(cells.items(), key=_order)
    ]
    total = _added(indicator, [one for several in cells.values() for one in several])
    along = (code for one in found for code in chains.above[one.place] if held.counts(one.place))
    return Measured(total, tuple(rows), frozenset(along))


def series(defined: Defined, wanted: Wanted, periods: Sequence[Period]) -> list[Point]:
    """The figures of an indicator in some periods, earliest first, each on the map of its last day.

    What ends in the future is told on today's map. Raises what `measure` raises.
    """
    measured = [
        (one, measure(defined, replace(wanted, period=one, on=wanted.on or one.last)))
        for one in sorted(periods, key=lambda one: (one.last, one.first))
    ]
    points: list[Point] = []
    before: tuple[Period, Measured] | None = None
    for period, found in measured:
        codes = found.codes | (before[1].codes if before else frozenset())
        breaks = breaks_between(db.session(), before[0].last, period.last, codes) if before else []
        points.append(Point(period, found, tuple(breaks)))
        before = (period, found)
    return points


def period_of(text: str) -> Period:
    """A period as it is asked for. Raises PeriodUnknown."""
    found = read_period(text)
    if found is None:
        raise PeriodUnknown(period=text[:40], known=SPOKEN)
    return found


class _Held:
    """What a figure may be added up to: never beyond the area asked for, nor the asker's own places."""

    def __init__(self, session: Session, chains: Chains, wanted: Wanted) -> None:
        self._chains, self._wanted = chains, wanted
        every = {code for above in chains.above.values() for code in above if code}
        self._own = own_of(session, every)
        if wanted.area is not None:
            area = wanted.area
            if wanted.on is None:
                self._own &= {code for above in chains.above.values() for code in _up_to(above, area)}
            else:
                self._own &= lying_in(session, every, area, wanted.on)

    def counts(self, place: str) -> bool:
        """Whether a place lies in the area asked for."""
        return self._wanted.area is None or place in self._own

    def at_level(self, above: Sequence[str]) -> str:
        """Where a record is added up."""
        spots = self._chains.spots
        if self._wanted.level is None or above[0] not in spots:
            return above[0]
        widest, here = LEVELS.index(self._wanted.level), above[0]
        for code in above:
            if code not in self._own or code not in spots:
                break
            here = code
            if LEVELS.index(spots[code].level) >= widest:
                break
        return here


def splittable(indicator: Indicator) -> list[Split]:
    """The questions an answer of the moment may be split by: neither bands nor classes of communes."""
    return [one for one in indicator.disaggregate if one.answer is not None and not one.bands]


def _split(indicator: Indicator, by: Sequence[str]) -> Indicator:
    known = {one.name: one for one in splittable(indicator)}
    for name in by:
        if name not in known:
            raise SplitUnknown(code=indicator.code, name=name, known=", ".join(known) or "–")
    return replace(indicator, disaggregate=tuple(known[name] for name in dict.fromkeys(by)))


def _up_to(above: Sequence[str], area: str) -> Sequence[str]:
    return above[: above.index(area) + 1] if area in above else ()


def _order(cell: tuple[tuple[str, tuple[str | None, ...]], list[Sums]]) -> tuple[str, tuple[str, ...]]:
    (code, split), _sums = cell
    return code, tuple(part or "" for part in split)


def _added(indicator: Indicator, several: Sequence[Sums]) -> Figure:
    numerator = sum((one.numerator for one in several), 0.0)
    below = [one.denominator for one in several if one.denominator is not None]
    denominator = sum(below, 0.0) if indicator.denominator is not None else None
    counted = sum(one.counted for one in several)
    return Figure(numerator, denominator, indicator.value(numerator, denominator), counted)
