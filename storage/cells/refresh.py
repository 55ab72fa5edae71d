"""Figures brought up to date: what marks name, or everything.

Worked out in snapshots, outside of any transaction; written in slices; the marks that were read are
removed with the last one. What arrives in between is marked anew and waits for the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.period_kinds import kind_of, month_of, period_of
from forms.values import HOME
from storage.cells import marks, play, provinces, stamps, units, writing
from storage.cells.classes import Classes
from storage.cells.counting import Focus, Questions
from storage.cells.plan import Plan
from storage.cells.rebuilding import Pieces, Rebuilding
from storage.cells.tree import ROOT, Tree, read_tree
from storage.cells.units import followed
from storage.cells.working import Stock, Working
from storage.cells.writing import Change
from storage.database import transaction
from storage.groups import in_groups
from storage.models import FigureMark
from storage.queries import approvals
from storage.snapshot import snapshot

MOST_PLACES = 300
"""Marked places beyond which everything is worked out: it is read in larger pieces then."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as it was read."""

    number: int
    source: str
    place: str | None
    day: date | None


@dataclass
class _Wanted:
    """What marks name: `gone` periods have no records any more, `fresh` ones had no cells so far."""

    codes: frozenset[str]
    places: dict[str, set[str]]
    gone: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    touched: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Map:
    """The places and what they are, as long as the stamp of the map stays the same."""

    stamp: int
    tree: Tree
    classes: Classes


