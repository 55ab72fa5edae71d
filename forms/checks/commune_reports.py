"""K06-K11, K13-K15, K27, K28, Q32 · A commune's report beside the forms and lists it sums up.

Villages count with the official count of the year that was there by the end of the period; learners and those
who finished a phase once each, as in the figures the report starts from (`forms.commune_figures`).
Silent when: the other side has nothing; the difference is just what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from forms.checks.check import ERROR, INFO, WARNING, Check, Threshold
from forms.checks.comparing import LEAST, SHARE, Known, Line, Odd, Report, Rule, added, apart, disagree
from forms.checks.village_counts import Counts, official
from forms.periods import Period, read_period
from forms.places import UNLISTED_ENDING

FORM = "f09_commune_annual"

K06 = Check(
    "K06",
    ERROR,
    "K06 Sum of the villages and the commune's report",
    "The villages add up to {b}, the commune reports {a}.",
    "Correct the report: it is the sum of its villages.",
)
K07 = Check(
    "K07",
    ERROR,
    "K07 Villages that have sent their count",
    "The commune says {a} of {n} villages have sent their count; {b} have come in.",
    "Correct the number, or let the villages send.",
)
K08 = Check(
    "K08",
    WARNING,
    "K08 People of 15 to 60: commune and its villages",
    "The commune has {a} people of 15 to 60, its villages together {b}.",
    "Ask where the number comes from.",
    {SHARE: Threshold(0.05, 0, 10)},
)
K09 = Check(
    "K09",
    ERROR,
    "K09 People mobilised for phase 1 and the lists of the classes",
    "The number mobilised for phase 1 ({a}) is not that of the lists of the classes ({b}).",
    "Correct the report or the lists; figures are made from the lists.",
)
K10 = Check(
    "K10",
    WARNING,
    "K10 Learners of phase 1: villages and classes",
    "The villages report {a} people learning in phase 1, the classes have {b}.",
    "Look for learners who come from other villages.",
    {SHARE: Threshold(0.1, 0, 10), LEAST: Threshold(3, 0, 10_000)},
)
K11 = Check(
    "K11",
    ERROR,
    "K11 People who finished a phase and the results of the classes",
    "The number that finished the phase ({a}) is not that of the results of the classes ({b}).",
    "Correct the report or the results; figures are made from the results.",
)
K13 = Check(
    "K13",
    WARNING,
    "K13 Change in the number of illiterate people not explained",
    "{a} people are illiterate; by the opening stock, less those who finished, there should be {b}. "
    "The change of {d} people is not explained.",
    "Explain the difference: people who came, left or died, or a count that was wrong.",
    {SHARE: Threshold(0.15, 0, 10), LEAST: Threshold(5, 0, 10_000)},
)
K14 = Check(
    "K14",
    WARNING,
    "K14 Teachers sent to the centre",
    "The number of teachers sent to the centre differs: centre {a}, commune {b}, list of people {c}.",
    "Centre and commune agree on one number.",
)
K15 = Check(
    "K15",
    ERROR,
    "K15 All teachers of the commune",
    "All teachers of the commune: {a} by the centre, {b} by the commune.",
    "Use the number of the headmasters.",
)
K27 = Check(
    "K27",
    INFO,
    "K27 Inter-family literacy groups",
    "Inter-family groups: {a} by the commune, {b} by the villages, {c} by the classes.",
)
K28 = Check(
    "K28",
    ERROR,
    "K28 Centres of the commune and the list of centres",
    "The commune reports {a} centres, {b} are on the list.",
    "Bring the list of centres up to date.",
)
Q32 = Check(
    "Q32",
    WARNING,
    "Q32 Money perhaps in đồng",
    "{a} million đồng is far more than other communes say (the middle is {b}).",
    "Check the unit: amounts are in million đồng.",
    {"times": Threshold(10, 1, 1_000), "most": Threshold(10_000, 1, 10_000_000)},
)
CHECKS = (K06, K07, K08, K09, K10, K11, K13, K14, K15, K27, K28, Q32)

_MONEY = ("bud_plan", "bud_mtqg", "bud_xhh", "bud_done")
_SUMS = {"il1_t": "il1_t", "il2_t": "il2_t", "relapse_t": "rel_t", "p1560_t": "p1560_t", "tlg": "n_tlg"}
_OWN = (
    "vil_n", "vil_f02", "il1_t", "il2_t", "relapse_t", "pop1560_t", "il1_base", "mob1_t", "fin1_t", "fin2_t",
    "clc_n", "gv_total", "gv_sec", "tlg_n", *_MONEY,
)  # fmt: skip
QUESTIONS = ("rep_year", "period", "is_final", *_OWN)
"""What is read of the form."""


@dataclass(frozen=True)
class Around:
    """What lies around the report of one period, each by commune.

    `learners`: distinct people of 15-60 in classes of phase 1; `enrolled`: of any age; `done1`, `done2`:
    those who finished a phase; `groups`: classes of inter-family groups; `new15`: people of 15 below level 1.
    """

    learners: Mapping[str, int] = field(default_factory=dict)
    enrolled: Mapping[str, int] = field(default_factory=dict)
    done1: Mapping[str, int] = field(default_factory=dict)
    done2: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    new15: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Lists:
    """What the lists say today, by commune: working centres, teachers sent to them."""

    centres: Mapping[str, int] = field(default_factory=dict)
    teachers: Mapping[str, int] = field(default_factory=dict)


def in_force(reports: Iterable[Report]) -> dict[tuple[str, int, str], Report]:
    """The report that stands for each commune, year and period: the last final one, else the last."""
    found: dict[tuple[str, int, str], Report] = {}
    for one in reports:
        key = one.commune, one.year, one.text("period")
        if one.commune and one.year is not None and key[2]:
            before = found.get((key[0], one.year, key[2]))
            if before is None or one.text("is_final") == "1" or before.text("is_final") != "1":
                found[key[0], one.year, key[2]] = one
    return found


def span(year: int, period: str) -> Period | None:
    """The days of a report's period."""
    return read_period(f"{year}-{period}")


