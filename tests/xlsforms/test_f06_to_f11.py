"""The six registers and reports around the surveys say what their specification says."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.xlsforms.surveys import XLSFORMS, asked, schema, workbook

SURVEYS = [
    "f06_activity_log",
    "f07_learning_models",
    "f08_training_register",
    "f09_commune_annual",
    "f10_clc_rating",
    "f11_recheck",
]
UNSEEN = {"start", "end", "today", "deviceid", "username", "audit", "calculate", "csv-external"}
every_survey = pytest.mark.parametrize("form_id", SURVEYS)


@every_survey
def test_it_begins_with_what_the_phone_knows_by_itself(form_id: str) -> None:
    names = [row["name"] for row in workbook(form_id).rows("survey")]
    assert names[:7] == ["start", "end", "today", "deviceid", "username", "audit", "cy"]
    assert asked(form_id)["audit"]["parameters"] == "track-changes=true"


@every_survey
def test_a_screen_of_the_phone_holds_one_thought(form_id: str) -> None:
    """At most six questions are asked together, notes not counted; those asked only sometimes count too."""
    screens: Counter[str] = Counter()
    inside: list[str] = []
    for row in workbook(form_id).rows("survey"):
        if row["type"].startswith("begin_"):
            inside.append(row["name"] if row["appearance"] == "field-list" else "")
        elif row["type"].startswith("end_"):
            inside.pop()
        elif row["type"] not in UNSEEN | {"note"}:
            screens.update(name for name in inside if name)
    assert screens
    assert {name: count for name, count in screens.items() if count > 6} == {}


@pytest.mark.parametrize(
    ("form_id", "direct", "sensitive"),
    [
        ("f06_activity_log", {"photo", "remarks"}, set()),
        ("f07_learning_models", {"remarks", "signer_name", "signed_paper"}, set()),
        (
            "f08_training_register",
            {"p_ref", "p_uuid", "p_id", "p_name_new", "p_name", "photo_list", "remarks"},
            {"p_ethnic"},
        ),
        ("f09_commune_annual", {"remarks", "signer_name", "signed_paper", "signed_file"}, set()),
        ("f10_clc_rating", {"team", "o_photo", "remarks", "signer_name", "signed_paper"}, set()),
        ("f11_recheck", {"household", "r_head", "r_enum", "why"}, {"q_il1", "q_rel", "p_il2"}),
    ],
)
def test_who_can_be_told_from_an_answer_is_known(form_id: str, direct: set[str], sensitive: set[str]) -> None:
    rows = asked(form_id)
    always = {"username", "audit", "reporter_name", "reporter_phone"}
    assert {name for name, row in rows.items() if row["pii"] == "direct"} - always == direct
    assert {name for name, row in rows.items() if row["pii"] == "sensitive"} == sensitive


@pytest.mark.parametrize(
    ("form_id", "roles"),
    [
        ("f06_activity_log", {"place": "place_code", "date": "start_date", "centre": "centre"}),
        ("f07_learning_models", {"place": "place_code", "period": "year"}),
        ("f08_training_register", {"place": "place_code", "date": "start_date", "person": "p_id"}),
        ("f09_commune_annual", {"place": "commune", "period": "rep_period"}),
        (
            "f10_clc_rating",
            {"place": "commune", "period": "rep_period", "date": "visit_date", "centre": "centre"},
        ),
        ("f11_recheck", {"place": "village_code", "date": "today", "household": "household"}),
    ],
)
def test_each_role_has_its_question(form_id: str, roles: dict[str, str]) -> None:
    assert {row["unit"]: name for name, row in asked(form_id).items() if row["unit"]} == roles


@pytest.mark.parametrize(
    ("form_id", "questions", "landmarks"),
    [
        ("f06_activity_log", 53, "centre village title program topic sessions per_t turn_t turn_1560 cost"),
        ("f07_learning_models", 61, "level village year assessed cit_ok fam_ok clan_ok com_v vil_ok com_x"),
        ("f08_training_register", 53, "topics trainees_n p_commune p_ref p_name p_role p_done p_mgmt n_ok"),
        ("f09_commune_annual", 140, "period is_final plan_issued pop_t il1_t mob1_t inst_total w_ict clc_n"),
        ("f10_clc_rating", 66, "centre inspect_kind o_office crit_set k_self k_score final_rate findings"),
        ("f11_recheck", 43, "village household visit_result visited q_head_by q_il1 p_members result why"),
    ],
)
def test_it_asks_what_the_specification_asks(form_id: str, questions: int, landmarks: str) -> None:
    names = list(asked(form_id))
    assert len(names) == questions
    places = [names.index(name) for name in landmarks.split()]
    assert all(earlier < later for earlier, later in pairwise(places))


@pytest.mark.parametrize(
    ("form_id", "files"),
    [
        ("f06_activity_log", {"provinces.csv", "communes.csv", "centres.csv", "villages.csv"}),
        ("f07_learning_models", {"provinces.csv", "communes.csv", "villages.csv"}),
        ("f08_training_register", {"provinces.csv", "communes.csv", "people.csv", "centres.csv"}),
        ("f09_commune_annual", {"provinces.csv", "communes.csv", "commune_figures.csv"}),
        ("f10_clc_rating", {"provinces.csv", "communes.csv", "centres.csv", "clc_criteria.csv"}),
        ("f11_recheck", {"provinces.csv", "communes.csv", "villages.csv", "households.csv"}),
    ],
)
def test_the_lists_it_reads(form_id: str, files: set[str]) -> None:
    assert {slot.name for slot in schema(form_id).media if slot.type == "file"} == files


def test_only_the_criteria_lie_beside_their_form_and_none_are_made_up() -> None:
    kept = {path for form_id in SURVEYS for path in (XLSFORMS / form_id).glob("media/*")}
    assert {path.name: path.read_text(encoding="utf-8") for path in kept} == {
        "clc_criteria.csv": "name,label,set,max\n"
    }


def test_recordings_have_their_slots_where_people_are_spoken_to() -> None:
    slots = {slot.name for slot in schema("f11_recheck").media if slot.type == "audio"}
    assert slots == {f"recheck_{language}.mp3" for language in ("vi", "hmong", "thai", "tay", "dao", "hanhi")}


def test_the_report_shows_the_figures_worked_out_beside_those_confirmed() -> None:
    rows = asked("f09_commune_annual")
    filled = {name for name, row in rows.items() if "instance('commune_figures')" in row["calculation"]}
    confirmed = {name for name in filled if rows[name]["trigger"]}
    assert confirmed == {
        "vil_n", "vil_f02", "il1_t", "il1_f", "il2_t", "il2_f", "relapse_t", "relapse_f", "il1_dtts",
        "il1_base", "ph1done_base", "mob1_t", "mob1_f", "mob2_t", "mob2_f", "fin1_t", "fin1_f", "fin2_t",
        "fin2_f", "cls_open", "tlg_n", "pcgd_used", "pcgd_date", "clc_n", "clc_private", "gv_total",
        "gv_sec", "clc_eval", "inspect_n", "oos_back",
    }  # fmt: skip
    numbers = {name for name in confirmed if rows[name]["type"] == "integer"}
    assert filled - confirmed == {"fig", "fig_as_of"} | {f"s_{name}" for name in numbers}
    assert {rows[name]["trigger"] for name in confirmed} == {"${commune}, ${rep_year}, ${period}"}
