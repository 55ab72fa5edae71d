"""The registers and reports filled as on a phone: who gets on a list, what adds up, what is refused."""

from __future__ import annotations

import pytest

from forms.periods import read_period
from tests.javarosa.engine import DeadEnd, Engine, Filled, Form
from tests.xlsforms.filling import (
    ANOTHERS,
    CENTRE,
    DUE,
    DUE_BUT_OWN,
    DUE_ELSEWHERE,
    FIGURES,
    HERE,
    LO_LO_CHAI,
    NOT_DUE,
    TEACHER,
    THEN_PA,
    entities,
    opened,
    said,
)

pytestmark = pytest.mark.java

AS_WORKED_OUT: dict[str, str] = {
    name: value for name, value in FIGURES.items() if name not in {"pcgd_used", "pcgd_date", "clc_eval"}
}
PEOPLE = {"pop_t": "410", "pop_f": "200", "pop15p_t": "300", "pop15p_f": "150", "pop1560_t": "260"}
REPORT = HERE | PEOPLE | {"rep_year": "2026", "period": "y"}
RATING = HERE | {"inspect_kind": "danhgia", "period": "y", "crit_set": "DB1427"}


@pytest.fixture(scope="module")
def activity(engine: Engine) -> Form:
    return opened(engine, "f06_activity_log")


@pytest.fixture(scope="module")
def models(engine: Engine) -> Form:
    return opened(engine, "f07_learning_models")


@pytest.fixture(scope="module")
def training(engine: Engine) -> Form:
    return opened(engine, "f08_training_register")


@pytest.fixture(scope="module")
def report(engine: Engine) -> Form:
    return opened(engine, "f09_commune_annual")


@pytest.fixture(scope="module")
def rating(engine: Engine) -> Form:
    return opened(engine, "f10_clc_rating")


@pytest.fixture(scope="module")
def recheck(engine: Engine) -> Form:
    return opened(engine, "f11_recheck")


def asked(filled: Filled, name: str) -> bool:
    """Whether a question of that name was relevant."""
    return any(answer.ref.endswith(f"/{name}") for answer in filled.answers)


@pytest.mark.parametrize("form_id", ["f06_activity_log", "f07_learning_models", "f11_recheck"])
def test_who_works_in_one_commune_finds_it_chosen(engine: Engine, form_id: str) -> None:
    form = opened(
        engine,
        form_id,
        provinces="name,label\n08,Tuyên Quang\n",
        communes="name,label,province_code\n00715,Xã Lũng Cú,08\n",
    )
    filled = [form.fill(seed, answers={"level": "xa"}) for seed in range(3)]
    assert {place for one in filled for place in said(one, "commune")} == {"00715"}
    form.forget()


def test_an_activity_in_a_village_counts_there_any_other_for_the_commune(activity: Form) -> None:
    there = activity.fill(1, answers=HERE | {"village": LO_LO_CHAI})
    at_the_centre = activity.fill(1, answers=HERE | {"village": None})
    assert said(there, "place_code") == ["00715-001"]
    assert said(at_the_centre, "place_code") == ["00715"]
    assert said(at_the_centre, "centre") == [CENTRE]


def test_at_one_session_everybody_was_there_once(activity: Form) -> None:
    filled = activity.fill(2, answers=HERE | {"sessions": 1, "per_t": 34, "per_f": 20})
    assert (said(filled, "turn_t"), said(filled, "turn_f")) == (["34"], ["20"])


@pytest.mark.parametrize(("sessions", "persons", "turns"), [(2, 10, 21), (3, 10, 9), (1, 30, 29)])
def test_attendances_lie_between_persons_and_persons_times_sessions(
    activity: Form, sessions: int, persons: int, turns: int
) -> None:
    with pytest.raises(DeadEnd, match="turn_t"):
        activity.fill(1, answers=HERE | {"sessions": sessions, "per_t": persons, "turn_t": turns})


def test_learning_models_of_a_village_start_from_its_last_count(models: Form) -> None:
    village = HERE | {"level": "thon", "village": THEN_PA}
    filled = [models.fill(seed, answers=village) for seed in range(6)]
    assert "96" in {text for one in filled for text in said(one, "fam_base")}
    assert said(filled[0], "place_code") == ["00715-002"]
    assert not asked(filled[0], "vil_total")
    commune = models.fill(1, answers=HERE | {"level": "xa"})
    assert said(commune, "place_code") == ["00715"]
    assert said(commune, "unit_label") == ["Xã Lũng Cú"]
    unit = models.fill(1, answers=HERE | {"level": "donvi", "unit_name": "Trường THCS Lũng Cú"})
    assert asked(unit, "u_staff")
    assert not asked(unit, "cit_base")