def lines(
    reports: Mapping[tuple[str, int, str], Report],
    counts: Counts,
    around: Mapping[tuple[int, str], Around],
    lists: Lists,
    centres: Mapping[tuple[str, int, str], Mapping[str, float | None]],
) -> Iterator[Line]:
    """Each report with what its villages, classes and centres say.

    `centres`: by commune, year and period the teachers the profiles of its centres name.
    """
    years = {year for _place, year in counts}
    newest = max((year for _commune, year, _period in reports), default=0)
    for (commune, year, period), one in reports.items():
        about = around.get((year, period), Around())
        days = span(year, period)
        figures: dict[str, float | None] = {name: one.number(name) for name in _OWN}
        figures |= _villages(commune, year, days, counts) if year in years else {}
        figures |= {
            "f04_mob1": about.learners.get(commune),
            "f04_tlg": about.groups.get(commune),
            "f05_fin1": about.done1.get(commune),
            "f05_fin2": about.done2.get(commune),
            "il1_due": _due(one, about.new15.get(commune, 0.0)),
            # Lists are as they are now.
            "clc_list": lists.centres.get(commune) if year == newest else None,
        }
        profile = centres.get((commune, year, period), {})
        figures |= {name: profile.get(name) for name in ("gv_pool", "gv_sec_t")}
        figures["gv_list"] = lists.teachers.get(commune) if year == newest else None
        yield Line(figures, one.record, f"{year}-{period}", one.place or None, FORM)


def _villages(commune: str, year: int, days: Period | None, counts: Counts) -> dict[str, float | None]:
    mine = [
        one
        for (_place, of), one in counts.items()
        if of == year
        and one.commune == commune
        and official(one)
        and (days is None or one.day is None or one.day <= days.last)
    ]
    figures = {f"f02_{name}": added(one.number(asked) for one in mine) for name, asked in _SUMS.items()}
    return figures | {"f02_n": float(sum(not one.place.endswith(UNLISTED_ENDING) for one in mine))}


