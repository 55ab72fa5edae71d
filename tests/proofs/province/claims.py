"""The 95 indicators of the plans, each as plain Python over the made-up province's answers of one year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from tests.proofs.province.offices import Drawn, Report
from tests.proofs.province.people import YEAR, Home
from tests.proofs.province.said import (
    Said,
    always,
    answered,
    at_least,
    chosen,
    days_before_end,
    every,
    number,
    spaces,
    together,
    yes,
)
from tests.proofs.province.truth import (
    WORKING,
    Added,
    Distinct,
    Pool,
    Together,
    Truth,
    centres,
    flow,
    members,
    stock,
)

Claim: TypeAlias = Truth | Distinct | Together
_F02, _F03, _F04, _F05 = "f02_village_count", "f03_clc_profile", "f04_class_open", "f05_class_report"
_F06, _F07, _F09, _F10 = "f06_activity_log", "f07_learning_models", "f09_commune_annual", "f10_clc_rating"


def _profile(above: Said, below: Said | None = None) -> Truth:
    return stock(_F03, "centre", above, below)


def _year_profile(above: Said, below: Said | None = None) -> Truth:
    """The centre's report on the whole year only."""

    def truth(pool: Pool) -> Iterator[Added]:
        for one in pool.latest(_F03, "centre", only=answered("period", "y")):
            yield one.place, above(one.answers), None if below is None else below(one.answers)

    return truth


def _count(above: Said, below: Said | None = None) -> Truth:
    return stock(_F02, "village", above, below)


def _annual(above: Said, below: Said) -> Truth:
    return stock(_F09, "commune", above, below)


def _communes(above: Said, form_id: str = _F09) -> Truth:
    """Communes of which it is true, of all communes."""

    def truth(pool: Pool) -> Iterator[Added]:
        only = answered("level", "xa") if form_id == _F07 else always
        for one in pool.latest(form_id, "commune", only=only):
            yield one.place, above(one.answers), 0.0
        yield pool.commune.code, 0.0, 1.0

    return truth


def _model(level: str, above: Said, below: Said) -> Truth:
    def truth(pool: Pool) -> Iterator[Added]:
        for one in pool.latest(_F07, "place_code", only=answered("level", level)):
            yield one.place, above(one.answers), below(one.answers)

    return truth


def _people(roles: tuple[str, ...], trained: str) -> Truth:
    def truth(pool: Pool) -> Iterator[Added]:
        for one in pool.commune.people:
            if one.role in roles and one.active:
                year = one.trained.get(trained, 0)
                yield pool.commune.code, float(2025 <= year <= YEAR), 1.0

    return truth


def _keys(
    form_id: str, key: Callable[[Report], str], only: Said
) -> Callable[[Pool], Iterator[tuple[str, str]]]:
    return lambda pool: ((one.place, key(one)) for one in pool.of(form_id) if only(one.answers))


def _row_keys(
    form_id: str, repeat: str, key: str, only: Callable[[Drawn, Drawn], bool]
) -> Callable[[Pool], Iterator[tuple[str, str]]]:
    def keys(pool: Pool) -> Iterator[tuple[str, str]]:
        for one in pool.of(form_id):
            yield from ((one.place, row[key]) for row in one.rows[repeat] if only(one.answers, row))

    return keys


def _working(pool: Pool) -> Iterator[Added]:
    yield pool.commune.code, 0.0, float(sum(one.status in WORKING for one in pool.commune.centres))


def _trained(topics: set[str], roles: tuple[str, ...] = ()) -> Distinct:
    def fits(said: Drawn, row: Drawn) -> bool:
        came = row["p_done"] == "1" and bool(topics & set(said.get("topics", "").split()))
        return came and (not roles or row["p_role"] in roles)

    return Distinct(_row_keys("f08_training_register", "trainee", "p_id", fits))


def _learners(phase: str, below: Said) -> Distinct:
    keys = _row_keys(
        _F04, "learner", "l_id", lambda said, row: said["phase"] == phase and row["l_1560"] == "1"
    )
    return Distinct(keys, below=stock(_F09, "commune", lambda _said: 0.0, below))


def _retention(pool: Pool) -> Iterator[Added]:
    for one in pool.latest(_F05, "class"):
        yield from ((one.place, float(row["l_active"] == "1"), 1.0) for row in one.rows["att"])


