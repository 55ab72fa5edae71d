"""What the communes report (F09), and how learning models were assessed (F07)."""

from __future__ import annotations

from tests.xlsforms.scenes.centres import A1, A2, A, B, T
from tests.xlsforms.scenes.lean import Record


def _f09(commune: str, period: str, day: str, **answers: object) -> Record:
    usual: dict[str, object] = {
        "province": "38" if commune == T else "12", "commune": commune, "today": day, "is_final": "1",
        "rep_year": period[:4], "period": "h1" if period.endswith("h1") else "y", "rep_period": period,
    }  # fmt: skip
    return Record("f09_commune_annual", usual | answers)


LITTLE: dict[str, object] = {
    "plan_issued": "1", "plan_date": "2025-11-01", "plan_xhht": "0", "bcd_ok": "0", "comm_plan": "0",
    "comm_n": 1, "bud_plan": 5, "bud_mtqg": 0, "bud_xhh": 0, "bud_done": 5, "pop_t": 500, "pop15p_t": 300,
    "pop1560_t": 250, "popwork_t": 100, "il1_t": 18, "il2_t": 30, "relapse_t": 1, "il1_base": 20,
    "ph1done_base": 10, "mob1_t": 0, "cls_plan": 1, "tlg_n": 0, "std1": "0", "std2": "0",
    "pcgd_used": "0", "inst_total": 4, "inst_digital": 1, "w_ict": 20, "w_life": 10, "q_tech": 30,
    "q_univ": 6, "clc_private": 0, "clc_reorg": "0", "gv_total": 10, "gv_std": 5, "gv_sec": 0,
    "clc_eval": "0", "inspect_n": 0, "oos_n": 1, "honoured": 0,
}  # fmt: skip
MUCH: dict[str, object] = {
    "plan_issued": "1", "plan_date": "2025-10-10", "plan_xhht": "1", "bcd_ok": "1", "comm_plan": "1",
    "comm_n": 9, "bud_plan": 300, "bud_mtqg": 100, "bud_xhh": 10, "bud_done": 350, "pop_t": 2000,
    "pop15p_t": 1200, "pop1560_t": 1000, "popwork_t": 900, "il1_t": 90, "il2_t": 150, "relapse_t": 7,
    "il1_base": 100, "ph1done_base": 40, "mob1_t": 12, "cls_plan": 4, "tlg_n": 2, "std1": "1", "std2": "1",
    "pcgd_used": "1", "pcgd_date": "2026-11-20", "pcgd_match": "1", "inst_total": 6, "inst_digital": 4,
    "w_ict": 300, "w_life": 200, "q_tech": 150, "q_univ": 30, "clc_private": 1, "clc_reorg": "1",
    "clc_reorg_date": "2025-12-01", "gv_total": 50, "gv_std": 40, "gv_sec": 11, "clc_eval": "1",
    "inspect_n": 3, "oos_n": 4, "honoured": 2,
}  # fmt: skip

REPORTS = (
    _f09(A, "2026-h1", "2026-05-10", **LITTLE),
    _f09(A, "2026", "2026-12-05", **MUCH),
    # After the 9th of December: too late for Lai Châu.
    _f09(B, "2026", "2026-12-20", **LITTLE),
    # For Thanh Hóa the 29th of November is the last day.
    _f09(T, "2026", "2026-11-29", **LITTLE),
)


def _f07(level: str, place: str, **answers: object) -> Record:
    usual: dict[str, object] = {
        "commune": place[:5], "level": level, "place_code": place, "year": 2026, "wk_done": "0",
        "book_done": "0", "assessed": "0",
    }  # fmt: skip
    return Record("f07_learning_models", usual | answers)


ASSESSED: dict[str, object] = {
    "assessed": "1", "wk_done": "1", "book_done": "1", "cit_base": 200, "cit_ok": 60, "cit_ok_f": 25,
    "fam_base": 80, "fam_reg": 50, "fam_ok": 40, "clan_base": 8, "clan_reg": 4, "clan_ok": 3,
}  # fmt: skip

MODELS = (
    # Corrected: the second sheet of the commune counts.
    _f07("xa", A, **(ASSESSED | {"cit_ok": 199}), vil_total=2, vil_assessed=2, unit_total=9, unit_assessed=9),
    _f07("xa", A, **ASSESSED, vil_total=2, vil_assessed=1, unit_total=5, unit_assessed=3, unit_ok=2,
         self_assessed="1", verified="1", com_x="dat"),
    _f07("xa", B, cit_base=100, cit_ok=10, cit_ok_f=4, fam_base=40, fam_reg=10, fam_ok=5, clan_base=4,
         clan_reg=2, clan_ok=1, vil_total=1, vil_assessed=0, unit_total=2, unit_assessed=0, unit_ok=0,
         self_assessed="0"),
    _f07("thon", A1, **(ASSESSED | {"cit_base": 90, "cit_ok": 30, "fam_reg": 20, "fam_ok": 18}),
         wk_people=40),
    _f07("thon", A2, cit_base=50, cit_ok=5, fam_base=10, fam_reg=5, fam_ok=1, clan_base=1, clan_reg=1,
         clan_ok=0),
    _f07("donvi", A, unit_name="Trường TH", unit_kind="th", wk_done="1", u_assessed="1"),
    _f07("donvi", A, unit_name="Trạm y tế", unit_kind="kh", u_assessed="0"),
)  # fmt: skip

RECORDS = (*REPORTS, *MODELS)
