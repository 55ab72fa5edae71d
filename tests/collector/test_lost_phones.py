"""A phone is lost: what it knew opens nothing any more, and what it sent stays."""

from __future__ import annotations

import base64

from storage.database import db
from storage.models import AppUser
from storage.queries import actors
from tests.collector.openrosa.sheets import answer, collect, sheet
from tests.office import ADMIN, NOW, Office


def test_a_phone_that_is_revoked_is_shut_out_and_what_it_sent_stays(office: Office) -> None:
    office.publish(sheet())
    given = office.phone("Máy bị mất")
    assert collect(office, given).send(answer()).status == 201
    office.revoke(given)
    assert office.client().get(f"{given.path}/formList").status_code == 403
    with office.app.app_context():
        kept = db.session().get_one(AppUser, given.actor_id)
        assert (kept.token_hash, kept.token_sealed, kept.actor.updated_at) == (None, None, NOW)
        assert [phone.actor_id for phone in actors.app_users_of(db.session(), 1)] == [given.actor_id]
        assert actors.get_app_user(db.session(), 2, given.actor_id) is None
    # The office sees the record, and who sent it.
    who = {"Authorization": f"Bearer {office.session_token()}"}
    (sent,) = office.client().get("/v1/projects/1/forms/f01/submissions", headers=who).get_json()
    assert sent["submitterId"] == given.actor_id


def test_a_renewed_collect_password_replaces_the_one_on_the_lost_phone_at_once(office: Office) -> None:
    office.publish(sheet())
    headers = {}
    for round_ in range(2):
        password = office.collect_password()
        told = base64.b64encode(f"{ADMIN}:{password}".encode()).decode()
        headers[round_] = {"Authorization": f"Basic {told}"}
        # Asked twice: the second time the server remembers that it was right.
        for _ in range(2):
            answered = office.client().get("/formList", headers=headers[round_], base_url="https://localhost")
            assert answered.status_code == 200
    lost = office.client().get("/formList", headers=headers[0], base_url="https://localhost")
    assert lost.status_code == 401
