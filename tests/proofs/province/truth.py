"""The figures of the made-up province, added up from its answers by this file alone.

A truth says of one commune's answers what each place adds to numerator and denominator. Each is
a plain Python reading of the indicator's words; none looks at how the server defines or computes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.proofs.province.made import Commune
from tests.proofs.province.offices import Drawn, Report
from tests.proofs.province.people import YEAR, Home

Added = tuple[str, float, float | None]
"""A place, and what it adds to the numerator and the denominator."""


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

    def latest(self, form_id: str, unit: str, year: int = YEAR) -> list[Report]:
        """The last report of each unit, named by an answer."""
        several = sorted(self.of(form_id, year), key=lambda one: one.day)
        return list({one.answers.get(unit, one.place): one for one in several}.values())


Truth = Callable[[Pool], Iterator[Added]]
Said = Callable[[Drawn], float]


def yes(question: str) -> Said:
    """1 where a question was answered with yes."""
    return lambda said: float(said.get(question) == "1")


def number(question: str) -> Said:
    """The number a question was answered with."""
    return lambda said: float(said.get(question) or 0)


def chosen(question: str, *choices: str) -> Said:
    """1 where one of the choices is among the answers."""
    return lambda said: float(bool(set(choices) & set(said.get(question, "").split())))


def summed(reports: Iterable[Report], above: Said, below: Said | None) -> Iterator[Added]:
    """Of every report what it adds."""
    for one in reports:
        yield one.place, above(one.answers), None if below is None else below(one.answers)


def centres(above: Said, *, form_id: str = "f03_clc_profile", unit: str = "centre") -> Truth:
    """The working centres of a commune, and how many of them say so in their last report of the year."""

    def truth(pool: Pool) -> Iterator[Added]:
        yield from ((one.place, above(one.answers), 0.0) for one in pool.latest(form_id, unit))
        working = sum(one.status in {"1", "4"} for one in pool.commune.centres)
        yield pool.commune.code, 0.0, float(working)

    return truth


def stock(form_id: str, unit: str, above: Said, below: Said | None = None) -> Truth:
    """What the last report of each unit in the year says."""
    return lambda pool: summed(pool.latest(form_id, unit), above, below)


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


def total(truth: Truth, pools: Iterable[Pool]) -> dict[str, tuple[float, float | None]]:
    """The sums of a truth by village, commune and province."""
    found: dict[str, list[float | None]] = {}
    for pool in pools:
        for place, above, below in truth(pool):
            for code in dict.fromkeys((place, pool.commune.code, pool.commune.province)):
                sums = found.setdefault(code, [0.0, None])
                sums[0] = (sums[0] or 0.0) + above
                if below is not None:
                    sums[1] = (sums[1] or 0.0) + below
    return {code: (above or 0.0, below) for code, (above, below) in found.items()}
