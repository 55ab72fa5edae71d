"""Households and their members (F01), village counts (F02), literacy classes (F04, F05), trainings (F08)."""

from __future__ import annotations

from tests.xlsforms.scenes.centres import A1, A2, B1, A, B
from tests.xlsforms.scenes.lean import Record

Row = dict[str, object]


def _member(age: int, sex: str, **answers: object) -> Row:
    """Somebody at home who finished grade 9, 15 to 60 unless the age says otherwise."""
    within = 15 <= age <= 60
    usual: Row = {
        "m_age": age, "m_sex": sex, "m_ethnic": "08", "m_residence": "1", "m_disability": "0",
        "m_school": "3", "m_grade_done": 9, "m_credential": "0", "is_15_60": int(within), "excl_disab": 0,
        "lit_formal": 2, "lit_status": "bc2" if age >= 15 else "", "test_due": 0, "is_illit1": 0,
        "is_illit1_here": 0, "is_below1": 0, "is_illit2": 0, "is_relapse": 0, "is_oos": 0, "c_ict": "",
        "c_life": "", "m_citizen": "0",
    }  # fmt: skip
    return usual | answers


def _visit(household: str, village: str, day: str, *members: Row, **answers: object) -> Record:
    asked = {
        "today": day, "village_code": village, "hh_id": household, "visit_result": "1", "consent": "1",
        "reporter_role": "doan_tn", "hh_poverty": "1",
    }  # fmt: skip
    return Record("f01_hh_survey", asked | answers, {"member": members} if members else {})


ILLITERATE = {
    "m_school": "1", "m_grade_done": 0, "lit_formal": 0, "lit_status": "mc1", "test_due": 1,
    "t_present": "1", "is_illit1": 1, "is_illit1_here": 1, "is_below1": 1, "is_illit2": 1,
}  # fmt: skip
READS = {**ILLITERATE, "lit_status": "tbc", "is_illit1": 0, "is_illit1_here": 0}
RELAPSED = {
    "m_grade_done": 4, "lit_formal": 1, "lit_status": "tmc", "test_due": 1, "t_present": "1",
    "is_illit2": 1, "is_relapse": 1,
}  # fmt: skip

HOUSEHOLDS = (
    # Seen twice: only the second visit counts.
    _visit("h1", A1, "2026-07-01", _member(40, "2", **ILLITERATE), _member(41, "1", **ILLITERATE)),
    _visit(
        "h1", A1, "2026-08-01",
        _member(40, "2", **ILLITERATE, c_ict="tim nhan dvc", c_life="gtiep hoptac suckhoe camxuc"),
        _member(41, "1", **READS, c_ict="tim nhan", c_life="gtiep hoptac"),
        _member(33, "1", **RELAPSED, c_ict="tim nhan dvc tra", c_life="gtiep"),
        _member(16, "2", m_school="3", is_oos=1, m_grade_done=7),
        _member(10, "1", m_school="2", is_15_60=0, m_grade_done=4),
        fam_registered="1", fam_recognised="1", can_teach="1", can_host="0",
    ),
    # Nobody knows whether the man of 50 reads; the woman of 70 is past the age.
    _visit(
        "h2", B1, "2026-08-02",
        _member(30, "2", m_credential="8", c_ict="tim nhan dvc tra an", c_life="gtiep hoptac suckhoe",
                m_citizen="1"),
        _member(50, "1", m_school="", lit_status="mc1", lit_formal=0, test_due=1, t_present="",
                m_grade_done=""),
        _member(70, "2", m_grade_done=5),
        _member(45, "1", m_credential="4", m_grade_done=12, m_residence="4"),
        _member(20, "2", m_credential="6", c_ict="tim", c_life=""),
        _member(60, "2", **ILLITERATE),
        _member(24, "2", **ILLITERATE),
        _member(22, "2", m_grade_done=4, lit_formal=1, lit_status="mc2", test_due=1, t_present="1",
                is_illit2=1),
        fam_registered="1", fam_recognised="0", can_teach="0", can_host="0",
    ),
    # Asked again and refused: what the first visit said stays.
    _visit("h2", B1, "2026-09-15", consent="0"),
    _visit("h3", A2, "2026-08-03", consent="0"),
)  # fmt: skip


