"""Cells worked out: what was counted in each place added up to those around it, divided, held to targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isnan, nan
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.expressions.arithmetic import evaluate
from forms.indicators.definition import Indicator, Measure, Rows
from forms.indicators.rollup import COUNTED, DENOMINATOR, NUMERATOR, Tally, part_text
from forms.period_kinds import kind_of, last_day, years_before
from forms.places import COMMUNE, PROVINCE
from storage.cells.classes import Classes
from storage.cells.counting import Counting, Focus, Questions, Tallies
from storage.cells.judging import Judge
from storage.cells.plan import Plan, named_by
from storage.cells.tree import CENTRE, RANKS, ROOT, Tree, expected_centres, expected_places
from storage.groups import in_groups
from storage.models import IndicatorCell

_CELLS = IndicatorCell.__table__.c

CellKey = tuple[str, str, str, str]
"""Indicator, period, place, split."""

COLUMNS = (
    "numerator",
    "denominator",
    "counted",
    "value",
    "expected",
    "received",
    "target_key",
    "target_value",
    "to_reach",
    "status",
)
"""What a cell says beside its key and moment."""

Row = tuple[Any, ...]
"""The values of COLUMNS."""


@dataclass
class Stock:
    """What is kept from one batch of places to the next: tallies of those whose parents are still to come.

    `once`: the values of every place that are counted once, collected beforehand. `frozen`: everything is
    worked out but these places and periods, so only what is stored of them counts; None where what is not
    worked out now is as it is stored.
    """

    fresh: dict[tuple[str, str], Tally] = field(default_factory=dict)
    once: Tallies | None = None
    frozen: Collection[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """Of one place and period: stored numerators its figures rest on, units expected, what is fresh."""

    at: tuple[str, str]
    others: Mapping[tuple[str, str], float]
    expected: Mapping[str, int]
    fresh: Mapping[tuple[str, str], Tally]

    def numerator(self, tally: Tally, key: tuple[str, str]) -> float:
        """The numerator of another indicator here."""
        found = tally.sums.get(key)
        return found[NUMERATOR] if found is not None else self.others.get(key, 0.0)

    def earlier(self, code: str, period: str, split: str) -> float:
        """The numerator of an earlier period here."""
        fresh = self.fresh.get((self.at[0], period))
        if fresh is not None:
            return fresh.sums.get((code, split), (0.0,))[NUMERATOR]
        return self.others.get((f"{code}@{period}", split), 0.0)

    def begun(self, code: str, period: str) -> set[str]:
        """The splits in which there was something in an earlier period, from which growth is measured."""
        fresh = self.fresh.get((self.at[0], period))
        if fresh is not None:
            return {split for (one, split), sums in fresh.sums.items() if one == code and sums[NUMERATOR]}
        told = f"{code}@{period}"
        return {split for (one, split), amount in self.others.items() if one == told and amount}


class Working:
    """Works out the cells of a focus in one snapshot."""

    def __init__(
        self,
        session: Session,
        questions: Questions,
        tree: Tree,
        today: date,
        classes: Classes | None = None,
    ) -> None:
        self._session = session
        self._questions = questions
        self._plan: Plan = questions.plan
        self._tree = tree
        self._classes = classes or Classes(session, self._plan, tree)
        self._codes: defaultdict[str, list[str]] | None = None
        self._growing = {code for code, one in self._plan.indicators.items() if one.base_years}
        self._judge = Judge(self._plan, tree, self._classes, today)

    def work_out(self, focus: Focus, stock: Stock) -> dict[CellKey, Row]:
        """The cells of the places and periods of a focus, children of which are in the stock or stored."""
        tallies = self._counting(focus).count()
        once = stock.once if stock.once is not None else self._counting(focus).count_once()
        for at, one in once.items():
            if at[0] in focus.places.get(at[1], ()):
                tallies[at].values.update(one.values)
        rest = self._rest(focus, stock)
        found: dict[CellKey, Row] = {}
        for period in sorted(focus.places):
            places = sorted(focus.places[period], key=lambda code: (-self._tree.depth(code), code))
            others = self._others(focus, period, places)
            expected = self._expected(focus, period, places)
            for code in places:
                tally = tallies[code, period]
                for child in self._tree.children.get(code, ()):
                    if (child, period) in stock.fresh:
                        tally.include(stock.fresh[child, period])
                tally.include(rest.get((code, period), Tally()))
                known = _Known(
                    (code, period),
                    others.get(code, {}),
                    {u: n.get(code, 0) for u, n in expected.items()},
                    stock.fresh,
                )
                self._finish(tally, known, focus)
                stock.fresh[code, period] = tally
                found.update(self._cells(tally, known, focus))
        return found

    def values(self, focus: Focus) -> Tallies:
        """What is counted once, in all places of a focus: for `Stock.once`."""
        return self._counting(focus).count_once()

    def _counting(self, focus: Focus) -> Counting:
        return Counting(self._session, self._questions, self._tree, focus, self._classes)

    def _finish(self, tally: Tally, known: _Known, focus: Focus) -> None:
        """Classes, what counts once, who has reported, and what is reckoned from other figures."""
        code, period = known.at
        reckoned = [
            self._plan.indicators[one]
            for one in self._plan.reckoned
            if one in focus.codes and kind_of(period) in self._plan.indicators[one].periods
        ]
        tally.without(one.code for one in reckoned if {side.rows for side in one.sources} == {Rows.FIGURES})
        if code != ROOT and self._tree.level(code) == COMMUNE:
            own = {indicator for indicator, split in tally.sums if not split}
            for indicator in own & (self._plan.classes.keys() | self._plan.parts.keys()):
                tally.copy_to(indicator, self._classes.of(indicator, code, period))
        for form in tally.reports:
            tally.reports[form] = self._reported(form, code, tally.reports[form], known)
        tally.settle()
        for one in reckoned:
            self._reckon(tally, one, known)

    def _reported(self, form: str, code: str, received: int, known: _Known) -> int:
        """How many units of a form have reported: below the units whether any came, above at most all."""
        unit = self._plan.forms[form].unit or COMMUNE
        rank = RANKS[COMMUNE if unit == CENTRE else unit]
        if RANKS[self._tree.level(code)] < rank:
            return received if unit == CENTRE else min(received, 1)
        return min(received, known.expected.get(unit, 0))

    def _reckon(self, tally: Tally, one: Indicator, known: _Known) -> None:
        named = named_by(one)
        asked = {
            split
            for code, split in (*tally.sums, *known.others)
            if code in named and self._reckons(one, split)
        }
        for split in asked:
            values = {code: known.numerator(tally, (code, split)) for code in named}
            sums = tally.sums.setdefault((one.code, split), [0, 0, 0])
            for at, side in ((NUMERATOR, one.numerator), (DENOMINATOR, one.denominator)):
                if side is not None and side.source.rows is Rows.FIGURES:
                    sums[at] = _evaluated(side, values)
            rests = (tally.sums.get((code, split)) for code in named)
            sums[COUNTED] = sum(found[COUNTED] for found in rests if found is not None)

    def _reckons(self, one: Indicator, split: str) -> bool:
        if not split:
            return True
        if split.startswith("@"):
            return split[1:].partition("=")[0] in self._plan.classes.get(one.code, ())
        return any(split == part_text(target.key) for target in self._plan.parts.get(one.code, ()))

    # What is stored and not worked out now ---------------------------------------------------------------

    def _rest(self, focus: Focus, stock: Stock) -> dict[tuple[str, str], Tally]:
        """By place and period: the stored sums of what lies right in it and is not worked out now."""
        found: dict[tuple[str, str], Tally] = {}
        for period, places in focus.places.items():
            for code in places:
                several = [
                    child
                    for child in self._tree.children.get(code, ())
                    if child not in places and (child, period) not in stock.fresh
                    if stock.frozen is None or (child, period) in stock.frozen
                ]
                if several:
                    found[code, period] = self._stored_sums(focus, period, several)
        return found

    def _stored_sums(self, focus: Focus, period: str, places: list[str]) -> Tally:
        tally = Tally()
        reports: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for some in in_groups(places):
            rows = self._session.connection().execute(
                select(
                    _CELLS.code,
                    _CELLS.split,
                    func.sum(_CELLS.numerator),
                    func.sum(_CELLS.denominator),
                    func.sum(_CELLS.counted),
                    func.sum(_CELLS.received),
                )
                .where(
                    _CELLS.project_id == self._plan.project_id,
                    _CELLS.place_code.in_(some),
                    _CELLS.period == period,
                )
                .group_by(_CELLS.code, _CELLS.split)
            )
            for code, split, numerator, denominator, counted, received in rows:
                if code not in focus.codes:
                    continue
                for at, amount in enumerate((numerator, denominator, counted)):
                    if amount:
                        tally.add((code, split), at, float(amount) if at < COUNTED else int(amount))
                ground = self._plan.reporting(code)
                if received and ground is not None and not split:
                    reports[ground.xml_form_id][code] += int(received)
        # Every figure of a form says the same of who reported; one that is kept nowhere says nothing.
        tally.reports = {form: max(several.values()) for form, several in reports.items()}
        return tally

    def _others(
        self, focus: Focus, period: str, places: Collection[str]
    ) -> dict[str, dict[tuple[str, str], float]]:
        """By place: stored numerators that figures in the focus rest on and that are not worked out now.

        Those of an earlier period have it in their code: `code@period`.
        """
        named = {one for code in focus.codes for one in named_by(self._plan.indicators[code])} - focus.codes
        wanted = {period: named} if named else {}
        for code in focus.codes:
            years = self._plan.indicators[code].base_years
            if years:
                wanted.setdefault(years_before(period, years), set()).add(code)
        found: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
        for told, codes in wanted.items():
            for some in in_groups(sorted(places)):
                for place, code, split, numerator in self._session.connection().execute(
                    select(_CELLS.place_code, _CELLS.code, _CELLS.split, _CELLS.numerator).where(
                        _CELLS.project_id == self._plan.project_id,
                        _CELLS.place_code.in_(some),
                        _CELLS.period == told,
                        _CELLS.code.in_(sorted(codes)),
                    )
                ):
                    found[place][code if told == period else f"{code}@{told}", split] = numerator
        return found

    def _expected(
        self, focus: Focus, period: str, places: Collection[str]
    ) -> Mapping[str, Mapping[str, int]]:
        """By unit: how many are to report in each place."""
        units = {ground.unit for code in focus.codes if (ground := self._plan.reporting(code)) is not None}
        found: dict[str, Mapping[str, int]] = {}
        for unit in units - {None}:
            if unit == CENTRE:
                centres = self._plan.lists.get("centres")
                if centres is not None:
                    found[CENTRE] = expected_centres(self._session, self._tree, places, centres)
            elif unit is not None:
                found[unit] = expected_places(self._tree, unit, places, last_day(period))
        return found

    # Cells ----------------------------------------------------------------------------------------------

    def _cells(self, tally: Tally, known: _Known, focus: Focus) -> Iterator[tuple[CellKey, Row]]:
        place, period = known.at
        splits: dict[str, list[str]] = defaultdict(list)
        for code, split in tally.sums:
            splits[code].append(split)
        for code in self._growing & focus.codes:
            earlier = known.begun(code, years_before(period, self._plan.indicators[code].base_years))
            splits[code] += sorted(earlier.difference(splits[code]))
        received = {form for form, number in tally.reports.items() if number}
        is_wide = RANKS[self._tree.level(place)] >= RANKS[PROVINCE]
        silent = focus.codes if is_wide else (code for form in received for code in self._of_form(form))
        kind = kind_of(period)
        for code in {*splits, *silent} & focus.codes:
            one = self._plan.indicators[code]
            if kind not in one.periods:
                continue
            units = self._units(code, place, tally, known)
            if code not in splits and (place == ROOT or any(units)):
                splits[code].append("")
            for split in splits.get(code, ()):
                figure = self._figure(one, known, split, tally.sums.get((code, split), _NO_SUMS))
                judged = self._judge.of(one, known.at, split, (figure[0], figure[1], figure[3]))
                own = units if not split else (None, None)
                yield (code, period, place, split), (*figure, *own, *judged)

    def _of_form(self, form: str) -> Collection[str]:
        """The indicators whose units send a form."""
        if self._codes is None:
            self._codes = defaultdict(list)
            for code in self._plan.indicators:
                ground = self._plan.reporting(code)
                if ground is not None:
                    self._codes[ground.xml_form_id].append(code)
        return self._codes[form]

    def _units(self, code: str, place: str, tally: Tally, known: _Known) -> tuple[int | None, int | None]:
        """How many units are to report and how many have; None where nobody is expected."""
        ground = self._plan.reporting(code)
        if ground is None or ground.unit is None:
            return None, None
        received = tally.reports.get(ground.xml_form_id, 0)
        is_below = ground.unit != CENTRE and RANKS[self._tree.level(place)] < RANKS[ground.unit]
        wanted = 0 if is_below else known.expected.get(ground.unit, 0)
        return (wanted, received) if wanted else (None, received or None)

    def _figure(
        self, one: Indicator, known: _Known, split: str, sums: Sequence[float]
    ) -> tuple[float, float | None, int, float | None]:
        """Numerator, denominator, rows it rests on, value."""
        numerator: float | None = sums[NUMERATOR]
        denominator: float | None = None
        if one.base_years:
            denominator = float(known.earlier(one.code, years_before(known.at[1], one.base_years), split))
        elif one.denominator is not None and _splits_below(one, split):
            denominator = float(sums[DENOMINATOR])
        if numerator is None or isnan(numerator) or (denominator is not None and isnan(denominator)):
            return 0.0, None, int(sums[COUNTED]), None
        return float(numerator), denominator, int(sums[COUNTED]), one.value(numerator, denominator)


_NO_SUMS = (0.0, 0.0, 0)


def _evaluated(side: Measure, values: Mapping[str, float | None]) -> float:
    """A side that is reckoned from other figures; not a number where it divides by nothing."""
    if side.where is not None and not evaluate(side.where.tree, values):
        return 0.0
    found = evaluate(side.amount.tree, values)
    return nan if found is None else found


def _splits_below(one: Indicator, split: str) -> bool:
    """Whether the rows of the denominator are split like those of the numerator."""
    if not split or split[0] in "@!":
        return True
    name = split.partition("=")[0]
    return any(by.below is not None for by in one.disaggregate if by.name == name)
