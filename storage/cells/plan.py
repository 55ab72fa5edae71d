"""What has to be asked of the database for all figures of a project: few questions, many sums in each.

Measures over the same rows share a scan of them; one that is split shares it with all that are split alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from forms.expressions.checking import Formula
from forms.expressions.tree import Answer, answers, calls
from forms.indicators.definition import Indicator, Measure, Rows, Source, Split
from forms.indicators.targets import Target
from storage.cells.marks import form_source, list_source
from storage.groups import in_groups
from storage.projection.tables import AnswerTable

NUMERATOR, DENOMINATOR = 0, 1
"""The sides of a figure."""

COLUMNS_AT_ONCE = 60
"""Measures in one question."""


@dataclass(frozen=True)
class FormGround:
    """A form whose records figures count.

    `approved`: only approved records count. `unit`: what is expected to send one (village, commune, centre,
    province), None where the calendar names none; `centre` is the path of the question that names a centre.
    """

    form_id: int
    xml_form_id: str
    tables: Mapping[str, AnswerTable]
    approved: bool = False
    unit: str | None = None
    centre: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the sum of a measure goes: a side of an indicator; `counts`: the rows it rests on are these."""

    code: str
    side: int
    counts: bool


@dataclass(frozen=True)
class Column:
    """A measure in a scan, who wants it in all, and who wants it by what the scan splits by."""

    measure: Measure
    whole: tuple[Feed, ...]
    parts: tuple[Feed, ...]


@dataclass(frozen=True)
class Scan:
    """One question to the database: some measures over the rows of one source.

    `by` is what it is split by. `once`: values are collected to be counted once (`Measure.distinct`).
    `periodic`: asked for each period by itself, because of `latest_by`, today() or what was in force then.
    """

    source: Source
    by: Split | None
    latest_by: Formula | None
    once: bool
    periodic: bool
    columns: tuple[Column, ...]

    @property
    def codes(self) -> frozenset[str]:
        """The indicators it feeds."""
        return frozenset(feed.code for one in self.columns for feed in (*one.whole, *one.parts))


