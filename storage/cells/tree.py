"""The map as figures are added up along it: every code with what it lies in today, "" around all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.places import COMMUNE, DISTRICT, PROVINCE, UNLISTED_ENDING, VILLAGE
from storage.models import Entity, Place, PlacePath, PlaceSpan

ROOT = ""
COUNTRY = "country"
CENTRE = "centre"
"""A unit that is no place."""
RANKS: Mapping[str, int] = {VILLAGE: 0, COMMUNE: 1, DISTRICT: 2, PROVINCE: 3, COUNTRY: 4}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as it is now, or was last; `since` is when it came into force, None: ever, or it is closed."""

    level: str
    parent: str
    in_force: bool
    since: date | None


@dataclass
class Tree:
    """All places by code. `became`: closed units whose records count elsewhere today, and where.

    `reporting`: what `expected_places` has counted, by unit, place and last day.
    """

    spots: dict[str, Spot]
    became: Mapping[str, str] = field(default_factory=dict)
    reporting: dict[tuple[str, str, date], int] = field(default_factory=dict)

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        """Each place with what lies right in it."""
        found: dict[str, list[str]] = defaultdict(list)
        for code, spot in self.spots.items():
            found[spot.parent].append(code)
        return found

    def level(self, code: str) -> str:
        """The level of a place; COUNTRY of the root."""
        return COUNTRY if code == ROOT else self.spots[code].level

    def above(self, code: str) -> list[str]:
        """A place and all it lies in, innermost first; the root last."""
        found = []
        while code != ROOT and code in self.spots and code not in found:
            found.append(code)
            code = self.spots[code].parent
        return [*found, ROOT]

    def top(self, code: str) -> str:
        """The province a place lies in or is, or what else stands right below the root."""
        return self.above(code)[-2]

    def depth(self, code: str) -> int:
        """How far below the root."""
        return len(self.above(code))

    def below(self, code: str) -> Iterator[str]:
        """A place and all that lies in it."""
        todo = [code]
        while todo:
            one = todo.pop()
            yield one
            todo.extend(self.children.get(one, ()))

    def commune_of(self, code: str) -> str | None:
        """The commune a place lies in or is."""
        return next((one for one in self.above(code) if one and self.level(one) == COMMUNE), None)


def read_tree(session: Session) -> Tree:
    """The tree as it is now."""
    columns = (Place.code, Place.level, Place.parent_code, Place.valid_from, Place.valid_to)
    spots = {
        code: Spot(level, parent or ROOT, last is None, first)
        for code, level, parent, first, last in session.execute(select(*columns))
    }
    return Tree(spots, _became(session))


def _became(session: Session) -> dict[str, str]:
    rows = session.execute(
        select(PlacePath.descendant, PlacePath.ancestor)
        .where(PlacePath.via == "link", PlacePath.valid_to.is_(None))
        .order_by(PlacePath.depth.desc(), PlacePath.ancestor.desc())
    )
    # The nearest comes last and stays.
    return {old: new for old, new in rows}  # noqa: C416 - rows are no pairs to the type checker


Spans: TypeAlias = Mapping[str, Sequence[tuple[date, date, Mapping[str, Any]]]]
"""By commune: first day, last day, and what it was between them; in the order of days."""


def commune_spans(session: Session, tree: Tree) -> Spans:
    """What every commune was, and when."""
    columns = (PlaceSpan.code, PlaceSpan.valid_from, PlaceSpan.valid_to, PlaceSpan.attributes)
    spans: dict[str, list[tuple[date, date, Mapping[str, Any]]]] = defaultdict(list)
    for code, first, last, said in session.execute(select(*columns).where(PlaceSpan.level == COMMUNE)):
        if code in tree.spots and tree.spots[code].level == COMMUNE:
            spans[code].append((first or date.min, last or date.max, said))
    for several in spans.values():
        several.sort(key=lambda one: one[0])
    return spans


def attributes_on(spans: Spans, commune: str, on: date) -> dict[str, str]:
    """What a commune was on a day; one that was nothing then, what it was first."""
    several = spans.get(commune, ())
    held = next((said for first, last, said in several if first <= on <= last), None)
    if held is None:
        held = several[0][2] if several else {}
    return {name: _text(value) for name, value in held.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def expected_places(tree: Tree, unit: str, places: Collection[str], last: date) -> dict[str, int]:
    """How many places of the level `unit` that are to report for a period ending then lie in each."""
    found: dict[str, int] = {}
    rank = RANKS[unit]
    for code in places:
        if RANKS[tree.level(code)] < rank:
            continue
        known = tree.reporting.get((unit, code, last))
        if known is None:
            known = sum(is_expected(tree, one, unit, last) for one in _reach(tree, code, rank))
            tree.reporting[unit, code, last] = known
        found[code] = known
    return found


def _reach(tree: Tree, code: str, rank: int) -> Iterable[str]:
    """What lies in a place, down to the level of that rank."""
    todo = [code]
    while todo:
        one = todo.pop()
        yield one
        if RANKS[tree.level(one)] > rank:
            todo.extend(tree.children.get(one, ()))


def is_expected(tree: Tree, code: str, unit: str, last: date) -> bool:
    """Whether a place is a unit of that level that is to report for a period ending then."""
    spot = tree.spots.get(code)
    if spot is None or spot.level != unit or not spot.in_force or code.endswith(UNLISTED_ENDING):
        return False
    return spot.since is None or spot.since <= last


def expected_centres(session: Session, tree: Tree, places: Collection[str], list_id: int) -> dict[str, int]:
    """How many members of the list of centres lie in each of these places."""
    rows = session.execute(
        select(Entity.place_code, func.count())
        .where(Entity.list_id == list_id, Entity.deleted_at.is_(None))
        .group_by(Entity.place_code)
    )
    found: dict[str, int] = defaultdict(int)
    wanted = set(places)
    for code, number in rows:
        for one in tree.above(code or ROOT):
            if one in wanted:
                found[one] += number
    return found
