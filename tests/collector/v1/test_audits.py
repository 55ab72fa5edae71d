"""What was done can be read, and cannot be changed unnoticed; what was deleted long ago is gone for good."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from collector.actions import auditing
from collector.actions.doctor import chain
from collector.actions.purging import purge
from collector.clock import moment
from storage.auditing import sealing
from storage.auditing.actions import ALL
from storage.audits import acting
from storage.database import db
from storage.models import Audit, Blob, SubmissionVersion
from tests.collector.v1.program import EXTENDED, Program, filled, simple
from tests.office import GivenPhone, Office


def form_of(office: Office, name: str) -> str:
    """Publish a form of its own for a test; the path of its records."""
    office.publish(simple().replace(b'id="simple"', f'id="{name}"'.encode()), filename="simple.xml")
    return f"projects/1/forms/{name}/submissions"


def sent(office: Office, phone: GivenPhone, name: str, instance_id: str, **files: bytes) -> int:
    """A phone sends a record; the status."""
    parts: dict[str, Any] = {one: (io.BytesIO(data), f"{one}.jpg") for one, data in files.items()}
    body = filled(instance_id, "Lan", 30).replace(b'id="simple"', f'id="{name}"'.encode())
    parts["xml_submission_file"] = (io.BytesIO(body), "s.xml")
    answer = office.client().post(
        f"{phone.path}/submission", data=parts, headers={"X-OpenRosa-Version": "1.0"}
    )
    return answer.status_code


@pytest.fixture(scope="module")
def phone(kept_office: Office) -> GivenPhone:
    """A phone for every form."""
    return kept_office.phone()


def of_form(program: Program, form: str, **headers: str) -> list[Any]:
    """The audits of one form, oldest first."""
    number = program.get(f"projects/1/forms/{form}", headers=EXTENDED)["xmlFormId"]
    return [
        one
        for one in reversed(program.get("audits", headers=EXTENDED | headers))
        if one["actee"] and one["actee"].get("xmlFormId") == number
    ]


def test_case_40_each_mutation_leaves_one_audit_with_who_what_and_why(
    kept_office: Office, kept_program: Program, phone: GivenPhone
) -> None:
    records = form_of(kept_office, "kept")
    assert sent(kept_office, phone, "kept", "uuid:k1") == 201
    assert sent(kept_office, phone, "kept", "uuid:k1") == 201
    why = {"X-Action-Notes": "sai%20x%C3%A3"}
    kept_program.ask("PATCH", f"{records}/uuid:k1", json={"reviewState": "hasIssues"}, headers=why)
    kept_program.ask("DELETE", f"{records}/uuid:k1")
    kept_program.ask("POST", f"{records}/uuid:k1/restore")
    found = of_form(kept_program, "kept")
    assert [one["action"] for one in found] == [
        "form.create",
        "form.update.publish",
        "submission.create",
        "submission.update",
        "submission.delete",
        "submission.restore",
    ]
    made, reviewed = found[2], found[3]
    assert made["actorId"] == made["actor"]["id"] == phone.actor_id
    assert made["details"]["instanceId"] == "uuid:k1"
    assert (reviewed["notes"], reviewed["details"]["reviewState"]) == ("sai xã", "hasIssues")
    assert reviewed["actor"]["displayName"] == "admin"
    assert {one["notes"] for one in found if one is not reviewed} == {None}
    assert set(made) - {"actor", "actee"} == {
        "actorId",
        "action",
        "acteeId",
        "details",
        "notes",
        "loggedAt",
    }


def test_case_40_a_failed_request_leaves_no_audit(kept_program: Program) -> None:
    before = len(kept_program.get("audits"))
    assert kept_program.ask("DELETE", "projects/1/forms/none").status_code == 404
    assert kept_program.ask("POST", "projects", json={}).status_code == 400
    assert len(kept_program.get("audits")) == before


def test_case_40_categories_and_moments_cut_the_list(
    kept_office: Office, kept_program: Program, phone: GivenPhone
) -> None:
    form_of(kept_office, "cut")
    for number in range(3):
        sent(kept_office, phone, "cut", f"uuid:c{number}")

    def actions(query: str) -> list[str]:
        return [one["action"] for one in kept_program.get(f"audits?{query}")]

    every = kept_program.get("audits")
    assert [one["loggedAt"] for one in every] == sorted((one["loggedAt"] for one in every), reverse=True)
    assert set(actions("action=submission.create")) == {"submission.create"}
    assert all(one.startswith("form.") for one in actions("action=form"))
    assert "submission.create" not in actions("action=nonverbose")
    assert "form.create" in actions("action=nonverbose")
    assert actions("action=nothing") == []
    assert [one["action"] for one in every][1:3] == actions("limit=2&offset=1")
    last, first = every[0]["loggedAt"], every[-1]["loggedAt"]
    assert last not in {one["loggedAt"] for one in kept_program.get(f"audits?end={last}")}
    assert last in {one["loggedAt"] for one in kept_program.get(f"audits?start={last}")}
    assert kept_program.get(f"audits?end={first}") == []
    for none in ("start=yesterday", "start=0001-01-01T00:00%2B01:00", "end=9999-12-31T23:59-01:00"):
        assert kept_program.refused("GET", f"audits?{none}") == (400, 400.11)
    ours = kept_program.get("audits?action=submission.create&limit=2&offset=1")
    assert ours == kept_program.get("audits?action=submission.create")[1:3]


def test_long_lists_come_in_pages(kept_program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kept_program.get("audits"), kept_program.get("audits?action=nonverbose")
    monkeypatch.setattr("storage.queries.audits._PAGE", 3)
    assert (kept_program.get("audits"), kept_program.get("audits?action=nonverbose")) == whole


def test_a_record_is_derived_once_whoever_asks(
    kept_office: Office, kept_program: Program, phone: GivenPhone
) -> None:
    form_of(kept_office, "once")
    for number in range(4):
        sent(kept_office, phone, "once", f"uuid:o{number}")
    with kept_office.app.app_context():
        later = moment() + timedelta(seconds=30)
        for at in (moment(), later, later + timedelta(seconds=30), later + timedelta(seconds=60)):
            auditing.keep_up(at)
    found = [one["details"]["instanceId"] for one in kept_program.get("audits?action=submission.create")]
    assert sorted(one for one in found if one.startswith("uuid:o")) == [f"uuid:o{one}" for one in range(4)]


def test_every_action_that_was_noted_has_a_name(kept_program: Program) -> None:
    noted = {one["action"] for one in kept_program.get("audits")}
    assert noted - set(ALL) == set()


# The chain -----------------------------------------------------------------------------------------


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """As somebody works who holds the database: past what refuses changes. All is undone afterwards."""
    if session.connection().dialect.name == "sqlite":
        for name in ("audits_last", "audits_stay", "audit_seals_last", "audit_seals_stay"):
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        session.execute(text("ALTER TABLE audits DISABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE audit_seals DISABLE TRIGGER USER"))
    try:
        yield
    finally:
        session.rollback()


@pytest.fixture
def sealed(kept_office: Office) -> Iterator[Session]:
    """A database with a chain of some length."""
    kept_office.phone("Máy 1")
    kept_office.phone("Máy 2")
    with kept_office.app.app_context():
        auditing.keep_up(moment())
        yield db.session()


def _at(session: Session, position: int) -> int:
    found = session.execute(text("SELECT audit_id FROM audit_seals WHERE position = :at"), {"at": position})
    return int(found.scalar_one())


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audits SET actor_id = NULL, action = 'user.update' WHERE id = :id",
        "UPDATE audits SET details = '{}' WHERE id = :id",
        "UPDATE audits SET logged_at = '2020-01-01 00:00:00' WHERE id = :id",
        "DELETE FROM audits WHERE id = :id",
        "DELETE FROM audit_seals WHERE audit_id = :id",
        "UPDATE audit_seals SET hash = 'x' WHERE audit_id = :id",
    ],
)
def test_tampering_is_found_where_it_was_done(sealed: Session, tampering: str) -> None:
    assert sealing.look_through(sealed).broken is None
    with unguarded(sealed):
        sealed.execute(text(tampering), {"id": _at(sealed, 3)})
        broken = sealing.look_through(sealed).broken
        assert broken is not None
        assert broken.position == 3
        told = chain(sealed)
        assert "position 3" in told.told
        assert told.do is not None


def test_what_was_slipped_in_is_found(sealed: Session) -> None:
    with unguarded(sealed):
        sealed.execute(
            text("INSERT INTO audits (action, logged_at) VALUES ('user.update', '2026-01-01 00:00:00')")
        )
        sealed.execute(text("DELETE FROM audit_waiting"))
        assert sealing.look_through(sealed).outside == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audits SET action = 'x'",
        "UPDATE audits SET notes = 'other words'",
        "DELETE FROM audits",
        "UPDATE audit_seals SET hash = 'x'",
        "DELETE FROM audit_seals",
    ],
)
def test_the_database_refuses_to_rewrite(sealed: Session, statement: str) -> None:
    with pytest.raises(DBAPIError):
        sealed.execute(text(statement))
    sealed.rollback()


def test_notes_may_be_taken_away_and_the_chain_holds(kept_program: Program, sealed: Session) -> None:
    kept_program.ask("PATCH", "projects/1", json={"name": "Khảo sát"}, headers={"X-Action-Notes": "lý do"})
    auditing.keep_up(moment())
    noted = select(func.count()).select_from(Audit).where(Audit.notes.is_not(None))
    assert sealed.execute(noted).scalar_one() > 0
    sealed.execute(text("UPDATE audits SET notes = NULL, notes_salt = NULL"))
    assert sealed.execute(noted).scalar_one() == 0
    looked = sealing.look_through(sealed)
    sealed.rollback()
    assert looked.broken is None
    assert looked.links > 0


# Purging -------------------------------------------------------------------------------------------

MONTH = timedelta(days=30)


def purged(office: Office, *, days: int = 31) -> int:
    """A night in which so many days have passed; how much went."""
    now = moment() + timedelta(days=days)
    with office.app.app_context(), acting(None, now):
        return purge(office.parts.blobs, now - MONTH, now=now)


def test_case_40_what_was_deleted_a_month_ago_is_gone_and_its_id_stays_taken(
    kept_office: Office, kept_program: Program, phone: GivenPhone
) -> None:
    records = form_of(kept_office, "gone")
    sent(kept_office, phone, "gone", "uuid:g1")
    sent(kept_office, phone, "gone", "uuid:g2")
    kept_program.post(f"{records}/uuid:g1/comments", json={"body": "nhầm"})
    kept_program.ask("DELETE", f"{records}/uuid:g1", headers={"X-Action-Notes": "người%20khác"})
    assert purged(kept_office, days=29) == 0
    assert purged(kept_office) == 1
    assert kept_program.get(f"{records}?deleted=true") == []
    assert [one["instanceId"] for one in kept_program.get(records)] == ["uuid:g2"]
    assert kept_program.ask("POST", f"{records}/uuid:g1/restore").status_code == 404
    assert kept_program.ask("GET", f"{records}/uuid:g1").status_code == 404
    assert sent(kept_office, phone, "gone", "uuid:g1") == 409
    found = of_form(kept_program, "gone")
    assert (found[-1]["action"], found[-1]["actorId"]) == ("submission.purge", None)
    assert {one["notes"] for one in found} == {None}
    with kept_office.app.app_context():
        left = db.session().execute(
            select(SubmissionVersion.xml, SubmissionVersion.submitter_id, SubmissionVersion.user_agent).where(
                SubmissionVersion.instance_id == "uuid:g1"
            )
        )
        assert [tuple(row) for row in left] == [(None, None, None)]
        auditing.keep_up(moment())
        assert sealing.look_through(db.session()).broken is None
    # Numbers may be given again: what comes next is audited all the same.
    sent(kept_office, phone, "gone", "uuid:g3")
    later = kept_program.get("audits?action=submission.create")
    assert "uuid:g3" in {one["details"]["instanceId"] for one in later}


def test_case_40_a_form_goes_with_its_records_and_files_only_where_nothing_else_names_them(
    kept_office: Office, kept_program: Program, phone: GivenPhone
) -> None:
    form_of(kept_office, "off")
    sent(kept_office, phone, "off", "uuid:f1")
    assert kept_program.ask("DELETE", "projects/1/forms/off").status_code == 200
    assert purged(kept_office) == 2
    assert kept_program.get("projects/1/forms?deleted=true") == []
    assert kept_program.get("audits?action=form.purge")[0]["details"] == {"xmlFormId": "off"}
    # The id of the form is free again, its records begin anew.
    records = form_of(kept_office, "off")
    assert sent(kept_office, phone, "off", "uuid:f1") == 201
    assert len(kept_program.get(records)) == 1


def test_case_40_entities_and_lists_go_and_their_ids_stay_taken(
    kept_office: Office, kept_program: Program
) -> None:
    one = "11111111-1111-4111-8111-111111111111"
    for name in ("kho", "bo"):
        kept_program.post("projects/1/datasets", json={"name": name})
        kept_program.post(f"projects/1/datasets/{name}/entities", json={"uuid": one, "label": "Một"})
    kept_program.ask("DELETE", f"projects/1/datasets/kho/entities/{one}")
    assert kept_program.ask("DELETE", "projects/1/datasets/bo").status_code == 200
    assert purged(kept_office) == 3
    assert kept_program.get("projects/1/datasets/kho/entities?deleted=true") == []
    again = kept_program.ask("POST", "projects/1/datasets/kho/entities", json={"uuid": one, "label": "Hai"})
    assert again.status_code == 409
    actions = {entry["action"] for entry in kept_program.get("audits")}
    assert {"entity.purge", "dataset.purge"} <= actions
    # A list of that name is a new one.
    kept_program.post("projects/1/datasets", json={"name": "bo"})
    assert kept_program.post("projects/1/datasets/bo/entities", json={"uuid": one, "label": "Ba"})


def test_case_40_files_go_only_when_nothing_names_them(kept_office: Office, kept_program: Program) -> None:
    big = b"x" * 300_000
    workbook = simple().replace(b'id="simple"', b'id="big"').replace(b"Simple", b"Big")
    kept_office.publish(workbook, filename="simple.xml")
    with kept_office.app.app_context():
        before = set(db.session().scalars(select(Blob.sha256)))
    phone = kept_office.phone("Máy khác")
    for number in range(2):
        body = filled(f"uuid:b{number}", big.decode(), 1).replace(b'id="simple"', b'id="big"')
        kept_office.client().post(
            f"{phone.path}/submission",
            data={"xml_submission_file": (io.BytesIO(body), "s.xml")},
            headers={"X-OpenRosa-Version": "1.0"},
        )
    with kept_office.app.app_context():
        kept = set(db.session().scalars(select(Blob.sha256))) - before
    assert len(kept) == 2
    kept_program.ask("DELETE", "projects/1/forms/big/submissions/uuid:b0")
    assert purged(kept_office) == 1
    with kept_office.app.app_context():
        assert len(kept & set(db.session().scalars(select(Blob.sha256)))) == 1
