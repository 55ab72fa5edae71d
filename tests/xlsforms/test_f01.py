"""The household survey: what it asks, how it classes people, the households and learners it leaves behind."""

from __future__ import annotations

from itertools import pairwise

import pytest
from lxml import etree

from forms.expressions.checking import read_formula
from forms.expressions.scope import Scope
from forms.workbook import read_extras
from tests.javarosa.engine import Filled, Wish
from tests.xlsforms.conftest import Load
from tests.xlsforms.surveys import HOUSEHOLD, LEARNERS, VI, VILLAGE, asked, schema, workbook

F01 = "f01_hh_survey"


def marked(column: str, value: str) -> set[str]:
    return {name for name, row in asked(F01).items() if row[column] == value}


def test_it_asks_what_the_specification_asks() -> None:
    names = list(asked(F01))
    # In this order, because later questions rest on earlier ones.
    landmarks = [
        "province", "commune", "village", "village_code", "village_other", "visit_kind", "household",
        "hh_uuid", "hh_id", "visit_result", "talk_lang", "consent_text", "consent", "head_name",
        "head_birth_year", "members_n", "m_pos",
        "m_name_in", "m_sex", "m_birth_year", "m_age", "m_able_learn", "m_grade_done", "m_credential",
        "m_xmc_done", "is_15_60", "lit_formal", "test_due", "t_card", "t_read", "t_write", "t_self", "t_fail",
        "lit_status", "excl_disab", "is_illit1", "is_relapse", "is_illit2", "is_below1", "is_f_illit1",
        "is_learner", "learner_uuid", "learner_ref", "x_phase_due", "learner_id", "n_topics", "n_first",
        "c_ict_ok", "m_citizen", "can_host", "n_members", "n_illit1", "confirm_sum", "gps", "gps_reason",
        "photo", "remarks",
    ]  # fmt: skip
    places = [names.index(name) for name in landmarks]
    assert all(earlier < later for earlier, later in pairwise(places))


def test_every_choice_list_is_there() -> None:
    lists: dict[str, list[str]] = {}
    for row in workbook(F01).rows("choices"):
        lists.setdefault(row["list_name"], []).append(row["name"])
    assert {name: len(codes) for name, codes in lists.items() if len(codes) > 11} == {
        "org_role": 18, "ethnic": 56, "barrier": 12, "month": 12, "need_topic": 25,
    }  # fmt: skip
    assert lists["sex"] == ["1", "2"]
    assert lists["read_test"] == lists["write_test"] == ["0", "1", "2"]


def test_lists_and_recordings_are_asked_for() -> None:
    slots = {slot.name: slot.type for slot in schema(F01).media}
    languages = ("vi", "hmong", "thai", "tay", "dao", "hanhi")
    assert {name for name, kind in slots.items() if kind == "file"} == {
        "provinces.csv", "communes.csv", "villages.csv", "households.csv", "learners.csv",
    }  # fmt: skip
    assert {name for name, kind in slots.items() if kind == "audio"} == {
        f"{text}_{language}.mp3" for text in ("consent", "card") for language in languages
    }


def test_the_sensitive_is_marked_and_so_is_what_names_a_person() -> None:
    assert marked("pii", "direct") == {
        "username", "audit", "reporter_name", "reporter_phone", "household", "prev_head_name", "hh_uuid",
        "hh_id", "head_name", "m_name_in", "m_name", "learner_uuid", "learner_ref", "learner_id",
        "x_household_id", "gps", "photo", "remarks",
    }  # fmt: skip
    sensitive = {
        "head_ethnic",
        "m_ethnic",
        "m_disability",
        "m_able_learn",
        "lit_status",
        "is_illit1",
        "hh_poverty",
    }
    assert sensitive <= marked("pii", "sensitive")
    assert {"m_birth_year", "m_sex", "village_code"} <= marked("pii", "indirect")
    marks = read_extras(workbook(F01), schema(F01)).marks
    assert marks["/g_main/member/g_m1/m_name"].pii == "direct"


@pytest.mark.parametrize(
    ("role", "question"),
    [("place", "village_code"), ("date", "today"), ("household", "hh_id"), ("person", "learner_id")],
)
def test_each_role_has_its_question(role: str, question: str) -> None:
    assert marked("unit", role) == {question}


FIRST: dict[str, Wish] = {
    "village": VILLAGE, "visit_kind": "1", "visit_result": "1", "consent": "1",
    "head_name": "Giàng Thị Mỷ", "head_sex": "2", "head_birth_year": 1988, "head_ethnic": "08",
    "members_n": 1, "m_residence": "1", "m_disability": "0", "m_school": "3", "m_grade_done": 0,
    "m_credential": "0", "m_xmc_done": "0", "t_present": "1", "t_read": "0", "t_write": "1", "t_num": "0",
    "reporter_phone": None, "photo": None,
}  # fmt: skip


def entities(filled: Filled, dataset: str) -> list[dict[str, str]]:
    """The attributes of each entity of that list in a record, and its label."""
    found = [
        {**dict(one.attrib), "label": one.findtext("{*}label") or ""}
        for one in etree.fromstring(filled.xml).iter("{*}entity")
    ]
    return [
        {str(key): str(value) for key, value in one.items()} for one in found if one["dataset"] == dataset
    ]


