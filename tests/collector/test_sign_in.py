"""Signing in with a password: who guesses has to wait, nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.actions.accounts import FAILURES_LAST, MOST_FAILURES, create_user, enter
from storage.database import db, transaction
from storage.models import FailedSignIn, LoginSession
from storage.problems import NotSignedIn, TooManyAttempts
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


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
        kept = db.session.query(FailedSignIn).one()
        assert len(kept.attempt) == 64
