"""Each K and Q rule is somewhere; each fires on a planted case and is silent at its limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from forms.checks import (
    centres,
    commune_reports,
    fieldwork,
    interview_length,
    lateness,
    learning_models,
    names,
    rechecks,
    similar_households,
    village_counts,
)
from forms.checks.catalogue import CHECKS
from forms.checks.check import Check
from forms.checks.comparing import Line, Report, Rule, compare
from forms.checks.fieldwork import Part, Worked
from forms.checks.found import Found
from forms.checks.interviews import Interview, Point
from forms.checks.rechecks import Pair
from forms.checks.rules import ALSO, ROWS, RULES, known_as
from forms.checks.similar_households import Home
from forms.checks.thresholds import Thresholds
from tests.xlsforms.surveys import workbook

NUMBERS = Thresholds()
ALL: tuple[Rule, ...] = (
    *village_counts.RULES,
    *commune_reports.RULES,
    *commune_reports.CLASSES,
    *commune_reports.MONEY,
    *centres.RULES,
    *centres.INSPECTED,
    *learning_models.RULES,
)
NOW = datetime(2026, 8, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_made_by_something(rule: str) -> None:
    rows = ROWS.get(rule, ())
    assert rule in CHECKS or rows or rule in ALSO
    assert all(code in CHECKS for code in ALSO.get(rule, ()))
    for survey in rows:
        assert any(row["code"] == rule for row in workbook(survey).rows("checks")), survey


def test_a_row_or_check_of_a_rule_is_known_by_it() -> None:
    for survey in {one for several in ROWS.values() for one in several}:
        for row in workbook(survey).rows("checks"):
            assert survey in ROWS[row["code"].partition("_")[0]]
    assert known_as("parent_too_young") == ("Q03",)
    assert not set(RULES) - set(ALSO) - set(ROWS) - CHECKS.keys()


def codes(found: Iterable[Found]) -> list[str]:
    return [one.check for one in found]


def compared(figures: Mapping[str, float | None], rules: Iterable[Rule] = ALL) -> list[str]:
    return codes(compare(rules, [Line(figures, 1)], NUMBERS.of, {}))


COVERED = {"coverage": 0.9, "covered": 90}


@pytest.mark.parametrize(
    ("code", "fires", "silent"),
    [
        # More than a tenth and more than two.
        ("K01", {"il1_t": 23, "svy_il1": 20, **COVERED}, {"il1_t": 22, "svy_il1": 20, **COVERED}),
        ("K01", {"il1_t": 43, "svy_il1": 39, **COVERED}, {"il1_t": 44, "svy_il1": 40, **COVERED}),
        ("K01", {"il1_t": 9, "svy_il1": 1, **COVERED}, {"il1_t": 9, "svy_il1": 1, "coverage": 0.89}),
        (
            "K02",
            {"il1_t": 26, "svy_il1_scaled": 20, "coverage": 0.5, "covered": 50},
            {"il1_t": 25, "svy_il1_scaled": 20, "coverage": 0.5, "covered": 50},
        ),
        (
            "K02",
            {"il1_t": 26, "svy_il1_scaled": 20, "coverage": 0.89, "covered": 89},
            {"il1_t": 26, "svy_il1_scaled": 20, "coverage": 0.49, "covered": 49},
        ),
        ("K03", {"hh_total": 106, "listed": 100}, {"hh_total": 105, "listed": 100}),
        ("K03", {"hh_total": 13, "listed": 10}, {"hh_total": 12, "listed": 10}),
        ("K04", {"p1560_t": 106, "svy_1560": 100, **COVERED}, {"p1560_t": 105, "svy_1560": 100, **COVERED}),
        ("K05", {"rel_t": 4, "svy_rel": 10, **COVERED}, {"rel_t": 5, "svy_rel": 10, **COVERED}),
        (
            "K06",
            {"il1_t": 9, "f02_il1_t": 10, "vil_f02": 3, "vil_n": 3},
            {"il1_t": 9, "f02_il1_t": 10, "vil_f02": 2, "vil_n": 3},
        ),
        (
            "K06",
            {"relapse_t": 9, "f02_relapse_t": 10, "vil_f02": 3, "vil_n": 3},
            {"relapse_t": 10, "f02_relapse_t": 10, "vil_f02": 3, "vil_n": 3},
        ),
        (
            "K07",
            {"vil_f02": 3, "f02_n": 2, "vil_n": 3},
            {"vil_f02": 3, "f02_n": 3, "vil_n": 3},
        ),
        ("K08", {"pop1560_t": 106, "f02_p1560_t": 100}, {"pop1560_t": 105, "f02_p1560_t": 100}),
        ("K09", {"mob1_t": 5, "f04_mob1": 4}, {"mob1_t": 4, "f04_mob1": 4}),
        ("K10", {"in1_t": 44, "enrolled": 39}, {"in1_t": 44, "enrolled": 40}),
        ("K10", {"in1_t": 8, "enrolled": 4}, {"in1_t": 7, "enrolled": 4}),
        ("K11", {"fin2_t": 5, "f05_fin2": 4}, {"fin1_t": 4, "f05_fin1": 4}),
        ("K13", {"il1_t": 47, "il1_due": 40}, {"il1_t": 46, "il1_due": 40}),
        ("K13", {"il1_t": 16, "il1_due": 10}, {"il1_t": 15, "il1_due": 10}),
        ("K14", {"gv_sec_t": 3, "gv_sec": 2}, {"gv_sec_t": 2, "gv_sec": 2, "gv_list": 2}),
        ("K14", {"gv_sec_t": 2, "gv_sec": 2, "gv_list": 1}, {"gv_sec": 2}),
        ("K15", {"gv_pool": 20, "gv_total": 21}, {"gv_pool": 20, "gv_total": 20}),
        ("K16", {"tr_vol": 3, "list_tr_vol": 2}, {"tr_vol": 2, "list_tr_vol": 3}),
        ("K17", {"turns_t": 111, "f06_turns": 100}, {"turns_t": 110, "f06_turns": 100}),
        ("K18", {"turns1560_prev": 5, "turns_before": 4}, {"turns1560_prev": 4, "turns_before": 4}),
        ("K19", {"xmc_classes2": 1, "f04_classes2": 0}, {"xmc_classes1": 1, "f04_classes1": 1}),
        ("K20", {"days": 183, "pcs_net": 2, "o_pcs": 1}, {"days": 184, "pcs_net": 2, "o_pcs": 1}),
        ("K20", {"days": 0, "free_wifi": 1, "o_wifi": 0}, {"days": 0, "free_wifi": 1, "o_wifi": 1}),
        ("K21", {"needs_hh": 111, "f01_hh": 100}, {"needs_hh": 110, "f01_hh": 100}),
        ("K22", {"grades": 2}, {"grades": 1}),
        ("K24", {"cit_ok": 5, "f07_cit_ok": 6}, {"cit_ok": 6, "f07_cit_ok": 6}),
        ("K24", {"vil_assessed": 2, "f07_assessed": 3}, {"vil_assessed": 2}),
        ("K25", {"fam_base": 106, "f02_hh": 100}, {"fam_base": 105, "f02_hh": 100}),
        ("K26", {"vil_assessed": 2, "f02_assessed": 3}, {"vil_assessed": 2, "f02_assessed": 2}),
        ("K27", {"tlg_n": 1, "f02_tlg": 1, "f04_tlg": 2}, {"tlg_n": 1, "f02_tlg": 1, "f04_tlg": 1}),
        ("K28", {"clc_n": 2, "clc_list": 1}, {"clc_n": 1, "clc_list": 1}),
        ("Q21", {"p1560_f": 31, "p1560_t": 50, "women": 62}, {"p1560_f": 30, "p1560_t": 50, "women": 60}),
        ("Q21", {"p1560_f": 9, "p1560_t": 50, "women": 18}, {"p1560_f": 9, "p1560_t": 49, "women": 18}),
        ("Q22", {"p1560_t": 76, "pop_t": 100, "adults": 76}, {"p1560_t": 75, "pop_t": 100, "adults": 75}),
        ("Q22", {"p1560_t": 49, "pop_t": 100, "adults": 49}, {"p1560_t": 50, "pop_t": 100, "adults": 50}),
        (
            "Q23",
            {"il2_t": 0, "il_before": 6, "same": 0, "none": 1},
            {"il2_t": 0, "il_before": 5, "same": 0, "none": 1},
        ),
        (
            "Q23",
            {"il2_t": 7, "il_before": 7, "same": 1, "none": 0},
            {"il2_t": 0, "il_before": 0, "same": 1, "none": 1},
        ),
        ("Q32", {"bud_xhh": 101, "middle_bud_xhh": 10}, {"bud_xhh": 100, "middle_bud_xhh": 10}),
        (
            "Q32",
            {"bud_plan": 10_001, "middle_bud_plan": 9_000},
            {"bud_plan": 10_000, "middle_bud_plan": 9_000},
        ),
    ],
)
def test_figures_apart_are_found_and_those_at_the_limit_are_not(
    code: str, fires: Mapping[str, float], silent: Mapping[str, float]
) -> None:
    assert code in compared(fires)
    assert code not in compared(silent)


def test_a_check_that_is_off_is_not_made() -> None:
    off = Thresholds({("", "K28", "on"): 0.0})
    assert not list(compare(ALL, [Line({"clc_n": 2, "clc_list": 1}, 1)], off.of, {}))


def test_a_finding_tells_both_numbers_and_is_another_one_in_another_period() -> None:
    lines = [Line({"clc_n": 2, "clc_list": 1}, 7, period, "00715") for period in ("2025-y", "2026-y")]
    one, other = compare(commune_reports.RULES, lines, NUMBERS.of, {"clc_n": "/g/clc_n"})
    assert (one.records, one.path, one.value, one.expected) == ((7,), "/g/clc_n", "2", "1")
    assert one.details == {"a": "2", "b": "1", "d": "1"}
    assert one.fingerprint != other.fingerprint


def report(number: int, place: str = "00715-001", **answers: object) -> Report:
    return Report(number, place, place[:5], NOW, date(2026, 8, 1), "sender:1", answers)


def test_the_count_in_force_is_the_last_official_one() -> None:
    said = [("2", 1), ("1", 2), ("3", 3), ("2", 4)]
    reports = [report(number, count_year="2026", count_kind=kind) for kind, number in said]
    [found] = village_counts.in_force(reports).values()
    assert found.record == 3


def test_a_count_lies_beside_the_household_forms_of_its_year_and_the_list_of_today() -> None:
    one = report(1, count_year=2026, count_kind="1", hh_total=20, il1_t="8", pop_t=60, p1560_t=40, p1560_f=20)
    before = report(2, count_year=2025, count_kind="1", hh_total=20)
    counts = village_counts.in_force([before, one])
    surveyed = {("00715-001", 2026): village_counts.Surveyed(15, 6, 30, 1)}
    [old, new] = village_counts.lines(counts, surveyed, {"00715-001": 19})
    wanted = {"coverage": 0.75, "svy_il1_scaled": 8, "women": 50, "listed": 19}
    assert {name: new.figures[name] for name in wanted} == wanted
    assert (old.figures["listed"], "coverage" in old.figures) == (None, False)


# Second visits, enumerators ------------------------------------------------------------------------


def pair(number: int, again: float, *, invented: bool = False, senders: tuple[str, str] = ("a", "b")) -> Pair:
    heard = {"q_members": (5.0, 5.0), "q_il1": (again, 1.0)}
    return Pair(number, 100 + number, "00715-001", "2026", *senders, heard, invented)


def test_a_second_visit_that_heard_otherwise() -> None:
    found = list(rechecks.apart([pair(1, 2), pair(2, 1)], {"q_il1": "/q_il1"}))
    assert [(one.records, one.path, one.value, one.expected) for one in found] == [
        ((1, 101), "/q_il1", "2", "1")
    ]
    assert codes(rechecks.own([pair(1, 1), pair(2, 1, senders=("a", "a"))])) == ["Q27"]


def test_a_village_is_surveyed_again_past_a_tenth_or_for_one_invented_household() -> None:
    numbers = NUMBERS.of("Q29")
    tenth = [pair(at, 2 if at == 0 else 1) for at in range(10)]
    assert not codes(rechecks.villages(tenth, numbers))
    assert codes(rechecks.villages(tenth[:9], numbers)) == ["Q29"]
    assert codes(rechecks.villages([pair(1, 1, invented=True), *tenth[1:]], numbers)) == ["Q29"]


@pytest.mark.parametrize(
    ("check", "fires", "silent"),
    [
        (fieldwork.Q09, (31, 100), (30, 100)),
        (fieldwork.Q12, (21, 100), (20, 100)),
        (fieldwork.Q18, (25, 30), (24, 30)),
        (fieldwork.Q18, (30, 30), (29, 29)),
    ],
)
def test_an_enumerator_with_too_large_a_share(
    check: Check, fires: tuple[float, float], silent: tuple[float, float]
) -> None:
    numbers = NUMBERS.of(check.code)
    assert codes(fieldwork.often(check, [Part("s", "2026", *fires)], numbers, "")) == [check.code]
    assert not codes(fieldwork.often(check, [Part("s", "2026", *silent)], numbers, ""))


def test_twenty_households_a_day_are_possible() -> None:
    days = [Part("device:1", "01/08/2026", number, number) for number in (20, 21)]
    assert [one.value for one in fieldwork.crowded_days(days, NUMBERS.of("Q14"))] == ["21"]


@pytest.mark.parametrize(
    ("households", "illiterate", "counted", "odd"),
    [(30, 0, 11, True), (29, 0, 11, False), (30, 1, 11, False), (30, 0, 10, False)],
)
def test_nobody_illiterate_where_the_count_has_more_than_a_tenth(
    households: float, illiterate: float, counted: float, *, odd: bool
) -> None:
    one = Worked("s", "2026", households, illiterate, counted, 100)
    assert bool(list(fieldwork.nobody([one], NUMBERS.of("Q17")))) is odd


def test_the_last_day_is_in_time() -> None:
    due = date(2026, 11, 29)
    several = [lateness.Due(at, "c", due + timedelta(days=at), due) for at in (0, 1)]
    assert [one.details["d"] for one in lateness.late(several)] == ["1"]


# Households and people -----------------------------------------------------------------------------


def home(name: str, birth: float, north: float = 0.0, record: int = 2) -> Home:
    return Home(record, name, name, birth, Point(21 + north / 111_195, 104))


@pytest.mark.parametrize(
    ("other", "odd"),
    [
        (home("lo van an", 1982, 500), True),
        (home("lo van an", 1983, 500), False),
        # The same name and year is another check's.
        (home("lo van an", 1980, 500), False),
        (home("lo van anh", 1978, 500), True),
        (home("lo van anh", 1977, 500), False),
        (home("lo van binh", 1980, 500), False),
        (home("lo thi binh", 1960, 7.9), True),
        (home("lo thi binh", 1960, 8.1), False),
        (home("vang a su", 1960, 3), False),
    ],
)
def test_households_that_may_be_one(other: Home, *, odd: bool) -> None:
    several = [home("lo van an", 1980, record=1), other]
    assert bool(list(similar_households.pairs(several, NUMBERS.of("Q11")))) is odd


def test_an_interview_takes_four_minutes_and_one_and_a_half_for_each_member() -> None:
    numbers = NUMBERS.of("Q13")
    assert interview_length.shortest(4, numbers, tested=False) == 10
    assert interview_length.shortest(1, numbers, tested=False) == 5.5
    assert interview_length.shortest(1, numbers, tested=True) == 6


@pytest.mark.parametrize(("days", "odd"), [(45, False), (46, True)])
def test_a_record_comes_within_45_days(days: int, *, odd: bool) -> None:
    one = Interview(1, "k", "s", "d", NOW, ended=NOW - timedelta(days=days))
    assert interview_length.long_ago(one, NUMBERS.of("Q15")["days"]) is odd


@pytest.mark.parametrize(
    ("name", "marked", "odd"),
    [
        ("Lò Văn An", True, False),
        ("Lo Van An", True, True),
        ("Giang A Su", False, False),
        ("Đinh Lan", True, False),
        ("LÒ VĂN AN", True, True),
        ("An", False, True),
        ("Lò Văn An 2", True, True),
    ],
)
def test_names_are_written_in_full(name: str, *, marked: bool, odd: bool) -> None:
    assert names.unlike_a_name(name, marked=marked) is odd


# What lies around ----------------------------------------------------------------------------------


def test_centres_are_held_to_those_they_came_from() -> None:
    def profile(number: int, centre: str, year: int, **more: Any) -> Report:
        return report(number, centre=centre, rep_year=year, period="y", **more)

    told = centres.in_force([
        profile(1, "old", 2025, turns1560_t=3),
        profile(2, "new", 2025, turns1560_t=4),
        profile(3, "new", 2026, turns1560_prev=7, gv_pool=9, gv_sec_t=2),
        profile(4, "other", 2026, gv_pool=8, gv_sec_t=1),
    ])
    line = list(centres.lines(told, {}, {}, {"new": ["old"]}))[2]
    assert line.figures["turns_before"] == 7
    assert centres.teachers(told)["00715", 2026, "y"] == {"gv_pool": 9, "gv_sec_t": 3}


def test_a_report_of_half_a_year_is_not_held_to_a_count_made_after_it() -> None:
    counts = village_counts.in_force([report(1, count_year=2026, count_kind="1", il1_t=4)])
    for period, sum_of in (("h1", None), ("y", 4)):
        told = commune_reports.in_force([report(2, "00715", rep_year=2026, period=period, vil_n=1)])
        [line] = commune_reports.lines(told, counts, {}, commune_reports.Lists(), {})
        assert line.figures["f02_il1_t"] == sum_of
