"""The centres of the scene, what they report (F03), what inspections found (F10), what they held (F06).

Two provinces. Lai Châu (12): commune A at the border with the working centre `one` and the new private centre
`two`; commune B with `three`, which sends no F03 at all, and `four`, which is suspended. Thanh Hóa (38):
commune T with `five`, `six` and `seven`, and commune U, of which nothing comes. So a share of centres is of
3 in Lai Châu and of 3 in Thanh Hóa, one of communes of 2 in each.
"""

from __future__ import annotations

from tests.xlsforms.scenes.lean import Record

A, B, T, U = "03400", "03401", "14800", "14801"
A1, A2, B1, T1 = "03400-001", "03400-002", "03401-001", "14800-001"
ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN = (f"0f1e2d3c-4b5a-4697-8877-00000000000{n}" for n in range(1, 8))

CENTRES = (
    (ONE, {"commune_code": A, "status": "1", "ctype": "cl"}),
    (TWO, {"commune_code": A, "status": "4", "ctype": "tt"}),
    (THREE, {"commune_code": B, "status": "1", "ctype": "cl"}),
    (FOUR, {"commune_code": B, "status": "2", "ctype": "cl"}),
    (FIVE, {"commune_code": T, "status": "1", "ctype": "cl"}),
    (SIX, {"commune_code": T, "status": "1", "ctype": "cl"}),
    (SEVEN, {"commune_code": T, "status": "4", "ctype": "cl"}),
)

NOTHING: dict[str, object] = {
    "status": "1", "ctype": "cl", "board_ok": "0", "staff_added": "0", "mgr_total": 2, "mgr_full": 0,
    "mgr_half": 0, "mgr_contract": 0, "gv_pool": 10, "gv_pool_gdtx_cq": 8, "gv_sec_t": 0, "gv_sec_f": 0,
    "gv_sec_mn": 0, "gv_sec_th": 0, "gv_sec_thcs": 0, "gv_sec_thpt": 0, "gv_sec_gdtx": 0, "gv_local": 0,
    "gv_kn": 1, "gv_kn_cut": 0, "net_src": "khong", "v_retired": 0, "v_head": 0, "v_elder": 0,
    "v_student": 0, "v_youth": 0, "v_other": 0, "has_network": 0, "has_vol_th": 0, "has_vol_lc": 0,
    "trainable": 2, "tr_mgmt": 0, "handbook": "0", "office": "khong", "has_office": 0, "pcs_net": 0,
    "has_pc_net": 0, "net_kind": "khong", "reading": "khong", "has_library": 0, "has_free_net": 0,
    "kh_point": "0", "fac_review": "0", "it_use": "zalo", "dx_level": "1", "db_updated": "0",
    "runs_xmc": "1", "e_xmc": "0", "e_made": 1, "needs_survey": "0", "plan_next": "0", "materials_ok": "0",
    "topics_plan": 3, "topics_done": 0, "turns1560_t": 30, "turns1560_f": 10, "turns1560_prev": 40,
    "ds_classes": 0, "online_n": 0, "heritage_n": 0, "clubs_n": 1, "coord": "0", "bdbp_coord": "0",
    "partner_n": 0, "is_model": "0", "bud_prov": 10, "bud_mtqg": 0, "bud_xhh": 0, "bud_spent": 5,
    "allow_paid": "0", "meetings": 4, "legacy_n": 0, "sat_points": 0,
}  # fmt: skip
"""A centre that has next to nothing."""

