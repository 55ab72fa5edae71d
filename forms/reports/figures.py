"""⑨ The figures a report is made of, wherever they come from: the cells of today, or a frozen release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from forms.period_kinds import kind_of, last_day


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of a place in a period, and the target it is held to.

    `of_part`: the communes only that the target speaks of. `href`: the address of its cell, "" = unknown.
    `value` None: no figure yet. `to_reach`: how many more people or units the target takes.
    """

    code: str
    label: str
    unit: str
    period: str
    place: str
    place_name: str
    parent: str = ""
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    expected: int | None = None
    received: int | None = None
    target: float | None = None
    comparison: str = ""
    deadline: date | None = None
    plan: str = ""
    source: str = ""
    to_reach: float | None = None
    status: str = ""
    of_part: bool = False
    href: str = ""

    @property
    def completeness(self) -> float | None:
        """The share in percent of the units that are to report and have; None where nobody is to."""
        if not self.expected or self.received is None:
            return None
        return 100 * self.received / self.expected


@dataclass(frozen=True, slots=True)
class Way:
    """What a plan asks for by which day, and the line of its pace through those, from where it began."""

    steps: tuple[tuple[date, float], ...] = ()
    knots: tuple[tuple[date, float], ...] = ()


@dataclass(frozen=True)
class Figures:
    """The figures of one place and period, by code.

    `own` are those of the whole place, `held` the figure its target speaks of, `below` those of the places
    right in it, `years` those of the place over all periods of the kind, earliest first.
    """

    own: Mapping[str, Figure]
    held: Mapping[str, Figure]
    below: Mapping[str, tuple[Figure, ...]]
    years: Mapping[str, tuple[Figure, ...]]


_WORST = ("behind", "on_way", "no_data", "met", "")


def gathered(several: Iterable[Figure], place: str, period: str) -> Figures:
    """The figures of a place and period out of many."""
    own: dict[str, Figure] = {}
    parts: dict[str, list[Figure]] = {}
    below: dict[str, list[Figure]] = {}
    years: dict[str, list[Figure]] = {}
    kind = kind_of(period)
    for one in several:
        if one.place == place and not one.of_part and kind_of(one.period) == kind:
            years.setdefault(one.code, []).append(one)
        if one.period != period:
            continue
        if one.place == place:
            if one.of_part:
                parts.setdefault(one.code, []).append(one)
            else:
                own[one.code] = one
        elif one.parent == place and not one.of_part:
            below.setdefault(one.code, []).append(one)
    for line in years.values():
        line.sort(key=lambda one: last_day(one.period))
    held = {code: _held(own.get(code), parts.get(code, ())) for code in {*own, *parts}}
    return Figures(
        own,
        {code: one for code, one in held.items() if one is not None},
        {code: tuple(line) for code, line in below.items()},
        {code: tuple(line) for code, line in years.items()},
    )


def _held(whole: Figure | None, parts: Iterable[Figure]) -> Figure | None:
    """The figure with a target: of the whole place, else the part that is worst off."""
    if whole is not None and whole.target is not None:
        return whole
    valued = [one for one in parts if one.target is not None]
    if valued:
        return min(valued, key=lambda one: _WORST.index(one.status) if one.status in _WORST else len(_WORST))
    return whole
