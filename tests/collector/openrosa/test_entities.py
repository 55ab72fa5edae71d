"""Submissions that make and change entities: OR-83, 84, 90, 92, 93, 94, and what becomes of edits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from collector.actions import publish as publishing
from collector.actions.entities import Settling
from collector.actions.review import set_review_state
from forms.problems import EntitiesUnusable
from storage.database import db, transaction
from storage.entities.lists import list_by_name, lists_of, property_names, set_approval, writing_forms
from storage.models import Place, Submission
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.kept import looking, record, rows
from tests.office import NOW, Office
from tests.registers import (
    HOMES,
    PEOPLE,
    REGISTER,
    VISIT,
    Said,
    creation,
    entity,
    history,
    known,
    new_uuid,
    outcome,
    register,
    stamps,
    update,
    visit,
)

MA, NA = "Bản Mạ", "Bản Nà"


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody who visits households, in two villages of one commune and one of another."""
    return settled(office)


@pytest.fixture(scope="module")
def kept_volunteer(kept_office: Office) -> Volunteer:
    """The same one for several tests."""
    return settled(kept_office)


def settled(office: Office) -> Volunteer:
    with office.app.app_context(), transaction() as session:
        session.add_all([
            Place(code="08", level="province", name="Tuyên Quang"),
            Place(code="00700", level="commune", name="Xã Một", parent_code="08"),
            Place(code="00701", level="commune", name="Xã Hai", parent_code="08"),
        ])
        session.flush()
        session.add_all([
            Place(code="00700-001", level="village", name=MA, parent_code="00700", uuid=VILLAGE),
            Place(code="00700-002", level="village", name=NA, parent_code="00700"),
            Place(code="00701-001", level="village", name="Bản Xa", parent_code="00701"),
        ])
    return Volunteer(office, form=office.publish(VISIT))


VILLAGE = "9d2b2f3c-5e0b-4b7e-8a8e-2f6f3a1c7d10"


def send(volunteer: Volunteer, said: Said, **answers: str) -> str:
    """Send a visit; returns its instance id."""
    number = new_id()
    assert volunteer.send(visit(said, number, **answers)).status == 201
    return number


# What a form may declare ------------------------------------------------------------------------------


def with_version(version: str) -> bytes:
    prepared = publishing.prepare(publishing.Definition(VISIT.encode(), "visit.md"), check=False)
    return prepared.xform.replace(b'entities-version="2024.1.0"', f'entities-version="{version}"'.encode())


@pytest.mark.parametrize("version", ["2022.1.0", "2023.1.0", "2024.1.0", "2025.1.0", "2024.1", "2025.1.3"])
def test_or_83_the_versions_phones_open_are_accepted(office: Office, version: str) -> None:
    office.publish(with_version(version), filename="visit.xml")
    with looking(office) as session:
        assert property_names(session, list_by_name(session, 1, HOMES).id) == [
            "head",
            "village_code",
            "size",
        ]


@pytest.mark.parametrize("version", ["2026.1.0", "2025.2.0", "2021.1.0", "2024", "x", ""])
def test_or_83_a_version_phones_do_not_open_is_refused_at_upload(version: str) -> None:
    with pytest.raises(EntitiesUnusable, match="version"):
        publishing.prepare(publishing.Definition(with_version(version), "visit.xml"), check=False)


def test_a_draft_makes_no_list_and_a_published_form_does(office: Office) -> None:
    form = office.draft(REGISTER)
    with looking(office) as session:
        assert lists_of(session, 1) == []
    with office.app.app_context(), transaction() as session:
        publishing.publish(session, session.merge(form), office.author)
    with looking(office) as session:
        assert [one.name for one in lists_of(session, 1)] == [HOMES, PEOPLE]
        where = list_by_name(session, 1, PEOPLE)
        assert property_names(session, where.id) == ["full_name", "born"]
        assert [form.xml_form_id for form, _version in writing_forms(session, where.id)] == ["register"]


def test_a_list_that_differs_in_capitals_is_refused(office: Office) -> None:
    office.publish(VISIT)
    with pytest.raises(Exception, match="capital letters"):
        office.publish(VISIT.replace("| visit |", "| other |").replace("| homes |", "| Homes |"))


# Creation ---------------------------------------------------------------------------------------------


