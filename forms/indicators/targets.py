"""What a plan demands of a figure: how much, where, by when, and on which clause.

A target belongs to its plan and the area of that plan: where plans contradict each other, each is kept as
it stands, and nothing is averaged.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from forms.expressions.checking import Formula
from forms.indicators.communes import holds
from forms.periods import Period

COMPARISONS: Final = (
    "at_least",
    "more_than",
    "equal",
    "strive_for",
    "implied_all",
    "at_most",
    "increase",
    "duty",
    "denominator",
)
"""Codes of the catalogue of the plans, and `at_most`. `implied_all`: all, though no number is written."""

VALUELESS: Final = frozenset({"duty", "denominator"})
REQUIRED: Final = "required"
STRIVING: Final = "striving"
BINDINGS: Final = (REQUIRED, STRIVING)

ANYWHERE: Final = ""


@dataclass(frozen=True)
class Target:
    """One row of the sheet `targets`.

    `key` tells it from all others of its indicator. `area` is the code of a place, "" = everywhere. `where`
    narrows it to communes of a class. `level` is the level of the places it is for one by one, "" = see
    `speaks_of`. `period` is when it has to hold, `deadline` the day by which. A `value` of None is a duty:
    nothing to compare with. `milestone`: a step on the way to a later target of the same plan.
    `baseline` is where its plan starts from, and the day of that.
    """

    key: str
    indicator: str
    plan: str
    area: str
    comparison: str
    value: float | None
    where: Formula | None = None
    level: str = ""
    period: Period | None = None
    deadline: date | None = None
    binding: str = REQUIRED
    milestone: bool = False
    baseline: tuple[date, float] | None = None
    source: str = ""
    quote: str = ""

    @property
    def is_duty(self) -> bool:
        """True if it names no value, so that a figure neither meets nor misses it."""
        return self.value is None or self.comparison in VALUELESS

    def due(self, period: Period) -> date:
        """The day by which the figure of a period has to be there."""
        return self.deadline or period.last

    def speaks_of(self, place: str, level: str, above: Container[str], *, ratio: bool) -> bool:
        """Whether it is for a place, whose code and those of all around it are `above`.

        A share holds for each place of the area; a count is the area's own, unless `level` says whose.
        """
        if self.area and self.area not in above:
            return False
        if self.level:
            return level == self.level
        return ratio or place == self.area or (not self.area and level == "country")

    def includes(self, attributes: Mapping[str, str]) -> bool:
        """Whether a commune with these attributes is among those it speaks of."""
        return holds(self.where, attributes)

    def covers(self, period: Period) -> bool:
        """Whether a figure of this period is measured by it: one it holds for, or one on the way to it."""
        if self.period is not None:
            return self.period.first <= period.first and period.last <= self.period.last
        return True


def applying(
    targets: Iterable[Target],
    *,
    place: str,
    level: str,
    above: Collection[str],
    period: Period,
    ratio: bool,
    attributes: Mapping[str, str] | None = None,
) -> list[Target]:
    """The targets of one indicator that hold for a place in a period, the one to show first at the front.

    `above` are the codes of the place and of all places around it, innermost first; `attributes` those of
    the commune, None for a wider place, of which a target with `where` speaks in part. First are those with
    a value, then the nearest area, the binding ones, the deadline next ahead.
    """
    around = [*above, ANYWHERE]

    def order(one: Target) -> tuple[bool, int, bool, bool, float]:
        days = (one.due(period) - period.last).days
        return one.is_duty, around.index(one.area), one.binding == STRIVING, days < 0, abs(days)

    found = (
        one
        for one in targets
        if one.covers(period)
        and one.speaks_of(place, level, around, ratio=ratio)
        and (attributes is None or one.includes(attributes))
    )
    return sorted(found, key=order)