@pytest.mark.java
@pytest.mark.parametrize(
    ("answers", "status", "flags"),
    [
        # below grade 3, no phase: the check decides between illiterate and “reads, not certified”
        ({"m_grade_done": 2, "t_read": "1"}, "mc1", "1110"),
        ({"m_grade_done": 2, "t_read": "2", "t_write": "2"}, "tbc", "0110"),
        # grade 3 or 4, or phase 1
        ({"m_grade_done": 3, "t_read": "2", "t_write": "2"}, "mc2", "0010"),
        ({"m_xmc_done": "1", "m_xmc_year": 2020, "t_read": "2", "t_write": "1"}, "tmc", "0011"),
        # grade 5, phase 2 or a primary certificate
        ({"m_grade_done": 5, "t_read": "2", "t_write": "2"}, "bc2", "0000"),
        ({"m_grade_done": 4, "m_credential": "1", "t_read": "0", "t_write": "0"}, "tmc", "0001"),
        # not tested: schooled, unable to learn, too old
        ({"m_grade_done": 9, "m_credential": "2"}, "bc2", "0000"),
        ({"m_disability": "4", "m_able_learn": "0"}, "mc1", "0000"),
        ({"head_birth_year": 1950}, "mc1", "0000"),
        # absent: the family's word
        ({"t_present": "0", "t_self": "0"}, "mc1", "1110"),
        ({"t_present": "0", "t_self": "1"}, "tbc", "0110"),
    ],
)
def test_the_classification_is_the_one_of_the_truth_table(
    load: Load, answers: dict[str, Wish], status: str, flags: str
) -> None:
    filled = load(F01).fill(1, answers=FIRST | answers)
    one = "/data/g_main/member[1]/"
    assert filled.value(f"{one}lit_status") == status
    names = ("is_illit1", "is_below1", "is_illit2", "is_relapse")
    assert "".join(filled.value(one + name) or "" for name in names) == flags


@pytest.mark.java
def test_a_first_visit_makes_the_household_and_its_learners_known(load: Load) -> None:
    filled = load(F01).fill(2, answers=FIRST)
    (house,), (learner,) = entities(filled, "households"), entities(filled, "learners")
    assert (house["create"], house["update"], house["label"]) == ("1", "0", "Giàng Thị Mỷ (1988)")
    assert (learner["create"], learner["update"], learner["label"]) == ("1", "0", "Giàng Thị Mỷ (1988)")
    assert filled.value("/data/g_main/member[1]/g_xmc/x_household_id") == house["id"]


@pytest.mark.java
def test_a_follow_up_visit_finds_what_is_known_and_changes_it(load: Load) -> None:
    again: dict[str, Wish] = {
        **FIRST, "visit_kind": "2", "household": HOUSEHOLD, "learner_ref": LEARNERS[1], "head_sex": "1",
    }  # fmt: skip
    for known in ("head_name", "head_birth_year", "head_ethnic"):
        del again[known]
    # What was filled in may be changed by chance; among a few people some leave it.
    several = [load(F01).fill(seed, answers=again) for seed in range(6)]
    head = "/data/g_main/g_hh/"
    assert ("Vàng Seo Páo", "1975", "08") in [
        tuple(one.value(head + name) for name in ("head_name", "head_birth_year", "head_ethnic"))
        for one in several
    ]
    for one in several:
        (house,) = entities(one, "households")
        assert (house["id"], house["create"], house["update"]) == (HOUSEHOLD, "0", "1")
        assert house["baseVersion"] == "2"
        touched = [made for made in entities(one, "learners") if "1" in made["create"] + made["update"]]
        for learner in touched:
            assert (learner["id"], learner["update"]) == (LEARNERS[1], "1")


@pytest.mark.java
def test_a_refusal_ends_the_form_and_leaves_nobody_behind(load: Load) -> None:
    filled = load(F01).fill(3, answers=FIRST | {"consent": "0"})
    assert entities(filled, "households") + entities(filled, "learners") == []
    assert "Giàng" not in filled.xml.decode()


@pytest.mark.java
def test_a_follow_up_visit_is_refused_until_there_is_a_household_to_visit(load: Load) -> None:
    nobody = load(F01, households=[{"name": "", "label": "", "village_id": ""}])
    assert {nobody.fill(seed).value("/data/g_visit/visit_kind") for seed in range(5)} == {"1"}


def test_the_figures_are_expressions_over_this_form() -> None:
    figures = {row["code"]: row for row in workbook(F01).rows("indicators")}
    assert list(figures) == [
        "households_surveyed",
        "household_illiterate_15_60",
        "household_illiterate_15_60_level2",
        "household_illiterate_women_share",
    ]
    repeats = {
        path.rsplit("/", 1)[1]: path for path, node in schema(F01).by_path.items() if node.type == "repeat"
    }
    for row in figures.values():
        scope = Scope(schema(F01), repeats[row["table"]] if row["table"] else "")
        for column in ("where", "numerator", "denominator"):
            assert not row[column] or read_formula(row[column], scope).text
        reachable = {node.name for node in schema(F01).questions if node.table in scope.tables}
        assert set(row["disaggregate"].split()) <= reachable
        assert row["direction"] in {"increase", "decrease", "monitor"}
        assert row["source"]
        assert row[f"definition::{VI}"]


def test_the_count_of_the_illiterate_is_by_sex_and_its_share_a_percentage() -> None:
    figures = {row["code"]: row for row in workbook(F01).rows("indicators")}
    count, share = figures["household_illiterate_15_60"], figures["household_illiterate_women_share"]
    assert (count["table"], count["numerator"], count["disaggregate"], count["unit"]) == (
        "member", "${is_illit1} = 1", "m_sex", "người",
    )  # fmt: skip
    assert (share["numerator"], share["denominator"], share["factor"], share["unit"]) == (
        "${is_f_illit1} = 1", "${is_illit1} = 1", "100", "%",
    )  # fmt: skip
