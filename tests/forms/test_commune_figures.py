"""What a commune's report starts from, out of the forms of its villages, classes and centres."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from forms.commune_figures import FIGURES, Row, Sources, due_periods, work_out
from tests.xlsforms.filling import FIGURES as FILLED

LUNG_CU, TAN_PHONG = "00715", "03388"


def row(place: str = LUNG_CU, **answers: Any) -> Row:
    return Row(place[:5], place, answers)


def count(village: str, year: int = 2026, kind: str = "1", **numbers: int) -> Row:
    whole = dict.fromkeys(
        ("il1_t", "il1_f", "il2_t", "il2_f", "rel_t", "rel_f", "il1_dtts", "n_tlg", "oos_back"), 0
    )
    return row(village, count_year=year, count_kind=kind, done1_stock=0, **(whole | numbers))


def worked_out(year: int = 2026, period: str = "y", **rows: list[Row]) -> dict[str, str]:
    sources = Sources(rows, {LUNG_CU: 2, TAN_PHONG: 1})
    return work_out(year, period, sources).get(LUNG_CU, {})


def test_the_counts_of_the_villages_are_added_up() -> None:
    figures = worked_out(
        counts=[
            count("00715-001", il1_t=40, il1_f=25, il2_t=70, rel_t=3, il1_dtts=39, n_tlg=1, oos_back=2),
            count("00715-002", il1_t=20, il1_f=10, il2_t=30, rel_t=1, il1_dtts=19, n_tlg=1),
            count("03388-001", il1_t=500),
        ]
    )
    assert figures == {
        "vil_n": "2", "vil_f02": "2", "il1_t": "60", "il1_f": "35", "il2_t": "100", "il2_f": "0",
        "relapse_t": "4", "relapse_f": "0", "il1_dtts": "58", "tlg_n": "2", "oos_back": "2",
    }  # fmt: skip


def test_a_correction_replaces_the_count_an_update_does_not() -> None:
    figures = worked_out(
        counts=[
            count("00715-001", il1_t=40),
            count("00715-001", kind="2", il1_t=35),
            count("00715-002", il1_t=20),
            count("00715-002", kind="3", il1_t=22),
        ]
    )
    assert (figures["il1_t"], figures["vil_f02"]) == ("62", "2")


def test_a_village_not_on_the_list_counts_but_is_none_of_the_villages() -> None:
    figures = worked_out(counts=[count("00715-001", il1_t=40), count("00715-000", il1_t=3)])
    assert (figures["il1_t"], figures["vil_f02"]) == ("43", "1")


def test_last_years_counts_are_the_stock_of_the_first_of_january() -> None:
    figures = worked_out(counts=[count("00715-001", 2025, il1_t=70) for _ in range(2)])
    assert figures == {"vil_n": "2", "il1_base": "70", "ph1done_base": "0"}


def test_what_nobody_sent_is_blank_and_never_none_at_all() -> None:
    assert worked_out(counts=[count("03388-001", il1_t=5)]) == {}
    assert "mob1_t" not in worked_out(counts=[count("00715-001")])


def enrolled(
    learner: str, phase: str = "1", day: str = "2026-03-02", *, sex: str = "2", young: int = 1
) -> Row:
    began = date.fromisoformat(day)
    return row("00715-001", phase=phase, start_date=began, l_id=learner, l_1560=young, l_sex=sex)


def opened(day: str = "2026-03-02", mode: str = "new") -> Row:
    return row("00715-001", class_mode=mode, start_date=date.fromisoformat(day))


def test_a_learner_is_mobilised_once_a_year_whatever_the_term() -> None:
    figures = worked_out(
        classes=[opened(), opened("2026-09-07", "next"), opened("2025-09-07")],
        learners=[
            enrolled("a"),
            enrolled("b", sex="1"),
            enrolled("a", day="2026-09-07"),
            enrolled("c", phase="2"),
            enrolled("d", young=0),
            enrolled("e", day="2025-09-07"),
        ],
    )
    assert {name: figures[name] for name in ("mob1_t", "mob1_f", "mob2_t", "mob2_f", "cls_open")} == {
        "mob1_t": "2", "mob1_f": "1", "mob2_t": "1", "mob2_f": "1", "cls_open": "1",
    }  # fmt: skip


@pytest.mark.parametrize(("period", "enrolments"), [("h1", "1"), ("h2", "2"), ("y", "3")])
def test_a_half_year_holds_its_own_enrolments(period: str, enrolments: str) -> None:
    days = {"a": "2026-06-30", "b": "2026-07-01", "c": "2026-12-31"}
    figures = worked_out(
        period=period,
        classes=[opened(day) for day in days.values()],
        learners=[enrolled(learner, day=day) for learner, day in days.items()],
    )
    assert figures["mob1_t"] == enrolments


def test_phases_completed_are_counted_by_person() -> None:
    def result(learner: str, sex: str, one: int, two: int) -> Row:
        return row(rep_month=date(2026, 6, 1), l_id=learner, l_sex=sex, l_p1=one, l_p2=two)

    figures = worked_out(results=[result("a", "2", 1, 0), result("a", "2", 1, 0), result("b", "1", 0, 1)])
    assert [figures[name] for name in ("fin1_t", "fin1_f", "fin2_t", "fin2_f")] == ["1", "1", "1", "0"]


def test_centres_teachers_and_inspections() -> None:
    sources = Sources(
        {
            "centres": [
                row(centre="x", rep_year=2026, gv_pool=60, gv_sec_t=2),
                row(centre="x", rep_year=2026, gv_pool=64, gv_sec_t=3),
                row(centre="y", rep_year=2026, gv_pool=64, gv_sec_t=1),
                row(centre="y", rep_year=2025, gv_pool=80, gv_sec_t=9),
            ],
            "inspections": [
                row(inspect_kind="ktra", visit_date=date(2026, 4, 2)),
                row(inspect_kind="danhgia", visit_date=date(2026, 12, 2)),
                row(inspect_kind="tieuchi", visit_date=date(2025, 12, 2)),
            ],
            "months": [
                Row(LUNG_CU, LUNG_CU, {"class": "k", "rep_month": date(2026, 3, 1), "checked": checked})
                for checked in ("1", "1", "0")
            ],
        },
        centres={LUNG_CU: [{"status": "1", "ctype": "cl"}, {"status": "4", "ctype": "tt"}, {"status": "3"}]},
    )
    assert work_out(2026, "y", sources)[LUNG_CU] == {
        "clc_n": "2", "clc_private": "1", "gv_total": "64", "gv_sec": "4", "clc_eval": "0", "inspect_n": "3",
    }  # fmt: skip


def test_the_last_report_says_when_the_ministrys_system_was_updated_but_not_this_one() -> None:
    def report(year: int, period: str, used: str) -> Row:
        return row(rep_year=year, period=period, pcgd_used=used, pcgd_date=date(year, 9, 30))

    figures = worked_out(reports=[report(2025, "y", "0"), report(2026, "h1", "1"), report(2026, "y", "0")])
    assert (figures["pcgd_used"], figures["pcgd_date"]) == ("1", "2026-09-30")


@pytest.mark.parametrize(
    ("today", "periods"),
    [
        (date(2026, 5, 1), [(2026, "h1")]),
        (date(2026, 8, 1), []),
        (date(2026, 11, 10), [(2026, "h2"), (2026, "y")]),
        (date(2027, 1, 31), [(2026, "h2"), (2026, "y")]),
    ],
)
def test_reports_are_prepared_when_they_are_written(today: date, periods: list[tuple[int, str]]) -> None:
    assert due_periods(today) == periods


def test_every_figure_has_its_question_in_the_report() -> None:
    assert set(FILLED) == set(FIGURES)
