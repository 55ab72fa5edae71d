"""Programs sign in and out, and learn who they are."""

from __future__ import annotations

import base64
import re

import pytest

from tests.collector.v1.program import EXTENDED, Program
from tests.office import ADMIN, ADMIN_PASSWORD, Office

TOKEN = re.compile(r"[A-Za-z0-9!$]{64}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_a_session_has_the_shape_central_gives_it(office: Office) -> None:
    response = office.client().post("/v1/sessions", json={"email": " Admin ", "password": ADMIN_PASSWORD})
    assert response.status_code == 200
    assert response.json is not None
    assert list(response.json) == ["token", "csrf", "createdAt", "expiresAt"]
    assert TOKEN.fullmatch(response.json["token"])
    assert TOKEN.fullmatch(response.json["csrf"])
    assert MOMENT.fullmatch(response.json["expiresAt"])
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("collector_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert response.headers["Cache-Control"] == "no-store"


def test_a_cookie_of_https_stays_there(office: Office) -> None:
    response = office.client().post(
        "/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD}, base_url="https://localhost"
    )
    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"email": ADMIN, "password": "wrong password"}, (401, 401.2)),
        ({"email": "nobody", "password": ADMIN_PASSWORD}, (401, 401.2)),
        ({"email": ADMIN}, (400, 400.3)),
        ({"email": "", "password": ""}, (400, 400.3)),
        ({"email": ["a"], "password": ADMIN_PASSWORD}, (400, 400.11)),
        ({"email": "a\0b", "password": ADMIN_PASSWORD}, (400, 400.11)),
        ({"email": "\ud800", "password": ADMIN_PASSWORD}, (400, 400.1)),
        ([ADMIN, ADMIN_PASSWORD], (400, 400.1)),
    ],
)
def test_a_sign_in_that_does_not_fit_is_refused(
    office: Office, body: object, said: tuple[int, float]
) -> None:
    response = office.client().post("/v1/sessions", json=body)
    assert response.json is not None
    assert (response.status_code, response.json["code"]) == said
    assert "Set-Cookie" not in response.headers


def test_a_body_that_is_no_json_or_too_long_is_refused(office: Office) -> None:
    assert office.client().post("/v1/sessions", data=b"{").status_code == 400
    assert office.client().post("/v1/sessions", data=b" " * 250_001).status_code == 413


def test_the_current_user_is_the_one_who_signed_in(office: Office) -> None:
    program = Program(office)
    user = program.get("users/current")
    assert user == {
        "id": office.admin_id,
        "type": "user",
        "displayName": "admin",
        "createdAt": "2026-08-03T02:00:00.000Z",
        "updatedAt": None,
        "deletedAt": None,
        "email": "admin",
        "lastLoginAt": user["lastLoginAt"],
    }
    assert "form.create" in program.get("users/current", headers=EXTENDED)["verbs"]


def test_a_session_that_is_ended_is_nobodys(office: Office) -> None:
    program = Program(office)
    assert program.ask("DELETE", "sessions/current").json == {"success": True}
    assert program.refused("GET", "users/current") == (401, 401.2)


def test_a_cookie_needs_the_secret_beside_it_to_change_anything(office: Office) -> None:
    browser = office.client()
    signed = browser.post("/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD})
    assert signed.json is not None
    assert browser.get("/v1/users/current").status_code == 200
    assert browser.delete("/v1/sessions/current").status_code == 401
    assert (
        browser.delete("/v1/sessions/current", headers={"X-CSRF-Token": signed.json["csrf"]}).status_code
        == 200
    )
    assert browser.get("/v1/users/current").status_code == 401


def test_basic_is_taken_over_https_only(office: Office) -> None:
    said = base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()
    asked = {"Authorization": f"Basic {said}", "Accept": "application/xml"}
    assert office.client().get("/v1/projects", headers=asked).status_code == 401
    response = office.client().get("/v1/projects", headers=asked, base_url="https://localhost")
    assert response.status_code == 200
    # ruODK says it wants XML everywhere.
    assert response.content_type == "application/json; charset=utf-8"