def _count(village: str, day: str, **answers: object) -> Record:
    usual: Row = {
        "commune": village[:5], "village": village, "village_code": village, "count_kind": "1",
        "count_year": day[:4], "ref_date": day, "today": day, "hh_total": 40, "p1525_t": 30, "p2635_t": 20,
        "p3660_t": 50, "p1560_t": 100, "p1560_excl": 10, "il1_1525_t": 2, "il1_2635_t": 4, "il1_3660_t": 14,
        "il1_t": 20, "il1_f": 15, "il1_dtts": 18, "il2_1525_t": 5, "il2_2635_t": 9, "il2_3660_t": 26,
        "il2_t": 40, "rel_t": 3, "rel_f": 2, "n_tlg": 1, "n_tlg_hh": 6, "oos_6_14": 1, "oos_15_18": 3,
        "oos_back": 1, "has_nvh": "1", "v_signal": "1", "v_assessed": "1",
        "v_reading": "tusach thuvien gocdoc tvxanh tscunghoc tvlop khonggian",
    }  # fmt: skip
    kept = usual | answers
    rows = [{"e_code": "08", "e_il1": kept["il1_t"]}]
    return Record("f02_village_count", kept, {"eth": rows})


COUNTS = (
    _count(A1, "2026-02-01", il1_t=99, n_tlg=9, hh_total=90),
    _count(A1, "2026-08-20", n_tlg=2),
    # Late, and with little to show.
    _count(
        A2, "2026-09-20", hh_total=10, p1525_t=10, p2635_t=10, p3660_t=20, p1560_t=40, p1560_excl=0,
        il1_1525_t=1, il1_2635_t=1, il1_3660_t=3, il1_t=5, il1_f=2, il1_dtts=5, il2_1525_t=2, il2_2635_t=3,
        il2_3660_t=5, il2_t=10, rel_t=0, rel_f=0, n_tlg=0, n_tlg_hh=0, oos_6_14=0, oos_15_18=1, oos_back=0,
        has_nvh="0", v_signal="0", v_assessed="0", v_reading="khong",
    ),
)  # fmt: skip
"""The village of commune B sends none."""


def _learner(number: int, age: int, sex: str, *, left: bool = False) -> Row:
    here = not left
    return {
        "l_id": f"l{number}", "l_age": age, "l_sex": sex, "l_in": int(here), "l_f": int(here and sex == "2"),
        "l_1560": int(here and 15 <= age <= 60), "l_support": "1" if number in {1, 3} else "0",
    }  # fmt: skip


def _class(name: str, day: str, mode: str, phase: str, *learners: Row, **answers: object) -> Record:
    village = A1 if name == "x" else B1
    asked: Row = {
        "commune": village[:5], "village_code": village, "class_id_eff": name, "class_mode": mode,
        "start_date": day, "phase": phase, "organiser": "tt", "venue": "nvh", "with_bdbp": "0",
        "voc_link": "0", "e_material": "0", "teachers_n": 2, "teachers_trained": 1,
    }  # fmt: skip
    return Record("f04_class_open", asked | answers, {"learner": learners})


CLASSES = (
    # The second learner is past the age; the first goes on to the next term and is not counted again.
    _class("x", "2026-02-01", "new", "1", _learner(1, 30, "2"), _learner(2, 65, "1"), _learner(5, 44, "1"),
           organiser="tlg", venue="nha", with_bdbp="1"),
    _class("x", "2026-09-01", "next", "1", _learner(1, 30, "2"), _learner(6, 20, "2", left=True),
           organiser="tlg", venue="nha", with_bdbp="1"),
    _class("y", "2026-03-01", "new", "2", _learner(3, 25, "2"), _learner(4, 50, "1"), organiser="th",
           e_material="1", voc_link="1", teachers_n=1, teachers_trained=0),
)  # fmt: skip


