"""A cell held to the target that stands nearest ahead of it."""

from __future__ import annotations

from datetime import date

from forms.indicators.definition import Indicator
from forms.indicators.rollup import part_text
from forms.indicators.standing import Pace, Scale, pace, same_way, standing
from forms.indicators.targets import Target, applying
from forms.period_kinds import first_day, last_day
from forms.periods import Period
from storage.cells.classes import Classes
from storage.cells.plan import Plan
from storage.cells.tree import Tree

Judged = tuple[str | None, float | None, float | None, str | None]
"""Key and value of the target, what is missing, and how the figure stands."""

NOTHING: Judged = (None, None, None, None)
_LONGEST_KEY = 120


class Judge:
    """Holds figures to targets, as of a day: a period that is not over yet is judged as of today."""

    def __init__(self, plan: Plan, tree: Tree, classes: Classes, today: date) -> None:
        self._plan = plan
        self._tree = tree
        self._classes = classes
        self._today = today
        self._lines: dict[tuple[str, str], Pace] = {}
        self._found: dict[tuple[str, str, str], tuple[Target, ...]] = {}

    def of(
        self,
        one: Indicator,
        at: tuple[str, str],
        split: str,
        figure: tuple[float | None, float | None, float | None],
    ) -> Judged:
        """What to say of a figure (numerator, denominator, value) of a place and period."""
        if one.code not in self._plan.targets or (split and not split.startswith("!")):
            return NOTHING
        target = self._target(one, at, split)
        if target is None:
            return NOTHING
        numerator, denominator, value = figure
        span = Period(first_day(at[1]), last_day(at[1]))
        found = standing(
            value,
            numerator,
            denominator,
            target,
            min(span.last, self._today),
            due=target.due(span),
            scale=Scale(one.factor, growth=one.base_years > 0),
            line=self._line(one.code, target),
        )
        return target.key[:_LONGEST_KEY], target.value, found.to_reach, found.status or None

    def _target(self, one: Indicator, at: tuple[str, str], split: str) -> Target | None:
        place, period = at
        key = one.code, place, period
        if key not in self._found:
            self._found.clear()
            self._found[key] = self._applying(one, place, period)
        for target in self._found[key]:
            if split and part_text(target.key) == split:
                return target
            if not split and (target.where is None or self._tree.commune_of(place) is not None):
                return target
        return None

    def _applying(self, one: Indicator, place: str, period: str) -> tuple[Target, ...]:
        commune = self._tree.commune_of(place)
        return tuple(
            applying(
                self._plan.targets[one.code],
                place=place,
                level=self._tree.level(place),
                above=[code for code in self._tree.above(place) if code],
                period=Period(first_day(period), last_day(period)),
                ratio=one.is_ratio,
                attributes=None if commune is None else self._classes.attributes(commune, period),
            )
        )

    def _line(self, code: str, target: Target) -> Pace:
        key = code, target.key
        if key not in self._lines:
            self._lines[key] = pace(same_way(target, self._plan.targets[code]))
        return self._lines[key]
