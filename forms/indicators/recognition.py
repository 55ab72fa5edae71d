"""Which communes and provinces have reached the literacy standard, and who is missing where they have not.

A law says it, laws change, and districts are gone: so every bound is a row of the sheet `recognition` with
the days it holds. A person of whom nobody knows whether he reads is in neither number, and is told beside.
Source: Decree 20/2014/ND-CP, articles 17 to 21; UNESCO Institute for Statistics, on unknown literacy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from forms.expressions.checking import Formula
from forms.indicators.communes import holds
from forms.places import COMMUNE, DISTRICT, PROVINCE

STANDARDS: Final = (1, 2)
UNITS: Final = (COMMUNE, DISTRICT, PROVINCE)


@dataclass(frozen=True)
class Rule:
    """One row of the sheet `recognition`: what a unit has to reach for a standard, and when that holds.

    `of` is "" where people are counted, of the ages from `age_from` to `age_to`, else the level of the
    units below that have to be recognised. `share` is in percent. `indicator` is the code of the figure
    its people come from, "" = unsaid.
    """

    standard: int
    unit: str
    share: float
    since: date | None = None
    until: date | None = None
    where: Formula | None = None
    of: str = ""
    age_from: int = 0
    age_to: int = 0
    indicator: str = ""
    source: str = ""

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Ages:
    """People of some ages, both included: those whose literacy is known, of them literate, and unknown."""

    first: int
    last: int
    known: int
    literate: int
    unknown: int = 0


@dataclass(frozen=True)
class Commune:
    """A commune as it was on the day: what it is, the codes of the units around it by level, its people.

    `people` goes by standard: literate at that standard.
    """

    code: str
    within: Mapping[str, str]
    attributes: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, Sequence[Ages]] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """How a unit stands to a standard.

    `reached` of `counted` people, or units, against `needed`; `recognised` is None where nothing can be
    said: no rule, nobody counted, or ages that do not fit. `unknown` are people left out because nobody
    knows. `missing` are the codes of the units below that are not recognised; `to_reach` people or units.
    """

    code: str
    level: str
    standard: int
    recognised: bool | None
    reached: int
    counted: int
    needed: int
    unknown: int = 0
    missing: tuple[str, ...] = ()
    rule: Rule | None = None

    @property
    def to_reach(self) -> int:
        """How many people, or units, are still missing."""
        return max(0, self.needed - self.reached)


def judge(rules: Iterable[Rule], communes: Iterable[Commune], day: date) -> list[Verdict]:
    """How every commune, and every unit around them that a rule speaks of, stands on a day.

    A unit above counts all its communes (districts): one that nothing is known of is not recognised, and
    is named as missing. Verdicts come by standard, from communes to the province, by code.
    """
    valid = [rule for rule in rules if rule.in_force(day)]
    several = sorted(communes, key=lambda one: one.code)
    verdicts: list[Verdict] = []
    for standard in STANDARDS:
        of_standard = [rule for rule in valid if rule.standard == standard]
        found = {COMMUNE: [_commune(one, standard, of_standard) for one in several]}
        above = [rule for level in UNITS[1:] for rule in of_standard if rule.unit == level]
        for rule in above:
            found[rule.unit] = _cascade(rule, found.get(rule.of, []), several)
        verdicts += [one for level in UNITS for one in found.get(level, [])]
    return verdicts


def _commune(commune: Commune, standard: int, rules: Sequence[Rule]) -> Verdict:
    mine = [rule for rule in rules if rule.unit == COMMUNE and holds(rule.where, commune.attributes)]
    # A rule for a class of communes comes before the one for all others, wherever it stands.
    rule = min(mine, key=lambda one: one.where is None, default=None)
    people = commune.people.get(standard, ())
    if rule is None or any(_across(ages, rule) for ages in people):
        return Verdict(commune.code, COMMUNE, standard, None, 0, 0, 0, rule=rule)
    inside = [one for one in people if rule.age_from <= one.first and one.last <= rule.age_to]
    reached, counted = sum(one.literate for one in inside), sum(one.known for one in inside)
    needed, unknown = _needed(rule, counted), sum(one.unknown for one in inside)
    recognised = reached >= needed if counted else None
    return Verdict(commune.code, COMMUNE, standard, recognised, reached, counted, needed, unknown, rule=rule)


def _across(ages: Ages, rule: Rule) -> bool:
    """Whether some of these people are of the ages of a rule and others are not."""
    outside = ages.last < rule.age_from or rule.age_to < ages.first
    return not outside and not (rule.age_from <= ages.first and ages.last <= rule.age_to)


def _cascade(rule: Rule, below: Sequence[Verdict], communes: Sequence[Commune]) -> list[Verdict]:
    """The verdicts of the units of a rule's level, each over those of the level below it."""
    around = {code: one.within for one in communes for code in (one.code, *one.within.values())}
    held: dict[str, list[Verdict]] = {}
    for verdict in below:
        code = around[verdict.code].get(rule.unit)
        if code:
            held.setdefault(code, []).append(verdict)
    return [_unit(rule, code, several) for code, several in sorted(held.items())]


def _unit(rule: Rule, code: str, below: Sequence[Verdict]) -> Verdict:
    reached = sum(one.recognised is True for one in below)
    return Verdict(
        code,
        rule.unit,
        rule.standard,
        reached >= _needed(rule, len(below)),
        reached,
        len(below),
        _needed(rule, len(below)),
        sum(one.unknown for one in below),
        tuple(one.code for one in below if one.recognised is not True),
        rule,
    )


def _needed(rule: Rule, counted: int) -> int:
    """How many of so many are at least the share, counted exactly."""
    return ceil(Fraction(str(rule.share)) * counted / 100)
