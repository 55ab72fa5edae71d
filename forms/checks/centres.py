"""K16-K22 · A centre's report on itself beside the activity log, the classes, the lists and the inspections.

Silent when: the other side has nothing of the centre; the difference is just what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from forms.checks.check import ERROR, WARNING, Check, Threshold
from forms.checks.commune_reports import span
from forms.checks.comparing import SHARE, Line, Odd, Report, Rule, added, apart, most, over

FORM = "f03_clc_profile"

K16 = Check(
    "K16",
    WARNING,
    "K16 People trained: centre and list of people",
    "The centre reports {a} people trained, the list of people trained has {b}.",
    "Send the training register (F08) that is missing; figures are made from the list.",
)
K17 = Check(
    "K17",
    WARNING,
    "K17 Attendances: centre and activity log",
    "The attendances reported ({a}) differ from the activity log ({b}).",
    "Enter the activities that are missing, or correct the report.",
    {SHARE: Threshold(0.1, 0, 10)},
)
K18 = Check(
    "K18",
    WARNING,
    "K18 Attendances of last year",
    "The number for last year ({a}) is not the one reported then ({b}).",
    "Take the number that was reported last year.",
)
K19 = Check(
    "K19",
    WARNING,
    "K19 Literacy classes: centre and class forms",
    "The number of literacy classes ({a}) differs from the forms that opened classes ({b}).",
    "Send the class form that is missing, or correct the report.",
)
K20 = Check(
    "K20",
    ERROR,
    "K20 The inspection saw less than the centre reports",
    "The centre reports {a}, the inspection saw {b} (0 = no, 1 = yes, or a number).",
    "What was seen counts; correct the report.",
    {"days": Threshold(183, 0, 3_650)},
)
K21 = Check(
    "K21",
    WARNING,
    "K21 Households surveyed: centre and household forms",
    "The centre reports {a} households surveyed, {b} household forms came in 12 months.",
    "Figures are made from the household forms.",
    {SHARE: Threshold(0.1, 0, 10)},
)
K22 = Check(
    "K22",
    WARNING,
    "K22 Own rating far from the inspection's",
    "The centre rates itself {grades} grades away from the inspection.",
    "Ask both on what their rating rests.",
    {"grades": Threshold(2, 1, 4)},
)
CHECKS = (K16, K17, K18, K19, K20, K21, K22)

GRADES = ("tot", "kha", "tb", "yeu", "kxl")
"""Ratings from the best to none at all."""

SEEN = {"has_office": "o_office", "pcs_net": "o_pcs", "free_wifi": "o_wifi", "has_library": "o_lib"}
"""What a centre says it has, and what the inspection looked for."""

_TRAINED = {"tr_mgmt": "tr_mgmt_year", "tr_digital": "tr_digital_year", "tr_vol": "tr_community_year"}
_TEACHERS = ("gv_pool", "gv_sec_t")
_OWN = (
    *_TRAINED, "turns_t", "turns1560_t", "turns1560_prev", "xmc_classes1", "xmc_classes2", "needs_hh",
    *_TEACHERS,
)  # fmt: skip
QUESTIONS = ("centre", "rep_year", "period", "self_rate", *SEEN, *_OWN)
"""What is read of the form."""

INSPECTION = "f10_clc_rating"
INSPECTION_QUESTIONS = ("centre", "visit_date", "rate_year", "period", "final_rate", *SEEN.values())

Key = tuple[str, int, str]
"""Id of a centre, year, period."""


@dataclass(frozen=True)
class Around:
    """What lies around a centre's report of one period.

    By centre: `turns` of its activity log, `classes` opened by phase; by commune `households` surveyed in
    the 12 months up to the end of the period.
    """

    turns: Mapping[str, float] = field(default_factory=dict)
    classes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    households: Mapping[str, int] = field(default_factory=dict)


def in_force(reports: Iterable[Report]) -> dict[Key, Report]:
    """The last report of each centre, year and period."""
    return {
        (one.text("centre"), one.year, one.text("period")): one
        for one in reports
        if one.text("centre") and one.year is not None and one.text("period")
    }


def teachers(reports: Mapping[Key, Report]) -> dict[tuple[str, int, str], dict[str, float | None]]:
    """The teachers the centres of a commune name: the pool is one for all, those sent are added up."""
    groups: dict[tuple[str, int, str], list[Report]] = {}
    for (_centre, year, period), one in reports.items():
        groups.setdefault((one.commune, year, period), []).append(one)
    return {
        key: {
            "gv_pool": most(one.number("gv_pool") for one in mine),
            "gv_sec_t": added(one.number("gv_sec_t") for one in mine),
        }
        for key, mine in groups.items()
    }


def trained(people: Iterable[Mapping[str, str]]) -> dict[str, dict[str, float]]:
    """Of each centre how many people of the list were trained, by the question that asks for it."""
    found: dict[str, dict[str, float]] = {}
    for one in people:
        mine = found.setdefault(one.get("centre_id", ""), dict.fromkeys(_TRAINED, 0.0))
        for question, year in _TRAINED.items():
            mine[question] += bool(one.get(year))
    found.pop("", None)
    return found


def lines(
    reports: Mapping[Key, Report],
    around: Mapping[tuple[int, str], Around],
    people: Mapping[str, Mapping[str, float]],
    predecessors: Mapping[str, Iterable[str]],
) -> Iterator[Line]:
    """Each report with what others say of its centre.

    `people`: those trained by centre (`trained`); `predecessors`: the centres that became part of one.
    """
    newest = max((year for _centre, year, _period in reports), default=0)
    for (centre, year, period), one in reports.items():
        about = around.get((year, period), Around())
        figures: dict[str, float | None] = {name: one.number(name) for name in _OWN}
        if year == newest:
            figures |= {f"list_{name}": people.get(centre, {}).get(name) for name in _TRAINED}
        before = [
            reports[known, year - 1, period].number("turns1560_t")
            for known in (centre, *predecessors.get(centre, ()))
            if (known, year - 1, period) in reports
        ]
        any_class = any(of == centre for of, _phase in about.classes)
        figures |= {
            "f06_turns": about.turns.get(centre),
            "turns_before": added(before),
            "f04_classes1": about.classes.get((centre, "1"), 0) if any_class else None,
            "f04_classes2": about.classes.get((centre, "2"), 0) if any_class else None,
            "f01_hh": about.households.get(one.commune),
        }
        yield Line(figures, one.record, f"{year}-{period}", one.place or None, FORM)


def inspected(reports: Mapping[Key, Report], inspections: Iterable[Report]) -> Iterator[Line]:
    """Each report beside the inspections of its centre: what they saw, and how they rated it."""
    visits: dict[str, list[Report]] = {}
    for visit in inspections:
        visits.setdefault(visit.text("centre"), []).append(visit)
    for (centre, year, period), one in reports.items():
        for visit in visits.get(centre, ()):
            figures: dict[str, float | None] = {"days": _days(year, period, visit), **_seen(one, visit)}
            rated = visit.number("rate_year") == year and visit.text("period") == period
            figures["grades"] = _grades(one.text("self_rate"), visit.text("final_rate")) if rated else None
            yield Line(
                figures,
                one.record,
                f"{year}-{period}",
                one.place or None,
                FORM,
                others=(visit.record,),
            )


def _days(year: int, period: str, visit: Report) -> float | None:
    """How far the visit lies from the period, 0 within it."""
    seen, days = visit.date("visit_date"), span(year, period)
    if seen is None or days is None:
        return None
    away = max(days.first - seen, seen - days.last, timedelta(0))
    return float(away.days)


def _seen(one: Report, visit: Report) -> dict[str, float | None]:
    own = {name: one.number(name) for name in SEEN}
    return own | {seen: visit.number(seen) for seen in SEEN.values()}


def _grades(own: str, seen: str) -> float | None:
    if own not in GRADES or seen not in GRADES:
        return None
    return float(abs(GRADES.index(own) - GRADES.index(seen)))


def _better(own: str, seen: str) -> Odd:
    return lambda known, numbers: known["days"] <= numbers["days"] and known[own] > known[seen]


def _far_rated(known: Mapping[str, float], numbers: Mapping[str, float]) -> bool:
    return known["grades"] >= numbers["grades"]


def _pair(check: Check, left: str, right: str, odd: Odd | None = None) -> Rule:
    return Rule(check, left, {"a": left, "b": right}, odd or apart(left, right))


RULES = (
    *(_pair(K16, name, f"list_{name}", over(name, f"list_{name}")) for name in _TRAINED),
    _pair(K17, "turns_t", "f06_turns"),
    _pair(K18, "turns1560_prev", "turns_before"),
    _pair(K19, "xmc_classes1", "f04_classes1"),
    _pair(K19, "xmc_classes2", "f04_classes2"),
    _pair(K21, "needs_hh", "f01_hh", over("needs_hh", "f01_hh")),
)
"""What is compared of a report."""

INSPECTED = (
    *(Rule(K20, own, {"a": own, "b": seen}, _better(own, seen), ("days",)) for own, seen in SEEN.items()),
    Rule(K22, "self_rate", {"grades": "grades"}, _far_rated),
)
"""What is compared of a report and an inspection."""
