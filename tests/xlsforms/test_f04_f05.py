"""A literacy class: opened, moved on to its next term, and reported on, without anybody typed twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.javarosa.engine import DeadEnd, Filled, Wish
from tests.xlsforms.conftest import Load
from tests.xlsforms.surveys import CENTRE, CLASS, LEARNERS, LISTS, VILLAGE, Row
from tests.xlsforms.test_f01 import entities

pytestmark = pytest.mark.java

F04, F05 = "f04_class_open", "f05_class_report"
Wishes = dict[str, Wish | Sequence[Wish]]
TEACHER: Wishes = {"reporter_phone": None, "remarks": None, "photo_list": None, "signed_paper": None}


def known(filled: Filled, *names: str) -> list[str | None]:
    """The answers to questions outside repeats."""
    told = {answer.ref.rpartition("/")[2]: answer.value for answer in filled.answers if "[" not in answer.ref}
    return [told[name] for name in names]


OPENED: Wishes = {
    **TEACHER, "class_mode": "new", "class_name": "XMC Lô Lô Chải 2026-02", "village": VILLAGE,
    "organiser": "tt", "venue": "nvh", "phase": "1", "term": "1", "added_n": 2, "support_all": "1",
    "l_pick": [LEARNERS[3], None], "l_name_new": "Ly Thị Sính", "l_by_new": 1992, "l_sex_new": "2",
    "l_ethnic": "08", "prio_il": 2,
}  # fmt: skip


def test_a_class_is_opened_with_people_of_the_list_and_new_ones(load: Load) -> None:
    filled = load(F04).fill(1, answers=OPENED)
    (group,) = entities(filled, "classes")
    assert (group["create"], group["label"]) == ("1", "XMC Lô Lô Chải 2026-02 – GĐ1, kỳ 1")
    picked, new = entities(filled, "learners")
    assert (picked["id"], picked["update"], picked["label"]) == (LEARNERS[3], "1", "Sùng A Chúa (1969)")
    assert (new["create"], new["label"]) == ("1", "Ly Thị Sính (1992)")
    assert filled.value("/data/learner[2]/l_class") == group["id"]
    assert filled.value("/data/learner[2]/l_village_id") == VILLAGE
    assert "/data/learner[1]/l_village_id" not in filled.by_ref
    assert known(filled, "learners_n", "n_f", "n_1560", "n_support") == ["2", "1", "2", "2"]


NEXT: Wishes = {
    **TEACHER, "class_mode": "next", "class": CLASS, "leavers": LEARNERS[1], "leave_state": "3", "added_n": 0,
    "support_all": "1", "l_phase_ok": "1", "prio_il": 0,
}  # fmt: skip


def test_its_next_term_takes_over_class_and_learners(load: Load) -> None:
    several = [load(F04).fill(seed, answers=NEXT) for seed in range(8)]
    # Term 4 belongs to phase 2. Chance changes now and then what was filled in, never everywhere.
    filled_in = {
        "class_name": "XMC Lô Lô Chải", "centre": CENTRE, "village": VILLAGE, "organiser": "tt",
        "venue": "nvh", "phase": "2", "term": "4", "decision_no": "12/QĐ-UBND",
    }  # fmt: skip
    for name, value in filled_in.items():
        assert value in [known(one, name)[0] for one in several], name
    for filled in several:
        (group,) = entities(filled, "classes")
        assert (group["id"], group["create"], group["update"]) == (CLASS, "0", "1")
        assert [one["id"] for one in entities(filled, "learners")] == list(LEARNERS[:3])
        assert known(filled, "n_reg", "learners_n") == ["3", "2"]
        assert [filled.value(f"/data/learner[{row}]/l_state") for row in (1, 2, 3)] == ["1", "3", "1"]
        assert [filled.value(f"/data/learner[{row}]/l_class") for row in (1, 2, 3)] == [CLASS, None, CLASS]


def gone(number: int) -> list[Row]:
    """The learners of the phone, one of whom has dropped out."""
    return [{**one, "state": "3"} if at == number else one for at, one in enumerate(LISTS["learners.csv"])]


def test_who_dropped_out_is_not_carried_into_the_next_term(load: Load) -> None:
    filled = load(F04, learners=gone(0)).fill(1, answers=NEXT | {"leavers": None})
    assert known(filled, "n_reg", "n_stay", "learners_n") == ["3", "2", "2"]
    left = [filled.value(f"/data/learner[1]/{name}") for name in ("l_class", "l_state")]
    assert left == [None, "3"]


def test_who_dropped_out_stays_on_the_list_of_the_term(load: Load) -> None:
    edit = NEXT | {"class_mode": "edit", "leavers": None, "phase": "1", "term": "3"}
    filled = load(F04, learners=gone(0)).fill(1, answers=edit)
    assert known(filled, "learners_n") == ["2"]
    assert [one["update"] for one in entities(filled, "learners")] == ["0", "1", "1"]


@pytest.mark.parametrize(("back", "update", "active"), [("0", "0", "2"), ("1", "1", "3")])
def test_who_dropped_out_is_asked_about_in_one_tap(load: Load, back: str, update: str, active: str) -> None:
    answers = MONTH | {"l_back": back, "days": 8, "l_state": "1"}
    filled = load(F05, learners=gone(0)).fill(1, answers=answers)
    assert entities(filled, "learners")[0]["update"] == update
    assert known(filled, "n_reg", "n_active") == ["3", active]


def test_only_who_is_not_known_to_be_ready_is_asked_about_phase_two(load: Load) -> None:
    filled = load(F04).fill(1, answers=NEXT | {"phase": "2", "term": "4"})
    asked = [
        number for number in (1, 2, 3) if f"/data/learner[{number}]/g_learner/l_phase_ok" in filled.by_ref
    ]
    assert asked == [1]
    assert [screen for screen in filled.screens if "learner" in screen] == ["/data/learner[1]/g_learner"]


def test_after_the_last_term_there_is_no_next(load: Load) -> None:
    last = LISTS["classes.csv"][0] | {"phase": "2", "term": "5"}  # type: ignore[operator]
    with pytest.raises(DeadEnd) as end:
        load(F04, classes=[last]).fill(1, answers=NEXT | {"class_name": "XMC"})
    assert end.value.ref.endswith("/class_name")


def test_a_class_that_is_not_there_cannot_move_on(load: Load) -> None:
    with pytest.raises(DeadEnd) as end:
        load(F04, classes=[{"name": "", "label": "", "commune_code": ""}]).fill(1, answers=NEXT)
    assert end.value.ref.endswith("/class_mode")


def test_who_stays_in_another_class_is_left_alone(load: Load) -> None:
    moved = {**LISTS["learners.csv"][3], "class_id": CLASS}
    other = [*LISTS["learners.csv"][:3], moved]
    answers = OPENED | {"added_n": 2, "l_move": "0", "prio_il": 0}
    filled = load(F04, learners=other).fill(1, answers=answers)
    picked, new = entities(filled, "learners")
    assert (picked["update"], picked["create"], new["create"]) == ("0", "0", "1")
    assert known(filled, "learners_n") == ["1"]


MONTH: Wishes = {
    **TEACHER, "class": CLASS, "report_kind": "thang", "rep_month": "2026-07-01", "held": 12,
    "lessons_held": 36, "days": [12, 8, 4], "l_state": ["1", "1", "3"], "photo_att": None,
    "learner_paid": 2,
}  # fmt: skip


def test_attendance_is_one_screen_a_learner(load: Load) -> None:
    filled = load(F05).fill(1, answers=MONTH)
    assert filled.screens == (
        "/data/g_id", "/data/g_class", *(f"/data/att[{row}]/g_att" for row in (1, 2, 3)), "/data/g_sum",
    )  # fmt: skip
    assert known(filled, "n_reg", "n_active", "sum_days", "att_rate", "ret_rate", "n_pass") == [
        "3", "2", "24", "66.7", "66.7", "0",
    ]  # fmt: skip
    assert known(filled, "rep_ym", "place", "cls_centre") == ["2026-07", "00715-001", CENTRE]


def test_a_report_on_a_learner_changes_no_name(load: Load) -> None:
    several = entities(load(F05).fill(1, answers=MONTH), "learners")
    assert [(one["id"], one["update"], one["label"]) for one in several] == [
        (number, "1", "") for number in LEARNERS[:3]
    ]


@pytest.mark.parametrize(
    ("phase", "term", "done", "totals"),
    [
        ("1", "3", ["1", None, None], ["2", "0"]),
        ("1", "2", [None, None, None], ["0", "0"]),
        ("2", "5", ["2", None, None], ["0", "2"]),
    ],
)
def test_passing_the_last_term_of_a_phase_completes_it(
    load: Load, phase: str, term: str, done: list[str | None], totals: list[str]
) -> None:
    group: Row = {**LISTS["classes.csv"][0], "phase": phase, "term": term}
    answers = MONTH | {"report_kind": "ky", "l_state": "5", "l_result": ["ht", "cht", "htt"]}
    filled = load(F05, classes=[group]).fill(1, answers=answers)
    rows = [filled.value(f"/data/att[{row}]/l_phase_done") for row in (1, 2)]
    assert rows == done[:2]
    assert known(filled, "n_p1", "n_p2") == totals


def test_nobody_attends_more_sessions_than_were_held(load: Load) -> None:
    with pytest.raises(DeadEnd) as end:
        load(F05).fill(1, answers=MONTH | {"days": 13})
    assert end.value.ref == "/data/att[1]/g_att/days"
