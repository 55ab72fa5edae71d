"""Wrong passwords, PINs and codes, counted so that who guesses has to wait and nobody else does.

What is counted is a name together with where it is tried from, so an office behind one address and the owner
elsewhere still get in. A machine that has signed in to an account before counts by itself: whoever guesses
from other addresses, however many, does not keep its owner out (decision 0039).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from storage.database import db, transaction
from storage.models import FailedSignIn
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import sign_ins

MOST_FAILURES = 10
"""Wrong passwords for one name from one address within FAILURES_LAST; then that pair has to wait."""
MOST_OF_NAME = 100
"""Wrong passwords for one name from anywhere; then machines that never signed in to it have to wait."""
MOST_OF_ADDRESS = 300
"""Wrong passwords from one address, whatever the name; then machines new to an account have to wait there."""
FAILURES_LAST = timedelta(minutes=15)
APART = timedelta(minutes=5)
LONGEST = timedelta(days=1)
"""How long a wrong attempt is remembered where it is counted the longest."""
ANYWHERE = "anywhere"

Proof = TypeVar("Proof")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody signs in: address, device in words, and its mark where the account knows the device."""

    address: str
    words: str = ""
    known: str = ""

    @property
    def place(self) -> str:
        """What wrong attempts from here are counted by."""
        return f"device\0{self.known}" if self.known else self.address


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong attempts at a name from a place, within a time."""

    name: str
    place: str
    most: int = MOST_FAILURES
    last: timedelta = FAILURES_LAST

    @property
    def attempt(self) -> str:
        """Name and place as one digest.

        Neither names nor what was typed by mistake into their field are kept, only what finds them again.
        """
        said = f"{self.name.strip().lower()}\0{_line(self.place)}"
        return hashlib.sha256(said.encode(errors="replace")).hexdigest()


def of_password(username: str, stand: Stand) -> tuple[Limit, ...]:
    """What wrong passwords for a name are counted by, the narrowest first."""
    mine = Limit(username, stand.place)
    if stand.known:
        return (mine,)
    return (
        mine,
        Limit(f"sign-in\0{username}", ANYWHERE, MOST_OF_NAME),
        Limit("sign-in\0", stand.address, MOST_OF_ADDRESS),
    )


def counted(
    username: str, address: str, check: Callable[[], Proof], *, now: datetime, most: int = MOST_FAILURES
) -> Proof:
    """What `check` finds a secret to prove, wrong ones counted by name and address together.

    Call it outside of any transaction. Raises TooManyAttempts, and NotSignedIn when `check` does.
    """
    return within([Limit(username, address, most)], check, now=now)


def within(limits: Sequence[Limit], check: Callable[[], Proof], *, now: datetime) -> Proof:
    """The same under several limits at once; call it outside of any transaction."""
    for one in limits:
        # Clocks of several machines may be a little apart.
        if sign_ins.failures(db.session(), one.attempt, since=now - one.last, until=now + APART) >= one.most:
            raise TooManyAttempts(minutes=one.last // timedelta(minutes=1))
    try:
        return check()
    except NotSignedIn:
        with transaction() as session:
            session.execute(delete(FailedSignIn).where(FailedSignIn.created_at < now - LONGEST))
            session.add_all(FailedSignIn(attempt=one.attempt, created_at=now) for one in limits)
        raise


def forget(session: Session, limit: Limit) -> None:
    """Count anew: whoever had it wrong has it right now."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.attempt == limit.attempt))


def _line(address: str) -> str:
    """Whose line it is: with IPv6 one customer has all addresses that begin with the same 64 bits."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Network((found, 64), strict=False))
    return address
