"""The tree of places with its dates: which place lay in which, between which days.

Why: the closure the memory keeps is computed here from what each code was (its spans) and from what
became of old codes (its links), so that a day is enough to say what a code meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

TREE: Final = "tree"
LINK: Final = "link"


@dataclass(frozen=True, slots=True)
class Span:
    """What a code was between two days, both included; None: since ever, or until further notice."""

    level: str
    name: str
    parent: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def covers(self, day: date) -> bool:
        """Whether the code was this on that day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Unit:
    """A code with everything it was, in the order of days; a village's uuid goes with it."""

    code: str
    spans: Sequence[Span]
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An old code and what it became on a day; `part`: only some of it went there."""

    old: str
    new: str
    on: date
    part: bool = False


class Path(NamedTuple):
    """`descendant` lay in `ancestor` (itself at depth 0) between two days; `via`: tree or link."""

    ancestor: str
    descendant: str
    depth: int
    via: str
    valid_from: date | None
    valid_to: date | None


Days = tuple[date, date]
"""Two days, both included, `date.min` and `date.max` at the open ends."""

Above = tuple[str, int, Days]
"""What a place lay in, itself too: the code, how far up, and when."""


class Tree:
    """The closure of some places: their spans, those of everything above them, and their links.

    `above` says what places without spans here lay in, where that is known.
    """

    def __init__(
        self,
        spans: Mapping[str, Iterable[Span]],
        links: Iterable[Link] = (),
        above: Mapping[str, list[Above]] = MappingProxyType({}),
    ) -> None:
        self._spans = {code: sorted(several, key=_start) for code, several in spans.items()}
        self._links: defaultdict[str, list[Link]] = defaultdict(list)
        for link in links:
            self._links[link.old].append(link)
        self._above = dict(above)
        self._shared: dict[tuple[str, Days], list[Above]] = {}

    def paths(self, code: str) -> Iterator[Path]:
        """Every pair whose descendant is `code`, in the order of days."""
        for ancestor, depth, days in self._tree(code):
            yield _path(ancestor, code, depth, TREE, days)
        seen: set[tuple[str, Days]] = set()
        for successor, depth, since in self._successors(code):
            for ancestor, above, days in self._tree(successor):
                common = _both(days, (since, date.max))
                # A code that lives on in the unit it was swallowed by is in the tree already.
                if common and ancestor != code and (ancestor, common) not in seen:
                    seen.add((ancestor, common))
                    yield _path(ancestor, code, depth + above, LINK, common)

    def _tree(self, code: str) -> list[Above]:
        if code not in self._above:
            found: defaultdict[tuple[str, int], list[Days]] = defaultdict(list)
            for span in self._spans.get(code, ()):
                days = (span.valid_from or date.min, span.valid_to or date.max)
                found[code, 0].append(days)
                for ancestor, depth, common in self._within(span.parent, days):
                    found[ancestor, depth].append(common)
            self._above[code] = [
                (ancestor, depth, days)
                for (ancestor, depth), several in found.items()
                for days in _joined(several)
            ]
        return self._above[code]

    def _within(self, parent: str | None, days: Days) -> list[Above]:
        """What lay in this parent between these days lay in; all the villages of a commune share it."""
        if parent is None:
            return []
        known = self._shared.get((parent, days))
        if known is None:
            known = self._shared[parent, days] = [
                (ancestor, depth + 1, common)
                for ancestor, depth, above in self._tree(parent)
                if (common := _both(days, above))
            ]
        return known

    def _successors(self, code: str) -> Iterator[tuple[str, int, date]]:
        """What became of a code, step by step: the code, the steps, since when."""
        todo = [(code, 0, date.min)]
        seen = {code}
        while todo:
            current, steps, since = todo.pop(0)
            for link in self._links.get(current, ()):
                if link.on > since and link.new not in seen:
                    seen.add(link.new)
                    todo.append((link.new, steps + 1, link.on))
                    yield link.new, steps + 1, link.on


def successor(code: str, links: Iterable[Link], on: date) -> str:
    """The code of today of what `code` meant on a day, or the code itself where several share it.

    `links` are those of `code` and of all it became.
    """
    by_old: defaultdict[str, list[Link]] = defaultdict(list)
    for link in links:
        by_old[link.old].append(link)
    current = code
    while later := [link for link in by_old[current] if link.on > on]:
        on = min(link.on for link in later)
        targets = {link.new: link.part for link in later if link.on == on}
        if current in targets:
            continue
        if len(targets) > 1 or any(targets.values()):
            break
        (current,) = targets
    return current


def day_before(day: date) -> date:
    """The last day of what ends when `day` begins."""
    return day - timedelta(days=1)


def _start(span: Span) -> date:
    return span.valid_from or date.min


def _both(one: Days, other: Days) -> Days | None:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def _joined(several: list[Days]) -> list[Days]:
    """Days that touch, as one."""
    if len(several) == 1:
        return several
    joined: list[Days] = []
    for first, last in sorted(several):
        if joined and (joined[-1][1] == date.max or first <= joined[-1][1] + timedelta(days=1)):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _path(ancestor: str, descendant: str, depth: int, via: str, days: Days) -> Path:
    first, last = days
    return Path(
        ancestor,
        descendant,
        depth,
        via,
        None if first == date.min else first,
        None if last == date.max else last,
    )
