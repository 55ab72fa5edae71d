"""Every survey: phones can read it, people can finish it, the server keeps what they said.

Why: a form with a dead end is found by a volunteer two hours' walk from the office, or here.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping

import pytest

from forms.validate import validate
from forms.workbook import PII, UNITS, read_extras
from storage.database import db
from tests.javarosa.engine import Filled, Wish, one_of
from tests.kept import looking
from tests.office import Office
from tests.phone import Phone, in_process
from tests.proofs.told import rows_told, table_faults
from tests.proofs.wholeness import Books
from tests.xlsforms.conftest import Load
from tests.xlsforms.surveys import EN, SURVEYS, VI, asked, converted, media, schema, workbook

WISHES: Mapping[str, Mapping[str, Wish]] = {
    "f01_hh_survey": {
        "visit_result": one_of("1", "1", "1", "2"),
        "consent": "1",
        "members_n": one_of(1, 2, 4),
    },
    # Ethnic groups that add up are a person's work: test_f02.
    "f02_village_count": {"eth_n_in": 1, "list_n": one_of(1, 2)},
    "f04_class_open": {"added_n": one_of(1, 2, 5)},
}
"""What chance alone would not answer as a person does."""
SEEDS = range(4)
UNSEEN = {"start", "end", "today", "deviceid", "username", "audit", "calculate", "csv-external", "hidden"}
STRUCTURE = re.compile(r"(begin|end)_(group|repeat)")
every_survey = pytest.mark.parametrize("form_id", SURVEYS)


def test_all_eleven_are_there() -> None:
    assert [form_id[:3] for form_id in SURVEYS] == [f"f{number:02}" for number in range(1, 12)]


@every_survey
def test_it_converts_without_a_warning(form_id: str) -> None:
    assert converted(form_id).warnings == ()


@pytest.mark.java
@every_survey
def test_the_checker_of_forms_accepts_it(form_id: str) -> None:
    assert validate(converted(form_id).xform, java=shutil.which("java") or "") == ()


@every_survey
def test_it_is_known_by_its_folder_and_a_version_by_day(form_id: str) -> None:
    (settings,) = workbook(form_id).rows("settings")
    assert (schema(form_id).form_id, schema(form_id).version) == (form_id, settings["version"])
    assert re.fullmatch(r"20[0-9]{8}", settings["version"])
    assert schema(form_id).languages == (VI, EN)
    assert settings["instance_name"]


@pytest.mark.java
@every_survey
@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_begins_it_can_finish_it(load: Load, form_id: str, seed: int) -> None:
    filled = load(form_id).fill(seed, answers=WISHES.get(form_id), blanks=0.3 if seed % 2 else 0)
    assert filled.screens
    assert filled.instance_name


@every_survey
@pytest.mark.parametrize("sheet", ["survey", "choices", "indicators"])
def test_what_is_said_in_one_language_is_said_in_the_other(form_id: str, sheet: str) -> None:
    columns = ("label", "hint", "required_message", "constraint_message", "media::audio", "definition")
    half = [
        (row.row, column)
        for row in workbook(form_id).rows(sheet)
        for column in columns
        if bool(row[f"{column}::{VI}"]) != bool(row[f"{column}::{EN}"])
    ]
    assert half == []


@every_survey
def test_whatever_a_person_sees_has_a_label_and_every_rule_its_sentence(form_id: str) -> None:
    for row in workbook(form_id).rows("survey"):
        seen = row["type"] not in UNSEEN and not row["type"].startswith("end_")
        assert bool(row[f"label::{VI}"]) == seen, row["name"]
        assert bool(row[f"constraint_message::{VI}"]) == bool(row["constraint"]), row["name"]
        assert bool(row[f"required_message::{VI}"]) == bool(row["required"]), row["name"]


@every_survey
def test_every_choice_has_a_label_and_no_code_twice(form_id: str) -> None:
    rows = workbook(form_id).rows("choices")
    assert all(row[f"label::{VI}"] for row in rows)
    assert [
        code for code, times in Counter((r["list_name"], r["name"]) for r in rows).items() if times > 1
    ] == []
    used = {row["type"].split()[1] for row in asked(form_id).values() if row["type"].startswith("select_")}
    assert {name for name in used if not name.endswith(".csv")} == {row["list_name"] for row in rows}


@every_survey
def test_the_ethnic_groups_have_their_official_codes(form_id: str) -> None:
    codes = [row for row in workbook(form_id).rows("choices") if row["list_name"] == "ethnic"]
    if codes:
        assert [row["name"] for row in codes] == [*(f"{number:02}" for number in range(1, 55)), "55", "99"]
        assert {row["code_2008"] for row in codes[:54]} == {f"{number:02}" for number in range(1, 55)}


@every_survey
def test_every_question_has_a_class_of_personal_data_and_the_form_its_roles(form_id: str) -> None:
    rows = asked(form_id)
    assert {name for name, row in rows.items() if row["pii"] not in PII} == set()
    roles = Counter(row["unit"] for row in rows.values() if row["unit"])
    assert set(roles) <= set(UNITS)
    assert set(roles.values()) == {1}
    assert "place" in roles
    assert roles.keys() & {"date", "period"}
    marks = read_extras(workbook(form_id), schema(form_id)).marks
    assert sorted(mark.unit for mark in marks.values() if mark.unit) == sorted(roles)


@every_survey
def test_every_form_tells_when_who_and_how_it_was_filled(form_id: str) -> None:
    rows = asked(form_id)
    assert {"start", "end", "today", "deviceid", "username", "audit"} <= set(rows)
    assert rows["audit"]["parameters"] == "track-changes=true"


@every_survey
def test_a_list_of_one_is_not_asked_for(form_id: str) -> None:
    for name in ("province", "commune", "village"):
        row = asked(form_id).get(name)
        if row is not None and row["type"].startswith("select_one_from_file") and row["required"]:
            assert row["default"].startswith("if(count("), name


def sent(office: Office, load: Load, form_id: str, seed: int) -> Filled:
    """A survey published, filled and sent, as a phone does it."""
    office.publish(converted(form_id).xform, filename=f"{form_id}.xml", media=media(form_id))
    phone = Phone("http://server" + office.phone().path, session=in_process(office.app))
    survey = phone.sync()[form_id]
    filled = load(form_id).fill(seed, answers=WISHES.get(form_id))
    phone.send(filled.xml, filled.attachments(), title=survey.title)
    return filled


@pytest.mark.java
@every_survey
def test_what_was_answered_is_what_the_server_has(office: Office, load: Load, form_id: str) -> None:
    filled = sent(office, load, form_id, 3)
    with looking(office) as session:
        books = Books(session, office.parts.blobs, form_id)
        assert list(table_faults(rows_told(filled), books.answers(filled.instance_id))) == []
        db.session.remove()
