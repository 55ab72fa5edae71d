"""All cells of some periods, commune by commune, then the places around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.places import COMMUNE
from storage.cells import provinces, units, writing
from storage.cells.classes import Classes
from storage.cells.counting import Focus, Questions
from storage.cells.tree import ROOT, Tree
from storage.cells.working import Stock, Working
from storage.groups import in_groups
from storage.models import Entity, EntityList, FigureUnit, Form, Submission
from storage.planning import learn
from storage.queries import approvals
from storage.snapshot import snapshot

A_BATCH = 120
"""Places worked out in one snapshot, about."""

Writes: TypeAlias = Callable[[Session, datetime], None]
"""Writes something, at that moment."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Which periods are worked out; `whole`: they are all there are, and other cells go."""

    periods: Collection[str]
    whole: bool


class Rebuilding:
    """Works out everything of some periods; `put` does a piece of writing in its turn."""

    def __init__(self, questions: Questions, tree: Tree, today: date, put: Callable[[Writes], None]) -> None:
        self._questions = questions
        self._plan = questions.plan
        self._tree = tree
        self._today = today
        self._put = put
        self._classes: Classes | None = None

    def follow(self) -> None:
        """Bring what is kept of units up to date, everywhere."""
        several = units.followed(self._plan)
        self._put(lambda session, _now: units.forget(session, self._plan, [one.by for one in several]))
        with snapshot() as session:
            places = sorted(self._filled(session))
        for one in several:
            for some in in_groups(places, units.PLACES_AT_ONCE):
                with snapshot() as session:
                    what = units.moved(session, one, some)
                for part in what.parts(writing.AT_ONCE):
                    self._put(partial(units.write_now, part))
        self._put(lambda session, _now: learn(session, FigureUnit))

    def run(self, pieces: Pieces, progress: Callable[[int, int], None]) -> int:
        """Work out and write; returns how many cells were written."""
        plan = self._plan
        codes = frozenset(plan.indicators)
        with snapshot() as session:
            places = self._places(session)
            frozen = self._frozen(session, places, pieces.periods)
            stock = Stock(frozen=frozen)
            focus = self._focus(codes, pieces, places, frozen)
            self._classes = Classes(session, plan, self._tree)
            stock.once = self._working(session).values(focus)
        batches = list(self._batches(places))
        written = 0
        for number, some in enumerate(batches):
            written += self._batch(self._focus(codes, pieces, some, frozen), stock)
            progress(number + 1, len(batches))
        if pieces.whole:
            written += self._remove(codes, self._focus(codes, pieces, places, ()))
        return written

    def _working(self, session: Session) -> Working:
        return Working(session, self._questions, self._tree, self._today, self._classes)

    def _batch(self, focus: Focus, stock: Stock) -> int:
        with snapshot() as session:
            cells = self._working(session).work_out(focus, stock)
            changes = writing.differences(session, self._plan.project_id, focus, cells)
        for some in in_groups(changes, writing.AT_ONCE):
            self._put(partial(writing.write, some))
        # What lies in a commune is in its sums; only these are still asked for.
        done = focus.everywhere
        for code, period in list(stock.fresh):
            if code and self._tree.spots[code].parent in done:
                del stock.fresh[code, period]
        return len(changes)

    def _remove(self, codes: frozenset[str], focus: Focus) -> int:
        with snapshot() as session:
            changes = writing.strange(session, self._plan.project_id, codes, focus.places)
        for some in in_groups(changes, writing.AT_ONCE):
            self._put(partial(writing.write, some))
        return len(changes)

    def _focus(
        self,
        codes: frozenset[str],
        pieces: Pieces,
        places: Collection[str],
        frozen: Collection[tuple[str, str]],
    ) -> Focus:
        several = {
            period: {code for code in places if (code, period) not in frozen} for period in pieces.periods
        }
        return Focus(codes, several)

    def _places(self, session: Session) -> set[str]:
        """What is in force in the provinces that take part, and what else has something to count there."""
        tree = self._tree
        taking_part = provinces.taking_part(session, self._plan.project_id, tree)
        found = {
            code
            for code in {one for top in taking_part for one in tree.below(top) if tree.spots[one].in_force}
            | self._filled(session)
            if code == ROOT or tree.top(code) in taking_part
        }
        return {above for code in found for above in tree.above(code)} | {ROOT}

    def _filled(self, session: Session) -> set[str]:
        """The places of records and of members of lists."""
        project_id = self._plan.project_id
        records = (
            select(Submission.place_code)
            .join(Form, Form.id == Submission.form_id)
            .where(Form.project_id == project_id)
        )
        members = (
            select(Entity.place_code)
            .join(EntityList, EntityList.id == Entity.list_id)
            .where(EntityList.project_id == project_id)
        )
        found = {code or ROOT for query in (records, members) for code in session.scalars(query.distinct())}
        return {code for code in found if code == ROOT or code in self._tree.spots}

    def _frozen(
        self, session: Session, places: Collection[str], periods: Collection[str]
    ) -> set[tuple[str, str]]:
        locks = approvals.locked(session, self._plan.project_id, periods)
        return {(code, period) for lock, period in locks for code in self._tree.below(lock) if code in places}

    def _batches(self, places: Collection[str]) -> Iterator[set[str]]:
        """Communes with what lies in them, some at a time; then the rest, innermost first."""
        taken: set[str] = set()
        some: set[str] = set()
        for code in sorted(places):
            if code == ROOT or self._tree.level(code) != COMMUNE:
                continue
            some |= {one for one in self._tree.below(code) if one in places}
            if len(some) >= A_BATCH:
                yield some
                taken, some = taken | some, set()
        if some:
            yield some
        rest = set(places) - taken - some
        if rest:
            yield rest
