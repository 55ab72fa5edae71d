"""How a figure stands to its target: met, on the way, behind, and how many people are still missing.

Compared are the sums and not the rounded value: 89.96 % is not 90 %. The pace is a straight line from where
the plan started to its deadline, through the milestones it names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Final

from forms.indicators.targets import REQUIRED, Target

MET: Final = "met"
ON_WAY: Final = "on_way"
BEHIND: Final = "behind"
NO_DATA: Final = "no_data"

_MORE: Final = frozenset({"more_than", "increase"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What a figure is against its target.

    `status` is "" for a duty, which names nothing to compare with. `to_reach` counts people, or whatever
    the numerator counts; None where it is unknown. `expected` is the value the pace line asks for.
    """

    status: str
    to_reach: float | None = None
    expected: float | None = None
    binding: str = REQUIRED
    duty: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How sums become the value: `factor`, and whether the denominator is the figure of years before."""

    factor: float = 100.0
    growth: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """A line through days and values, earliest first."""

    knots: tuple[tuple[date, float], ...]

    def at(self, day: date) -> float | None:
        """The value the line asks for on a day; None before it begins, or where there is no line."""
        if not self.knots or day < self.knots[0][0]:
            return None
        for (first, low), (last, high) in pairwise(self.knots):
            if day <= last:
                return low + (high - low) * ((day - first).days / (last - first).days)
        return self.knots[-1][1]


def pace(targets: Iterable[Target], baseline: tuple[date, float] | None = None) -> Pace:
    """The line to the targets of one plan, area and class with a deadline and a value.

    It starts from the baseline one of them names, else from `baseline`, a day and what the figure was then.
    Without either there is no line.
    """
    several = [one for one in targets if not one.is_duty]
    said = next((one.baseline for one in several if one.baseline), baseline)
    if said is None:
        return Pace(())
    ahead = {one.deadline: one.value for one in several if one.deadline and one.value is not None}
    knots = [said, *sorted((day, value) for day, value in ahead.items() if day > said[0])]
    return Pace(tuple(knots) if len(knots) > 1 else ())


def same_way(target: Target, targets: Iterable[Target]) -> list[Target]:
    """The targets of the same plan, area and class, which lie on one line."""
    where = target.where.text if target.where else ""
    return [
        one
        for one in targets
        if (one.indicator, one.plan, one.area, one.level)
        == (target.indicator, target.plan, target.area, target.level)
        and (one.where.text if one.where else "") == where
    ]


def standing(
    value: float | None,
    numerator: float | None,
    denominator: float | None,
    target: Target,
    on: date,
    *,
    due: date | None = None,
    scale: Scale | None = None,
    line: Pace | None = None,
) -> Standing:
    """How a figure of the day `on` stands to a target.

    `denominator` is None for a plain count. `due` is the day by which it has to be reached (`Target.due`),
    without one the target's deadline, without that it should be there already.
    """
    if target.is_duty or target.value is None:
        return Standing("", binding=target.binding, duty=True)
    if value is None or numerator is None:
        return Standing(NO_DATA, binding=target.binding)
    scale = scale or Scale(1.0 if denominator is None else 100.0)
    wanted = _wanted(target, denominator, scale)
    met, missing = _reached(target, Fraction(numerator), wanted, ratio=denominator is not None)
    expected = line.at(on) if line is not None else None
    status = MET if met else _late(target, value, on, due or target.deadline, expected)
    return Standing(status, 0.0 if met else float(missing), expected, target.binding)


def _wanted(target: Target, denominator: float | None, scale: Scale) -> Fraction:
    """The numerator that reaches the target exactly."""
    share = Fraction(str(target.value)) / Fraction(str(scale.factor))
    if denominator is None:
        return share
    return (share + 1 if scale.growth else share) * Fraction(denominator)


def _reached(target: Target, numerator: Fraction, wanted: Fraction, *, ratio: bool) -> tuple[bool, Fraction]:
    """Whether the numerator reaches the target, else by how much it has to change: whole units of such."""
    whole = numerator.denominator == 1
    if target.comparison in _MORE:
        least = Fraction(floor(wanted) + 1) if whole else wanted
        return numerator > wanted, least - numerator
    if target.comparison == "at_most":
        most = Fraction(floor(wanted)) if whole else wanted
        return numerator <= wanted, numerator - most
    if target.comparison == "equal" and not ratio:
        return numerator == wanted, abs(wanted - numerator)
    least = Fraction(ceil(wanted)) if whole else wanted
    return numerator >= wanted, least - numerator


def _late(target: Target, value: float, on: date, due: date | None, expected: float | None) -> str:
    """The status of a figure that has not reached its target on a day."""
    if due is None or on >= due:
        return BEHIND
    if expected is None:
        return ON_WAY
    ahead = value <= expected if target.comparison == "at_most" else value >= expected
    return ON_WAY if ahead else BEHIND
