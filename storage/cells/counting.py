"""The answers of a plan's questions, put where they belong: what was counted in each place and period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, literal, select
from sqlalchemy.orm import Session

from forms.indicators.definition import Rows
from forms.indicators.rollup import COUNTED, Tally, split_text
from forms.period_kinds import first_day, kind_of, last_day, month_in, months_of
from storage.cells.classes import Classes
from storage.cells.plan import Column, Feed, FormGround, Plan, Scan
from storage.cells.scans import ANYWHERE, HERE, NOWHERE, is_count, live, question
from storage.cells.tree import CENTRE, ROOT, Tree
from storage.database import line_of
from storage.groups import in_groups
from storage.models import Submission
from storage.portable import month_text
from storage.portable_lists import listed
from storage.swift import Swift

AT_ONCE = 2000
"""Places named in one question."""

_SUBMISSIONS = Submission.__table__.c


@dataclass(frozen=True)
class Focus:
    """What is worked out: some indicators, and for each period the places."""

    codes: frozenset[str]
    places: Mapping[str, Collection[str]]

    @property
    def everywhere(self) -> set[str]:
        """All places of any period."""
        return {code for several in self.places.values() for code in several}


Tallies = defaultdict[tuple[str, str], Tally]
"""By place and period."""


class _Flow(NamedTuple):
    """Where in a row a sum and its count stand, and who wants it whole and in parts."""

    sum_at: int
    count_at: int
    whole: Sequence[Feed]
    parts: Sequence[Feed]


class Questions:
    """The statements of a plan, each made once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._made: dict[tuple[int, str], Swift | None] = {}

    def of(self, number: int, where: str) -> Swift | None:
        """The statement of a scan, `where` as `storage.cells.scans.question` takes it."""
        key = number, where
        if key not in self._made:
            query = question(self.plan, self.plan.scans[number], where=where)
            self._made[key] = None if query is None else Swift(query)
        return self._made[key]


