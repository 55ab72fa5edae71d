"""Into an account again, at the machine itself: a link for a new password, the second step taken away."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from collector.accounts.permissions import REVIEWER
from collector.actions import second_step
from collector.actions.accounts import check_password
from collector.actions.second_step import code_at
from collector.clock import moment
from storage.database import db, transaction
from storage.models import Audit, PasswordReset, RecoveryCode, SecondStep, User
from storage.problems import NotSignedIn
from tests.collector.desk.reader import Reader
from tests.collector.test_cli import Command, _as_before, collector, refused, said
from tests.collector.v1.shared import PASSWORD, account
from tests.kept import looking
from tests.office import ADMIN, ADMIN_PASSWORD, Office

__all__ = ["_as_before", "collector"]

FRESH = "ruong bac thang 22"
AGAIN = {"fresh": FRESH, "again": FRESH}


def link(collector: Command, name: str = ADMIN) -> str:
    """The path of a link, as it is typed into a browser."""
    printed = said(collector("user", "reset-link", name, COLLECTOR_PUBLIC_URL="https://khaosat.example.vn"))
    assert printed.startswith("https://khaosat.example.vn/reset/")
    return urlsplit(printed).path


def test_the_last_administrator_gets_in_again_by_a_link(collector: Command, office: Office) -> None:
    """His password is forgotten, and nobody else may give him another."""
    before = Reader(office)
    path, anybody = link(collector), Reader(office, "")
    assert ADMIN in anybody.page(path).main
    assert "differ" in anybody.refused(path, {"fresh": FRESH, "again": "khac"}).main
    assert "at least 10" in anybody.refused(path, {"fresh": "ngan", "again": "ngan"}).main
    anybody.send(path, AGAIN)
    with looking(office) as session:
        assert check_password(session, ADMIN, FRESH).actor_id == office.admin_id
        with pytest.raises(NotSignedIn):
            check_password(session, ADMIN, ADMIN_PASSWORD)
        noted = session.execute(select(Audit.action, Audit.actor_id, Audit.actee_id)).all()
    assert ("user.reset.create", None, office.admin_id) in [tuple(one) for one in noted]
    # Whoever was signed in with the old one is out, and the link is over.
    assert before.get("/account").status_code == 303
    assert anybody.get(path).status_code == anybody.post(path, AGAIN).status_code == 403


def test_a_link_ends_with_the_day_and_with_the_next_one(collector: Command, office: Office) -> None:
    first, second = link(collector), link(collector)
    anybody = Reader(office, "")
    assert anybody.get(first).status_code == 403
    assert anybody.get(second).status_code == 200
    with office.app.app_context(), transaction() as session:
        [leave] = session.scalars(select(PasswordReset)).all()
        assert leave.expires_at - leave.created_at == timedelta(hours=24)
        session.execute(update(PasswordReset).values(expires_at=moment() - timedelta(seconds=1)))
    assert anybody.get(second).status_code == anybody.post(second, AGAIN).status_code == 403
    with looking(office) as session:
        assert check_password(session, ADMIN, ADMIN_PASSWORD).username == ADMIN


def test_who_is_shut_out_gets_no_link(collector: Command, office: Office) -> None:
    number = account(office, "lan", REVIEWER)
    assert refused(collector("user", "reset-link", "nobody")) == "There is no account “nobody”."
    with office.app.app_context(), transaction() as session:
        session.get_one(User, number).disabled_at = moment()
    assert "lan" in refused(collector("user", "reset-link", "lan"))
    with looking(office) as session:
        assert session.scalars(select(PasswordReset)).all() == []


def test_the_second_step_of_a_lost_phone_is_taken_away(collector: Command, office: Office) -> None:
    number = account(office, "lan", REVIEWER)
    assert said(collector("user", "totp", "lan")) == "lan signs in without a second step."
    assert said(collector("user", "totp", "lan", "--off")) == "lan signs in without a second step."
    secret, before = second_step.new_secret(), moment() - timedelta(hours=1)
    with office.app.app_context(), transaction() as session:
        user = session.get_one(User, number)
        second_step.turn_on(
            session, user, secret, code_at(secret, before), vault=office.parts.vault, now=before
        )
    assert said(collector("user", "totp", "lan")) == "lan signs in with a second step."
    said_at_sign_in = {"username": "lan", "password": PASSWORD, "next": "/account"}
    assert Reader(office, "").post("/signin", said_at_sign_in).headers["Location"] == "/signin/code"
    assert said(collector("user", "totp", "lan", "--off")) == (
        "The second step of lan is taken away; the password alone lets its owner in."
    )
    assert Reader(office, "").post("/signin", said_at_sign_in).headers["Location"] == "/account"
    with office.app.app_context():
        assert db.session.query(SecondStep).count() == db.session.query(RecoveryCode).count() == 0
        [noted] = db.session.query(Audit).filter_by(action="user.second_step.delete")
        assert (noted.actor_id, noted.actee_id) == (None, number)
    assert refused(collector("user", "totp", "nobody")) == "There is no account “nobody”."
