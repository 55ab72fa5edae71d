"""The village count: a head with nothing to change is done in five screens; every figure is in his form."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.javarosa.engine import DeadEnd, Filled, Wish
from tests.xlsforms.conftest import Load
from tests.xlsforms.surveys import LEARNERS, LISTS, ROUND, VILLAGE, Row, asked
from tests.xlsforms.test_f01 import entities

pytestmark = pytest.mark.java

F02 = "f02_village_count"
NAMED = {"hh_total": "hh_total", "pop_t": "pop_total", "rel_t": "relapse", "p1560_t": "pop_15_60",
         "il1_t": "illit1", "il2_t": "illit2"}  # fmt: skip
"""Figures that the list of villages knows by another name."""
OF_ONE_YEAR = {"done1_t", "done1_f", "done2_t", "done2_f", "oos_back"}
PLACE = {"has_nvh": "1", "v_reading": "tusach", "v_signal": "1", "v_assessed": "1", "v_elder_help": "1"}
HEAD: dict[str, Wish] = {
    "village": VILLAGE, "reporter_name": "Sùng Mí Già", "reporter_role": "truong_thon", "count_kind": "1",
    "reporter_phone": None, "basis": "1", "signer_name": "Sùng Mí Già", "signer_role": "truong_thon",
    "count_year": 2026, "signed_paper": None, "remarks": None, **PLACE,
}  # fmt: skip


def village(**changed: str | int) -> list[Row]:
    return [LISTS["villages.csv"][0] | changed, LISTS["villages.csv"][1]]  # type: ignore[operator]


def figures(filled: Filled) -> dict[str, str]:
    """Every figure of the record by its name; rows of the breakdown by ethnic group are left out."""
    return {
        answer.ref.rpartition("/")[2]: answer.value or ""
        for answer in filled.answers
        if "/eth[" not in answer.ref
    }


def test_a_head_with_nothing_to_change_sees_five_screens_and_the_end(load: Load) -> None:
    filled = load(F02).fill(1, answers=HEAD | {"unchanged": "1"})
    assert filled.screens == tuple(
        f"/data/{one}" for one in ("g_id", "g_round", "g_prev", "g_place", "g_sign")
    )
    assert len(filled.screens) + 1 <= 6


def test_his_form_holds_every_figure_of_the_round_before(load: Load) -> None:
    told = figures(load(F02).fill(1, answers=HEAD | {"unchanged": "1"}))
    known = {name: ROUND[NAMED.get(name, name)] for name in told if NAMED.get(name, name) in ROUND}
    assert len(known) > 50
    expected = {name: "0" if name in OF_ONE_YEAR else str(value) for name, value in known.items()}
    assert {name: told[name] for name in known} == expected


def test_the_year_s_completions_stay_within_the_year(load: Load) -> None:
    same_year = load(F02, villages=village(report_year_prev=2026))
    told = figures(same_year.fill(1, answers=HEAD | {"unchanged": "1"}))
    assert {name: told[name] for name in OF_ONE_YEAR} == {name: str(ROUND[name]) for name in OF_ONE_YEAR}


def test_the_village_is_brought_up_to_date_under_its_own_name(load: Load) -> None:
    filled = load(F02).fill(1, answers=HEAD | {"unchanged": "1"})
    (one,) = entities(filled, "villages")
    assert (one["id"], one["update"], one["baseVersion"], one["label"]) == (
        VILLAGE, "1", "3", "Thôn Lô Lô Chải",
    )  # fmt: skip
    assert "create" not in one


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{k: v for k, v in village()[0].items() if k not in ROUND}], id="never counted"),
        pytest.param(village(illit1=26), id="a total was mended on the desk"),
        pytest.param(village(oos_15_18=""), id="a figure is missing"),
        pytest.param(village(eth_codes=""), id="ethnic groups are missing"),
    ],
)
def test_what_is_not_known_whole_is_asked_for(load: Load, rows: list[Row]) -> None:
    filled = load(F02, villages=rows).fill(4, answers=HEAD | {"eth_n_in": 1, "diff_prev_why": "5"})
    assert "/data/g_pop/g_hh" in filled.screens
    assert "unchanged" not in figures(filled)


def test_a_correction_is_never_just_the_old_figures(load: Load) -> None:
    filled = load(F02).fill(4, answers=HEAD | {"count_kind": "3", "eth_n_in": 1})
    assert "unchanged" not in figures(filled)


CHANGED: dict[str, Wish] = {
    **HEAD, "unchanged": "0", "hh_total_in": 85, "hh_dtts_in": 85, "hh_poor_in": 28, "pop_t_in": 414,
    "pop_f_in": 203, "p1525_t_in": 60, "p1525_f_in": 30, "p2635_t_in": 52, "p2635_f_in": 26, "p3660_t_in": 70,
    "p3660_f_in": 36, "p1560_dtts_in": 182, "p1560_excl_in": 2, "p1560_away_in": 14,
    "il1_1525_t_in": 2, "il1_1525_f_in": 1, "il1_2635_t_in": 4, "il1_2635_f_in": 3,
    "il1_3660_t_in": 20, "il1_3660_f_in": 14, "il2_1525_t_in": 6, "il2_1525_f_in": 3,
    "il2_2635_t_in": 12, "il2_2635_f_in": 7, "il2_3660_t_in": 33, "il2_3660_f_in": 20, "eth_n_in": 2,
    "il1_dtts_in": 26, "rel_t_in": 3, "rel_f_in": 2, "pop_ok": "1", "il_order_ok": "1", "give_list": "0",
}  # fmt: skip
SECOND: dict[str, Wish] = {
    "/data/eth[1]/g_eth/e_same": "1", "/data/eth[2]/g_eth/e_same": "0", "e_code_in": "09",
    "e_p1560_in": 62, "e_il1_in": 6, "e_il1_f_in": 4, "e_il2_in": 13, "eth_ok": "1",
}  # fmt: skip


def test_totals_are_added_by_the_form(load: Load) -> None:
    told = figures(load(F02).fill(2, answers=CHANGED | SECOND))
    names = ("p1560_t", "p1560_f", "il1_t", "il1_f", "il2_t", "il2_f", "d_prev")
    assert [told[name] for name in names] == ["182", "92", "26", "18", "51", "30", "1"]


def test_an_ethnic_group_without_change_is_one_tap(load: Load) -> None:
    filled = load(F02).fill(2, answers=CHANGED | SECOND)
    rows = [
        tuple(filled.value(f"/data/eth[{row}]/{name}") for name in ("e_code", "e_p1560", "e_il1", "e_il2"))
        for row in (1, 2)
    ]
    assert rows == [("08", "120", "20", "38"), ("09", "62", "6", "13")]
    told = figures(filled)
    assert (told["eth_codes"], told["eth_p1560"], told["eth_il1"]) == ("08 09", "120 62", "20 6")


@pytest.mark.parametrize(
    ("answers", "question"),
    [
        ({"p3660_t_in": 400}, "p3660_t_in"),
        ({"p1525_f_in": 61}, "p1525_f_in"),
        ({"il1_2635_t_in": 53}, "il1_2635_t_in"),
        ({"il2_3660_t_in": 19}, "il2_3660_t_in"),
        ({"e_p1560_in": 61}, "eth_ok"),
    ],
)
def test_figures_that_cannot_be_are_refused_where_they_are_typed(
    load: Load, answers: dict[str, Wish], question: str
) -> None:
    with pytest.raises(DeadEnd) as end:
        load(F02).fill(2, answers=CHANGED | SECOND | answers)
    assert end.value.ref.endswith(f"/{question}")
    assert asked(F02)[question]["constraint_message::Tiếng Việt (vi)"]


def test_people_on_the_list_keep_their_names_and_new_ones_get_theirs(load: Load) -> None:
    people: dict[str, Wish | Sequence[Wish]] = {
        "give_list": "1", "list_n": 2, "p_ref": [LEARNERS[0], None], "p_status": ["mc1", "tmc"],
        "p_name": "Ly Thị Sính", "p_birth_year": 1990, "p_sex": "2",
    }  # fmt: skip
    known, new = entities(load(F02).fill(2, answers=CHANGED | SECOND | people), "learners")
    assert (known["id"], known["update"], known["label"]) == (LEARNERS[0], "1", "Giàng Thị Mỷ (1988)")
    assert (new["create"], new["update"], new["label"]) == ("1", "0", "Ly Thị Sính (1990)")