def _completion(pool: Pool) -> Iterator[Added]:
    for one in pool.latest(_F05, "class", "cls_term", only=answered("report_kind", "ky")):
        yield from ((one.place, float(row["l_pass"] == "1"), 1.0) for row in one.rows["att"])


def _homes(above: Callable[[Home], float]) -> Callable[[Pool], Iterator[tuple[str, float]]]:
    return lambda pool: ((home.village, above(home)) for home in pool.last if home.met)


def _coverage(pool: Pool) -> Iterator[Added]:
    yield from ((village, above, 0.0) for village, above in _homes(lambda _home: 1.0)(pool))
    yield from ((one.place, 0.0, number("hh_total")(one.answers)) for one in pool.latest(_F02, "village"))


def _growth(pool: Pool) -> Iterator[Added]:
    for year in (YEAR, YEAR - 1):
        for one in pool.of(_F06, year):
            if one.answers.get("program") == "gdncnh":
                turns = number("turn_1560")(one.answers)
                yield one.place, turns if year == YEAR else 0.0, turns if year != YEAR else 0.0


def _opened(pool: Pool) -> Iterator[Added]:
    yield from ((one.place, answered("class_mode", "new")(one.answers), 0.0) for one in pool.of(_F04))
    yield from ((one.place, 0.0, number("cls_plan")(one.answers)) for one in pool.latest(_F09, "commune"))


def _villages_assessed(pool: Pool) -> Iterator[Added]:
    for one in pool.latest(_F07, "place_code", only=answered("level", "thon")):
        yield one.place, yes("assessed")(one.answers), 0.0
    yield from ((village.code, 0.0, 1.0) for village in pool.commune.villages)


def _reading(pool: Pool) -> Iterator[Added]:
    yield from _profile(spaces("reading"))(pool)
    yield from _count(spaces("v_reading"))(pool)


_IT_OFFICE = ("phanmem", "hsdt", "csdl", "zalo", "web")
_IT_CLASS = ("lop_online", "hoclieu", "nentang")


def _worker(one: Drawn) -> bool:
    return 15 <= int(one["m_age"]) <= 61 and one["m_residence"] != "4"


def _skilled(question: str) -> Truth:
    return members(
        lambda one: float(_worker(one) and len(one.get(question, "").split()) >= 3),
        lambda one: float(_worker(one)),
    )


def _grown(least: int) -> Truth:
    return members(
        lambda one: float(int(one["m_age"]) >= 15 and int(one.get("m_credential", "0")) >= least),
        lambda one: float(int(one["m_age"]) >= 15),
    )


def _counted(one: Drawn) -> bool:
    return one["is_15_60"] == "1" and one["excl_disab"] == "0" and "m_school" in one


def _literate(level: int) -> Truth:
    return members(
        lambda one: float(_counted(one) and int(one["lit_formal"]) >= level), lambda one: float(_counted(one))
    )


def _program(*programs: str) -> Truth:
    return flow(_F06, answered("program", *programs))


def _event(kind: str) -> Truth:
    return flow(_F06, answered("event_kind", kind))


def _key(*questions: str) -> Callable[[Report], str]:
    return lambda one: " ".join(one.answers.get(question, "") for question in questions)


CENTRES: Mapping[str, Said] = {
    "clc_with_supplemented_staff": yes("staff_added"),
    "clc_with_resource_network": every(yes("has_network"), together(number("bcv_n"), number("ctv_n"))),
    "clc_with_volunteer_supporters": yes("has_vol_th"),
    "clc_with_dedicated_manager": together(number("mgr_full"), number("mgr_half"), number("mgr_contract")),
    "clc_management_board_consolidated": yes("board_ok"),
    "clc_with_office": yes("has_office"),
    "clc_with_computer_internet": yes("has_pc_net"),
    "clc_with_library_bookcase": yes("has_library"),
    "clc_with_free_internet_wifi": yes("has_free_net"),
    "clc_internet_connected_and_guided": every(lambda said: said["net_kind"] != "khong", yes("net_guided")),
    "clc_facility_conditions_published": yes("fac_review"),
    "clc_with_operations_handbook": yes("handbook"),
    "clc_annual_plan_from_needs": every(yes("plan_next"), yes("needs_survey")),
    "clc_it_in_governance": every(
        chosen("it_use", *_IT_OFFICE), chosen("it_use", *_IT_CLASS), at_least("dx_level", 2)
    ),
    "clc_digital_transformation_level": lambda said: float(said["dx_level"] not in {"", "0"}),
    "clc_data_in_sector_database": every(yes("db_updated"), days_before_end("db_date", -10_000, 365)),
    "clc_using_management_software": chosen("it_use", "phanmem", "web"),
    "clc_electronic_records": chosen("it_use", "hsdt"),
    "clc_coordination_mechanism": yes("coord"),
    "concurrent_allowance_paid": yes("allow_paid"),
}
"""Working centres of which it is true, of all working centres."""

