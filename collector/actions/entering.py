"""Signing in: the password, the second step where there is one, then a session."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from collector.actions.accounts import IDLE_LIFE, SignedIn, check_password, sign_in
from collector.actions.attempts import Stand, forget, of_password, within
from collector.actions.second_step import Gate, Step
from collector.actions.second_step import prove as prove_code
from storage.access_problems import SecondStepMissing, SecondStepUnset
from storage.database import db, transaction
from storage.models import LoginSession, User
from storage.queries.actors import Signed

USED_EVERY = timedelta(minutes=5)
"""How often the use of a session is noted: writing it with every page would cost more than it tells."""


def prove(username: str, password: str, stand: Stand, *, now: datetime) -> int:
    """The account of a name and password; call it outside of any transaction.

    Raises NotSignedIn, TooManyAttempts.
    """
    return within(
        of_password(username, stand),
        lambda: check_password(db.session(), username, password).actor_id,
        now=now,
    )


def begin(actor_id: int, stand: Stand, *, now: datetime, way: str = "") -> SignedIn:
    """A session for whoever has proved himself; what he had wrong before is forgotten."""
    with transaction() as session:
        user = session.get_one(User, actor_id)
        forget(session, of_password(user.username, stand)[0])
        return sign_in(session, user, now=now, device=stand.words, way=way)


def enter(
    username: str, password: str, stand: Stand, gate: Gate, *, now: datetime, code: str = ""
) -> SignedIn:
    """Sign in at once by name, password and, where the account has one, the code of its second step.

    Call it outside of any transaction. Raises NotSignedIn, TooManyAttempts, SecondStepMissing,
    SecondStepUnset, CodeWrong, TooManyCodes.
    """
    number = prove(username, password, stand, now=now)
    step = gate.step(db.session(), number)
    if step is Step.SET_UP:
        raise SecondStepUnset
    if step is Step.NONE:
        return begin(number, stand, now=now)
    if not code:
        raise SecondStepMissing
    prove_code(db.session.get_one(User, number), code, stand, gate.vault, now=now)
    return begin(number, stand, now=now, way="second step")


def is_idle(signed: Signed, now: datetime) -> bool:
    """Whether a browser was left alone for so long that its pages ask for the password again."""
    return now - (signed.last_used_at or signed.created_at) > IDLE_LIFE


def needs_noting(signed: Signed, now: datetime) -> bool:
    """Whether the last use that is noted of a session is some minutes ago."""
    return now - (signed.last_used_at or signed.created_at) > USED_EVERY


def note_use(session_id: int, now: datetime) -> None:
    """Note that a session was used; call it outside of any transaction."""
    with transaction(noticed=False) as session:
        session.execute(update(LoginSession).where(LoginSession.id == session_id).values(last_used_at=now))