EVERYTHING: dict[str, object] = {
    "status": "1", "ctype": "cl", "board_ok": "1", "staff_added": "1", "mgr_total": 3, "mgr_full": 1,
    "mgr_half": 0, "mgr_contract": 0, "gv_pool": 40, "gv_pool_gdtx_cq": 30, "gv_sec_t": 12, "gv_sec_f": 7,
    "gv_sec_mn": 2, "gv_sec_th": 4, "gv_sec_thcs": 3, "gv_sec_thpt": 2, "gv_sec_gdtx": 1, "gv_local": 5,
    "gv_kn": 4, "gv_kn_cut": 3, "net_src": "ban_nganh doan_the to_chuc dn bdbp ca", "bcv_n": 2, "ctv_n": 0,
    "v_retired": 1, "v_head": 1, "v_elder": 1, "v_student": 1, "v_youth": 1, "v_other": 0,
    "has_network": 1, "has_vol_th": 1, "has_vol_lc": 1, "trainable": 17, "tr_mgmt": 9, "handbook": "1",
    "office": "rieng", "has_office": 1, "pcs_net": 2, "has_pc_net": 1, "net_kind": "cap",
    "free_wifi": "1", "net_guided": "1",
    "reading": "tusach thuvien gocdoc tvxanh tscunghoc tvlop khonggian", "has_library": 1,
    "has_free_net": 1, "kh_point": "1", "fac_review": "1", "it_use": "phanmem hsdt zalo hoclieu nentang",
    "dx_level": "2", "db_updated": "1", "db_date": "2026-10-01", "runs_xmc": "1", "e_xmc": "1", "e_made": 6,
    "needs_survey": "1", "needs_by": "doan_tn hoi_pn hoi_nd hoi_ccb gv", "plan_next": "1",
    "materials_ok": "1", "topics_plan": 8, "topics_done": 5, "turns1560_t": 120, "turns1560_f": 70,
    "turns1560_prev": 100, "ds_classes": 2, "online_n": 1, "heritage_n": 1, "clubs": "khkt_nn pn_tg",
    "clubs_n": 2, "coord": "1", "bdbp_coord": "1", "bdbp_learners": 4, "partner_n": 2, "sv_sent": 5,
    "is_model": "1", "bud_prov": 100, "bud_mtqg": 50.5, "bud_xhh": 20, "bud_spent": 130, "allow_paid": "1",
    "meetings": 12, "legacy_n": 3, "sat_points": 2,
}  # fmt: skip
"""A centre that has everything."""


def _f03(centre: str, period: str, day: str, answers: dict[str, object], **other: object) -> Record:
    province, commune = ("38", T) if centre in {FIVE, SIX, SEVEN} else ("12", A)
    where = {
        "province": province,
        "commune": commune,
        "legacy_district": "Nậm Nhùn",
        "zone_border": "1",
        "centre": centre,
        "today": day,
        "rep_year": period[:4],
        "period": "h1" if period.endswith("h1") else "y",
        "rep_period": period,
    }
    return Record("f03_clc_profile", {**where, **answers, **other})


REPORTS = (
    _f03(ONE, "2026-h1", "2026-05-10", NOTHING, gv_sec_t=9, bud_prov=999, meetings=99, partner_n=7),
    _f03(ONE, "2026", "2026-11-15", EVERYTHING),
    # The year before: only women's attendances are looked at again.
    _f03(ONE, "2025", "2025-11-15", NOTHING, turns1560_f=50),
    # Late, and the data base was brought up to date too long ago.
    _f03(
        TWO, "2026", "2026-11-25", NOTHING, status="4", ctype="tt", db_updated="1", db_date="2025-06-01",
        reading="gocdoc",
    ),
    _f03(
        FIVE, "2026", "2026-11-10", NOTHING, gv_pool=50, gv_pool_gdtx_cq=20, gv_sec_t=5, v_student=1,
        has_vol_th=1, it_use="phanmem lop_online", dx_level="3",
    ),
    _f03(SIX, "2026", "2026-11-10", NOTHING, v_elder=1, has_vol_lc=1, it_use="phanmem lop_online"),
    Record("f03_clc_profile", {
        "province": "12", "commune": B, "centre": FOUR, "today": "2026-11-01", "rep_year": 2026,
        "period": "y", "rep_period": "2026", "status": "2", "legacy_n": 0, "sat_points": 0,
    }),
)  # fmt: skip

