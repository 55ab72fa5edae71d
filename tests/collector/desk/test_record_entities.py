"""What the desk says of the entities a record brought."""

from __future__ import annotations

import pytest

from storage.database import transaction
from storage.entities.lists import list_by_name, set_approval
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.office import Office
from tests.registers import (
    HOMES,
    PEOPLE,
    REGISTER,
    VISIT,
    Said,
    creation,
    entity,
    new_uuid,
    register,
    update,
    visit,
)


def told(office: Office, xml: bytes, instance_id: str, form: str = VISIT) -> list[str]:
    """What there is to look at on the page of a record that was just sent."""
    volunteer = Volunteer(office, form=office.publish(form))
    volunteer.send(xml)
    page = Reader(office).page(f"/surveys/{volunteer.form.xml_form_id}/submissions/{instance_id}")
    return page.texts("//section[@aria-labelledby='findings']//li")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (creation(new_uuid(), "A"), []),
        (creation("x", "A"), ["left as they are", "“x” cannot be used"]),
        (update(new_uuid(), 1, branch=new_uuid()), ["has not arrived yet"]),
        (Said(new_uuid(), create="1", label="A", dataset="no"), ["left as they are", "no entity list “no”"]),
    ],
)
def test_a_record_says_what_became_of_its_entity(office: Office, said: Said, words: list[str]) -> None:
    sent = new_id()
    found = told(office, visit(said, sent, size="1"), sent)
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_a_record_names_each_entity_that_cannot_be(office: Office) -> None:
    sent = new_id()
    members: list[tuple[Said, dict[str, str]]] = [
        (creation(new_uuid(), "", PEOPLE), {}),
        (creation("y", "B", PEOPLE), {}),
    ]
    found = told(office, register(creation(new_uuid(), "A"), members, sent), sent, REGISTER)
    assert [line[:2] for line in found[1:]] == ["2.", "3."]
    assert "no label" in found[1]


def test_a_record_says_that_it_waits_for_approval(office: Office) -> None:
    office.publish(VISIT)
    with office.app.app_context(), transaction() as session:
        set_approval(session, list_by_name(session, 1, HOMES), required=True)
    sent = new_id()
    [line] = told(office, visit(creation(new_uuid(), "A"), sent), sent, VISIT.replace("| 1 |", "| 2 |"))
    assert "when the record is approved" in line


def test_an_approved_record_makes_what_waited_for_that(office: Office) -> None:
    office.publish(VISIT)
    with office.app.app_context(), transaction() as session:
        set_approval(session, list_by_name(session, 1, HOMES), required=True)
    sent, uuid = new_id(), new_uuid()
    told(office, visit(creation(uuid, "A"), sent), sent, VISIT.replace("| 1 |", "| 2 |"))
    reader = Reader(office)
    here = f"/surveys/visit/submissions/{sent}"
    rejected = reader.send(f"{here}/judge", {"state": "rejected", "reason": "Sai hộ"})
    assert "rejected" in rejected.texts("//p[@class='facts']/span")
    assert entity(office, uuid) is None
    approved = reader.send(f"{here}/judge", {"state": "approved"})
    assert "approved" in approved.texts("//p[@class='facts']/span")
    assert approved.texts("//section[@aria-labelledby='findings']//li") == []
    assert entity(office, uuid) is not None
    assert reader.post(f"{here}/judge", {"state": "splendid"}).status_code == 400
