"""The operations on the map, worked out: what each code was, is to be from a day on, and becomes.

Why: a merge decided on paper has to be seen before it is done, and done exactly as it was seen; so the
plan is computed here from what is known, and the memory only writes it down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from forms.phrases import Phrase
from forms.place_problems import (
    PlaceCodeTaken,
    PlaceCodeUnusable,
    PlaceDayUnusable,
    PlaceLevelsDiffer,
    PlaceNameMissing,
    PlaceNotEmpty,
    PlaceNotInForce,
    PlaceParentUnusable,
    PlacePartsUnusable,
)
from forms.place_tree import Link, Span, Unit, day_before
from forms.places import (
    COMMUNE,
    DISTRICT,
    PROVINCE,
    UNLISTED_ENDING,
    VILLAGE,
    Place,
    is_unlisted,
    may_be_code,
    unlisted_village,
    without_kind,
)
from forms.vietnamese import folded

LONGEST_NAME = 255
_SAID: Mapping[str, Phrase] = {
    PROVINCE: Phrase("province"),
    DISTRICT: Phrase("district"),
    COMMUNE: Phrase("commune"),
    VILLAGE: Phrase("village"),
}
_ABOVE: Mapping[str, set[str | None]] = {
    VILLAGE: {COMMUNE},
    COMMUNE: {PROVINCE, DISTRICT},
    DISTRICT: {PROVINCE},
    PROVINCE: {None},
}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the units a unit is divided into: its code, its name, and the codes that go there."""

    code: str
    name: str
    children: tuple[str, ...] = ()


@dataclass
class Plan:
    """What an operation would do: every code it touches with all it was and is to be, and the links."""

    on: date
    units: dict[str, Unit] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    links: list[Link] = field(default_factory=list)

    def now(self, code: str) -> Span:
        """What a touched code is after the operation."""
        return self.units[code].spans[-1]