COMMUNES: Mapping[str, Said] = {
    "communes_meeting_literacy_standard": yes("std1"),
    "steering_committee_consolidated": yes("bcd_ok"),
    "communes_using_pcgd_xmc_software": yes("pcgd_used"),
    "pcgd_xmc_data_updated_on_time": every(
        yes("pcgd_used"), yes("pcgd_match"), days_before_end("pcgd_date", 31, 364)
    ),
    "clc_reorganised_by_commune": every(
        yes("clc_reorg"), lambda said: float(bool(said.get("clc_reorg_date")))
    ),
    "commune_plan_issued": yes("plan_issued"),
    "reports_submitted_on_time": every(
        answered("period", "y"), yes("is_final"), days_before_end("today", 32)
    ),
}
"""Communes of which it is true, of all communes."""


def _by_others(said: Drawn) -> float:
    return float(said.get("organiser") != "tt")


def _units(pool: Pool) -> Iterator[Added]:
    """The commune, its villages and its working centres."""
    working = sum(one.status in WORKING for one in pool.commune.centres)
    yield pool.commune.code, 1.0 + working, None
    yield from ((village.code, 1.0, None) for village in pool.commune.villages)


def _offices(pool: Pool) -> Iterator[Added]:
    for one in pool.latest(_F07, *_UNIT, only=answered("level", "xa")):
        yield one.place, number("unit_total")(one.answers), None


_UNIT = ("level", "place_code", "unit_name")