class Refresh:
    """Brings the cells of one project up to date; `clock` tells the moment."""

    def __init__(self, plan: Plan, clock: Callable[[], datetime]) -> None:
        self._plan = plan
        self._clock = clock
        self._questions = Questions(plan)
        self._holder = uuid4().hex
        self._map: _Map | None = None

    def run(self, *, everything: bool = False, progress: Progress = lambda _done, _all: None) -> int | None:
        """Work out what is marked, or everything; returns how many cells were written.

        None where somebody else is at it. Raises TurnLost where he took over.
        """
        project_id = self._plan.project_id
        if not writing.take_turn(project_id, self._holder, self._clock()):
            return None
        try:
            return self._everything(progress) if everything else self._marked(progress)
        finally:
            writing.give_back(project_id, self._holder)

    @property
    def _today(self) -> date:
        return self._clock().astimezone(HOME).date()

    def _everything(self, progress: Progress) -> int:
        with transaction(noticed=False) as session:
            # So that what is interrupted is taken up again.
            marks.mark_definitions(session, self._plan.project_id)
        with snapshot() as session:
            moment, found = self._clock(), read_marks(session, self._plan.project_id)
            tree, periods = read_tree(session), play.in_play(session, self._plan, self._today)
        rebuilding = Rebuilding(self._questions, tree, self._today, self._in_turn)
        rebuilding.follow()
        cells = rebuilding.run(Pieces(periods, whole=True), progress)
        self._done([mark.number for mark in found], moment)
        return cells

    # What is marked -------------------------------------------------------------------------------------

    def _marked(self, progress: Progress) -> int:
        found = self._follow()
        with snapshot() as session:
            moment, here = self._clock(), self._read_map(session)
            tree = here.tree
            strange, more = self._strange(session, tree, found)
            wanted = None if more or _is_much(found) else self._wanted(session, tree, found, strange)
            changes = [] if wanted is None else self._changes(session, here, wanted)
        if wanted is None:
            return self._everything(progress)
        for some in in_groups(changes, writing.AT_ONCE):
            self._in_turn(partial(writing.write, some))
        # After what is gone has gone, which growth would still be measured from.
        if wanted.fresh:
            rebuilding = Rebuilding(self._questions, tree, self._today, self._in_turn)
            rebuilding.run(Pieces(wanted.fresh, whole=False), progress)
        self._done([mark.number for mark in found], moment, wanted.touched)
        return len(changes)

    def _read_map(self, session: Session) -> _Map:
        """The map as this snapshot has it."""
        stamp = stamps.stamp(session, self._plan.project_id, [marks.PLACES])
        if self._map is None or self._map.stamp != stamp:
            tree = read_tree(session)
            self._map = _Map(stamp, tree, Classes(session, self._plan, tree))
        return self._map

    def _in_turn(self, do: Callable[[Session, datetime], None]) -> None:
        """A transaction of whoever has the turn."""
        with transaction(noticed=False) as session:
            writing.keep_turn(session, self._plan.project_id, self._holder, self._clock())
            do(session, self._clock())

    def _done(
        self, numbers: Collection[int], moment: datetime, touched: Collection[tuple[str, str]] = ()
    ) -> None:
        """Remove the marks that were read, and say of what moment the figures are."""
        project_id = self._plan.project_id
        with transaction(noticed=False) as session:
            writing.keep_turn(session, project_id, self._holder, self._clock())
            writing.remove_marks(session, project_id, numbers)
            writing.note_refreshed(session, project_id, moment)
            approvals.note_changed(session, project_id, touched, moment)

    def _follow(self) -> list[Mark]:
        """The marks there are, and those that follow from units with records elsewhere."""
        project_id = self._plan.project_id
        with snapshot() as session:
            found = read_marks(session, project_id)
        places: dict[str, set[str]] = {}
        for mark in found:
            if mark.place is not None:
                places.setdefault(mark.source, set()).add(mark.place)
        mine = [one for one in followed(self._plan) if marks.form_source(one.ground.form_id) in places]
        if not mine or _is_much(found):
            return found
        with snapshot() as session:
            named = [(one, places[marks.form_source(one.ground.form_id)]) for one in mine]
            several = [(one, here, units.moved(session, one, here)) for one, here in named]
        with transaction(noticed=False) as session:
            writing.keep_turn(session, project_id, self._holder, self._clock())
            for one, here, what in several:
                units.write(session, what)
                source = marks.form_source(one.ground.form_id)
                for code, day in sorted(units.elsewhere(session, what, here)):
                    made = FigureMark(project_id=project_id, source=source, place_code=code, day=day)
                    session.add(made)
                    session.flush()
                    found.append(Mark(made.id, source, code, day))
        return found

    def _strange(self, session: Session, tree: Tree, found: Iterable[Mark]) -> tuple[set[str], bool]:
        """The provinces marks are about that have no figures, and whether one of them is to have some now."""
        places = {mark.place for mark in found if mark.place is not None}
        return provinces.come_new(session, self._plan.project_id, tree, places)

    def _wanted(
        self, session: Session, tree: Tree, found: Iterable[Mark], strange: Collection[str]
    ) -> _Wanted:
        plan = self._plan
        there, now = play.stored(session, plan), play.current(plan, self._today)
        codes: set[str] = set()
        places: dict[str, set[str]] = {}
        # A village sends many records on a day, and they all leave the same mark.
        for mark in {(one.source, one.place, one.day): one for one in found}.values():
            if mark.place in tree.spots and tree.top(mark.place or ROOT) in strange:
                continue
            mine, periods, several = self._named(tree, mark, there)
            codes |= mine
            above = {around for code in several for around in tree.above(code)}
            for period in periods if mine else ():
                places.setdefault(period, set()).update(above)
        for period in list(places):
            for one in play.years_later(plan, codes, [period], there):
                places.setdefault(one, set()).update(places[period])
        # When a period begins, another may have ended of which nothing was ever reported.
        looked = places.keys() | there if now - there else places.keys()
        gone = {one for one in looked - now if not play.alive(session, plan, one)}
        fresh = (now | places.keys()) - there - gone
        # Growth is measured from what appears or goes, everywhere.
        fresh |= play.years_later(plan, plan.indicators, gone | fresh, there)
        return _Wanted(frozenset(codes), places, gone, fresh - gone)

    def _named(self, tree: Tree, mark: Mark, there: Collection[str]) -> tuple[set[str], set[str], set[str]]:
        """The indicators, periods and places a mark is about."""
        plan, place = self._plan, mark.place or ROOT
        known = {place} if place in tree.spots or place == ROOT else {ROOT}
        if mark.source.startswith("period:"):
            period = mark.source.removeprefix("period:")
            return set(plan.indicators), {period}, {code for one in known for code in tree.below(one)}
        codes = plan.resting_on(mark.source)
        kinds = play.kinds_of(plan, codes)
        if mark.day is None:
            return set(codes), {period for period in there if kind_of(period) in kinds}, known
        return set(codes), {period_of(month_of(mark.day), kind) for kind in kinds}, known

    def _changes(self, session: Session, here: _Map, wanted: _Wanted) -> list[Change]:
        project_id = self._plan.project_id
        frozen = frozen_among(session, here.tree, project_id, wanted.places)
        wanted.touched = {lock for several in frozen.values() for lock in several}
        places = {
            period: {code for code in several if (code, period) not in frozen}
            for period, several in wanted.places.items()
            if period not in wanted.gone | wanted.fresh
        }
        places = {period: several for period, several in places.items() if several}
        found = writing.of_periods(session, project_id, wanted.gone) if wanted.gone else []
        if places and wanted.codes:
            focus = Focus(wanted.codes, places)
            working = Working(session, self._questions, here.tree, self._today, here.classes)
            cells = working.work_out(focus, Stock())
            found += writing.differences(session, project_id, focus, cells)
        return found


def waits(session: Session) -> set[int]:
    """The projects that have open marks."""
    return set(session.scalars(select(FigureMark.project_id).distinct()))


def read_marks(session: Session, project_id: int) -> list[Mark]:
    """The open marks of a project, the earliest first."""
    columns = (FigureMark.id, FigureMark.source, FigureMark.place_code, FigureMark.day)
    rows = session.execute(
        select(*columns).where(FigureMark.project_id == project_id).order_by(FigureMark.id)
    )
    return [Mark(*row) for row in rows]


def frozen_among(
    session: Session, tree: Tree, project_id: int, places: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Those of these places and periods that are locked or lie in what is, with the locks that hold them."""
    locks = approvals.locked(session, project_id, places)
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for period in {period for _place, period in locks}:
        for code in places.get(period, ()):
            held = {(one, period) for one in tree.above(code) if (one, period) in locks}
            if held:
                found[code, period] = held
    return found


def _is_much(found: Sequence[Mark]) -> bool:
    """Whether it is quicker, or the only way, to work everything out."""
    everything = {marks.PLACES, marks.DEFINITIONS}
    if any(mark.place is None or mark.source in everything for mark in found):
        return True
    return len({mark.place for mark in found}) > MOST_PLACES
