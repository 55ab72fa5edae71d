"""What communes are, as targets and figures cut by it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from forms.indicators.rollup import class_text, part_text
from forms.period_kinds import last_day
from forms.places import COMMUNE
from storage.cells.plan import Plan
from storage.cells.tree import Tree, attributes_of


class Classes:
    """Which classes of communes, and which targets, a commune belongs to at the end of a period."""

    def __init__(self, session: Session, plan: Plan, tree: Tree) -> None:
        self._session = session
        self._plan = plan
        self._tree = tree
        self._communes = [code for code, spot in tree.spots.items() if spot.level == COMMUNE]
        self._known: dict[str, Mapping[str, Mapping[str, str]]] = {}
        self._splits: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def attributes(self, commune: str, period: str) -> Mapping[str, str]:
        """What a commune is by the map, at the end of a period."""
        if period not in self._known:
            self._known[period] = attributes_of(self._session, self._communes, last_day(period))
        return self._known[period].get(commune, {})

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