class Counting:
    """Counts what a focus names, in one snapshot."""

    def __init__(
        self, session: Session, questions: Questions, tree: Tree, focus: Focus, classes: Classes
    ) -> None:
        self._session = session
        self._line = line_of(session)
        self._classes = classes
        self._questions = questions
        self._plan = questions.plan
        self._tree = tree
        self._focus = focus
        self.tallies: Tallies = defaultdict(Tally)
        self._periods = _by_month(focus.places)

    def count(self) -> Tallies:
        """What was counted right in each place, but for what is to be counted once."""
        for number, scan in enumerate(self._plan.scans):
            if not scan.once and not scan.codes.isdisjoint(self._focus.codes):
                self._count(number, scan)
        for ground in self._reporting():
            self._arrivals(ground)
        return self.tallies

    def count_once(self) -> Tallies:
        """The values to be counted once, in each place with all that lies in it."""
        for number, scan in enumerate(self._plan.scans):
            if scan.once and not scan.codes.isdisjoint(self._focus.codes):
                self._count(number, scan)
        return self.tallies

    def _count(self, number: int, scan: Scan) -> None:
        if scan.periodic:
            for period, places in self._focus.places.items():
                if self._wants(scan, period):
                    self._ask(number, scan, places, [period])
        else:
            wanted = [period for period in self._focus.places if self._wants(scan, period)]
            if wanted:
                self._ask(number, scan, self._focus.everywhere, wanted)

    def _wants(self, scan: Scan, period: str) -> bool:
        kind = kind_of(period)
        return any(kind in self._plan.indicators[code].periods for code in scan.codes & self._focus.codes)

    def _ask(self, number: int, scan: Scan, places: Collection[str], periods: list[str]) -> None:
        days = {"first": min(map(first_day, periods)), "last": max(map(last_day, periods))}
        take = self._values if scan.once else self._sums
        only = periods[0] if scan.periodic else None
        if scan.once:
            # To be counted once in a province, values have to come from all its places.
            query = self._questions.of(number, ANYWHERE)
            if query is not None:
                take(scan, query.all(self._line, days), only)
            return
        if ROOT in places and (query := self._questions.of(number, NOWHERE)) is not None:
            take(scan, query.all(self._line, days), only)
        query = self._questions.of(number, HERE)
        if query is None:
            return
        meant = self._with_former(scan, places) if scan.source.rows is Rows.PLACES else set(places)
        for some in in_groups(sorted(meant - {ROOT}), AT_ONCE):
            take(scan, query.all(self._line, {**days, "places": listed(some)}), only)

    def _with_former(self, scan: Scan, places: Collection[str]) -> set[str]:
        wanted = set(places)
        level = scan.source.name
        former = {
            old
            for old, new in self._tree.became.items()
            if new in wanted and old in self._tree.spots and self._tree.level(old) == level
        }
        return wanted | former

    def _sums(self, scan: Scan, rows: Iterable[Any], only: str | None) -> None:
        flows: dict[str, list[_Flow]] = {}
        for place, month, value, *amounts in rows:
            code = self._counts_at(scan, place)
            split = None
            if scan.by is not None and (value or not scan.by.bands):
                split = split_text(scan.by.name, value)
            for period in self._meant(code, month, only):
                kind = kind_of(period)
                if kind not in flows:
                    flows[kind] = self._flows(scan, kind)
                self._pour(self.tallies[code, period], flows[kind], amounts, split)

    def _flows(self, scan: Scan, kind: str) -> list[_Flow]:
        """For periods of a kind, where in a row each sum and its count stand, and where they go."""
        found, counts = [], len(scan.columns)
        for number, column in enumerate(scan.columns):
            count_at = number
            if not is_count(column.measure):
                count_at, counts = counts, counts + 1
            feeds = [
                [feed for feed in several if self._takes(feed, kind)]
                for several in (column.whole, column.parts)
            ]
            found.append(_Flow(number, count_at, *feeds))
        return found

    def _pour(self, tally: Tally, flows: Sequence[_Flow], amounts: Sequence[Any], split: str | None) -> None:
        for number, count_at, whole, parts in flows:
            amount = amounts[number]
            if amount is None:
                continue
            for feed in whole:
                tally.add((feed.code, ""), feed.side, amount)
                if feed.counts:
                    tally.add((feed.code, ""), COUNTED, amounts[count_at])
            if split is not None:
                for feed in parts:
                    tally.add((feed.code, split), feed.side, amount)
                    if feed.counts:
                        tally.add((feed.code, split), COUNTED, amounts[count_at])

    def _values(self, scan: Scan, rows: Iterable[Any], only: str | None) -> None:
        [column] = scan.columns
        for place, month, value, counted in rows:
            above = self._tree.above(self._counts_at(scan, place))
            commune = self._tree.commune_of(above[0])
            for code in above:
                at = commune if commune is None or above.index(code) >= above.index(commune) else None
                for period in self._meant(code, month, only):
                    for feed, split in self._splits(scan, column, value, (at, period)):
                        key = feed.code, split, feed.side, feed.counts
                        self.tallies[code, period].values.setdefault(key, set()).add(counted)

    def _splits(
        self, scan: Scan, column: Column, value: str, at: tuple[str | None, str]
    ) -> Iterator[tuple[Feed, str]]:
        """Who counts a value, and as part of what; `at`: the commune whose classes it belongs to, period."""
        commune, period = at
        for feed in column.whole:
            if self._takes(feed, kind_of(period)):
                yield feed, ""
                if commune is not None:
                    for split in self._classes.of(feed.code, commune, period):
                        yield feed, split
        if scan.by is not None and (value or not scan.by.bands):
            for feed in column.parts:
                if self._takes(feed, kind_of(period)):
                    yield feed, split_text(scan.by.name, value)

    def _takes(self, feed: Feed, kind: str) -> bool:
        return feed.code in self._focus.codes and kind in self._plan.indicators[feed.code].periods

    def _counts_at(self, scan: Scan, place: str | None) -> str:
        code = place or ROOT
        if scan.source.rows is Rows.PLACES and not self._tree.spots[code].in_force:
            return self._tree.became.get(code, code)
        return code

    def _meant(self, code: str, month: str, only: str | None) -> Iterable[str]:
        """The periods in the focus that a row counts for in a place."""
        if only is not None:
            several: Iterable[str] = (only,)
        else:
            several = self._periods.get(month_in(month), ()) if month else self._focus.places
        return [period for period in several if code in self._focus.places[period]]

    # Who has reported -----------------------------------------------------------------------------------

    def _reporting(self) -> list[FormGround]:
        found = {}
        for code in self._focus.codes:
            ground = self._plan.reporting(code)
            if ground is not None and ground.unit is not None:
                found[ground.xml_form_id] = ground
        return list(found.values())

    def _arrivals(self, ground: FormGround) -> None:
        """Note in each place that records of a form came from there, or from how many centres."""
        query = _arrived(ground, self._focus.places)
        found: dict[tuple[str, str], set[Any]] = defaultdict(set)
        for some in in_groups(sorted(self._focus.everywhere - {ROOT}), AT_ONCE):
            rows = self._session.connection().execute(query.where(_SUBMISSIONS.place_code.in_(some)))
            for place, told, value in rows:
                for period in self._meant(place, told, None):
                    found[place, period].add(value)
        for at, values in found.items():
            self.tallies[at].reports[ground.xml_form_id] = len(values - {None, ""})


def _arrived(ground: FormGround, periods: Iterable[str]) -> Select[Any]:
    """Place, month, and which centre has reported there (1 where no centres are counted)."""
    first, last = min(map(first_day, periods)), max(map(last_day, periods))
    root = ground.tables[""]
    source: FromClause = Submission.__table__
    who: Any = literal(1)
    if ground.unit == CENTRE and ground.centre is not None:
        source = source.join(root.joined, root.table.c.submission_id == _SUBMISSIONS.id)
        who = root.column(ground.centre)
    return (
        select(_SUBMISSIONS.place_code, month_text(_SUBMISSIONS.reported_on), who)
        .select_from(source)
        .where(live(ground), _SUBMISSIONS.reported_on.between(first, last))
        .distinct()
    )


def _by_month(periods: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for period in periods:
        for month in months_of(period):
            found[month].append(period)
    return found
