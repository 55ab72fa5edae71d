"""⑦ The households of a village that are visited a second time (F11): drawn by chance, and again the same.

Why: 5 % of each village, at least three, so that no enumerator can know which (forms.md §5.11). A household
stands where a digest of seed, village and its own id puts it; so the draw needs no state, does not depend on
the order households are read in, and one that comes later moves hardly any of the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SHARE_PERCENT = 5
LEAST = 3


def how_many(population: int) -> int:
    """How many of so many households are drawn: 5 % rounded up, at least three, all where there are fewer."""
    return min(population, max(LEAST, -(-population * SHARE_PERCENT // 100)))


def drawn(seed: str, village: str, households: Iterable[str]) -> list[str]:
    """The ids that a seed draws from the households of a village."""

    def place(household: str) -> str:
        return hashlib.sha256(f"{seed}\0{village}\0{household}".encode()).hexdigest()

    several = sorted(set(households), key=place)
    return several[: how_many(len(several))]
