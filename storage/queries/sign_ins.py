"""Sign-ins: those that failed, sessions that are open, second steps, identities of other providers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import (
    Actor,
    Assignment,
    FailedSignIn,
    LoginSession,
    OutsideIdentity,
    RecoveryCode,
    SecondStep,
    User,
)


def failures(session: Session, attempt: str, *, since: datetime, until: datetime) -> int:
    """How often this name and address (as one digest) failed from then to then.

    What lies ahead was counted by a clock that was wrong; it keeps nobody out until that day comes.
    """
    query = select(func.count()).where(
        FailedSignIn.attempt == attempt, FailedSignIn.created_at.between(since, until)
    )
    return session.scalars(query).one()


def open_sessions(session: Session, actor_id: int, now: datetime) -> Sequence[LoginSession]:
    """The sessions of an account that have not run out, newest first."""
    return session.scalars(
        select(LoginSession)
        .where(LoginSession.actor_id == actor_id, LoginSession.expires_at > now)
        .order_by(LoginSession.created_at.desc(), LoginSession.id.desc())
    ).all()


def second_step(session: Session, actor_id: int) -> SecondStep | None:
    """The second step of an account that has one, as it is now."""
    return session.get(SecondStep, actor_id, populate_existing=True)


def recovery_codes_left(session: Session, actor_id: int) -> int:
    """How many recovery codes of an account are unused."""
    query = select(func.count()).where(RecoveryCode.actor_id == actor_id, RecoveryCode.used_at.is_(None))
    return session.scalars(query).one()


def holds_one_of(session: Session, actor_id: int, roles: Collection[int]) -> bool:
    """Whether an account holds one of these roles, wherever."""
    held = select(Assignment.id).where(Assignment.actor_id == actor_id, Assignment.role.in_(roles))
    return session.scalars(held.limit(1)).first() is not None


def identity_outside(session: Session, actor_id: int) -> OutsideIdentity | None:
    """Who an account is to a provider, None where nothing is tied to it."""
    return session.get(OutsideIdentity, actor_id, populate_existing=True)


def account_of_identity(session: Session, issuer: str, claim: str, value: str) -> User | None:
    """The account that lets somebody in (living, not disabled) which this identity is tied to."""
    return session.scalars(
        select(User)
        .join(OutsideIdentity, OutsideIdentity.actor_id == User.actor_id)
        .join(Actor, Actor.id == User.actor_id)
        .where(
            OutsideIdentity.issuer == issuer,
            OutsideIdentity.claim == claim,
            OutsideIdentity.value == value,
            Actor.deleted_at.is_(None),
            User.disabled_at.is_(None),
        )
    ).one_or_none()


def identity_holder(session: Session, issuer: str, claim: str, value: str) -> int | None:
    """The number of the account an identity is tied to, open or not."""
    return session.scalars(
        select(OutsideIdentity.actor_id).where(
            OutsideIdentity.issuer == issuer, OutsideIdentity.claim == claim, OutsideIdentity.value == value
        )
    ).one_or_none()