OTHERS: Mapping[str, Claim] = {
    "literacy_e_materials_share": Together(
        above=(
            _profile(every(yes("runs_xmc"), yes("e_xmc"))),
            Distinct(_keys(_F04, _key("commune", "organiser"), every(_by_others, yes("e_material")))),
        ),
        below=(_profile(yes("runs_xmc")), Distinct(_keys(_F04, _key("commune", "organiser"), _by_others))),
    ),
    "lifelong_learning_week_participation": Together(
        above=(
            Distinct(_keys(_F07, _key(*_UNIT), yes("wk_done"))),
            Distinct(_keys(_F06, _key("centre"), answered("event_kind", "tlhtsd"))),
        ),
        below=(_units, _offices),
    ),
    "teachers_seconded_to_clc_share": _profile(number("gv_sec_t"), number("gv_pool")),
    "concurrent_teachers_with_reduced_hours": _profile(number("gv_kn_cut"), number("gv_kn")),
    "teachers_meeting_training_standard": _annual(number("gv_std"), number("gv_total")),
    "volunteer_students_at_clc": _year_profile(number("sv_sent")),
    "reading_spaces_established": _reading,
    "clc_sci_tech_info_points": _profile(yes("kh_point")),
    "clc_staff_trained_management": _people(("cbql", "gv", "bcv"), "tr_mgmt_year"),
    "teachers_rapporteurs_trained_digital_materials": _people(("gv", "bcv"), "tr_digital_year"),
    "volunteers_trained_community_education": _people(
        ("ng_nh", "tt_gl", "sv_tn", "ng_tn"), "tr_community_year"
    ),
    "directors_trained_competency_framework": _people(("cbql",), "tr_knl_year"),
    "village_heads_elders_trained": _trained({"gllb"}, ("tt_gl",)),
    "literacy_workers_trained": _trained({"ppxmc", "ppnl"}),
    "illiterate_count_15_60": members(yes("is_illit1")),
    "relapse_illiterate_count": members(yes("is_relapse")),
    "literacy_rate_level1": _literate(1),
    "literacy_rate_level2": _literate(2),
    "literacy_phase1_mobilisation_rate": _learners("1", number("il1_base")),
    "literacy_phase2_mobilisation_rate": _learners("2", number("ph1done_base")),
    "female_share_of_literacy_learners": Distinct(
        _row_keys(_F04, "learner", "l_id", lambda _said, row: row["l_in"] == "1" and row["l_sex"] == "2"),
        under=_row_keys(_F04, "learner", "l_id", lambda _said, row: row["l_in"] == "1"),
    ),
    "literacy_classes_opened_vs_plan": _opened,
    "literacy_class_retention": _retention,
    "literacy_completion_rate": _completion,
    "literacy_support_policy_paid": stock(_F05, "class cls_term", number("learner_paid"), number("n_reg")),
    "inter_family_literacy_groups": _count(number("n_tlg")),
    "border_clc_coordination": Distinct(
        lambda pool: (
            (one.place, one.answers["commune"])
            for one in pool.latest(_F03, "centre")
            if one.answers["status"] in WORKING and pool.commune.border and one.answers["bdbp_coord"] == "1"
        ),
        below=lambda pool: iter([(pool.commune.code, 0.0, float(pool.commune.border))]),
    ),
    "vocational_linked_literacy_classes": Distinct(_keys(_F04, _key("class_id_eff"), yes("voc_link"))),
    "out_of_school_children": _count(together(number("oos_6_14"), number("oos_15_18"))),
    "learning_needs_survey_coverage": _coverage,
    "clc_topics_delivered": flow(_F06, lambda said: float(said.get("program") != "sukien")),
    "clc_using_needs_based_materials": Distinct(
        _keys(_F06, _key("centre"), every(answered("program", "gdncnh"), yes("materials_ok"))), below=_working
    ),
    "learner_turns_growth_15_60": _growth,
    "digital_skills_classes": _program("kns_so"),
    "online_learning_delivered": flow(_F06, answered("mode", "tructuyen")),
    "heritage_classes": _program("vhdt"),
    "learning_clubs": _profile(number("clubs_n")),
    "women_girls_learning_models": _profile(chosen("clubs", "pn_tg")),
    "digital_materials_made": _year_profile(number("e_made")),
    "institutions_digital_environment": _annual(number("inst_digital"), number("inst_total")),
    "learning_citizen_rate": _model("xa", number("cit_ok"), number("cit_base")),
    "learning_family_rate": _model("xa", number("fam_ok"), number("fam_reg")),
    "learning_clan_rate": _model("xa", number("clan_ok"), number("clan_reg")),
    "learning_district_recognised": _communes(answered("com_x", "dat"), _F07),
    "communes_self_assessed_learning_community": _communes(yes("self_assessed"), _F07),
    "communes_assessed_learning_citizen": _communes(every(yes("assessed"), number("cit_base")), _F07),
    "villages_assessed_learning_models": _villages_assessed,
    "learning_unit_assessed": _model("xa", number("unit_assessed"), number("unit_total")),
    "workforce_information_competence": _skilled("c_ict"),
    "workforce_life_skills": _skilled("c_life"),
    "trained_technical_15plus": _grown(5),
    "university_degree_share": _grown(8),
    "clc_evaluated_against_criteria": Distinct(
        _keys(_F10, _key("centre"), answered("inspect_kind", "tieuchi")), below=_working
    ),
    "clc_half_year_rating": Distinct(
        _keys(_F10, _key("centre"), answered("inspect_kind", "danhgia")), below=_working
    ),
    "clc_effective_share": stock(
        _F10,
        "centre",
        lambda said: float(yes("effective")(said) or said["final_rate"] in {"tot", "kha"}),
        always,
    ),
    "clc_inspections": flow(_F10, always),
    "model_clc_designated": _profile(yes("is_model")),
    "training_institution_clc_partnerships": _profile(number("partner_n")),
    "funding_for_clc_and_literacy": _year_profile(
        together(number("bud_prov"), number("bud_mtqg"), number("bud_xhh"))
    ),
    "communication_activities": stock(_F09, "commune", number("comm_n")),
    "clc_review_meetings": _year_profile(number("meetings")),
    "private_clcs": _profile(answered("ctype", "tt")),
    "exemplars_honoured": stock(_F09, "commune", number("honoured")),
    "local_teachers_in_clc": _profile(number("gv_local"), number("gv_sec_t")),
    "village_learning_spaces": _count(yes("has_nvh"), always),
    "short_vocational_training": _program("nghe"),
    "life_skills_activities": _program("kns"),
    "study_visits": _event("thamquan"),
}


def _truly(of: Said) -> Said:
    return lambda said: float(bool(of(said)))


CLAIMS: Mapping[str, Claim] = (
    {code: centres(_truly(of)) for code, of in CENTRES.items()}
    | {code: _communes(_truly(of)) for code, of in COMMUNES.items()}
    | dict(OTHERS)
)
"""Every indicator of the plans by its code, as the open questions are decided by default."""