def _due(one: Report, new15: float) -> float | None:
    base, done = one.number("il1_base"), one.number("fin1_t")
    return None if base is None or done is None else base - done + new15


def classes(counts: Counts, around: Mapping[tuple[int, str], Around]) -> Iterator[Line]:
    """Learners of phase 1 as the villages of a commune and its classes count them, by year."""
    sums: dict[tuple[str, int], float] = {}
    for (_place, year), one in counts.items():
        number = one.number("in1_t")
        if official(one) and one.commune and number is not None:
            sums[one.commune, year] = sums.get((one.commune, year), 0.0) + number
    for (commune, year), number in sums.items():
        enrolled = around.get((year, "y"), Around()).enrolled.get(commune)
        yield Line(
            {"in1_t": number, "enrolled": enrolled},
            period=str(year),
            place=commune,
            form="f02_village_count",
            subject=f"place:{commune}",
        )


def money(reports: Mapping[tuple[str, int, str], Report]) -> Iterator[Line]:
    """Each report with the middle of what all communes say in the same period."""
    periods = {key[1:] for key in reports}
    for period in periods:
        mine = [one for key, one in reports.items() if key[1:] == period]
        middles = {}
        for name in _MONEY:
            known = [value for one in mine if (value := one.number(name)) is not None]
            middles[f"middle_{name}"] = median(known) if known else None
        for one in mine:
            own = {name: one.number(name) for name in _MONEY}
            yield Line({**own, **middles}, one.record, "-".join(map(str, period)), one.place or None, FORM)


def _complete(known: Known, _numbers: Mapping[str, float]) -> bool:
    return known["vil_f02"] == known["vil_n"]


def _too_much(name: str) -> Odd:
    return lambda known, numbers: (
        known[name] > numbers["most"]
        or (known[f"middle_{name}"] > 0 and known[name] > numbers["times"] * known[f"middle_{name}"])
    )


def _pair(check: Check, left: str, right: str, when: Odd | None = None, *needs: str) -> Rule:
    return Rule(check, left, {"a": left, "b": right}, apart(left, right, when), needs)


RULES = (
    *(
        _pair(K06, own, f"f02_{own}", _complete, "vil_f02", "vil_n")
        for own in ("il1_t", "il2_t", "relapse_t")
    ),
    Rule(K07, "vil_f02", {"a": "vil_f02", "b": "f02_n", "n": "vil_n"}, apart("vil_f02", "f02_n")),
    _pair(K08, "pop1560_t", "f02_p1560_t"),
    _pair(K09, "mob1_t", "f04_mob1"),
    _pair(K11, "fin1_t", "f05_fin1"),
    _pair(K11, "fin2_t", "f05_fin2"),
    _pair(K13, "il1_t", "il1_due"),
    Rule(
        K14,
        "gv_sec",
        {"a": "gv_sec_t", "b": "gv_sec", "c": "gv_list"},
        disagree("gv_sec_t", "gv_sec", "gv_list"),
        several=True,
    ),
    Rule(K15, "gv_total", {"a": "gv_pool", "b": "gv_total"}, apart("gv_pool", "gv_total")),
    Rule(
        K27,
        "tlg_n",
        {"a": "tlg_n", "b": "f02_tlg", "c": "f04_tlg"},
        disagree("tlg_n", "f02_tlg", "f04_tlg"),
        several=True,
    ),
    _pair(K28, "clc_n", "clc_list"),
)
"""What is compared of a report."""

CLASSES = (Rule(K10, "in1_t", {"a": "in1_t", "b": "enrolled"}, apart("in1_t", "enrolled")),)
MONEY = tuple(Rule(Q32, name, {"a": name, "b": f"middle_{name}"}, _too_much(name)) for name in _MONEY)
