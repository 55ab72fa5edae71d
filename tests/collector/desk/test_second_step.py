"""The second step of signing in: set up, asked for, used once, lost, wanted by the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.actions import second_step
from collector.actions.attempts import Stand
from collector.actions.second_step import MOST_CODES, Gate, code_at
from collector.clock import moment
from collector.parts import KEY
from storage.access_problems import CodeWrong, TooManyCodes
from storage.database import db, transaction
from storage.models import Audit, RecoveryCode, SecondStep, User
from tests.collector.desk.reader import Page, Reader
from tests.collector.v1.shared import PASSWORD, account, basic, code
from tests.office import Office

HTTPS = "https://localhost"


def stepped(office: Office, name: str, role: int = REVIEWER) -> tuple[str, list[str]]:
    """Somebody who turned it on an hour ago: the secret and his recovery codes."""
    number = account(office, name, role)
    secret, before = second_step.new_secret(), moment() - timedelta(hours=1)
    with office.app.app_context(), transaction() as session:
        user = session.get_one(User, number)
        said = code_at(secret, before)
        return secret, second_step.turn_on(session, user, secret, said, vault=office.parts.vault, now=before)


def enter(office: Office, name: str) -> Reader:
    """Name and password, then the page that asks for the code."""
    reader = Reader(office, "")
    answer = reader.post("/signin", {"username": name, "password": PASSWORD, "next": "/account/keys"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin/code")
    return reader


def test_it_is_set_up_by_typing_and_the_codes_stand_there_once(kept_office: Office) -> None:
    account(kept_office, "lan", REVIEWER)
    lan = Reader(kept_office, "lan")
    lan.refused("/account/second/start", {"current": "guessed"})
    shown = Page(lan.post("/account/second/start", {"current": PASSWORD}))
    [secret] = [text.replace(" ", "") for text in shown.texts("//p[@class='secret']")]
    [picture] = [str(one.get("src")) for one in shown.find("//main//img")]
    drawn = lan.get(picture)
    assert drawn.content_type == "image/svg+xml"
    assert Reader(kept_office, "").get(picture).status_code == 404
    assert "not right" in lan.refused("/account/second", {"code": "000000"}).main
    assert Page(lan.get("/account/second")).find("//form[@action='/account/second/start']")
    codes = Page(lan.post("/account/second", {"code": code_at(secret, moment())})).texts("//main//li")
    assert len(set(codes)) == second_step.RECOVERY_CODES
    assert "Second step: on" in lan.page("/account").main
    assert codes[0] not in lan.page("/account/second").source
    with kept_office.app.app_context():
        kept = {one.digest for one in db.session.query(RecoveryCode)}
        sealed = [one.secret_sealed for one in db.session.query(SecondStep)]
        noted = {one.action for one in db.session.query(Audit)}
    assert not kept & set(codes)
    assert not any(secret.encode() in one for one in sealed)
    assert "user.second_step.create" in noted


def test_the_right_password_alone_is_no_session(kept_office: Office) -> None:
    secret, _codes = stepped(kept_office, "minh")
    reader = enter(kept_office, "minh")
    assert reader.get("/account").status_code == 303
    assert "not right" in reader.refused("/signin/code", {"code": "123"}, status=401).main
    assert reader.get("/account").status_code == 303
    entered = reader.post("/signin/code", {"code": code_at(secret, moment())})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/account/keys")
    assert reader.get("/account/keys").status_code == 200
    # Whoever never gave the password is not asked for a code.
    for path in ("/signin/code", "/signin/setup"):
        assert Reader(kept_office, "").get(path).headers["Location"] == "/signin"
        assert Reader(kept_office, "").post(path, {"code": "1"}).headers["Location"] == "/signin"


def test_a_code_is_good_once_and_half_a_minute_around(office: Office) -> None:
    secret, codes = stepped(office, "minh")
    vault, here, now = office.parts.vault, Stand("203.0.113.7"), moment()

    def takes(said: str, at: datetime) -> bool:
        user = db.session.query(User).filter_by(username="minh").one()
        try:
            second_step.prove(user, said, here, vault, now=at)
        except CodeWrong:
            return False
        return True

    with office.app.app_context():
        half = timedelta(seconds=30)
        assert not takes(code_at(secret, now - 2 * half), now)
        assert not takes(code_at(secret, now + 2 * half), now)
        assert takes(code_at(secret, now - half), now)
        assert takes(f" {code_at(secret, now)[:3]} {code_at(secret, now)[3:]} ", now)
        assert not takes(code_at(secret, now), now)
        assert not takes(code_at(secret, now - half), now)
        assert takes(code_at(secret, now + half), now)
        assert takes(codes[0].upper(), now)
        assert not takes(codes[0], now)
        assert takes(codes[1].replace("-", ""), now)


def test_who_guesses_codes_waits_and_the_owner_on_her_own_machine_does_not(kept_office: Office) -> None:
    secret, _codes = stepped(kept_office, "pao")
    vault, now = kept_office.parts.vault, moment()
    with kept_office.app.app_context():
        user = db.session.query(User).filter_by(username="pao").one()
        number = user.actor_id
        for guess in range(MOST_CODES):
            with pytest.raises(CodeWrong):
                second_step.prove(user, "12345", Stand(f"198.51.100.{guess}"), vault, now=now)
        user = db.session.get_one(User, number)
        with pytest.raises(TooManyCodes):
            second_step.prove(user, code_at(secret, now), Stand("198.51.100.200"), vault, now=now)
        second_step.prove(user, code_at(secret, now), Stand("198.51.100.1", known="hers"), vault, now=now)


def test_programs_send_the_code_or_take_a_key(kept_office: Office) -> None:
    secret, _codes = stepped(kept_office, "so.lieu")
    client, said = kept_office.client(), {"email": "so.lieu", "password": PASSWORD}
    missing = client.post("/v1/sessions", json=said)
    assert (missing.status_code, code(missing)) == (401, 401.5)
    assert "Keys for programs" in missing.text
    wrong = client.post("/v1/sessions", json={**said, "totp": "000"})
    assert (wrong.status_code, code(wrong)) == (401, 401.8)
    right = client.post("/v1/sessions", json={**said, "totp": code_at(secret, moment())})
    assert right.status_code == 200
    for _ in range(2):
        refused = kept_office.client().get(
            "/v1/users/current", headers=basic("so.lieu", PASSWORD), base_url=HTTPS
        )
        assert (refused.status_code, code(refused)) == (401, 401.7)
        assert "key" in refused.text
    phone = {"X-OpenRosa-Version": "1.0"}
    at_phones = kept_office.client().get(
        "/projects/1/formList", headers=basic("so.lieu", PASSWORD) | phone, base_url=HTTPS
    )
    assert at_phones.status_code == 401
    collect = basic("so.lieu", kept_office.collect_password("so.lieu"))
    taken = kept_office.client().get("/projects/1/formList", headers=collect | phone, base_url=HTTPS)
    assert taken.status_code == 200
    # Without one a password is enough, as for any client of ODK Central.
    account(kept_office, "khong.buoc", REVIEWER)
    plain = {"email": "khong.buoc", "password": PASSWORD}
    assert kept_office.client().post("/v1/sessions", json=plain).status_code == 200


def test_a_lost_phone_is_taken_away_by_who_keeps_the_account(kept_office: Office) -> None:
    stepped(kept_office, "mat.may")
    with kept_office.app.app_context():
        number = db.session.query(User).filter_by(username="mat.may").one().actor_id
    admin = Reader(kept_office)
    assert "Take the second step away" in admin.page(f"/accounts/{number}").main
    admin.send(f"/accounts/{number}/second")
    with kept_office.app.app_context():
        [noted] = db.session.query(Audit).filter_by(action="user.second_step.delete").all()
        assert (noted.actor_id, noted.actee_id) == (kept_office.admin_id, number)
        assert db.session.query(RecoveryCode).filter_by(actor_id=number).count() == 0
    reader = Reader(kept_office, "")
    entered = reader.post("/signin", {"username": "mat.may", "password": PASSWORD})
    assert entered.headers["Location"] == "/"
    # Nobody takes his own away without the password, nor somebody else's without keeping the account.
    assert admin.post(f"/accounts/{kept_office.admin_id}/second").status_code == 403
    assert Reader(kept_office, "mat.may").post(f"/accounts/{kept_office.admin_id}/second").status_code == 403


def test_its_owner_makes_new_codes_and_goes_without_by_his_password(kept_office: Office) -> None:
    _secret, codes = stepped(kept_office, "doi.ma")
    reader = Reader(kept_office, "doi.ma")
    fresh = Page(reader.post("/account/second/codes", {"current": PASSWORD})).texts("//main//li")
    assert not set(fresh) & set(codes)
    again = enter(kept_office, "doi.ma")
    again.refused("/signin/code", {"code": codes[0]}, status=401)
    assert again.post("/signin/code", {"code": fresh[0]}).status_code == 303
    reader.refused("/account/second/off", {"current": "guessed"})
    assert "password alone" in reader.send("/account/second/off", {"current": PASSWORD}).main


@pytest.fixture
def wanting(kept_office: Office) -> Iterator[Office]:
    """A server that wants a second step of managers and administrators."""
    before = kept_office.parts
    kept_office.app.extensions[KEY] = replace(before, gate=Gate(before.vault, "managers"))
    yield kept_office
    kept_office.app.extensions[KEY] = before


def test_a_manager_is_led_to_set_it_up_before_he_gets_in(wanting: Office) -> None:
    account(wanting, "truong.phong", MANAGER)
    account(wanting, "can.bo.xa", REVIEWER)
    officer = Reader(wanting, "").post("/signin", {"username": "can.bo.xa", "password": PASSWORD})
    assert officer.headers["Location"] == "/"
    reader = Reader(wanting, "")
    answer = reader.post("/signin", {"username": "truong.phong", "password": PASSWORD, "next": "/log"})
    assert answer.headers["Location"] == "/signin/setup"
    assert reader.get("/account").status_code == 303
    shown = reader.page("/signin/setup")
    [secret] = [text.replace(" ", "") for text in shown.texts("//p[@class='secret']")]
    reader.refused("/signin/setup", {"code": "1"})
    done = Page(reader.post("/signin/setup", {"code": code_at(secret, moment())}))
    assert len(done.texts("//main//li")) == second_step.RECOVERY_CODES
    assert "/log" in done.links()
    assert reader.get("/account").status_code == 200
    assert reader.post("/account/second/off", {"current": PASSWORD}).status_code == 403
    program = wanting.client().post("/v1/sessions", json={"email": "admin", "password": "mat khau dai 10"})
    assert code(program) == 401.6


def test_a_password_that_was_changed_meanwhile_ends_a_half_way_sign_in(kept_office: Office) -> None:
    secret, _codes = stepped(kept_office, "doi.mat.khau")
    reader = enter(kept_office, "doi.mat.khau")
    with kept_office.app.app_context():
        number = db.session.query(User).filter_by(username="doi.mat.khau").one().actor_id
    Reader(kept_office).post(f"/accounts/{number}/reset", {"kind": "password"})
    late = reader.post("/signin/code", {"code": code_at(secret, moment())})
    assert late.headers["Location"] == "/signin"
    assert reader.get("/account").status_code == 303