class Planner:
    """Works out operations of one day from what is known: the units involved and all that lies in them."""

    def __init__(self, known: Mapping[str, Sequence[Span]], on: date, today: date) -> None:
        self._known = known
        self._today = today
        self.plan = Plan(on)

    def merge(self, sources: Sequence[str], target: str, name: str = "") -> Plan:
        """Several units become one, under one of their codes, another unit's or a new one."""
        several = list(dict.fromkeys([*sources, target] if target in self._in_force() else sources))
        spans = [self._current(code) for code in several]
        if len(several) < 2 or len({span.level for span in spans}) > 1:  # noqa: PLR2004 - one is no merger
            raise PlaceLevelsDiffer(names=", ".join(span.name for span in spans))
        if target in several:
            if name:
                self._change(target, name=_named(name))
        else:
            self._open(target, spans[0].level, _named(name or spans[0].name), spans[0].parent)
        for code in several:
            if code != target:
                self._end(code)
                self.plan.links.append(Link(code, target, self.plan.on))
        self._take_in(several, target)
        return self.plan

    def split(self, source: str, parts: Sequence[Part]) -> Plan:
        """A unit becomes several; it lives on where one part keeps its code."""
        span = self._current(source)
        lives_on = source in {part.code for part in parts}
        self._require_parts(source, parts, lives_on=lives_on)
        for part in parts:
            if part.code == source:
                self._change(source, name=_named(part.name or span.name))
            else:
                self._open(part.code, span.level, _named(part.name), span.parent)
            self.plan.links.append(Link(source, part.code, self.plan.on, part=True))
        if not lives_on:
            self._end(source)
            self._close_unlisted(source, [part.code for part in parts])
        for part in parts:
            if part.code != source:
                for code in part.children:
                    self._move_in(code, part.code)
        return self.plan

    def rename(self, code: str, name: str) -> Plan:
        """A unit gets another name."""
        self._change(code, name=_named(name))
        return self.plan

    def move(self, code: str, parent: str) -> Plan:
        """A unit comes to lie in another one."""
        self._require_above(self._current(code).level, parent)
        self._move_in(code, parent)
        return self.plan

    def open(self, place: Place) -> Plan:
        """A unit that was not there."""
        self._open(place.code, place.level, _named(place.name), place.parent or None, place.attributes)
        return self.plan

    def close(self, code: str) -> Plan:
        """A unit ends and nothing takes its place."""
        span = self._current(code)
        inside = self._inside(code)
        if inside:
            example = self._current(inside[0]).name
            raise PlaceNotEmpty(name=span.name, code=code, number=len(inside), example=example)
        self._end(code)
        self._close_unlisted(code, [])
        return self.plan

    # How each is done ------------------------------------------------------------------------------

    def _spans(self, code: str) -> Sequence[Span]:
        unit = self.plan.units.get(code)
        return unit.spans if unit else self._known.get(code, ())

    def _in_force(self) -> set[str]:
        return {code for code, spans in self._known.items() if spans and spans[-1].valid_to is None}

    def _current(self, code: str) -> Span:
        """What a code is; it has to be in force, and to have been so before the day."""
        spans = self._spans(code)
        if not spans or spans[-1].valid_to is not None:
            ended = spans[-1].valid_to if spans else None
            raise PlaceNotInForce(name=spans[-1].name if spans else code, code=code, day=str(ended or "–"))
        since = spans[-1].valid_from or date.min
        if not since <= self.plan.on <= self._today:
            raise PlaceDayUnusable(
                day=self.plan.on.isoformat(),
                since=since.isoformat(),
                name=spans[-1].name,
                today=self._today.isoformat(),
            )
        return spans[-1]

    def _inside(self, code: str) -> list[str]:
        """What lies right in a place, «not on the list yet» left out."""
        return sorted(
            one for one in self._in_force() if self._known[one][-1].parent == code and not is_unlisted(one)
        )

    def _require_parts(self, source: str, parts: Sequence[Part], *, lives_on: bool) -> None:
        inside = set(self._inside(source))
        allotted = [code for part in parts for code in part.children]
        strange = sorted(code for code in allotted if code not in inside or allotted.count(code) > 1)
        left = [] if lives_on else sorted(inside - set(allotted))
        cause: Phrase | None = None
        if len({part.code for part in parts}) != len(parts) or len(parts) < 2:  # noqa: PLR2004 - one is no split
            cause = Phrase("it has fewer than two parts, or one twice")
        elif strange:
            cause = Phrase("{code} does not lie in it, or is named twice", code=strange[0])
        elif left:
            cause = Phrase("{code} goes nowhere", code=left[0])
        if cause:
            raise PlacePartsUnusable(name=self._current(source).name, cause=cause)

    def _change(self, code: str, *, name: str = "", parent: str | None = None, **attributes: str) -> None:
        span = self._current(code)
        new = replace(
            span,
            name=name or span.name,
            parent=parent or span.parent,
            valid_from=self.plan.on,
            attributes={**span.attributes, **attributes},
        )
        before = list(self._spans(code)[:-1])
        # What took effect on the day itself was never seen on another one.
        if span.valid_from != self.plan.on:
            before.append(replace(span, valid_to=day_before(self.plan.on)))
        self.plan.units[code] = Unit(code, (*before, new))

    def _end(self, code: str) -> None:
        span = self._current(code)
        if span.valid_from == self.plan.on:
            raise PlaceDayUnusable(
                day=self.plan.on.isoformat(),
                since=self.plan.on.isoformat(),
                name=span.name,
                today=self._today.isoformat(),
            )
        ended = replace(span, valid_to=day_before(self.plan.on))
        self.plan.units[code] = Unit(code, (*self._spans(code)[:-1], ended))

    def _open(
        self,
        code: str,
        level: str,
        name: str,
        parent: str | None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        if not may_be_code(code, level, parent):
            raise PlaceCodeUnusable(code=code, level=_SAID.get(level, level))
        had = self._spans(code)
        if had and (had[-1].valid_to is None or level == VILLAGE or (had[-1].valid_to >= self.plan.on)):
            raise PlaceCodeTaken(code=code, name=had[-1].name)
        self._require_above(level, parent)
        if self.plan.on > self._today:
            day = self.plan.on.isoformat()
            raise PlaceDayUnusable(day=day, since="–", name=name, today=self._today.isoformat())
        more = dict(attributes or {})
        uuid = more.pop("uuid", None)
        self.plan.units[code] = Unit(code, (*had, Span(level, name, parent, self.plan.on, None, more)), uuid)
        self.plan.opened.add(code)
        if level == COMMUNE:
            unlisted = unlisted_village(Place(code, level, name))
            self._open_unlisted(unlisted)

    def _open_unlisted(self, place: Place) -> None:
        had = self._spans(place.code)
        span = Span(VILLAGE, place.name, place.parent, self.plan.on)
        self.plan.units[place.code] = Unit(place.code, (*had, span), place.attributes["uuid"])
        self.plan.opened.add(place.code)

    def _require_above(self, level: str, parent: str | None) -> None:
        above = self._current(parent) if parent else None
        if (above.level if above else None) not in _ABOVE[level]:
            raise PlaceParentUnusable(level=_SAID.get(level, level), parent=above.name if above else "–")

    def _take_in(self, sources: Iterable[str], target: str) -> None:
        """Move what lies in the sources into the target, and tell villages of one name apart."""
        homes = {code: source for source in sources for code in self._inside(source)}
        for code, source in homes.items():
            if source != target:
                self._move_in(code, target)
        for source in sources:
            if source != target:
                self._close_unlisted(source, [target])
        self._tell_apart(homes)

    def _tell_apart(self, homes: Mapping[str, str]) -> None:
        """Villages of one name get the name of the commune they come from."""
        namesakes: defaultdict[str, list[str]] = defaultdict(list)
        for code in homes:
            if self._current(code).level == VILLAGE:
                namesakes[folded(self._current(code).name)].append(code)
        for code in (code for several in namesakes.values() if len(several) > 1 for code in several):
            former = without_kind(self._known[homes[code]][-1].name)
            self._change(code, name=f"{self._current(code).name} ({former} cũ)"[:LONGEST_NAME])

    def _move_in(self, code: str, parent: str) -> None:
        former = self._current(code).parent
        if self._current(code).level != VILLAGE or former is None or former == parent:
            self._change(code, parent=parent)
            return
        name = self._known[former][-1].name if former in self._known else ""
        self._change(code, parent=parent, legacy_commune_code=former, legacy_commune_name=without_kind(name))

    def _close_unlisted(self, commune: str, successors: Sequence[str]) -> None:
        code = f"{commune}{UNLISTED_ENDING}"
        spans = self._spans(code)
        if not spans or spans[-1].valid_to is not None:
            return
        self._end(code)
        part = len(successors) > 1
        for one in successors:
            self.plan.links.append(Link(code, f"{one}{UNLISTED_ENDING}", self.plan.on, part=part))


def _named(name: str) -> str:
    text = " ".join(name.split())
    if not 1 <= len(text) <= LONGEST_NAME:
        raise PlaceNameMissing(limit=LONGEST_NAME)
    return text