@dataclass(frozen=True)
class Plan:
    """The figures of a project and what they rest on.

    `forms` go by the id phones know, `lists` (name to number) are the entity lists there are. `targets` go
    by indicator.
    """

    project_id: int
    indicators: Mapping[str, Indicator]
    forms: Mapping[str, FormGround] = field(default_factory=dict)
    lists: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[str, Sequence[Target]] = field(default_factory=dict)

    @cached_property
    def scans(self) -> tuple[Scan, ...]:
        """All there is to ask."""
        return tuple(_scans(self))

    @cached_property
    def reckoned(self) -> tuple[str, ...]:
        """Indicators that are reckoned from others, each after those it names."""
        done: dict[str, None] = {}

        def visit(code: str, on_the_way: frozenset[str]) -> None:
            if code in done or code in on_the_way or code not in self.indicators:
                return
            for other in sorted(named_by(self.indicators[code])):
                visit(other, on_the_way | {code})
            if named_by(self.indicators[code]):
                done[code] = None

        for code in self.indicators:
            visit(code, frozenset())
        return tuple(done)

    @cached_property
    def classes(self) -> Mapping[str, tuple[str, ...]]:
        """By indicator: the attributes of communes it is split by, those of what is reckoned from it too."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for code in self._dependents_first:
            one = self.indicators[code]
            for split in one.disaggregate:
                if split.name.startswith("@"):
                    found[code][split.name[1:]] = None
            for other in named_by(one):
                found[other].update(found[code])
        return {code: tuple(several) for code, several in found.items()}

    @cached_property
    def parts(self) -> Mapping[str, tuple[Target, ...]]:
        """By indicator: the targets for some communes only, those of what is reckoned from it too."""
        found: dict[str, dict[str, Target]] = defaultdict(dict)
        for code in self._dependents_first:
            own = (one for one in self.targets.get(code, ()) if one.where is not None)
            found[code].update((one.key, one) for one in own)
            for other in named_by(self.indicators[code]):
                found[other].update(found[code])
        return {code: tuple(several.values()) for code, several in found.items()}

    @property
    def _dependents_first(self) -> list[str]:
        plain = [code for code in self.indicators if code not in self.reckoned]
        return [*reversed(self.reckoned), *plain]

    def resting_on(self, source: str) -> frozenset[str]:
        """The indicators that change with a source of marks, those reckoned from them included."""
        return self._resting.get(source, frozenset())

    @cached_property
    def _resting(self) -> Mapping[str, frozenset[str]]:
        """By source of marks, made once: every record that comes in leaves a mark."""
        direct: dict[str, set[str]] = defaultdict(set)
        for code, one in self.indicators.items():
            for source in self._rests(one):
                direct[source].add(code)
        return {source: self.with_dependents(codes) for source, codes in direct.items()}

    def with_dependents(self, codes: Iterable[str]) -> frozenset[str]:
        """These indicators and all that are reckoned from them."""
        found = set(codes)
        for code in self.reckoned:
            if not found.isdisjoint(named_by(self.indicators[code])):
                found.add(code)
        return frozenset(found)

    def _rests(self, one: Indicator) -> set[str]:
        found = set()
        for source in one.sources:
            if source.rows is Rows.FORM and source.name in self.forms:
                ground = self.forms[source.name]
                found.add(form_source(ground.form_id))
                if ground.unit == "centre":
                    found.add(list_source("centres"))
            elif source.rows is Rows.ENTITIES:
                found.add(list_source(source.name))
        return found

    def reporting(self, code: str) -> FormGround | None:
        """The form whose units are counted for the completeness of an indicator."""
        source = self.indicators[code].numerator.source
        return self.forms.get(source.name) if source.rows is Rows.FORM else None


def named_by(one: Indicator) -> frozenset[str]:
    """The codes of the figures an indicator is reckoned from."""
    sides = (side for side in (one.numerator, one.denominator) if side is not None)
    return frozenset(
        answer.path or answer.name
        for side in sides
        if side.source.rows is Rows.FIGURES
        for formula in (side.amount, side.where)
        if formula is not None
        for answer in answers(formula.tree)
    )


def formulas(measure: Measure) -> tuple[Formula, ...]:
    """All expressions of a measure."""
    several = (measure.amount, measure.where, measure.distinct, measure.latest_by)
    return tuple(one for one in several if one is not None)


def _sides(one: Indicator) -> list[tuple[int, Measure]]:
    both = ((NUMERATOR, one.numerator), (DENOMINATOR, one.denominator))
    return [(side, measure) for side, measure in both if measure is not None]


_Wanted: TypeAlias = dict[tuple[Any, ...], dict[Measure, tuple[list[Feed], list[Feed]]]]
"""By what tells one scan from another: its measures, with who wants them whole and in parts."""


def _scans(plan: Plan) -> Iterable[Scan]:
    wanted: _Wanted = {}
    for code, one in plan.indicators.items():
        for side, measure in _sides(one):
            if measure.source.rows is not Rows.FIGURES:
                _want(wanted, measure, _splits_of(one, side), Feed(code, side, _rests_on(one) == side))
    for (source, latest, once, periodic, by), measures in wanted.items():
        columns = [Column(one, tuple(whole), tuple(parts)) for one, (whole, parts) in measures.items()]
        for some in in_groups(columns, 1 if once else COLUMNS_AT_ONCE):
            yield Scan(source, by, latest, once, periodic, tuple(some))


def _want(wanted: _Wanted, measure: Measure, splits: Sequence[Split], feed: Feed) -> None:
    rows = (measure.source, measure.latest_by, measure.distinct is not None, _is_periodic(measure))
    for at, split in enumerate(splits or [None]):
        whole, parts = wanted.setdefault((*rows, split), {}).setdefault(measure, ([], []))
        # Whatever it is split by, all parts together are the whole.
        if at == 0:
            whole.append(feed)
        if split is not None:
            parts.append(feed)


def _rests_on(one: Indicator) -> int:
    """The side whose rows are those a figure rests on."""
    below = one.denominator
    return DENOMINATOR if below is not None and below.source == one.numerator.source else NUMERATOR


def _splits_of(one: Indicator, side: int) -> list[Split]:
    """The questions a side is split by, each with the answer among its own rows."""
    found: list[Split] = []
    for split in one.disaggregate:
        answer: Answer | None = split.answer if side == NUMERATOR else split.below
        if split.answer is not None and answer is not None:
            found.append(Split(split.name, answer, split.bands))
    return found


def _is_periodic(measure: Measure) -> bool:
    if measure.source.rows is Rows.PLACES or measure.latest_by is not None:
        return True
    return any(calls(formula.tree, "today") for formula in formulas(measure))
