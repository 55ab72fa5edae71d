"""⑧ Sums of places added up to the places around them, classes of communes apart.

A sum is always made again from those below it and what was counted right there, never by adding a
difference, so that it cannot drift; what has to be counted once is counted again at every level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, str]
"""Code of an indicator, and split: "" for all together, else `name=value`."""

NUMERATOR, DENOMINATOR, COUNTED = 0, 1, 2
_SAID_EXACTLY: Final = 13
"""Digits a sum of fractions is right to, in whatever order they were added."""

_LONGEST_SPLIT = 200


@dataclass
class Tally:
    """What was counted in one place and period.

    `sums`: numerator, denominator, rows it rests on. `values`: what is to be counted once, by indicator,
    split, side, and whether the figure rests on these; they are collected for each place apart. `reports`:
    by form, how many units have sent something.
    """

    sums: dict[Key, list[float]] = field(default_factory=dict)
    values: dict[tuple[str, str, int, bool], set[str]] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)

    def add(self, key: Key, at: int, amount: float) -> None:
        """Count an amount."""
        found = self.sums.get(key)
        if found is None:
            found = self.sums[key] = [0, 0, 0]
        found[at] += amount

    def include(self, other: Tally) -> None:
        """Add up what was counted in a place inside this one."""
        sums = self.sums
        for key, several in other.sums.items():
            mine = sums.get(key)
            if mine is None:
                sums[key] = several.copy()
                continue
            for at, amount in enumerate(several):
                mine[at] += amount
        for form, number in other.reports.items():
            self.reports[form] = self.reports.get(form, 0) + number

    def settle(self) -> None:
        """Make sums what they would be in any order, and count what counts once."""
        for (code, split, side, counts), found in self.values.items():
            counted = self.sums.setdefault((code, split), [0, 0, 0])
            counted[side] = len(found)
            if counts:
                counted[COUNTED] = len(found)
        for several in self.sums.values():
            several[:] = map(tidy, several)

    def copy_to(self, code: str, splits: Iterable[str]) -> None:
        """Say of a commune's sums to which classes and targets they belong."""
        own = self.sums.get((code, ""))
        for split in splits:
            if own is not None:
                self.sums[code, split] = own.copy()

    def without(self, codes: Iterable[str]) -> None:
        """Forget the sums of indicators that are reckoned anew in every place."""
        gone = set(codes)
        for key in [key for key in self.sums if key[0] in gone]:
            del self.sums[key]


def tidy(amount: float) -> float:
    """A sum without what floating point added to it."""
    if isinstance(amount, int) or amount.is_integer() or isnan(amount):
        return amount
    return float(f"{amount:.{_SAID_EXACTLY}g}")


def split_text(name: str, value: str) -> str:
    """How a split is named in a cell."""
    return f"{name}={value}"[:_LONGEST_SPLIT]


def class_text(attribute: str, attributes: Mapping[str, str]) -> str:
    """The class a commune belongs to by one of its attributes."""
    return split_text(f"@{attribute}", attributes.get(attribute, ""))


def part_text(key: str) -> str:
    """The split of the communes that a target speaks of."""
    return f"!{key}"[:_LONGEST_SPLIT]
