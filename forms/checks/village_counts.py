"""K01-K05, Q21-Q23 · A village head's count beside the household forms, and beside last year's.

The count of a year is its last official or correcting one, else the last. A household counts once a year,
with its last visit. Coverage = households interviewed ÷ households counted.
Silent when: there are no household forms of the year, or none of the year before; the difference is just what
is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forms.checks.check import ERROR, WARNING, Check, Threshold
from forms.checks.comparing import LEAST, SHARE, Line, Odd, Report, Rule, apart

FORM = "f02_village_count"
OFFICIAL = frozenset({"1", "3"})
"""Kinds of counts that stand: the yearly one, and what corrects it."""

_COVERED = "coverage"

K01 = Check(
    "K01",
    ERROR,
    "K01 Illiterate people: village count and household forms",
    "The village head counts {a} people illiterate at level 1, the household forms {b}.",
    "Go through the list again or give the reason; if both stand, visit 10 households again.",
    {SHARE: Threshold(0.1, 0, 10), LEAST: Threshold(2, 0, 10_000), _COVERED: Threshold(0.9, 0, 1)},
)
K02 = Check(
    "K02",
    WARNING,
    "K02 Illiterate people, estimated from part of the households",
    "The household forms cover only {c}%; they lead to about {b} people, the village head reports {a}.",
    "Go through the list again, or say why they differ.",
    {SHARE: Threshold(0.25, 0, 10), _COVERED: Threshold(0.5, 0, 1), "below": Threshold(0.9, 0, 1)},
)
K03 = Check(
    "K03",
    WARNING,
    "K03 Households: village count and list of households",
    "The village counts {a} households, {b} are on the list of households.",
    "Look for households that were missed or entered twice.",
    {SHARE: Threshold(0.05, 0, 10), LEAST: Threshold(2, 0, 10_000)},
)
K04 = Check(
    "K04",
    WARNING,
    "K04 People of 15 to 60: village count and household forms",
    "The number of people of 15 to 60 ({a}) is {d} people away from the household forms ({b}).",
    "Check who works away from home.",
    {SHARE: Threshold(0.05, 0, 10), _COVERED: Threshold(0.9, 0, 1)},
)
K05 = Check(
    "K05",
    WARNING,
    "K05 Relapsed people far fewer than the reading test shows",
    "The village reports {a} people relapsed into illiteracy; reading and writing tests found {b}.",
    "Use the result of the tests.",
    {SHARE: Threshold(0.5, 0, 1), _COVERED: Threshold(0.9, 0, 1)},
)
Q21 = Check(
    "Q21",
    WARNING,
    "Q21 Share of women unusual",
    "{c} percent of the people of 15 to 60 are women ({a} of {b}).",
    "Look for people who were left out, or entered under the wrong sex.",
    {"low": Threshold(0.4, 0, 1), "high": Threshold(0.6, 0, 1), LEAST: Threshold(50, 1, 100_000)},
)
Q22 = Check(
    "Q22",
    WARNING,
    "Q22 Share of people of 15 to 60 unusual",
    "{c} percent of the population are 15 to 60 years old ({a} of {b}).",
    "Check both numbers against the list of the village.",
    {"low": Threshold(0.5, 0, 1), "high": Threshold(0.75, 0, 1)},
)
Q23 = Check(
    "Q23",
    WARNING,
    "Q23 Count copied from last year",
    "The figures of illiterate people are those of last year, or all 0 where last year there were {b}.",
    "Confirm that the list was gone through again.",
    {LEAST: Threshold(5, 0, 10_000)},
)
CHECKS = (K01, K02, K03, K04, K05, Q21, Q22, Q23)

_BANDS = ("1525", "2635", "3660")
ILLITERACY = (
    *(f"il{level}_{band}_{who}" for level in (1, 2) for band in _BANDS for who in ("t", "f")),
    "rel_t",
    "rel_f",
)
"""The questions about illiterate people that a copied count repeats."""

OWN = ("hh_total", "pop_t", "p1560_t", "p1560_f", "il1_t", "il2_t", "rel_t", "in1_t", "n_tlg", "v_assessed")
QUESTIONS = ("count_year", "count_kind", *OWN, *(name for name in ILLITERACY if name != "rel_t"))
"""What is read of the form."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The household forms of a village or commune in a year: households, and people of each kind in them."""

    households: float
    illit1: float
    p1560: float
    relapse: float
    new15: float = 0.0


Counts = Mapping[tuple[str, int], Report]
"""The count in force of each village and year."""


