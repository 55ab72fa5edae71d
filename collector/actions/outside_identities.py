"""Accounts tied to what a provider of identities says of a person: by himself, or by who keeps the account.

An account is never made and never found by anything else a provider says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from storage.access_problems import IdentityTaken, IdentityUnusable
from storage.audits import note, of_actor
from storage.models import OutsideIdentity, User
from storage.queries import sign_ins

LONGEST = 255


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as a provider knows him: what its claim says. `strong`: it asked for a second factor too."""

    issuer: str
    claim: str
    value: str
    strong: bool = False


def usable(value: object) -> bool:
    """Whether a value can be what a provider says of one person."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST
        and value == value.strip()
        and value.isprintable()
    )


def tie(session: Session, user: User, known: Known, *, provider: str, by: int | None, now: datetime) -> None:
    """Let that identity open an account, instead of the one before.

    Raises IdentityTaken, IdentityUnusable.
    """
    if not usable(known.value):
        raise IdentityUnusable(provider=provider)
    holder = sign_ins.identity_holder(session, known.issuer, known.claim, known.value)
    if holder not in {None, user.actor_id}:
        raise IdentityTaken(value=known.value)
    session.execute(delete(OutsideIdentity).where(OutsideIdentity.actor_id == user.actor_id))
    session.expire_all()
    session.add(
        OutsideIdentity(
            actor_id=user.actor_id,
            issuer=known.issuer,
            claim=known.claim,
            value=known.value,
            tied_by=by,
            tied_at=now,
        )
    )
    session.flush()
    note(
        session,
        "user.outside.create",
        actee=of_actor(user.actor),
        details={"issuer": known.issuer, "claim": known.claim},
        now=now,
    )


def untie(session: Session, user: User, *, now: datetime) -> bool:
    """Let no identity of a provider open an account any more; False where none did."""
    kept = sign_ins.identity_outside(session, user.actor_id)
    if kept is None:
        return False
    session.delete(kept)
    session.flush()
    note(session, "user.outside.delete", actee=of_actor(user.actor), now=now)
    return True
