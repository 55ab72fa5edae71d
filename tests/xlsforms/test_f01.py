"""The household survey says what its specification says, in both languages, and phones can read it."""

from __future__ import annotations

import re
import shutil
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from forms.expressions.checking import read_formula
from forms.expressions.scope import Scope
from forms.schema import Schema
from forms.spreadsheet import SheetRow, Workbook, read_workbook
from forms.validate import validate
from forms.workbook import PII, read_extras
from forms.xform.reading import read_schema
from forms.xlsform import Converted, convert

FOLDER = Path(__file__).parents[2] / "xlsforms" / "f01_hh_survey"
BOOK = FOLDER / "f01_hh_survey.xlsx"
VI, EN = "Tiếng Việt (vi)", "English (en)"
STRUCTURE = re.compile(r"(begin|end)_(group|repeat)")


@cache
def converted() -> Converted:
    return convert(BOOK.read_bytes(), BOOK.name)


@cache
def schema() -> Schema:
    return read_schema(converted().xform)


@cache
def workbook() -> Workbook:
    return read_workbook(BOOK.read_bytes(), BOOK.name)


def questions() -> dict[str, SheetRow]:
    """The rows of the survey sheet that carry or show something, by name."""
    return {row["name"]: row for row in workbook().rows("survey") if not STRUCTURE.fullmatch(row["type"])}


def marked(column: str, value: str) -> set[str]:
    return {name for name, row in questions().items() if row[column] == value}


def test_it_converts_without_a_warning() -> None:
    assert converted().warnings == ()


@pytest.mark.java
def test_the_form_engine_of_the_phones_accepts_it() -> None:
    assert validate(converted().xform, java=shutil.which("java") or "") == ()


def test_it_is_known_by_its_id_and_version() -> None:
    (settings,) = workbook().rows("settings")
    assert (schema().form_id, schema().version) == ("f01_hh_survey", settings["version"])
    assert re.fullmatch(r"20[0-9]{8}", settings["version"])
    assert schema().client_editable
    assert schema().languages == (VI, EN)


def test_it_asks_what_the_specification_asks() -> None:
    names = list(questions())
    assert len(names) == 143
    assert len(workbook().rows("survey")) == 169
    assert len({row["name"] for row in workbook().rows("survey")} - {""}) == 156
    # In this order, because later questions rest on earlier ones.
    landmarks = [
        "province", "commune", "village", "village_code", "village_other", "visit_kind", "household",
        "hh_uuid", "visit_result", "consent", "head_name", "head_birth_year", "members_n", "m_pos",
        "m_name_in", "m_sex", "m_birth_year", "m_age", "m_able_learn", "m_grade_done", "m_credential",
        "m_xmc_done", "is_15_60", "lit_formal", "test_due", "t_read", "t_write", "t_self", "t_fail",
        "lit_status", "excl_disab", "is_illit1", "is_relapse", "is_illit2", "is_below1", "is_f_illit1",
        "is_learner", "learner_uuid", "learner_ref", "x_phase_due", "n_topics", "n_first", "c_ict_ok",
        "m_citizen", "can_host", "n_members", "n_illit1", "confirm_sum", "gps", "gps_reason", "photo",
        "remarks",
    ]  # fmt: skip
    places = [names.index(name) for name in landmarks]
    assert all(earlier < later for earlier, later in pairwise(places))


def test_the_classification_is_the_one_of_the_truth_table() -> None:
    asked = questions()
    assert asked["is_illit1"]["calculation"] == (
        "if(${is_15_60}=1 and ${excl_disab}=0 and ${lit_status}='mc1', 1, 0)"
    )
    assert asked["t_fail"]["calculation"] == (
        "if(${test_due}=0, 0, if(${t_present}='1', if(${t_read}='2' and ${t_write}='2', 0, 1), "
        "if(${t_self}='1', 0, 1)))"
    )
    assert asked["m_pos"]["calculation"] == "position(..)"
    assert schema().by_path["/g_main/member/g_test/t_read"].table == "/g_main/member"


@pytest.mark.parametrize("sheet", ["survey", "choices", "indicators"])
@pytest.mark.parametrize("column", ["label", "hint", "required_message", "constraint_message", "definition"])
def test_what_is_said_in_one_language_is_said_in_the_other(sheet: str, column: str) -> None:
    half = [
        row.row
        for row in workbook().rows(sheet)
        if bool(row[f"{column}::{VI}"]) != bool(row[f"{column}::{EN}"])
    ]
    assert half == []


def test_whatever_a_person_sees_has_a_label_and_every_rule_its_sentence() -> None:
    unseen = {
        "start",
        "end",
        "today",
        "deviceid",
        "username",
        "audit",
        "calculate",
        "end_group",
        "end_repeat",
    }
    for row in workbook().rows("survey"):
        assert bool(row[f"label::{VI}"]) == (row["type"] not in unseen), row["name"]
        assert bool(row[f"constraint_message::{VI}"]) == bool(row["constraint"]), row["name"]
        assert bool(row[f"required_message::{VI}"]) == bool(row["required"]), row["name"]
    assert all(row[f"label::{VI}"] for row in workbook().rows("choices"))


