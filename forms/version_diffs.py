"""What differs between two versions of a filled form, node by node, as programs are told.

A change is `{"old", "new", "path"}`: text, or a whole group or row as nested texts; `old` is missing for
what is new, `new` for what is gone. `path` names the steps from the root; a row of a repeat is a pair of
its name and its place among the rows, counted from 0 (of the older version where it has the row).
Knows: Central's shape of `…/diffs`; which row became which is guessed by likeness, as anybody must.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from lxml import etree

Tree: TypeAlias = "str | dict[str, Any] | list[Any]"
Step: TypeAlias = "str | list[str | int]"
Change: TypeAlias = dict[str, Any]

_MOST_PAIRS = 2_500
"""Pairs of rows that are compared with each other; of more, rows are paired as they come."""


def tree_of(root: etree._Element, repeats: frozenset[str]) -> dict[str, Any]:
    """The answers under the root element; `repeats` are the paths (`/member`) that are rows."""
    return _inside(root, "", repeats)


def _inside(element: etree._Element, path: str, repeats: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        here = f"{path}/{name}"
        value: Any = _inside(child, here, repeats) if len(child) or here in repeats else child.text or ""
        if here in repeats:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def changes(old: dict[str, Any], new: dict[str, Any], path: Sequence[Step] = ()) -> Iterator[Change]:
    """What differs between two trees, in the order of the newer one; what is gone comes last."""
    for name in (*new, *(name for name in old if name not in new)):
        here = [*path, name]
        if name not in old or name not in new:
            yield from _one_sided(old, new, name, path)
        elif isinstance(old[name], list) and isinstance(new[name], list):
            yield from _rows(old[name], new[name], path, name)
        elif isinstance(old[name], dict) and isinstance(new[name], dict):
            yield from changes(old[name], new[name], here)
        elif old[name] != new[name]:
            yield {"old": old[name], "new": new[name], "path": here}


def _one_sided(old: dict[str, Any], new: dict[str, Any], name: str, path: Sequence[Step]) -> Iterator[Change]:
    side, value = ("new", new[name]) if name in new else ("old", old[name])
    if isinstance(value, list):
        for number, row in enumerate(value):
            yield {side: row, "path": [*path, [name, number]]}
    else:
        yield {side: value, "path": [*path, name]}


def _rows(old: list[Any], new: list[Any], path: Sequence[Step], name: str) -> Iterator[Change]:
    # Left to itself it takes rows that come often for no landmarks, so that no form makes it slow.
    matcher = SequenceMatcher(None, [repr(row) for row in old], [repr(row) for row in new])
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = _paired(old[start:end], new[new_start:new_end])
        for mine, others in pairs:
            if others is None:
                number = start + (mine or 0)
                yield {"old": old[number], "path": [*path, [name, number]]}
            elif mine is None:
                number = new_start + others
                yield {"new": new[number], "path": [*path, [name, number]]}
            else:
                step: Step = [name, start + mine]
                yield from changes(old[start + mine], new[new_start + others], [*path, step])


_Pair: TypeAlias = "tuple[int | None, int | None]"


def _paired(old: Sequence[Any], new: Sequence[Any]) -> list[_Pair]:
    """Which rows became which, in order: those left over on the longer side are new or gone."""
    if len(old) > len(new):
        return [(mine, others) for others, mine in _paired(new, old)]
    if len(old) == len(new) or not old or len(old) * len(new) > _MOST_PAIRS:
        left_over: list[_Pair] = [(None, number) for number in range(len(old), len(new))]
        return [*((number, number) for number in range(len(old))), *left_over]
    return _cheapest(old, new)


def _cheapest(old: Sequence[Any], new: Sequence[Any]) -> list[_Pair]:
    """The pairing of the shorter side with some of the longer one that changes the fewest answers."""
    # costs[m][n]: of the first m rows against the first n; below the diagonal there are too few to pair.
    costs = [[0.0] * (len(new) + 1)] + [[float("inf")] * (len(new) + 1) for _row in old]
    for mine in range(1, len(old) + 1):
        for others in range(mine, len(new) + 1):
            paired = costs[mine - 1][others - 1] + _unlike(old[mine - 1], new[others - 1])
            costs[mine][others] = min(paired, costs[mine][others - 1])
    found: list[_Pair] = []
    mine, others = len(old), len(new)
    while others:
        if mine and costs[mine][others] < costs[mine][others - 1]:
            mine -= 1
            found.append((mine, others - 1))
        else:
            found.append((None, others - 1))
        others -= 1
    return found[::-1]


def _unlike(one: dict[str, Any], other: dict[str, Any]) -> int:
    return sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())