def test_or_84_a_creation_makes_version_one(volunteer: Volunteer) -> None:
    number = new_uuid()
    sent = send(volunteer, creation(f"uuid:{number.upper()}", "Bà Mùa"), head="Mùa", size="")
    found = known(volunteer.office, number)
    assert (found.version, found.label, found.data) == (1, "Bà Mùa", {"head": "Mùa", "size": ""})
    assert found.conflict is None
    assert outcome(volunteer.office, sent) == ("done", None)
    [first] = history(volunteer.office, number)
    assert (first.base_version, first.branch_id) == (None, None)
    assert first.received == {"head": "Mùa", "size": "", "label": "Bà Mùa"}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (Said("9d2b2f3c-5e0b-1b7e-8a8e-2f6f3a1c7d10", create="1", label="A"), "EntityIdUnusable"),
        (Said("home 1", create="1", label="A"), "EntityIdUnusable"),
        (Said("", create="1", label="A"), "EntityIdUnusable"),
        (Said(VILLAGE, create="1", label="  "), "EntityLabelMissing"),
        (Said(VILLAGE, create="1"), "EntityLabelMissing"),
        (Said(VILLAGE, create="1", label="A", dataset="nobody"), "EntityListNotFound"),
        (Said(VILLAGE, update="1", base=1), "EntityNotFound"),
        (Said(VILLAGE, update="true"), "EntityBaseVersionMissing"),
        (Said(VILLAGE, update="1", base="one"), "EntityNumberUnusable"),
        (Said(VILLAGE, update="1", base=1, trunk=1), "EntityBranchMissing"),
        (Said(VILLAGE, update="1", base=1, branch="x"), "EntityIdUnusable"),
    ],
)
def test_or_84_an_entity_that_cannot_be_is_noted_and_the_submission_is_kept(
    kept_volunteer: Volunteer, said: Said, problem: str
) -> None:
    office, form = kept_volunteer.office, kept_volunteer.form
    before = len(rows(office, form))
    sent = send(kept_volunteer, said, head="A")
    assert outcome(office, sent) == ("failed", problem)
    assert entity(office, VILLAGE) is None
    assert len(rows(office, form)) == before + 1


def test_an_entity_that_is_neither_created_nor_updated_is_left_alone(volunteer: Volunteer) -> None:
    for said in (Said(VILLAGE, label="A"), Said(VILLAGE, create="0", update="false", label="A")):
        assert outcome(volunteer.office, send(volunteer, said)) == ("done", None)
    assert entity(volunteer.office, VILLAGE) is None


def test_an_id_is_used_once(volunteer: Volunteer) -> None:
    number = new_uuid()
    send(volunteer, creation(number, "A"))
    assert outcome(volunteer.office, send(volunteer, creation(number, "B"))) == ("failed", "EntityExists")
    assert known(volunteer.office, number).label == "A"


def test_a_submission_sent_twice_or_eight_times_at_once_makes_its_entity_once(volunteer: Volunteer) -> None:
    number, sent = new_uuid(), new_id()
    xml = visit(creation(number, "A"), sent)
    with ThreadPoolExecutor(8) as pool:
        statuses = {answer.status_code for answer in pool.map(volunteer.post, [xml] * 8)}
    assert statuses == {201}
    volunteer.send(xml)
    assert known(volunteer.office, number).version == 1
    assert outcome(volunteer.office, sent) == ("done", None)