def test_every_choice_list_is_there() -> None:
    asked = {row["type"].split()[1] for row in questions().values() if row["type"].startswith("select_")}
    lists: dict[str, list[str]] = {}
    for row in workbook().rows("choices"):
        lists.setdefault(row["list_name"], []).append(row["name"])
    assert {name for name in asked if not name.endswith(".csv")} == set(lists)
    assert all(len(codes) == len(set(codes)) for codes in lists.values())
    assert {name: len(codes) for name, codes in lists.items() if len(codes) > 11} == {
        "org_role": 18, "ethnic": 56, "barrier": 12, "month": 12, "need_topic": 25,
    }  # fmt: skip
    assert lists["sex"] == ["1", "2"]
    assert lists["ethnic"][:8] == ["01", "02", "03", "04", "05", "06", "07", "08"]
    assert lists["ethnic"][-2:] == ["55", "99"]
    assert lists["read_test"] == lists["write_test"] == ["0", "1", "2"]


def test_the_lists_from_files_are_asked_for_and_the_static_ones_lie_beside() -> None:
    assert {slot.name for slot in schema().media} == {
        "provinces.csv", "communes.csv", "villages.csv", "households.csv", "learners.csv",
    }  # fmt: skip
    media = {file.name: file.read_text(encoding="utf-8") for file in (FOLDER / "media").iterdir()}
    assert media == {
        "households.csv": "name,label,village_id,head_name,head_birth_year,members_n,learners_n,last_visit\n",
        "learners.csv": "name,label,household_id\n",
    }


def test_a_follow_up_visit_is_refused_until_there_is_a_household_to_visit() -> None:
    assert questions()["visit_kind"]["constraint"] == (
        ". != '2' or count(instance('households')/root/item[village_id=${village}]) > 0"
    )


def test_every_question_has_a_class_of_personal_data() -> None:
    assert {name for name, row in questions().items() if row["pii"] not in PII} == set()
    assert marked("pii", "direct") == {
        "username", "audit", "reporter_name", "reporter_phone", "household", "prev_head_name", "hh_uuid",
        "head_name", "m_name_in", "m_name", "learner_uuid", "learner_ref", "x_household_id", "gps", "photo",
        "remarks",
    }  # fmt: skip
    assert {
        "head_ethnic",
        "m_ethnic",
        "m_disability",
        "m_able_learn",
        "lit_status",
        "is_illit1",
        "hh_poverty",
    } <= (marked("pii", "sensitive"))
    assert {"m_birth_year", "m_sex", "village_code"} <= marked("pii", "indirect")


@pytest.mark.parametrize(
    ("role", "question"),
    [("place", "village_code"), ("date", "today"), ("household", "hh_uuid"), ("person", "learner_uuid")],
)
def test_each_role_has_its_question(role: str, question: str) -> None:
    assert marked("unit", role) == {question}


def test_our_marks_reach_the_questions_of_the_form() -> None:
    marks = read_extras(workbook(), schema()).marks
    assert marks["/g_id/village_code"].unit == "place"
    assert marks["/g_main/member/g_m1/m_name"].pii == "direct"
    assert len(marks) == 143 - 1  # the audit log lies in the meta group


def test_the_figures_are_expressions_over_this_form() -> None:
    figures = {row["code"]: row for row in workbook().rows("indicators")}
    assert list(figures) == [
        "households_surveyed",
        "illiterate_count_15_60",
        "illiterate_count_15_60_l2",
        "illiterate_women_share",
    ]
    repeats = {
        path.rsplit("/", 1)[1]: path for path, node in schema().by_path.items() if node.type == "repeat"
    }
    for row in figures.values():
        scope = Scope(schema(), repeats[row["table"]] if row["table"] else "")
        for column in ("where", "numerator", "denominator"):
            assert not row[column] or read_formula(row[column], scope).text
        reachable = {node.name for node in schema().questions if node.table in scope.tables}
        assert set(row["disaggregate"].split()) <= reachable
        assert row["direction"] in {"increase", "decrease", "monitor"}
        assert row["source"]
        assert row[f"definition::{VI}"]


def test_the_count_of_the_illiterate_is_by_sex_and_its_share_a_percentage() -> None:
    figures = {row["code"]: row for row in workbook().rows("indicators")}
    count, share = figures["illiterate_count_15_60"], figures["illiterate_women_share"]
    assert (count["table"], count["numerator"], count["disaggregate"], count["unit"]) == (
        "member", "${is_illit1} = 1", "m_sex", "người",
    )  # fmt: skip
    assert (share["numerator"], share["denominator"], share["factor"], share["unit"]) == (
        "${is_f_illit1} = 1", "${is_illit1} = 1", "100", "%",
    )  # fmt: skip
