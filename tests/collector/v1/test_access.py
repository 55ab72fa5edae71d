"""Who one is: sessions, cookies, passwords, and what ends them."""

from __future__ import annotations

import pytest

from collector.accounts.permissions import ADMINISTRATOR, DATA_COLLECTOR, MANAGER
from collector.accounts.secrets import new_token
from collector.actions import users
from collector.app import create_app
from collector.clock import moment
from collector.settings import Settings
from storage.database import db, transaction
from storage.models import User
from tests.collector.v1.program import EXTENDED, Program, simple
from tests.collector.v1.shared import PASSWORD, account, basic, bearer, code, program
from tests.office import ADMIN, ADMIN_PASSWORD, Office
from tests.tree import HERE, plant


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    kept_office.publish(simple(), filename="simple.xml")
    return kept_office


def signed(office: Office, name: str, password: str = PASSWORD) -> dict[str, str]:
    """A session, and its cookie in nobody's browser."""
    answer = office.client().post("/v1/sessions", json={"email": name, "password": password})
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


def test_case_36_a_name_is_the_same_in_any_letters(office: Office) -> None:
    account(office, "Lan.Anh")
    for written in ("lan.anh", "LAN.ANH", " Lan.Anh "):
        assert len(signed(office, written)["token"]) == 64


@pytest.mark.parametrize(
    ("headers", "address", "said"),
    [
        ({}, "/v1/users/current", (401, 401.2)),
        ({"Authorization": "Bearer nothing"}, "/v1/users/current", (401, 401.2)),
        ({"Authorization": "Bearer ck_nothing"}, "/v1/users/current", (401, 401.2)),
        ({"Authorization": "Strange thing"}, "/v1/users/current", (401, 401.2)),
        (basic(ADMIN, "wrong"), "https://localhost/v1/users/current", (401, 401.2)),
        (basic(ADMIN, ADMIN_PASSWORD), "/v1/users/current", (401, 401.3)),
        ({}, "/v1/projects?st=short", (401, 401.2)),
        ({}, f"/v1/projects?st={'x' * 64}", (403, 403.1)),
    ],
)
def test_case_36_who_is_nobody_is_told_so(
    office: Office, headers: dict[str, str], address: str, said: tuple[int, float]
) -> None:
    answer = office.client().get(address, headers=headers)
    assert (answer.status_code, code(answer)) == said


def test_case_36_a_token_beside_the_address_goes_before_all_others(office: Office) -> None:
    asked = office.client().get(
        f"/v1/users/current?st={'x' * 64}", headers=bearer(signed(office, ADMIN, ADMIN_PASSWORD)["token"])
    )
    assert (asked.status_code, code(asked)) == (403, 403.1)


