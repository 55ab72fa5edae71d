"""What phones make of entities, as programs see it: the essence of cases 38 and 39 over HTTP.

All orders and races are in tests/collector/openrosa/test_entities*.py and tests/proofs/entity_race.py.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.collector.openrosa.sending import new_id
from tests.collector.openrosa.sheets import with_files
from tests.collector.v1.program import Program
from tests.office import GivenPhone, Office
from tests.phone_documents import read_manifest
from tests.phone_entities import read_integrity
from tests.registers import REGISTER, VISIT, Said, creation, new_uuid, register, update, visit

HOMES = "projects/1/datasets/homes"
PEOPLE = "projects/1/datasets/people"
VISITS = "projects/1/forms/visit/submissions"


@pytest.fixture(scope="module")
def phone(kept_office: Office) -> GivenPhone:
    """A phone of an office with two forms that make entities, and one that reads them."""
    kept_office.publish(VISIT)
    kept_office.publish(REGISTER)
    kept_office.publish(with_files("reading", "homes.csv"), filename="reading.xml")
    return kept_office.phone()


@pytest.fixture
def program(phone: GivenPhone, kept_program: Program) -> Program:
    """Its administrator."""
    assert phone.token
    return kept_program


@pytest.fixture
def send(kept_office: Office, phone: GivenPhone) -> Any:
    """Sends a filled form from that phone, or another; returns nothing, for it is always taken."""

    def post(xml: bytes, by: GivenPhone = phone) -> None:
        files = {"xml_submission_file": (io.BytesIO(xml), "a.xml", "text/xml")}
        headers = {"X-OpenRosa-Version": "1.0"}
        answer = kept_office.client().post(f"{by.path}/submission", data=files, headers=headers)
        assert answer.status_code == 201, answer.text

    return post


def visited(said: Said, **answers: str) -> bytes:
    return visit(said, new_id(), **answers)


def one(program: Program, number: str) -> Any:
    """An entity as programs see it."""
    return program.get(f"{HOMES}/entities/{number}")


def test_case_38_a_record_makes_an_entity_and_another_one_changes_it(program: Program, send: Any) -> None:
    number, sent = new_uuid(), new_id()
    send(visit(creation(number, "A"), sent, size="3", head="Lan"))
    send(visited(update(number, 1), size="4"))
    found = one(program, number)
    assert found["currentVersion"]["data"] == {"head": "Lan", "size": "4"}
    assert (found["currentVersion"]["version"], found["currentVersion"]["dataReceived"]) == (2, {"size": "4"})
    first, second = program.get(f"{HOMES}/entities/{number}/versions")
    assert first["source"]["submission"]["instanceId"] == sent
    assert first["source"]["submission"]["xmlFormId"] == "visit"
    assert (second["baseVersion"], second["conflict"], second["lastGoodVersion"]) == (1, None, True)


def test_case_38_an_upsert_makes_what_is_not_there(program: Program, send: Any) -> None:
    number = new_uuid()
    send(visited(Said(number, create="1", update="1", label="A"), size="1"))
    send(visited(Said(number, create="1", update="1", base=1, label="B"), size="2"))
    current = one(program, number)["currentVersion"]
    assert (current["version"], current["label"], current["data"]) == (2, "B", {"size": "2"})


def test_case_38_an_entity_that_cannot_be_costs_no_record(program: Program, send: Any) -> None:
    before = program.get(f"{HOMES}/entities")
    sent = new_id()
    send(visit(Said(new_uuid(), create="1", label=""), sent, size="1"))
    assert program.get(f"{VISITS}/{sent}")["instanceId"] == sent
    assert program.get(f"{HOMES}/entities") == before


def test_case_38_two_who_wrote_the_same_are_a_hard_conflict_until_somebody_settles_it(
    program: Program, send: Any
) -> None:
    number = new_uuid()
    for said in (creation(number, "A"), update(number, 1)):
        send(visited(said, size="1"))
    send(visited(update(number, 1), head="Mai"))
    assert one(program, number)["conflict"] == "soft"
    send(visited(update(number, 1), head="Lan"))
    found = one(program, number)
    assert (found["conflict"], found["currentVersion"]["conflictingProperties"]) == ("hard", ["head"])
    path = f"{HOMES}/entities/{number}"
    told = program.get(f"{path}/versions?relevantToConflict=true")
    assert [(version["version"], version["conflict"]) for version in told] == [
        (1, None),
        (2, None),
        (3, "soft"),
        (4, "hard"),
    ]
    assert [version["lastGoodVersion"] for version in told] == [False, True, False, False]
    [listed] = [of for of in program.get("projects/1/datasets", headers=_EXTENDED) if of["name"] == "homes"]
    assert listed["conflicts"] >= 1
    assert program.refused("PATCH", f"{path}?resolve=true&baseVersion=3") == (409, 409.15)
    settled = program.patch(f"{path}?resolve=true&baseVersion=4")
    assert (settled["conflict"], settled["currentVersion"]["version"]) == (None, 4)
    assert program.get(f"{path}/versions?relevantToConflict=true") == []
    assert [version["resolved"] for version in program.get(f"{path}/versions")] == [False, False, True, True]
    send(visited(update(number, 1), head="Hoa"))
    written = program.patch(f"{path}?resolve=true&force=true", json={"data": {"head": "Lan"}})
    assert (written["conflict"], written["currentVersion"]["version"]) == (None, 6)


_EXTENDED = {"X-Extended-Metadata": "true"}


def test_case_38_a_list_that_asks_for_approval_gets_its_entities_then(program: Program, send: Any) -> None:
    assert program.patch(HOMES, json={"approvalRequired": True})["approvalRequired"]
    approved, waiting, sent = new_uuid(), new_uuid(), new_id()
    send(visit(creation(approved), sent, size="1"))
    send(visited(creation(waiting), size="1"))
    for number in (approved, waiting):
        assert program.refused("GET", f"{HOMES}/entities/{number}") == (404, 404.1)
    assert program.ask("PATCH", f"{VISITS}/{sent}", json={"reviewState": "approved"}).status_code == 200
    assert one(program, approved)["currentVersion"]["version"] == 1
    assert program.refused("PATCH", HOMES, json={"approvalRequired": False}) == (400, 400.29)
    assert program.refused("PATCH", f"{HOMES}?convert=perhaps", json={}) == (400, 400.8)
    told = program.patch(f"{HOMES}?convert=true", json={"approvalRequired": False})
    assert not told["approvalRequired"]
    assert one(program, waiting)["currentVersion"]["version"] == 1


def test_case_38_a_household_and_its_people_are_made_of_one_record(program: Program, send: Any) -> None:
    home, people = new_uuid(), [new_uuid(), new_uuid()]
    several = [(creation(number, number[:4], "people"), {"full_name": number[:4]}) for number in people]
    send(register(creation(home), several, new_id(), size="2"))
    made = {entity["uuid"] for entity in program.get(f"{PEOPLE}/entities")}
    assert set(people) <= made
    [writer] = program.get(PEOPLE)["sourceForms"]
    assert (writer["xmlFormId"], writer["repeatPath"]) == ("register", "/member/")


def test_case_39_what_came_in_any_order_ends_the_same(program: Program, send: Any) -> None:
    number, branch = new_uuid(), new_uuid()
    steps = [visited(update(number, base, branch=branch), size=str(base)) for base in (1, 2)]
    for step in reversed(steps):
        send(step)
    assert program.refused("GET", f"{HOMES}/entities/{number}") == (404, 404.1)
    send(visited(creation(number), size="0"))
    found = one(program, number)
    assert (found["conflict"], found["currentVersion"]["version"]) == (None, 3)
    assert found["currentVersion"]["data"]["size"] == "2"
    assert (found["currentVersion"]["branchId"], found["currentVersion"]["branchBaseVersion"]) == (branch, 2)


def test_case_39_a_branch_somebody_wrote_into_is_a_soft_conflict(program: Program, send: Any) -> None:
    number, branch = new_uuid(), new_uuid()
    send(visited(creation(number), size="0"))
    send(visited(update(number, 1, trunk=1, branch=branch), size="1"))
    program.ask("PATCH", f"{HOMES}/entities/{number}?force=true", json={"data": {"head": "Lan"}})
    send(visited(update(number, 2, trunk=1, branch=branch), size="2"))
    found = one(program, number)
    assert (found["conflict"], found["currentVersion"]["trunkVersion"]) == ("soft", 1)


def test_case_39_phones_learn_what_is_gone_and_that_a_list_changed(
    kept_office: Office, phone: GivenPhone, program: Program, send: Any
) -> None:
    number = new_uuid()
    send(visited(creation(number), size="0"))
    seen = [_hash(kept_office, phone)]
    program.ask("PATCH", f"{HOMES}/entities/{number}?force=true", json={"label": "B"})
    seen.append(_hash(kept_office, phone))
    program.ask("DELETE", f"{HOMES}/entities/{number}")
    seen.append(_hash(kept_office, phone))
    assert len(set(seen)) == 3
    assert _gone(kept_office, phone, number, new_uuid()) == {number: True}
    program.post(f"{HOMES}/entities/{number}/restore")
    assert _gone(kept_office, phone, number) == {number: False}


def test_case_39_of_a_list_of_ones_own_a_phone_sees_what_it_made(
    kept_office: Office, phone: GivenPhone, program: Program, send: Any
) -> None:
    other, mine, theirs = kept_office.phone("Máy khác"), new_uuid(), new_uuid()
    send(visited(creation(mine), size="1"))
    send(visited(creation(theirs), size="1"), other)
    before = _hash(kept_office, phone)
    assert before == _hash(kept_office, other)
    program.ask("PATCH", HOMES, json={"ownerOnly": True})
    try:
        assert len({before, _hash(kept_office, phone), _hash(kept_office, other)}) == 3
        assert mine in _names(kept_office, phone)
        assert theirs not in _names(kept_office, phone)
        assert _names(kept_office, other) == {theirs}
        assert _gone(kept_office, other, mine, theirs) == {mine: True, theirs: False}
        # Who runs the list sees all of it.
        assert {mine, theirs} <= {entity["uuid"] for entity in program.get(f"{HOMES}/entities")}
        file = program.ask("GET", "projects/1/forms/reading/attachments/homes.csv")
        assert {mine, theirs} <= _in(file)
    finally:
        program.ask("PATCH", HOMES, json={"ownerOnly": False})


def _hash(office: Office, given: GivenPhone) -> str:
    answer = office.client().get(f"{given.path}/forms/reading/manifest")
    [file] = read_manifest(answer.data)
    return file.hash


def _names(office: Office, given: GivenPhone) -> set[str]:
    path = f"{given.path}/forms/reading/attachments/homes.csv"
    return _in(office.client().get(path, buffered=True))


def _in(answer: TestResponse) -> set[str]:
    return {row["name"] for row in csv.DictReader(io.StringIO(answer.data.decode()))}


def _gone(office: Office, given: GivenPhone, *numbers: str) -> dict[str, bool]:
    answer = office.client().get(f"{given.path}/datasets/homes/integrity?id={','.join(numbers)}")
    return dict(read_integrity(answer.data))
