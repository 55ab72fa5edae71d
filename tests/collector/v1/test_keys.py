"""Keys of programs: what they open, and that it is never more than their owner may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from collector.accounts.permissions import ADMINISTRATOR, MANAGER, REVIEWER
from collector.clock import moment
from forms.values import iso_instant
from storage.database import db, transaction
from storage.models import ApiKey, Assignment
from tests import tree
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import Program
from tests.collector.v1.shared import PASSWORD, account, basic, bearer, code, program
from tests.office import ADMIN_PASSWORD, Office
from tests.tree import HERE, HERE_VILLAGE, THERE, THERE_VILLAGE

SHEET = """
| survey |
| | type | name | label | unit |
| | text | village_code | Mã thôn | place |
| | text | head | Chủ hộ | |
| settings |
| | form_id | version |
| | hh | 1 |
"""
RECORDS = "/v1/projects/1/forms/hh/submissions"


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    with kept_office.app.app_context(), transaction() as session:
        tree.plant(session)
    form = kept_office.publish(SHEET)
    phone = Volunteer(kept_office, form=form)
    for key, village in (("here", HERE_VILLAGE), ("there", THERE_VILLAGE)):
        answers = f"<village_code>{village}</village_code><head>Lò</head>"
        assert phone.post(answered("hh", "1", answers, instance_id=f"uuid:{key}"), {}).status_code == 201
    return kept_office


@pytest.fixture(scope="module")
def manager(office: Office) -> Program:
    return program(office, "chu.khoa", MANAGER, project_id=None)


def key(owner: Program, **wanted: Any) -> dict[str, Any]:
    made: dict[str, Any] = owner.post("/api/keys", json={"name": "Power BI", **wanted})
    return made


def records(office: Office, token: str) -> list[str]:
    answer = office.client().get(RECORDS, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return sorted(one["instanceId"] for one in answer.json or [])


def test_a_key_is_shown_once_and_kept_as_a_hash(office: Office, manager: Program) -> None:
    made = key(manager)
    assert len(made["token"]) == 67
    listed = [one for one in manager.get("/api/keys") if one["id"] == made["id"]]
    assert listed == [{name: value for name, value in made.items() if name != "token"} | {"lastUsed": None}]
    with office.app.app_context():
        kept = db.session.get_one(ApiKey, made["id"])
        assert made["token"] not in repr(vars(kept))
    assert records(office, made["token"]) == ["uuid:here", "uuid:there"]
    [used] = [one for one in manager.get("/api/keys") if one["id"] == made["id"]]
    assert used["lastUsed"]


def test_a_key_is_a_bearer_token_or_the_password_of_any_name(office: Office, manager: Program) -> None:
    token, client = key(manager)["token"], office.client()
    for headers in (bearer(token), basic("anybody", token), basic("", token)):
        assert client.get("/v1/projects/1", headers=headers).status_code == 200
        assert client.get("/v1/users/current", headers=headers).json["email"] == "chu.khoa"  # type: ignore[index]
    for wrong in (basic("chu.khoa", token[:-1] + "?"), bearer("ck_" + "x" * 64)):
        said = client.get("/v1/projects/1", headers=wrong)
        assert (said.status_code, code(said)) == (401, 401.2)


def test_a_key_that_reads_changes_nothing(office: Office, manager: Program) -> None:
    client = office.client()
    reads, changes = key(manager)["token"], key(manager, readOnly=False)["token"]
    for token, status in ((reads, 403), (changes, 200)):
        answer = client.post("/v1/projects/1/app-users", headers=bearer(token), json={"displayName": "Máy"})
        assert answer.status_code == status
    assert client.delete(f"{RECORDS}/uuid:here", headers=bearer(reads)).status_code == 403
    # What makes an account of a key is no key's to do.
    owner = client.get("/v1/users/current", headers=bearer(changes)).json or {}
    for method, path, body in (
        ("GET", "/api/keys", None),
        ("POST", "/api/keys", {"name": "more"}),
        ("PUT", f"/v1/users/{owner['id']}/password", {"old": PASSWORD, "new": "mat khau khac"}),
        ("PATCH", f"/v1/users/{owner['id']}", {"displayName": "x"}),
        ("GET", "/account", None),
        ("POST", "/v1/users/reset/initiate?invalidate=true", {"email": "chu.khoa"}),
    ):
        assert client.open(path, method=method, headers=bearer(changes), json=body).status_code == 403, path
    assert client.delete("/v1/sessions/current", headers=bearer(changes)).status_code == 404


def test_a_key_that_reads_is_told_no_token_of_whom_may_write(office: Office, manager: Program) -> None:
    client = office.client()
    phone = manager.post("projects/1/app-users", json={"displayName": "Máy"})
    link = manager.post("projects/1/forms/hh/public-links", json={"displayName": "Web"})
    reads, changes = key(manager)["token"], key(manager, readOnly=False)["token"]
    for path, token in (
        ("app-users", phone["token"]),
        (f"app-users/{phone['id']}", phone["token"]),
        ("forms/hh/public-links", link["token"]),
        (f"forms/hh/public-links/{link['id']}", link["token"]),
    ):
        refused = client.get(f"/v1/projects/1/{path}", headers=bearer(reads))
        assert (refused.status_code, code(refused)) == (403, 403.1), path
        assert token in client.get(f"/v1/projects/1/{path}", headers=bearer(changes)).text


def test_a_key_is_cut_to_verbs_roles_projects_and_places(office: Office, manager: Program) -> None:
    client = office.client()
    forms_only = key(manager, verbs=["project.read", "form.list"])["token"]
    assert client.get("/v1/projects/1/forms", headers=bearer(forms_only)).status_code == 200
    assert client.get(RECORDS, headers=bearer(forms_only)).status_code == 403
    admin = Program(office)
    other = admin.post("projects", json={"name": "Đợt khác"})["id"]
    elsewhere = key(manager, project=other)["token"]
    assert client.get(RECORDS, headers=bearer(elsewhere)).status_code == 403
    assert [one["id"] for one in client.get("/v1/projects", headers=bearer(elsewhere)).json or []] == [other]
    assert records(office, key(manager, places=[HERE])["token"]) == ["uuid:here"]
    assert records(office, key(manager, places=[THERE_VILLAGE], project=1)["token"]) == ["uuid:there"]
    assert records(office, key(manager, places=[HERE, THERE], roles=[MANAGER])["token"]) == [
        "uuid:here",
        "uuid:there",
    ]


def test_a_key_never_does_more_than_its_owner_may_now(office: Office) -> None:
    number = account(office, "can.bo.khoa", REVIEWER, place=HERE)
    owner = Program(office, "can.bo.khoa", PASSWORD)
    whole, village = key(owner, readOnly=False), key(owner, places=[HERE_VILLAGE])
    outside = owner.refused("POST", "/api/keys", json={"name": "x", "places": [THERE]})
    assert outside == (400, 400.8)
    assert owner.refused("POST", "/api/keys", json={"name": "x", "roles": [MANAGER]}) == (400, 400.8)
    assert owner.refused("POST", "/api/keys", json={"name": "x", "verbs": ["form.create"]}) == (400, 400.8)
    assert records(office, whole["token"]) == records(office, village["token"]) == ["uuid:here"]
    client = office.client()
    assert client.post("/v1/projects/1/forms", headers=bearer(whole["token"])).status_code == 403
    # His place is another one from now on.
    with office.app.app_context(), transaction() as session:
        session.execute(delete(Assignment).where(Assignment.actor_id == number))
        session.add(Assignment(actor_id=number, role=REVIEWER, project_id=1, place_code=THERE))
    assert records(office, whole["token"]) == ["uuid:there"]
    assert client.get(RECORDS, headers=bearer(village["token"])).status_code == 403
    assert Program(office).ask("DELETE", f"users/{number}").status_code == 200
    assert client.get(RECORDS, headers=bearer(whole["token"])).status_code == 401


def test_a_key_runs_out_and_is_taken_back(office: Office, manager: Program) -> None:
    gone = iso_instant(moment() - timedelta(minutes=1))
    assert manager.refused("POST", "/api/keys", json={"name": "x", "expiresAt": gone}) == (400, 400.8)
    made = key(manager, expiresAt=iso_instant(moment() + timedelta(days=1)))
    assert records(office, made["token"])
    with office.app.app_context(), transaction() as session:
        session.get_one(ApiKey, made["id"]).expires_at = moment()
    assert office.client().get(RECORDS, headers=bearer(made["token"])).status_code == 401
    other = key(manager)
    somebody = program(office, "khong.phai.chu", MANAGER)
    assert somebody.refused("DELETE", f"/api/keys/{other['id']}") == (404, 404.1)
    assert manager.ask("DELETE", f"/api/keys/{other['id']}").json == {"success": True}
    assert office.client().get(RECORDS, headers=bearer(other["token"])).status_code == 401
    assert manager.get("/api/keys")[-1]["revokedAt"]


def test_a_key_of_an_administrator_makes_nobody_more_than_it_may_itself(office: Office) -> None:
    admin = program(office, "quan.tri.khoa", ADMINISTRATOR, project_id=None)
    verbs = ["assignment.create", "user.create", "user.update", "user.read", "user.list"]
    token = key(admin, verbs=verbs, readOnly=False)["token"]
    client, headers = office.client(), bearer(token)
    made = client.post(
        "/v1/users", headers=headers, json={"email": "bu.nhin", "password": ADMIN_PASSWORD}
    ).json
    assert made is not None
    for role in (ADMINISTRATOR, MANAGER):
        path = f"/v1/projects/1/assignments/{role}/{made['id']}"
        assert client.post(path, headers=headers).status_code == 403
    assert client.get(RECORDS, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x", "roles": [3]},
        {"name": "x", "verbs": ["everything"]},
        {"name": "x", "project": 0},
        {"name": "x", "places": "HERE"},
        {"name": "x", "expiresAt": "tomorrow"},
        {"name": "x", "expiresAt": "9999-12-31T23:59:59-23:59"},
        {"name": "x", "readOnly": "maybe"},
    ],
)
def test_a_key_that_is_none_is_refused(manager: Program, body: dict[str, Any]) -> None:
    status, _code = manager.refused("POST", "/api/keys", json=body)
    assert status == 400
