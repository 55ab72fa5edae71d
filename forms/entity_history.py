"""⑧ The versions of an entity, told as somebody who has to settle a conflict needs them.

Computes only. Versions of one entity have growing numbers, with gaps where the server worked something
out by itself. Source: Central's versions of an entity (central-api.md §2, entities).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from forms.entities import LABEL


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it is kept: `whole` is the state with its label, `received` what the change brought."""

    number: int
    base: int | None
    conflict: str | None
    whole: Mapping[str, str]
    received: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a version beside itself.

    `base_diff` and `server_diff`: what it said otherwise than the version it rests on, and than the one
    before it. `resolved`: somebody looked at its conflict. `last_good`: nothing up to it is in question.
    `relevant`: whoever settles the conflict has to see it.
    """

    resolved: bool
    base_diff: tuple[str, ...]
    server_diff: tuple[str, ...]
    last_good: bool
    relevant: bool


def tell(versions: Sequence[Version], resolved_upto: int) -> list[Told]:
    """What is told of each version, oldest first; somebody settled the conflicts up to `resolved_upto`."""
    open_ = [
        place
        for place, one in enumerate(versions)
        if place > 0 and one.conflict is not None and one.number > resolved_upto
    ]
    good = open_[0] - 1 if open_ else len(versions) - 1
    bases = {_before(versions, one) for one in versions[good + 1 :]} if open_ else set()
    told = []
    for place, one in enumerate(versions):
        base, before = _before(versions, one), place - 1
        told.append(
            Told(
                resolved=place > 0 and one.conflict is not None and one.number <= resolved_upto,
                base_diff=_differing(one, versions[base]) if place > 0 else (),
                server_diff=_differing(one, versions[before]) if place > 0 else (),
                last_good=place == good,
                relevant=bool(open_) and (place >= good or place in bases),
            )
        )
    return told


def _before(versions: Sequence[Version], one: Version) -> int:
    """Where the version stands on which one rests; its number may be that of a result of the server's."""
    base = one.base or 0
    return max((place for place, other in enumerate(versions) if other.number <= base), default=0)


def _differing(one: Version, other: Version) -> tuple[str, ...]:
    return tuple(name for name, text in one.received.items() if other.whole.get(name) != text)


@dataclass(frozen=True, slots=True)
class Difference:
    """A property, or the label, that one version says otherwise than the one before; `old` None: new."""

    name: str
    old: str | None
    new: str


def differences(wholes: Sequence[Mapping[str, str]]) -> list[list[Difference]]:
    """What each state but the first says otherwise than the one before it, the label first."""
    return [
        [
            Difference(name, before.get(name), text)
            for name, text in _label_first(after).items()
            if before.get(name) != text
        ]
        for before, after in pairwise(wholes)
    ]


def _label_first(whole: Mapping[str, str]) -> dict[str, str]:
    return {LABEL: whole.get(LABEL, ""), **whole}