def in_force(reports: Iterable[Report]) -> dict[tuple[str, int], Report]:
    """The count that stands for each village and year; `reports` in the order they came."""
    found: dict[tuple[str, int], Report] = {}
    for one in reports:
        if one.place and one.year is not None:
            before = found.get((one.place, one.year))
            if before is None or official(one) or not official(before):
                found[one.place, one.year] = one
    return found


def official(one: Report) -> bool:
    """Whether a count is the yearly one, or corrects it."""
    return one.text("count_kind") in OFFICIAL


def lines(
    counts: Counts, surveyed: Mapping[tuple[str, int], Surveyed], listed: Mapping[str, int]
) -> Iterator[Line]:
    """Each count with what the household forms and the year before say; `listed`: households of the list.

    The list is as it is now, so only the last count of a village is held to it.
    """
    last = dict(sorted(counts, key=lambda one: one[1]))
    for (place, year), one in counts.items():
        figures: dict[str, float | None] = {name: one.number(name) for name in OWN}
        figures |= _surveyed(figures["hh_total"], surveyed.get((place, year)))
        figures |= _shares(figures)
        figures |= _before(one, counts.get((place, year - 1)))
        figures["listed"] = listed.get(place) if last[place] == year else None
        yield Line(figures, one.record, str(year), one.place, FORM)


def _surveyed(households: float | None, found: Surveyed | None) -> dict[str, float | None]:
    if found is None or not households or not found.households:
        return {}
    coverage = found.households / households
    return {
        "coverage": coverage,
        "covered": round(100 * coverage),
        "svy_il1": found.illit1,
        "svy_il1_scaled": round(found.illit1 / coverage),
        "svy_1560": found.p1560,
        "svy_rel": found.relapse,
    }


def _shares(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    adults, women, people = figures["p1560_t"], figures["p1560_f"], figures["pop_t"]
    return {
        "women": 100 * women / adults if adults and women is not None else None,
        "adults": 100 * adults / people if people and adults is not None else None,
    }


def _before(one: Report, before: Report | None) -> dict[str, float | None]:
    if before is None:
        return {}
    now, then = ([each.number(name) for name in ILLITERACY] for each in (one, before))
    return {
        "same": float(now == then and None not in now),
        "none": float(all(value == 0 for value in now)),
        "il_before": before.number("il2_t"),
    }


def _covered(known: Mapping[str, float], numbers: Mapping[str, float]) -> bool:
    return known["coverage"] >= numbers[_COVERED]


def _partly(known: Mapping[str, float], numbers: Mapping[str, float]) -> bool:
    return numbers[_COVERED] <= known["coverage"] < numbers["below"]


def _far_fewer(known: Mapping[str, float], numbers: Mapping[str, float]) -> bool:
    return _covered(known, numbers) and known["rel_t"] < numbers[SHARE] * known["svy_rel"]


def _outside(name: str, least: str) -> Odd:
    return lambda known, numbers: (
        known[least] >= numbers.get(LEAST, 0.0)
        and not 100 * numbers["low"] <= known[name] <= 100 * numbers["high"]
    )


def _copied(known: Mapping[str, float], numbers: Mapping[str, float]) -> bool:
    # Nobody illiterate two years running is good news, and no copy.
    if known["none"]:
        return known["il_before"] > numbers[LEAST]
    return known["same"] > 0


RULES = (
    Rule(K01, "il1_t", {"a": "il1_t", "b": "svy_il1"}, apart("il1_t", "svy_il1", _covered), ("coverage",)),
    Rule(
        K02,
        "il1_t",
        {"a": "il1_t", "b": "svy_il1_scaled", "c": "covered"},
        apart("il1_t", "svy_il1_scaled", _partly),
        ("coverage",),
    ),
    Rule(K03, "hh_total", {"a": "hh_total", "b": "listed"}, apart("hh_total", "listed")),
    Rule(
        K04,
        "p1560_t",
        {"a": "p1560_t", "b": "svy_1560"},
        apart("p1560_t", "svy_1560", _covered),
        ("coverage",),
    ),
    Rule(K05, "rel_t", {"a": "rel_t", "b": "svy_rel"}, _far_fewer, ("coverage",)),
    Rule(Q21, "p1560_f", {"a": "p1560_f", "b": "p1560_t", "c": "women"}, _outside("women", "p1560_t")),
    Rule(Q22, "p1560_t", {"a": "p1560_t", "b": "pop_t", "c": "adults"}, _outside("adults", "pop_t")),
    Rule(Q23, "il1_t", {"a": "il2_t", "b": "il_before"}, _copied, ("same", "none")),
)
"""What is compared."""
