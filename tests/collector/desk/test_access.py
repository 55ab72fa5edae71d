"""Pages of keys, accounts and forgotten passwords."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from collector.accounts.authentication import COOKIE
from collector.accounts.permissions import MANAGER
from tests.collector.v1.program import Program
from tests.collector.v1.shared import PASSWORD, account, bearer
from tests.office import Office

SECRET = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r"ck_[A-Za-z0-9!$]{64}")
RESET = re.compile(r"/reset/([A-Za-z0-9!$]{64})")


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    return kept_office


def browser(office: Office, name: str = "admin") -> FlaskClient:
    client = office.client()
    client.set_cookie(COOKIE, office.session_token(name))
    client.set_cookie("collector_language", "en")
    return client


def press(client: FlaskClient, page: str, action: str, **fields: str) -> str:
    """What answers a form of a page."""
    found = SECRET.search(client.get(page).text)
    assert found
    answer = client.post(action, data={"csrf_token": found[1], **fields}, follow_redirects=True)
    assert answer.status_code in {200, 400}, answer.status
    return answer.text


def test_a_key_is_made_shown_once_and_taken_back(office: Office) -> None:
    client = browser(office)
    assert "/account/keys" in client.get("/account").text
    page = press(client, "/account/keys", "/account/keys", name="Power BI", days="30")
    [token] = set(KEY.findall(page))
    assert office.client().get("/v1/projects/1", headers=bearer(token)).status_code == 200
    again = client.get("/account/keys").text
    assert "Power BI" in again
    assert "reading only" in again
    assert not KEY.search(again)
    [action] = re.findall(r'action="(/account/keys/\d+/revoke)"', again)
    assert "revoked" in press(client, "/account/keys", action)
    assert office.client().get("/v1/projects/1", headers=bearer(token)).status_code == 401


def test_a_key_that_cannot_be_is_told_why(office: Office) -> None:
    client = browser(office)
    assert "Give the key a name" in press(client, "/account/keys", "/account/keys", name="  ")
    wrong = press(client, "/account/keys", "/account/keys", name="Kho", places="99999")
    assert "99999" in wrong
    assert 'value="Kho"' in wrong


def test_an_administrator_gives_a_link_to_set_a_password_once(office: Office) -> None:
    number = account(office, "quen", MANAGER)
    admin = browser(office)
    page = press(admin, "/accounts", f"/accounts/{number}/reset")
    [token] = set(RESET.findall(page))
    assert not RESET.search(admin.get("/accounts").text)
    anybody = office.client()
    anybody.set_cookie("collector_language", "en")
    address = f"/reset/{token}"
    assert "differ" in press(anybody, address, address, fresh="ruong bac thang 1", again="ruong bac thang 2")
    assert "10" in press(anybody, address, address, fresh="short", again="short")
    press(anybody, address, address, fresh="ruong bac thang 1", again="ruong bac thang 1")
    assert Program(office, "quen", "ruong bac thang 1").get("users/current")["id"] == number
    gone = anybody.get(address)
    assert gone.status_code == 403
    assert "has been used or has run out" in gone.text


def test_a_manager_keeps_no_account_that_may_more_than_he(office: Office) -> None:
    account(office, "quan.ly", MANAGER)
    client = browser(office, "quan.ly")
    assert "/accounts" in client.get("/account").text
    shown = client.get("/accounts").text
    assert "quan.ly" in shown
    assert 'href="/accounts/1"' not in shown
    found = SECRET.search(shown)
    assert found
    answer = client.post(f"/accounts/{office.admin_id}/reset", data={"csrf_token": found[1]})
    assert answer.status_code == 404
    assert office.client().get("/accounts").status_code == 303
    assert Program(office, "quan.ly", PASSWORD).get("projects/1")
