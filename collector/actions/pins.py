"""Six digits by which a volunteer gets his code again, on whatever phone he has then.

Why: a million PINs are few. Whoever guesses at the door has to wait (see `fetch`). Whoever steals the
database could try them all against any hash in hours, so each PIN is first keyed with the server's
secret, which does not lie there; argon2id over that is kept small (8 MB, one pass: a tenth of what a
password gets), so that a thousand sheets are printed in seconds and not in minutes.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault
from collector.actions.attempts import counted
from forms.volunteers import phone_number
from storage.cuts import within
from storage.database import Base, db
from storage.models import AppUser
from storage.problems import NotSignedIn
from storage.queries import volunteers
from storage.scope import WHOLE

PIN_LENGTH = 6
MOST_OF_NUMBER = 30
"""Wrong PINs for one phone number, wherever they come from, in the time `counted` looks back."""
MOST_OF_ADDRESS = 60
"""Wrong PINs from one network address: a whole village may share one."""

_HASHER = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)


def new_pin() -> str:
    """Six digits by chance."""
    return f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}}"


def _keyed(vault: Vault, actor_id: int, pin: str) -> bytes:
    return hmac.digest(vault.derived("PINs"), f"{actor_id}:{pin}".encode(errors="replace"), "sha256")


@cache
def _nobody() -> str:
    """Compared against where there is no such number, so that both answers take as long."""
    return _HASHER.hash("nobody has this number")


def hashed(vault: Vault, actor_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """A fresh PIN for each, in clear and as it is kept; outside of any transaction, it takes its time."""
    fresh = {number: new_pin() for number in actor_ids}
    with ThreadPoolExecutor(4) as pool:
        kept = pool.map(lambda one: _HASHER.hash(_keyed(vault, one[0], one[1])), fresh.items())
        return {number: (pin, hash_) for (number, pin), hash_ in zip(fresh.items(), kept, strict=True)}


def give(session: Session, pins: Mapping[int, tuple[str, str]]) -> None:
    """Keep the PINs that `hashed` made; those before them end. Only for phones that have access."""
    phones = Base.metadata.tables["app_users"]
    for number, (_pin, kept) in pins.items():
        session.execute(
            update(phones)
            .where(phones.c.actor_id == number, phones.c.token_hash.is_not(None))
            .values(pin_hash=kept)
        )


def fetch(number: str, pin: str, address: str, vault: Vault, *, now: datetime) -> list[int]:
    """Whose number and PIN these are: his phones, one a project. Call it outside of any transaction.

    The answer is the same, and takes as long, for a number nobody has. Wrong ones are counted by number
    and address, by number, and by address. Raises NotSignedIn, TooManyAttempts.
    """
    phone = phone_number(number) or ""

    def check() -> list[int]:
        # Nobody is signed in here: what opens the door is the PIN.
        with within(WHOLE):
            several = volunteers.with_phone(db.session(), phone) if phone else ()
            mine = [one.actor_id for one in several if one.pin_hash and _is_right(vault, one, pin)]
        if not any(one.pin_hash for one in several):
            _verify(_nobody(), b"")
        if not mine:
            raise NotSignedIn
        return mine

    def of_number() -> list[int]:
        return counted(f"pin\0{phone}", address, check, now=now)

    def of_address() -> list[int]:
        return counted(f"pin\0{phone}", "anywhere", of_number, now=now, most=MOST_OF_NUMBER)

    return counted("pin\0", address, of_address, now=now, most=MOST_OF_ADDRESS)


def is_of(vault: Vault, phone: AppUser | None, pin: str) -> bool:
    """Whether that is the PIN of an access; for none, or one without a PIN, it takes as long to say no."""
    if phone is None or not phone.pin_hash:
        _verify(_nobody(), b"")
        return False
    return _is_right(vault, phone, pin)


def _is_right(vault: Vault, phone: AppUser, pin: str) -> bool:
    # As it stands on the sheet: in two groups of three.
    return _verify(phone.pin_hash or "", _keyed(vault, phone.actor_id, "".join(pin.split())))


def _verify(kept: str, said: bytes) -> bool:
    try:
        return _HASHER.verify(kept, said)
    except (VerificationError, InvalidHashError):
        return False
