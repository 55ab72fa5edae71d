"""Signing in with a password: who guesses has to wait, nobody else does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from collector.accounts.secrets import Vault
from collector.actions.accounts import SignedIn, create_user
from collector.actions.attempts import (
    FAILURES_LAST,
    MOST_FAILURES,
    MOST_OF_ADDRESS,
    MOST_OF_NAME,
    Limit,
    Stand,
    of_password,
    within,
)
from collector.actions.entering import enter as entering
from collector.actions.second_step import Gate
from collector.clock import moment
from storage.database import db, transaction
from storage.models import FailedSignIn, LoginSession
from storage.problems import NotSignedIn, TooManyAttempts
from tests.collector.v1.shared import basic
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
GATE = Gate(Vault("a key"))


def enter(name: str, password: str, address: str, *, now: datetime, known: str = "") -> SignedIn:
    return entering(name, password, Stand(address, known=known), GATE, now=now)


def guess(times: int, name: str = ADMIN, address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            enter(name, "wrong password", address, now=NOW)


def test_the_right_password_opens_a_session(office: Office) -> None:
    with office.app.app_context():
        signed = enter(" Admin ", ADMIN_PASSWORD, HERE, now=NOW)
        assert signed.expires_at == NOW + timedelta(hours=24)
        assert db.session.query(LoginSession).count() == 1


@pytest.mark.parametrize("name", ["nobody", "", "quản trị", "a\0b", "\ud800"])
def test_a_name_nobody_has_is_told_apart_from_a_wrong_password_by_nothing(office: Office, name: str) -> None:
    with office.app.app_context(), pytest.raises(NotSignedIn):
        enter(name, "\ud800\0", HERE, now=NOW)


def test_who_guesses_has_to_wait_even_with_the_right_password(office: Office) -> None:
    with office.app.app_context():
        guess(MOST_FAILURES)
        with pytest.raises(TooManyAttempts):
            enter("ADMIN", ADMIN_PASSWORD, HERE, now=NOW)
        assert enter(ADMIN, ADMIN_PASSWORD, HERE, now=NOW + FAILURES_LAST + timedelta(seconds=1)).token


def test_neither_a_colleague_nor_the_owner_elsewhere_has_to_wait(office: Office) -> None:
    with office.app.app_context():
        with transaction() as session:
            create_user(session, "can.bo", "mat khau khac", now=NOW)
        guess(MOST_FAILURES)
        assert enter("can.bo", "mat khau khac", HERE, now=NOW).token
        assert enter(ADMIN, ADMIN_PASSWORD, ELSEWHERE, now=NOW).token


def test_a_success_forgets_the_failures_before_it(office: Office) -> None:
    with office.app.app_context():
        guess(MOST_FAILURES - 1)
        enter(ADMIN, ADMIN_PASSWORD, HERE, now=NOW)
        guess(MOST_FAILURES - 1)
        assert enter(ADMIN, ADMIN_PASSWORD, HERE, now=NOW).token


def test_no_name_is_kept(office: Office) -> None:
    with office.app.app_context():
        guess(1, name="tên tôi là mật khẩu")
        kept = db.session.query(FailedSignIn).all()
        assert {len(one.attempt) for one in kept} == {64}


def test_an_officer_on_a_known_machine_gets_in_while_the_whole_world_guesses_her_name(office: Office) -> None:
    """Somebody tries one name from a hundred addresses: only machines new to it have to wait."""
    with office.app.app_context():
        for number in range(MOST_OF_NAME):
            guess(1, address=f"198.51.100.{number}")
        with pytest.raises(TooManyAttempts):
            enter(ADMIN, ADMIN_PASSWORD, ELSEWHERE, now=NOW)
        assert enter(ADMIN, ADMIN_PASSWORD, ELSEWHERE, now=NOW, known="her own machine").token
        later = NOW + FAILURES_LAST + timedelta(seconds=1)
        assert enter(ADMIN, ADMIN_PASSWORD, ELSEWHERE, now=later).token


def test_a_district_office_behind_one_address_goes_on_working_while_one_machine_there_tries_every_name(
    office: Office,
) -> None:
    def wrong() -> None:
        raise NotSignedIn

    with office.app.app_context():
        with transaction() as session:
            create_user(session, "can.bo", "mat khau khac", now=NOW)
            limit = Limit("sign-in\0", HERE, MOST_OF_ADDRESS)
            attempt = limit.attempt
            session.add_all(FailedSignIn(attempt=attempt, created_at=NOW) for _ in range(MOST_OF_ADDRESS - 1))
        assert enter("can.bo", "mat khau khac", HERE, now=NOW).token
        guess(1, name="mot.ten.nao.do")
        assert enter("can.bo", "mat khau khac", HERE, now=NOW, known="room 3").token
        with pytest.raises(TooManyAttempts):
            enter("can.bo", "mat khau khac", HERE, now=NOW)
        assert enter("can.bo", "mat khau khac", ELSEWHERE, now=NOW).token
        with pytest.raises(TooManyAttempts):
            within([limit], wrong, now=NOW)


def test_whoever_guesses_on_a_known_machine_waits_too_and_only_there(office: Office) -> None:
    with office.app.app_context():
        for _ in range(MOST_FAILURES):
            with pytest.raises(NotSignedIn):
                enter(ADMIN, "wrong password", HERE, now=NOW, known="left open")
        with pytest.raises(TooManyAttempts):
            enter(ADMIN, ADMIN_PASSWORD, HERE, now=NOW, known="left open")
        assert enter(ADMIN, ADMIN_PASSWORD, HERE, now=NOW).token


def test_phones_of_a_village_send_while_somebody_guesses_the_name_they_have(
    office: Office,
) -> None:
    collect = basic(ADMIN, office.collect_password())
    with office.app.app_context(), transaction() as session:
        for limit in of_password(ADMIN, Stand("127.0.0.1")):
            attempt = limit.attempt
            session.add_all(FailedSignIn(attempt=attempt, created_at=moment()) for _ in range(limit.most))
    asked = {"path": "/projects/1/formList", "base_url": "https://localhost"}
    phone = {"X-OpenRosa-Version": "1.0"}
    assert office.client().get(**asked, headers=collect | phone).status_code == 200
    guessed = office.client().get(**asked, headers=basic(ADMIN, ADMIN_PASSWORD) | phone)
    assert guessed.status_code == 429