_SEEN = {"o_office": "1", "o_pcs": 1, "o_wifi": "1", "o_lib": "1", "o_erecords": "1"}
_UNSEEN = {"o_office": "0", "o_pcs": 0, "o_wifi": "0", "o_lib": "0", "o_erecords": "0"}


def _f10(centre: str, kind: str, day: str, answers: dict[str, object], **other: object) -> Record:
    commune = T if centre in {FIVE, SIX, SEVEN} else A
    period = {"danhgia": "2026-h1", "tieuchi": "2026"}.get(kind, day)
    where = {"commune": commune, "centre": centre, "inspect_kind": kind, "visit_date": day}
    return Record("f10_clc_rating", {**where, "rep_period": period, **answers, **other})


INSPECTIONS = (
    _f10(ONE, "danhgia", "2026-05-20", _UNSEEN, final_rate="kha", effective="1", crit_n=3, sum_self=30,
         sum_score=27, followup="0"),
    _f10(ONE, "ktra", "2026-10-05", _UNSEEN, effective="0", followup="1"),
    # The last of the year: it stands for the 31st of December.
    _f10(ONE, "tieuchi", "2026-11-20", _SEEN, final_rate="tot", effective="1"),
    _f10(TWO, "danhgia", "2026-05-21", _UNSEEN, final_rate="yeu", effective="0"),
    _f10(FIVE, "danhgia", "2026-05-22", _UNSEEN, final_rate="tot", effective="1", crit_n=3, sum_self=20,
         sum_score=20),
    _f10(SIX, "danhgia", "2026-05-23", _UNSEEN, final_rate="tb", effective="0"),
    _f10(SEVEN, "danhgia", "2026-05-24", _UNSEEN, final_rate="kxl", effective="0"),
)  # fmt: skip


def _f06(program: str, centre: str, day: str, **answers: object) -> Record:
    commune = B if centre == THREE else A
    where = {"commune": commune, "place_code": commune, "centre": centre, "start_date": day}
    return Record("f06_activity_log", {**where, "program": program, "mode": "tructiep", **answers})


ACTIVITIES = (
    _f06("gdncnh", ONE, "2026-03-10", topic="trongtrot", turn_1560=60, materials_ok="1", in_plan="1",
         cost=2.5),
    _f06("gdncnh", ONE, "2026-04-10", topic="phapluat", turn_1560=20, materials_ok="0", in_plan="0"),
    _f06("gdncnh", ONE, "2025-03-10", topic="trongtrot", turn_1560=50, materials_ok="1", in_plan="1"),
    _f06("kns_so", THREE, "2026-05-05", mode="tructuyen", sessions=2, turn_t=30, turn_f=20, turn_dtts=25,
         turn_poor=5, turn_dis=1),
    _f06("vhdt", THREE, "2026-06-05", turn_t=15, turn_f=10),
    _f06("nghe", ONE, "2026-07-05", turn_t=24, turn_f=12, turn_dtts=20, turn_poor=6, turn_dis=2),
    _f06("nghe", THREE, "2026-08-05", turn_t=10, turn_f=4, turn_dtts=10, turn_poor=1, turn_dis=0),
    _f06("kns", ONE, "2026-08-15", turn_t=40, turn_f=22),
    _f06("clb", ONE, "2026-09-01", club_kind="pn_tg", turn_t=9, turn_f=9),
    _f06("sukien", ONE, "2026-10-02", event_kind="tlhtsd", per_t=100),
    _f06("sukien", THREE, "2026-10-20", event_kind="tt_nhanthuc", per_t=50),
    _f06("sukien", ONE, "2026-11-02", event_kind="thamquan", per_t=12),
)  # fmt: skip

RECORDS = (*REPORTS, *INSPECTIONS, *ACTIVITIES)
