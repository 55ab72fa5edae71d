"""The figures of the made-up province, added up from its answers by this file alone.

A truth says of one commune what each place adds to numerator and denominator. Each is
a plain Python reading of the indicator's words; none looks at how the server defines or computes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.proofs.province.made import Commune
from tests.proofs.province.offices import Report
from tests.proofs.province.people import YEAR, Home
from tests.proofs.province.said import Said

Added = tuple[str, float, float | None]
"""A place, and what it adds to the numerator and the denominator."""


WORKING = frozenset({"1", "4"})
"""States of a centre that works, or was just founded."""


@dataclass
class Pool:
    """All that a commune has and sent in a year; `last` keeps of several visits to a household the last."""

    commune: Commune
    homes: list[Home] = field(default_factory=list)
    reports: dict[str, list[Report]] = field(default_factory=lambda: defaultdict(list))

    @property
    def last(self) -> list[Home]:
        """The last visit to each household."""
        return list(
            {home.household_id: home for home in sorted(self.homes, key=lambda one: one.start)}.values()
        )

    def of(self, form_id: str, year: int = YEAR) -> list[Report]:
        """What came on a form for a year."""
        return [one for one in self.reports[form_id] if one.day.year == year]

    def latest(self, form_id: str, *units: str, only: Said | None = None) -> list[Report]:
        """The last report of the year of each unit, named by an answer or several."""
        several = [one for one in self.of(form_id) if only is None or only(one.answers)]
        several.sort(key=lambda one: one.counts_on)
        return list({tuple(one.answers.get(unit) for unit in units): one for one in several}.values())


Truth = Callable[[Pool], Iterator[Added]]
Keys = Callable[[Pool], Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class Distinct:
    """Keys that count once in each place; `under` are those of the denominator, or `below` adds to it."""

    keys: Keys
    under: Keys | None = None
    below: Truth | None = None


def summed(reports: Iterable[Report], above: Said, below: Said | None) -> Iterator[Added]:
    """Of every report what it adds."""
    for one in reports:
        yield one.place, above(one.answers), None if below is None else below(one.answers)


def centres(above: Said, *, form_id: str = "f03_clc_profile", unit: str = "centre") -> Truth:
    """The working centres of a commune, and how many of them say so in their last report of the year."""

    def truth(pool: Pool) -> Iterator[Added]:
        for one in pool.latest(form_id, unit):
            if one.answers["status"] in WORKING:
                yield one.place, above(one.answers), 0.0
        working = sum(one.status in WORKING for one in pool.commune.centres)
        yield pool.commune.code, 0.0, float(working)

    return truth


def stock(form_id: str, unit: str, above: Said, below: Said | None = None) -> Truth:
    """What the last report of each unit in the year says."""
    return lambda pool: summed(pool.latest(form_id, *unit.split()), above, below)


def flow(form_id: str, above: Said, below: Said | None = None) -> Truth:
    """What all reports of the year say together."""
    return lambda pool: summed(pool.of(form_id), above, below)


def members(above: Said, below: Said | None = None) -> Truth:
    """The people of the households that agreed, each household as it was last visited."""

    def truth(pool: Pool) -> Iterator[Added]:
        for home in pool.last:
            for one in home.members if home.met else ():
                yield home.village, above(one), None if below is None else below(one)

    return truth


@dataclass(frozen=True)
class Together:
    """Several claims whose numerators are added up, above and below."""

    above: tuple[Truth | Distinct, ...]
    below: tuple[Truth | Distinct, ...]


Sums = dict[str, tuple[float, float | None]]


def total(claim: Truth | Distinct | Together, pools: Sequence[Pool]) -> Sums:
    """The sums of a truth by village, commune and province."""
    if isinstance(claim, Together):
        return _together(claim, pools)
    if isinstance(claim, Distinct):
        return _distinct(claim, pools)
    found: dict[str, list[float | None]] = {}
    for pool in pools:
        for place, above, below in claim(pool):
            for code in _around(pool, place):
                sums = found.setdefault(code, [0.0, None])
                sums[0] = (sums[0] or 0.0) + above
                if below is not None:
                    sums[1] = (sums[1] or 0.0) + below
    return {code: (above or 0.0, below) for code, (above, below) in found.items()}


def _together(claim: Together, pools: Sequence[Pool]) -> Sums:
    above, below = ([total(one, pools) for one in side] for side in (claim.above, claim.below))
    places = {code for sums in (*above, *below) for code in sums}

    def side(several: Sequence[Sums], code: str) -> float:
        return sum(sums[code][0] for sums in several if code in sums)

    return {code: (side(above, code), side(below, code)) for code in places}


def _distinct(claim: Distinct, pools: Sequence[Pool]) -> Sums:
    above = _counted(claim.keys, pools)
    below: dict[str, float | None] = {}
    if claim.under is not None:
        below = dict(_counted(claim.under, pools))
    elif claim.below is not None:
        below = {code: sums[1] for code, sums in total(claim.below, pools).items()}
    known = claim.under is not None or claim.below is not None
    return {
        code: (above.get(code, 0.0), below.get(code, 0.0) if known else None)
        for code in above.keys() | below.keys()
    }


def _counted(keys: Keys, pools: Sequence[Pool]) -> dict[str, float]:
    found: dict[str, set[str]] = defaultdict(set)
    for pool in pools:
        for place, key in keys(pool):
            for code in _around(pool, place):
                found[code].add(key)
    return {code: float(len(several)) for code, several in found.items()}


def _around(pool: Pool, place: str) -> Iterable[str]:
    return dict.fromkeys((place, pool.commune.code, pool.commune.province))
