"""What communes are, as targets and figures cut by it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from forms.indicators.rollup import class_text, part_text
from forms.period_kinds import last_day
from storage.cells.plan import Plan
from storage.cells.tree import Tree, attributes_on, commune_spans


class Classes:
    """Which classes of communes, and which targets, a commune belongs to at the end of a period."""

    def __init__(self, session: Session, plan: Plan, tree: Tree) -> None:
        self._plan = plan
        self._tree = tree
        self._spans = commune_spans(session, tree)
        self._known: dict[tuple[str, str], Mapping[str, str]] = {}
        self._splits: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def attributes(self, commune: str, period: str) -> Mapping[str, str]:
        """What a commune is by the map, at the end of a period."""
        key = commune, period
        if key not in self._known:
            self._known[key] = attributes_on(self._spans, commune, last_day(period))
        return self._known[key]

    def of(self, code: str, commune: str, period: str) -> tuple[str, ...]:
        """The splits that an indicator's sums in a commune count for."""
        key = code, commune, period
        if key not in self._splits:
            said = self.attributes(commune, period)
            named = (class_text(name, said) for name in self._plan.classes.get(code, ()))
            around = self._tree.above(commune)
            parts = (
                part_text(one.key)
                for one in self._plan.parts.get(code, ())
                if one.area in around and one.includes(said)
            )
            self._splits[key] = (*named, *parts)
        return self._splits[key]