@pytest.mark.parametrize(("period", "said_as"), [("y", "2025"), ("h1", "2025-h1"), ("h2", "2025-h2")])
def test_a_report_says_its_period_as_one(report: Form, rating: Form, period: str, said_as: str) -> None:
    filled = report.fill(1, answers=HERE | {"rep_year": 2025, "period": period})
    assert said(filled, "rep_period") == [said_as]
    rated = rating.fill(1, answers=RATING | {"rate_year": 2025, "period": period})
    assert said(rated, "rep_period") == [said_as]
    assert read_period(said_as) is not None


def test_a_trainee_on_the_list_is_brought_up_to_date_a_new_one_put_on_it(training: Form) -> None:
    filled = training.fill(
        3,
        answers=HERE
        | {
            "trainees_n": 2,
            "p_commune": ["00715", "00715"],
            "p_ref": [TEACHER, None],
            "p_name_new": "Vàng Thị Mỷ",
            "p_done": ["1", "1"],
            "topics": "ppxmc",
            "start_date": "2026-10-02",
        },
    )
    known, new = entities(filled)
    assert known == ("people", False, True, TEACHER, "Hoàng Văn Nam – Xã Lũng Cú")
    assert new == ("people", True, False, said(filled, "p_id")[1], "Vàng Thị Mỷ – Xã Lũng Cú")
    assert said(filled, "p_xmc") == ["2026", "2026"]
    # What this training was not about stays as it was; who is known is not asked the name again.
    assert said(filled, "p_mgmt") == ["2024", ""]
    assert said(filled, "p_dig") == ["2025", ""]
    assert said(filled, "p_name_new") == ["Vàng Thị Mỷ"]
    assert said(filled, "n_ok") == ["2"]


def test_who_did_not_pass_keeps_the_year_of_the_last_training(training: Form) -> None:
    filled = training.fill(
        4,
        answers=HERE
        | {"trainees_n": 1, "p_commune": "00715", "p_ref": TEACHER, "p_done": "0", "topics": "qly hls"},
    )
    assert (said(filled, "p_mgmt"), said(filled, "p_dig")) == (["2024"], ["2025"])
    assert said(filled, "n_ok") == ["0"]


def test_a_training_belongs_to_the_commune_that_held_it_or_to_the_province(training: Form) -> None:
    of_commune = training.fill(1, answers=HERE | {"trainees_n": 1})
    of_province = training.fill(1, answers=HERE | {"commune": None, "trainees_n": 1})
    assert said(of_commune, "place_code") == ["00715"]
    assert said(of_province, "place_code") == ["08"]


def test_a_known_trainee_keeps_role_and_centre_unless_changed(training: Form) -> None:
    filled = [
        training.fill(seed, answers=HERE | {"trainees_n": 1, "p_commune": "00715", "p_ref": TEACHER})
        for seed in range(8)
    ]
    assert sum(said(one, "p_role") == ["gv"] for one in filled) >= 4
    assert sum(said(one, "p_centre") == [CENTRE] for one in filled) >= 4


def test_the_report_comes_filled_and_confirmed_needs_no_reason(report: Form) -> None:
    filled = report.fill(5, answers=REPORT | AS_WORKED_OUT)
    assert said(filled, "fig_as_of") == ["2026-11-10"]
    assert asked(filled, "fig_note")
    assert not asked(filled, "fig_none")
    assert (said(filled, "lit_dif"), said(filled, "clc_dif")) == (["0"], ["0"])
    assert not asked(filled, "lit_why")
    assert not asked(filled, "clc_why")
    assert said(filled, "rate_mob1") == ["35.71"]
    assert said(filled, "rate_mob2_stock") == ["40"]
    assert said(filled, "rate_mob2_pop") == ["4.62"]


def test_what_nobody_touches_is_what_was_worked_out(report: Form) -> None:
    # The engine changes a third of what it finds; all others must still be there.
    filled = report.fill(3, answers=REPORT)
    kept = [name for name, value in AS_WORKED_OUT.items() if said(filled, name) == [value]]
    assert len(kept) > len(AS_WORKED_OUT) / 2
    assert all(said(filled, f"s_{name}") == [value] for name, value in AS_WORKED_OUT.items())


def test_a_corrected_figure_wants_a_reason(report: Form) -> None:
    changed = AS_WORKED_OUT | {"il1_t": "58", "gv_sec": "4"}
    filled = report.fill(5, answers=REPORT | changed | {"lit_why": "Hai người đã chuyển đi"})
    assert said(filled, "lit_dif") == ["1"]
    assert said(filled, "lit_why") == ["Hai người đã chuyển đi"]
    assert (said(filled, "il1_t"), said(filled, "s_il1_t")) == (["58"], ["60"])
    assert said(filled, "clc_dif") == ["1"]
    assert asked(filled, "clc_why")


@pytest.mark.parametrize("other", [{"rep_year": "2025"}, {"period": "h1"}])
def test_a_period_without_figures_is_typed(report: Form, other: dict[str, str]) -> None:
    filled = report.fill(5, answers=REPORT | AS_WORKED_OUT | other)
    assert said(filled, "fig") == [""]
    assert asked(filled, "fig_none")
    assert said(filled, "lit_dif") == ["0"]
    assert not asked(filled, "lit_why")