def _month(name: str, month: str, kind: str, held: int, *rows: Row, **answers: object) -> Record:
    village = A1 if name == "x" else B1
    asked: Row = {
        "place": village, "class": name, "report_kind": kind, "rep_ym": month, "held": held,
        "n_reg": len(rows), "sum_days": 0, "cls_phase": "1" if name == "x" else "2",
        "cls_term": "3" if name == "x" else "5", "teach_paid": "0", "learner_paid": 0, "checked": "0",
    }  # fmt: skip
    return Record("f05_class_report", asked | answers, {"att": rows})


def _attends(number: int, *, active: bool = True, done: int = 0) -> Row:
    """`done` is the phase the learner finished with this report."""
    return {
        "l_id": f"l{number}", "l_sex": "2" if number in {1, 3} else "1", "l_active": int(active),
        "l_pass": int(done > 0), "l_p1": int(done == 1), "l_p2": int(done == 2),
    }  # fmt: skip


ATTENDANCE = (
    _month("x", "2026-03", "thang", 8, _attends(1), _attends(2), _attends(5), sum_days=20, checked="1"),
    _month("x", "2026-04", "thang", 8, _attends(1), _attends(2), _attends(5), sum_days=18),
    _month("x", "2026-06", "ky", 60, _attends(1, done=1), _attends(2, active=False), _attends(5),
           learner_paid=2, teach_paid="1"),
    _month("y", "2026-12", "ky", 50, _attends(3, done=2), _attends(4), learner_paid=1),
)  # fmt: skip

PEOPLE: tuple[tuple[str, Row], ...] = (
    ("Lò Văn Một", {"role": "cbql", "active": "1", "tr_mgmt_year": "2026", "tr_knl_year": "2026"}),
    ("Lò Thị Hai", {"role": "gv", "active": "1", "tr_digital_year": "2026"}),
    ("Giàng A Ba", {"role": "tt_gl", "active": "1", "tr_community_year": "2025", "tr_heads_year": "2026"}),
    ("Giàng A Bốn", {"role": "ng_tn", "active": "1"}),
    # Trained before the plans began.
    ("Lò Văn Năm", {"role": "bcv", "active": "1", "tr_mgmt_year": "2024"}),
    ("Lò Thị Sáu", {"role": "gv", "active": "0", "tr_mgmt_year": "2026", "tr_digital_year": "2026"}),
    ("Lò Văn Bảy", {"role": "cbql", "active": "1"}),
    ("Lò Văn Tám", {"role": "tt_gl", "active": "0", "tr_heads_year": "2025"}),
)
"""All of commune A."""


def _training(day: str, topics: str, *trainees: tuple[str, str, str]) -> Record:
    rows = [{"p_id": person, "p_role": role, "p_done": done, "p_sex": "1"} for person, role, done in trainees]
    return Record(
        "f08_training_register", {"place_code": A, "start_date": day, "topics": topics}, {"trainee": rows}
    )


ALL = "qly knl ppnl ppxmc hls ptgdcd gllb"
TRAININGS = (
    _training(
        "2026-06-10", ALL, ("p1", "cbql", "1"), ("p2", "gv", "1"), ("p3", "tt_gl", "1"), ("p4", "ng_tn", "0")
    ),
    # The same village head again, and one who did not pass.
    _training("2026-09-10", "gllb", ("p3", "tt_gl", "1"), ("p9", "tt_gl", "0"), ("p8", "ng_tn", "1")),
)

RECORDS = (*HOUSEHOLDS, *COUNTS, *CLASSES, *ATTENDANCE, *TRAININGS)
COMMUNES = (A, B)