def test_case_36_a_browser_gets_its_session_back(office: Office) -> None:
    browser = office.client()
    assert browser.get("/v1/sessions/restore").status_code == 404
    made = browser.post("/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD}).json
    assert made is not None
    assert browser.get("/v1/sessions/restore").json == {
        name: made[name] for name in ("createdAt", "expiresAt", "csrf")
    }
    cookie = browser.get_cookie("__csrf")
    assert cookie is not None
    assert (cookie.decoded_value, cookie.http_only) == (made["csrf"], False)


@pytest.mark.parametrize("kind", ["body", "form", "header", "script", "", "wrong"])
def test_case_36_a_cookie_alone_changes_nothing(office: Office, kind: str) -> None:
    browser = office.client()
    made = browser.post("/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD}).json or {}
    name = f"Máy {kind}"
    more: dict[str, object] = {"json": {"displayName": name}}
    if kind == "body":
        more = {"json": {"displayName": name, "__csrf": made["csrf"]}}
    elif kind == "form":
        more = {"data": {"__csrf": made["csrf"], "displayName": name}}
    elif kind == "header":
        more["headers"] = {"X-CSRF-Token": made["csrf"]}
    elif kind == "script":
        more["headers"] = {"X-Requested-With": "XMLHttpRequest"}
    elif kind == "wrong":
        more = {"json": {"displayName": name, "__csrf": "x" * 64}}
    answer = browser.post("/v1/projects/1/app-users", **more)
    # A form proves the page, but is no JSON.
    assert answer.status_code == {"": 401, "wrong": 401, "form": 400}.get(kind, 200), answer.text


def test_case_36_a_session_is_ended_by_its_owner(office: Office) -> None:
    account(office, "hai.may")
    first, second = signed(office, "hai.may"), signed(office, "hai.may")
    account(office, "nguoi.khac")
    other = bearer(signed(office, "nguoi.khac")["token"])
    client = office.client()
    for token in (second["token"], new_token(), "short", "ck_short"):
        refused = client.delete(f"/v1/sessions/{token}", headers=other)
        assert (refused.status_code, code(refused)) == (403, 403.1)
    ended = client.delete(f"/v1/sessions/{second['token']}", headers=bearer(first["token"]))
    assert ended.json == {"success": True}
    assert client.get("/v1/users/current", headers=bearer(second["token"])).status_code == 401
    assert client.get("/v1/users/current", headers=bearer(first["token"])).status_code == 200
    assert client.delete("/v1/sessions/current", headers=bearer(first["token"])).status_code == 200
    assert client.delete("/v1/sessions/current", headers=bearer(first["token"])).status_code == 401
    by_password = basic("nguoi.khac", PASSWORD)
    assert client.delete("https://localhost/v1/sessions/current", headers=by_password).status_code == 404


def test_case_36_a_manager_ends_the_access_of_a_phone_and_it_cannot_end_its_own(office: Office) -> None:
    manager, phone = program(office, "quan.ly.may", MANAGER), office.phone("Máy mất")
    client = office.client()
    for address in ("current", phone.token):
        refused = client.delete(f"/v1/sessions/{address}", headers=bearer(phone.token))
        assert (refused.status_code, code(refused)) == (403, 403.1)
    assert program(office, "dien.phieu", DATA_COLLECTOR).refused("DELETE", f"sessions/{phone.token}") == (
        403,
        403.1,
    )
    assert manager.ask("DELETE", f"sessions/{phone.token}").json == {"success": True}
    assert client.get(f"{phone.path}/formList").status_code == 403
    [listed] = [one for one in manager.get("projects/1/app-users") if one["id"] == phone.actor_id]
    assert listed["token"] is None


def test_case_36_a_new_password_ends_the_other_sessions(office: Office) -> None:
    number = account(office, "doi.mat.khau")
    kept, other = signed(office, "doi.mat.khau"), signed(office, "doi.mat.khau")
    client, fresh = office.client(), "mat khau moi hon"

    def put(token: str, old: str, new: str) -> tuple[int, float | None]:
        said = client.put(
            f"/v1/users/{number}/password", headers=bearer(token), json={"old": old, "new": new}
        )
        return said.status_code, code(said)

    assert put(kept["token"], "not the old one", fresh) == (401, 401.2)
    assert put(kept["token"], PASSWORD, "short") == (400, 400.21)
    assert put(kept["token"], PASSWORD, fresh) == (200, None)
    assert client.get("/v1/users/current", headers=bearer(kept["token"])).status_code == 200
    assert client.get("/v1/users/current", headers=bearer(other["token"])).status_code == 401
    assert (
        client.post("/v1/sessions", json={"email": "doi.mat.khau", "password": PASSWORD}).status_code == 401
    )
    assert signed(office, "doi.mat.khau", fresh)["token"]


def test_case_36_a_password_that_was_right_a_moment_ago_is_not_when_it_changed(office: Office) -> None:
    number = account(office, "nho.mat.khau", MANAGER)
    client, address = office.client(), "https://localhost/v1/users/current"
    old, fresh = basic("nho.mat.khau", PASSWORD), basic("nho.mat.khau", "mat khau thu hai")
    assert [client.get(address, headers=old).status_code for _ in range(2)] == [200, 200]
    Program(office).ask("PUT", f"users/{number}/password", json={"new": "mat khau thu hai"})
    assert client.get(address, headers=old).status_code == 401
    assert client.get(address, headers=fresh).status_code == 200
    assert Program(office).ask("DELETE", f"users/{number}").status_code == 200
    assert client.get(address, headers=fresh).status_code == 401


def test_case_36_the_words_of_a_verified_password_are_kept_nowhere(office: Office) -> None:
    account(office, "khong.luu")
    asked = office.client().get("https://localhost/v1/users/current", headers=basic("khong.luu", PASSWORD))
    assert asked.status_code == 200
    remembered = office.parts.authentication._remembered
    assert remembered
    assert PASSWORD not in repr(remembered)


def test_case_36_a_password_travels_over_http_where_the_network_is_trusted(office: Office) -> None:
    trusting = Settings.from_environment({
        **office.environment,
        "COLLECTOR_TRUSTED_NETWORKS": "192.0.2.0/28, 2001:db8::/64",
    })
    app = create_app(trusting)
    client = app.test_client()

    def asked(address: str) -> float:
        said = client.get(
            "/v1/projects",
            headers=basic(ADMIN, ADMIN_PASSWORD),
            environ_overrides={"REMOTE_ADDR": address},
        )
        return code(said) or said.status_code

    assert [asked(one) for one in ("192.0.2.3", "2001:db8::7")] == [200, 200]
    assert [asked(one) for one in ("192.0.2.16", "2001:db8:1::7", "127.0.0.1")] == [401.3] * 3
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_case_36_a_link_to_set_a_password_works_once(office: Office) -> None:
    number = account(office, "quen.mat.khau")
    held = signed(office, "quen.mat.khau")
    with office.app.app_context(), transaction() as session:
        token = users.allow_reset(session, session.get_one(User, number), by=None, now=moment())
    client, fresh = office.client(), "mat khau dat lai"
    for wrong in (new_token(), held["token"]):
        assert (
            client.post("/v1/users/reset/verify", headers=bearer(wrong), json={"new": fresh}).status_code
            == 403
        )
    verified = [
        client.post("/v1/users/reset/verify", headers=bearer(token), json={"new": fresh}).status_code
        for _ in range(2)
    ]
    assert verified == [200, 403]
    assert client.get("/v1/users/current", headers=bearer(held["token"])).status_code == 401
    assert signed(office, "quen.mat.khau", fresh)["token"]
    # Whoever holds it is nobody until he has set the password.
    assert client.get("/v1/users/current", headers=bearer(token)).status_code == 401


def test_case_36_a_link_to_set_a_password_runs_out(office: Office) -> None:
    number = account(office, "qua.han")
    with office.app.app_context(), transaction() as session:
        user = session.get_one(User, number)
        token = users.allow_reset(session, user, by=None, now=moment() - users.RESET_LIFE)
    asked = office.client().post(
        "/v1/users/reset/verify", headers=bearer(token), json={"new": "mat khau moi"}
    )
    assert (asked.status_code, code(asked)) == (403, 403.1)


def test_case_36_nobody_learns_by_a_reset_who_has_an_account(office: Office) -> None:
    client, address = office.client(), "/v1/users/reset/initiate"
    for name in (ADMIN, "nobody.at.all"):
        assert client.post(address, json={"email": name}).json == {"success": True}
    assert client.post(address, json={}).status_code == 400
    # Only an administrator ends somebody's password by it.
    account(office, "bi.khoa")
    held = signed(office, "bi.khoa")
    body = {"email": "bi.khoa"}
    assert client.post(f"{address}?invalidate=true", json=body).status_code == 403
    assert (
        program(office, "quan.ly.khoa", MANAGER)
        .ask("POST", "users/reset/initiate?invalidate=true", json=body)
        .status_code
        == 403
    )
    assert Program(office).post("users/reset/initiate?invalidate=True", json=body) == {"success": True}
    assert client.get("/v1/users/current", headers=bearer(held["token"])).status_code == 401
    said = {"email": "bi.khoa", "password": PASSWORD}
    assert client.post("/v1/sessions", json=said).status_code == 401


def test_case_36_a_deleted_account_is_locked_out(office: Office) -> None:
    number = account(office, "nghi.viec", MANAGER)
    held = signed(office, "nghi.viec")
    admin = Program(office)
    assert admin.ask("DELETE", f"users/{number}").json == {"success": True}
    client = office.client()
    assert client.get("/v1/users/current", headers=bearer(held["token"])).status_code == 401
    said = {"email": "nghi.viec", "password": PASSWORD}
    assert client.post("/v1/sessions", json=said).status_code == 401
    assert admin.refused("GET", f"users/{number}") == (404, 404.1)
    assert admin.get("users?q=nghi.viec") == []
    assert number not in {one["actorId"] for one in admin.get("projects/1/assignments")}
    # The name is free for who comes next, and opens nothing that was his.
    assert account(office, "nghi.viec") != number
    assert Program(office, "nghi.viec", PASSWORD).get("projects") == []


def test_the_last_administrator_stays(office: Office) -> None:
    with office.app.app_context(), transaction() as session:
        plant(session)
    admin = Program(office)
    assert admin.refused("DELETE", f"users/{office.admin_id}") == (409, 409.1)
    assert admin.refused("DELETE", f"assignments/admin/{office.admin_id}") == (409, 409.1)
    narrower = f"assignments/admin/{office.admin_id}?place={HERE}"
    assert admin.refused("POST", narrower) == (409, 409.1)
    second = account(office, "quan.tri.hai", ADMINISTRATOR, project_id=None)
    assert admin.ask("DELETE", f"assignments/1/{second}").json == {"success": True}


def test_a_phone_is_nobodys_account(office: Office) -> None:
    phone = office.phone("Máy hỏi")
    client = office.client()
    for headers, more in ((bearer(phone.token), ""), ({}, f"?st={phone.token}")):
        assert client.get(f"/v1/users/current{more}", headers=headers).status_code == 404
        assert client.get(f"/v1/projects{more}", headers=headers).json == []
        named = f"/v1/users?q=admin{more.replace('?', '&')}"
        assert client.get(named, headers=headers).json == []
        assert client.get(f"/v1/projects/1{more}", headers=headers).status_code == 403
        assert client.get(f"/v1/projects/1/forms/simple{more}", headers=headers).status_code == 200
        assert (
            client.get(f"/v1/projects/1/forms/simple/submissions{more}", headers=headers).status_code == 403
        )


def test_what_may_be_done_everywhere_is_told_when_asked(office: Office) -> None:
    manager = program(office, "quyen.dot", MANAGER)
    assert manager.get("users/current", headers=EXTENDED)["verbs"] == []
    everywhere = program(office, "quyen.chung", MANAGER, project_id=None)
    verbs = everywhere.get("users/current", headers=EXTENDED)["verbs"]
    assert "form.create" in verbs
    assert "user.create" not in verbs
    admin = Program(office).get("users/current", headers=EXTENDED)["verbs"]
    assert {"user.create", "project.create", "assignment.create"} <= set(admin)
    with office.app.app_context():
        assert db.session.query(User).count() > 3