def test_an_edit_makes_no_entity_again_unless_the_first_one_failed(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    first, second = new_id(), new_id()
    volunteer.send(visit(creation(number, "A"), first, size="1"))
    volunteer.send(visit(creation(number, "B"), second, replaces=first, size="2"))
    assert known(office, number).data == {"size": "1"}
    assert outcome(office, first) == ("done", None)
    wrong, mended, other = new_id(), new_id(), new_uuid()
    volunteer.send(visit(creation(other, ""), wrong, size="1"))
    assert outcome(office, wrong) == ("failed", "EntityLabelMissing")
    volunteer.send(visit(creation(other, "C"), mended, replaces=wrong, size="2"))
    assert outcome(office, wrong) == ("done", None)
    assert (known(office, other).label, known(office, other).data) == ("C", {"size": "2"})


def test_a_draft_makes_no_entity(office: Office) -> None:
    office.publish(VISIT)
    draft = office.draft(VISIT.replace("| visit | 1 |", "| visit | 2 |"))
    token = office.draft_token(draft)
    volunteer = Volunteer(office, form=draft)
    volunteer.path = f"/v1/test/{token}/projects/1/forms/visit/draft/submission"
    number = new_uuid()
    assert volunteer.post(visit(creation(number, "A"), new_id())).status_code == 201
    assert entity(office, number) is None


# Update and upsert ------------------------------------------------------------------------------------


def test_what_was_not_asked_stays_and_what_was_left_blank_becomes_empty(volunteer: Volunteer) -> None:
    number = new_uuid()
    send(volunteer, creation(number, "A"), head="Mùa", size="4")
    send(volunteer, update(number, 1), size="")
    found = known(volunteer.office, number)
    assert (found.version, found.label, found.data) == (2, "A", {"head": "Mùa", "size": ""})
    send(volunteer, update(number, 2, label="B"))
    assert (known(volunteer.office, number).label, known(volunteer.office, number).conflict) == ("B", None)


@pytest.mark.parametrize(
    ("second", "conflict", "names"),
    [
        ({"size": "5"}, "hard", ["size"]),
        ({"size": "4"}, "soft", []),
        ({"head": "Sùng"}, "soft", []),
        ({"head": "Sùng", "size": "6"}, "hard", ["size"]),
    ],
)
def test_or_90_two_phones_change_one_entity_offline(
    volunteer: Volunteer, second: dict[str, str], conflict: str, names: list[str]
) -> None:
    office, number = volunteer.office, new_uuid()
    send(volunteer, creation(number, "A"), head="Mùa", size="3")
    send(volunteer, update(number, 1, trunk=1, branch=new_uuid()), size="4")
    assert known(office, number).conflict is None
    send(volunteer, update(number, 1, trunk=1, branch=new_uuid()), **second)
    found = known(office, number)
    assert (found.version, found.conflict) == (3, conflict)
    assert found.data == {"head": "Mùa", "size": "4"} | second
    last = history(office, number)[-1]
    assert (last.base_version, last.conflict, last.conflicting) == (1, conflict, names)


def test_or_90_labels_conflict_too_and_a_hard_conflict_is_not_made_soft(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    send(volunteer, creation(number, "A"))
    send(volunteer, update(number, 1, label="B"))
    send(volunteer, update(number, 1, label="C"), size="1")
    assert history(office, number)[-1].conflicting == ["label"]
    send(volunteer, update(number, 2), head="H")
    assert known(office, number).conflict == "hard"
    assert [one.conflict for one in history(office, number)] == [None, None, "hard", "soft"]


def test_or_90_eight_phones_at_once_each_add_one_version(volunteer: Volunteer) -> None:
    number = new_uuid()
    send(volunteer, creation(number, "A"), size="0")
    visits = [
        visit(update(number, 1, trunk=1, branch=new_uuid()), new_id(), size=str(size)) for size in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(volunteer.post, visits)} == {201}
    assert known(volunteer.office, number).version == 9
    assert [one.version for one in history(volunteer.office, number)] == list(range(1, 10))


def test_an_update_rests_on_a_version_there_is(volunteer: Volunteer) -> None:
    number = new_uuid()
    send(volunteer, creation(number, "A"))
    assert outcome(volunteer.office, send(volunteer, update(number, 7))) == (
        "failed",
        "EntityVersionNotFound",
    )
    ahead = update(number, 3, trunk=3, branch=new_uuid())
    assert outcome(volunteer.office, send(volunteer, ahead)) == ("failed", "EntityVersionNotFound")


@pytest.mark.parametrize("base", ["", 1])
def test_or_92_an_upsert_of_an_unknown_entity_creates_it(volunteer: Volunteer, base: str | int) -> None:
    number = new_uuid()
    said = Said(number, create="1", update="1", base=base, label="A")
    assert outcome(volunteer.office, send(volunteer, said, size="1")) == ("done", None)
    assert (known(volunteer.office, number).version, known(volunteer.office, number).label) == (1, "A")


def test_or_92_an_upsert_of_a_known_entity_changes_it(volunteer: Volunteer) -> None:
    number = new_uuid()
    send(volunteer, creation(number, "A"), size="1", head="H")
    said = Said(number, create="1", update="1", base=1, label="")
    send(volunteer, said, size="2")
    found = known(volunteer.office, number)
    assert (found.version, found.label, found.data) == (2, "A", {"size": "2", "head": "H"})


# Repeats, several lists -------------------------------------------------------------------------------


@pytest.fixture
def registrar(office: Office) -> Volunteer:
    """Somebody whose form keeps two lists, one from a repeat."""
    return Volunteer(office, form=office.publish(REGISTER))


def test_or_93_a_household_and_its_members_are_made_together(registrar: Volunteer) -> None:
    office, home, sent = registrar.office, new_uuid(), new_id()
    numbers = [new_uuid() for _ in range(3)]
    members = [
        (creation(one, f"Người {n}", PEOPLE), {"full_name": f"Người {n}", "born": str(1980 + n)})
        for n, one in enumerate(numbers)
    ]
    registrar.send(register(creation(home, "Nhà"), members, sent, head="Mùa", size="3"))
    assert outcome(office, sent) == ("done", None)
    assert known(office, home).data == {"head": "Mùa", "size": "3"}
    assert [known(office, one, PEOPLE).data["born"] for one in numbers] == ["1980", "1981", "1982"]


def test_or_93_of_one_bad_member_nobody_is_made(registrar: Volunteer) -> None:
    office, home, good, sent = registrar.office, new_uuid(), new_uuid(), new_id()
    members = [
        (creation(good, "Tốt", PEOPLE), {"full_name": "Tốt"}),
        (creation(new_uuid(), "", PEOPLE), {"full_name": ""}),
        (creation("x", "Sai", PEOPLE), {"full_name": "Sai"}),
    ]
    registrar.send(register(creation(home, "Nhà"), members, sent, head="Mùa"))
    assert outcome(office, sent) == ("failed", "SeveralEntitiesFailed")
    assert entity(office, home) is None
    assert entity(office, good, PEOPLE) is None
    with looking(office) as session:
        found = session.scalars(select(Submission).where(Submission.instance_id == sent)).one()
        assert found.deleted_at is None
    assert len(rows(office, registrar.form, "/member")) == 3
    assert stamps(office) == {}


# Approval ---------------------------------------------------------------------------------------------


def test_or_94_a_list_with_approval_takes_new_entities_when_the_record_is_approved(
    volunteer: Volunteer,
) -> None:
    office, number = volunteer.office, new_uuid()
    with office.app.app_context(), transaction() as session:
        set_approval(session, list_by_name(session, 1, HOMES), required=True)
    sent = send(volunteer, creation(number, "A"), size="1")
    assert outcome(office, sent) == ("pending", None)
    assert entity(office, number) is None
    review(office, sent, "hasIssues")
    assert entity(office, number) is None
    review(office, sent, "approved")
    assert (known(office, number).version, outcome(office, sent)) == (1, ("done", None))
    review(office, sent, "approved")
    assert known(office, number).version == 1
    # What is there already is changed without asking.
    send(volunteer, update(number, 1), size="2")
    assert known(office, number).version == 2


def test_or_94_approval_looks_at_the_corrected_answers(volunteer: Volunteer) -> None:
    office, number, first = volunteer.office, new_uuid(), new_id()
    with office.app.app_context(), transaction() as session:
        set_approval(session, list_by_name(session, 1, HOMES), required=True)
    volunteer.send(visit(creation(number, "A"), first, size="1"))
    volunteer.send(visit(creation(number, "B"), new_id(), replaces=first, size="2"))
    assert entity(office, number) is None
    review(office, first, "approved")
    assert (known(office, number).label, known(office, number).data) == ("B", {"size": "2"})


def test_or_94_when_a_list_asks_for_approval_no_more_what_waits_is_made(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    with office.app.app_context(), transaction() as session:
        set_approval(session, list_by_name(session, 1, HOMES), required=True)
    send(volunteer, creation(number, "A"))
    with office.app.app_context():
        with transaction() as session:
            set_approval(session, list_by_name(session, 1, HOMES), required=False)
        assert settling(office).settle_pending(1, NOW) == 1
    assert known(office, number).version == 1


def settling(office: Office) -> Settling:
    """The part that applies entities."""
    return Settling(office.parts.blobs, office.parts.shelf)


def review(office: Office, instance_id: str, state: str) -> None:
    """Somebody at the office judges a record."""
    with office.app.app_context():
        set_review_state(settling(office), record(office, instance_id).id, state, now=NOW)
        db.session.remove()