@pytest.mark.parametrize(
    ("figure", "value"), [("il2_t", "59"), ("mob1_t", "71"), ("mob2_t", "31"), ("vil_f02", "3")]
)
def test_figures_that_cannot_be_are_refused_where_they_are_typed(
    report: Form, figure: str, value: str
) -> None:
    with pytest.raises(DeadEnd, match=figure):
        report.fill(5, answers=REPORT | AS_WORKED_OUT | {figure: value})


@pytest.mark.parametrize("final", ["1", "0"])
def test_only_the_official_report_enters_the_list_of_reports(report: Form, final: str) -> None:
    filled = report.fill(5, answers=REPORT | {"is_final": final})
    made = [(name, create, label) for name, create, _, _, label in entities(filled)]
    assert made == [("commune_reports", final == "1", "Xã Lũng Cú – 2026")]
    assert said(filled, "cr_commune") == ["00715"]


def test_points_of_the_criteria_are_added_up(rating: Form) -> None:
    filled = rating.fill(
        1,
        answers=RATING | {"k_self": [20, 25, 40], "k_score": [15, 25, 30.5], "final_rate": "kha"},
    )
    assert said(filled, "k_label") == ["Tổ chức bộ máy", "Cơ sở vật chất", "Hoạt động"]
    assert (said(filled, "sum_self"), said(filled, "sum_score")) == (["85"], ["70.5"])
    assert (said(filled, "sum_max"), said(filled, "score")) == (["100"], ["70.5"])
    # A reason is asked where team and centre disagree, and only there.
    assert len(said(filled, "k_why")) == 2
    assert not asked(filled, "total_manual")
    assert entities(filled) == [("centres", False, True, CENTRE, "")]
    assert said(filled, "final_rate") == ["kha"]


def test_no_more_points_than_the_set_in_force_allows(rating: Form) -> None:
    # The other set, too, has a criterion A1, worth 40.
    with pytest.raises(DeadEnd, match="k_self"):
        rating.fill(1, answers=RATING | {"k_self": 21})
    assert said(rating.fill(1, answers=RATING | {"crit_set": "BO2026"}), "k_max") == ["40"]


def test_a_set_the_phone_does_not_have_is_scored_on_paper(rating: Form) -> None:
    filled = rating.fill(1, answers=RATING | {"crit_set": "TH2027", "total_manual": 81})
    assert said(filled, "crit_n") == ["0"]
    assert not asked(filled, "k_score")
    assert said(filled, "score") == ["81"]


def test_the_set_on_the_phone_is_proposed(rating: Form) -> None:
    answers = {name: value for name, value in RATING.items() if name != "crit_set"}
    proposed = {text for seed in range(6) for text in said(rating.fill(seed, answers=answers), "crit_set")}
    assert "DB1427" in proposed


def test_an_inspection_rates_nothing(rating: Form) -> None:
    filled = rating.fill(1, answers=HERE | {"inspect_kind": "ktra", "visit_date": "2026-10-05"})
    assert not asked(filled, "final_rate")
    assert not asked(filled, "k_score")
    assert said(filled, "rep_period") == ["2026-10-05"]
    assert [update for _, _, update, _, _ in entities(filled)] == [False]


def test_a_household_drawn_is_rechecked(recheck: Form) -> None:
    filled = recheck.fill(
        1, answers=HERE | {"village": LO_LO_CHAI, "household": DUE, "visit_result": "1", "q_members": 6}
    )
    assert said(filled, "place_code") == []
    assert said(filled, "village_code") == ["00715-001"]
    assert said(filled, "r_head") == ["Sùng Mí Già"]
    assert said(filled, "n_due") == ["1"]
    # Five at the survey, six now; the earlier number is on no screen.
    assert (said(filled, "p_members"), said(filled, "dif_members")) == (["5"], ["1"])
    assert "5" not in {answer.display for answer in filled.answers if answer.ref.endswith("note")}


@pytest.mark.parametrize("household", [DUE_BUT_OWN, NOT_DUE, DUE_ELSEWHERE, ANOTHERS])
def test_nobody_rechecks_an_own_an_undrawn_or_anothers_household(recheck: Form, household: str) -> None:
    with pytest.raises(DeadEnd, match="not offered"):
        recheck.fill(1, answers=HERE | {"village": LO_LO_CHAI, "household": household})


def test_a_household_whose_enumerator_is_unknown_may_be_rechecked(recheck: Form) -> None:
    filled = recheck.fill(1, answers=HERE | {"village": THEN_PA, "household": DUE_ELSEWHERE})
    assert said(filled, "household") == [DUE_ELSEWHERE]


def test_who_refuses_is_asked_nothing_more(recheck: Form) -> None:
    filled = recheck.fill(1, answers=HERE | {"village": LO_LO_CHAI, "household": DUE, "visit_result": "3"})
    assert not asked(filled, "q_il1")
    assert not asked(filled, "talk_lang")
