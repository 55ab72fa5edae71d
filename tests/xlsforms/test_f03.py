"""The report of a centre: what stands still is filled in, a closed centre answers a third, sums hold."""

from __future__ import annotations

import pytest

from tests.javarosa.engine import DeadEnd, Wish
from tests.xlsforms.conftest import Load
from tests.xlsforms.surveys import CENTRE, asked
from tests.xlsforms.test_f01 import entities

pytestmark = pytest.mark.java

F03 = "f03_clc_profile"
OPEN: dict[str, Wish] = {"centre": CENTRE, "rep_year": 2026, "status": "1", "photo_sign": None}


@pytest.mark.parametrize(("period", "written"), [("h1", "2026-H1"), ("h2", "2026-H2"), ("y", "2026")])
def test_the_period_is_one_value(load: Load, period: str, written: str) -> None:
    filled = load(F03).fill(1, answers=OPEN | {"period": period, "status": "2"})
    assert filled.value("/data/g_period/rep_period") == written
    assert filled.instance_name.startswith(f"TT-00715 – 2026 – {period}")


@pytest.mark.parametrize("status", ["2", "3", "5"])
def test_a_centre_that_does_not_work_says_so_and_is_done(load: Load, status: str) -> None:
    filled = load(F03).fill(1, answers=OPEN | {"status": status})
    assert filled.screens == ("/data/g_id", "/data/g_period", "/data/g_decision", "/data/g_sign")


def test_what_was_reported_before_is_filled_in(load: Load) -> None:
    several = [load(F03).fill(seed, answers={"centre": CENTRE}) for seed in range(8)]
    for name, value in {"g_period/status": "1", "g_period/ctype": "cl"}.items():
        assert value in [one.value(f"/data/{name}") for one in several]


def test_the_centre_is_brought_up_to_date(load: Load) -> None:
    (one,) = entities(load(F03).fill(1, answers=OPEN), "centres")
    assert (one["id"], one["update"], one["baseVersion"], one["label"]) == (
        CENTRE, "1", "1", "TTHTCĐ xã Đồng Văn",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "question"),
    [
        ({"mgr_total": 3, "mgr_full": 2, "mgr_half": 2}, "mgr_half"),
        (
            {"gv_pool": 40, "gv_sec_t": 5, "gv_sec_f": 2, "gv_sec_mn": 1, "gv_sec_th": 2, "gv_sec_thcs": 1,
             "gv_sec_thpt": 0, "gv_sec_gdtx": 0},
            "gv_sec_gdtx",
        ),
        ({"turns_t": 400, "turns_f": 100, "turns1560_t": 300, "turns1560_f": 150}, "turns1560_f"),
        ({"bud_prov": 10, "bud_mtqg": 0, "bud_xhh": 2.5, "bud_spent": 13}, "bud_spent"),
        ({"pcs": 3, "pcs_ok": 2, "pcs_net": 1, "net_kind": "khong"}, "net_kind"),
        ({"net_src": "khong doan_the"}, "net_src"),
    ],
)  # fmt: skip
def test_sums_that_cannot_be_are_refused_where_they_are_typed(
    load: Load, answers: dict[str, Wish], question: str
) -> None:
    with pytest.raises(DeadEnd) as end:
        load(F03).fill(1, answers=OPEN | answers)
    assert end.value.ref.endswith(f"/{question}")
    assert asked(F03)[question]["constraint_message::Tiếng Việt (vi)"]


def test_flags_are_worked_out_from_the_answers(load: Load) -> None:
    answers: dict[str, Wish] = {
        **OPEN, "office": "ghep", "pcs": 3, "pcs_ok": 2, "pcs_net": 1, "net_kind": "didong",
        "reading": "tusach", "net_src": "khong", "v_retired": 0, "v_head": 0, "v_elder": 1, "v_student": 0,
        "v_youth": 0, "v_other": 4, "free_wifi": "0",
    }  # fmt: skip
    filled = load(F03).fill(1, answers=answers)
    told = {answer.ref.rpartition("/")[2]: answer.value for answer in filled.answers}
    names = (
        "has_office",
        "has_pc_net",
        "has_library",
        "has_free_net",
        "has_network",
        "has_vol_th",
        "has_vol_lc",
        "v_total",
    )
    assert [told[name] for name in names] == ["1", "1", "1", "0", "0", "0", "1", "5"]
