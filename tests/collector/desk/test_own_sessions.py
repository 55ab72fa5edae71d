"""Where somebody is signed in: seen, ended, left alone; and what a browser holds of it."""

from __future__ import annotations

from datetime import timedelta

from collector.accounts.authentication import COOKIE
from collector.accounts.devices import COOKIE as DEVICE
from collector.accounts.permissions import REVIEWER
from collector.actions.accounts import IDLE_LIFE
from collector.clock import moment
from storage.database import db, transaction
from storage.models import Audit, LoginSession
from tests.collector.desk.reader import Reader
from tests.collector.v1.shared import PASSWORD, account, bearer
from tests.office import Office

PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/128.0.0.0 Mobile Safari/537.36"


def signed_in(office: Office, name: str, agent: str = "") -> Reader:
    reader = Reader(office, "")
    fields = {"username": name, "password": PASSWORD, "csrf_token": reader.secret}
    answer = reader.client.post("/signin", data=fields, headers={"User-Agent": agent or "pyodk"})
    assert answer.status_code == 303
    return reader


def cookie(reader: Reader, name: str = COOKIE) -> str:
    found = reader.client.get_cookie(name)
    assert found is not None
    return str(found.value)


def test_an_officer_sees_her_devices_and_signs_one_out(kept_office: Office) -> None:
    account(kept_office, "lan", REVIEWER)
    here, phone = signed_in(kept_office, "lan"), signed_in(kept_office, "lan", PHONE)
    shown = here.page("/account")
    assert "Chrome, Android" in shown.main
    assert "this one" in shown.main
    [end] = [str(one.get("action")) for one in shown.find("//form[contains(@action, '/account/sessions/')]")][
        :1
    ]
    account(kept_office, "la", REVIEWER)
    assert Reader(kept_office, "la").post(end).status_code == 404
    here.send(end)
    assert phone.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_she_signs_out_everywhere_else_at_once(kept_office: Office) -> None:
    account(kept_office, "mai", REVIEWER)
    here, others = signed_in(kept_office, "mai"), [signed_in(kept_office, "mai") for _ in range(2)]
    assert "2 other devices were signed out" in here.send("/account/sessions/end").main
    assert [one.get("/account").status_code for one in others] == [303, 303]
    with kept_office.app.app_context():
        assert db.session.query(Audit).filter_by(action="user.session.end").count() >= 1


def test_a_machine_left_alone_asks_again_and_what_was_filled_far_away_still_comes_in(
    kept_office: Office,
) -> None:
    account(kept_office, "hoa", REVIEWER)
    reader = signed_in(kept_office, "hoa")
    token = cookie(reader)

    def used(ago: timedelta) -> None:
        with kept_office.app.app_context(), transaction() as session:
            row = session.query(LoginSession).order_by(LoginSession.id.desc()).first()
            assert row is not None
            row.last_used_at = moment() - ago

    used(IDLE_LIFE - timedelta(minutes=1))
    assert reader.get("/account").status_code == 200
    # The visit was noted, so the two hours begin again.
    with kept_office.app.app_context():
        row = db.session.query(LoginSession).order_by(LoginSession.id.desc()).first()
        assert row is not None
        assert row.last_used_at is not None
        assert moment() - row.last_used_at < timedelta(minutes=1)
    used(IDLE_LIFE + timedelta(minutes=1))
    assert reader.get("/account").headers["Location"].startswith("/signin")
    assert reader.get("/v1/sessions/restore").status_code == 404
    assert reader.get("/w/me/projects/1/shelf").status_code == 200
    assert reader.get("/account").status_code == 303
    # Programs run at night.
    assert kept_office.client().get("/v1/users/current", headers=bearer(token)).status_code == 200


def test_nobody_is_given_a_session_he_brought_along(kept_office: Office) -> None:
    """Session fixation: what lay in the browser before is not what the sign-in opens."""
    account(kept_office, "sua", REVIEWER)
    mallory = signed_in(kept_office, "sua")
    victim = Reader(kept_office, "")
    victim.client.set_cookie(COOKIE, "x" * 64)
    victim.client.set_cookie(DEVICE, cookie(mallory, DEVICE))
    secret = victim.secret
    fields = {"username": "sua", "password": PASSWORD, "csrf_token": secret}
    victim.client.post("/signin", data=fields)
    first = cookie(victim)
    assert first not in {"x" * 64, cookie(mallory)}
    # Whoever signs in again where somebody is signed in ends that session.
    again = victim.client.post("/signin", data={**fields, "csrf_token": victim.secret})
    assert again.status_code == 303
    assert cookie(victim) != first
    assert kept_office.client().get("/v1/users/current", headers=bearer(first)).status_code == 401


def test_both_cookies_are_for_this_server_only_and_the_device_is_known_next_time(kept_office: Office) -> None:
    account(kept_office, "dung", REVIEWER)
    reader = Reader(kept_office, "")
    fields = {"username": "dung", "password": PASSWORD}
    answer = reader.post("/signin", fields, base_url="https://localhost")
    for name in (COOKIE, DEVICE):
        [line] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{name}=")]
        assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(line.split("; "))
    plain = signed_in(kept_office, "dung")
    devices = kept_office.parts.devices
    assert devices.known(cookie(plain, DEVICE), " DUNG ")
    assert not devices.known(cookie(plain, DEVICE), "admin")
    assert not devices.known(cookie(plain, DEVICE)[:-1] + "x", "dung")
    assert not devices.known("a/../b", "dung")
