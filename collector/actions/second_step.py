"""The second step of signing in: codes of an app (RFC 6238, 30 seconds), and ten that take their place once.

Knows: pyotp. A code is good half a minute earlier and later than its own, and once: a phone's clock may be
off, and whoever reads it over a shoulder comes too late.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import Update, delete, update
from sqlalchemy.orm import Session

from collector.accounts.permissions import ADMINISTRATOR, MANAGER
from collector.accounts.secrets import Vault, new_password
from collector.actions.attempts import ANYWHERE, Limit, Stand, forget, within
from storage.access_problems import CodeWrong, SecondStepRequired, TooManyCodes
from storage.audits import note, of_actor
from storage.database import transaction
from storage.models import RecoveryCode, SecondStep, User
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import sign_ins

ISSUER = "Collector"
"""What the app on the phone calls this server."""
RECOVERY_CODES = 10
MOST_CODES = 50
"""Wrong codes for one account from anywhere in a day; then machines new to it have to wait."""
_HALF_MINUTE = 30
_DIGITS = 6
_GROUP, _LETTERS = 4, 12
_DAY = timedelta(days=1)

REQUIRED: Mapping[str, frozenset[int]] = {
    "none": frozenset(),
    "administrators": frozenset({ADMINISTRATOR}),
    "managers": frozenset({ADMINISTRATOR, MANAGER}),
}
"""Of whom the server wants a second step: the roles of those words of COLLECTOR_TOTP_REQUIRED."""


class Step(StrEnum):
    """What is still to do when the password was right."""

    NONE = ""
    CODE = "code"
    SET_UP = "set up"


@dataclass(frozen=True, slots=True)
class Gate:
    """What decides about second steps: the server's key, and of whom it wants one (a word of REQUIRED)."""

    vault: Vault
    required: str = "none"

    def wants(self, session: Session, actor_id: int) -> bool:
        """Whether the server wants a second step of that account."""
        roles = REQUIRED[self.required]
        return bool(roles) and sign_ins.holds_one_of(session, actor_id, roles)

    def step(self, session: Session, actor_id: int) -> Step:
        """What an account has to do after its password."""
        if sign_ins.second_step(session, actor_id) is not None:
            return Step.CODE
        return Step.SET_UP if self.wants(session, actor_id) else Step.NONE


def new_secret() -> str:
    """A fresh secret of 160 bits, as people type it: base32."""
    return pyotp.random_base32()


def address_of(secret: str, username: str, server: str) -> str:
    """What the picture for the app says: `server` is the name of the machine, shown beside the account."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=f"{ISSUER} {server}".strip())


def code_at(secret: str, moment: datetime) -> str:
    """The code an app shows at a moment."""
    return pyotp.TOTP(secret).at(int(moment.timestamp()))


def _half_minute(secret: str, said: str, now: datetime) -> int | None:
    """The half minute a code belongs to, None for one that is not of now."""
    here = int(now.timestamp()) // _HALF_MINUTE
    app = pyotp.TOTP(secret)
    found = [step for step in (here - 1, here, here + 1) if hmac.compare_digest(app.generate_otp(step), said)]
    return max(found, default=None)


def _plain(said: str) -> str:
    return "".join(letter for letter in said.lower() if letter.isascii() and letter.isalnum())


def turn_on(
    session: Session, user: User, secret: str, said: str, *, vault: Vault, now: datetime
) -> list[str]:
    """Ask for codes of that secret from now on; returns the recovery codes, kept nowhere.

    `said` shows that the app has the secret. Raises CodeWrong.
    """
    step = _half_minute(secret, _plain(said), now)
    if step is None:
        raise CodeWrong
    _forget(session, user.actor_id)
    sealed = vault.seal(secret)
    session.add(SecondStep(actor_id=user.actor_id, secret_sealed=sealed, last_step=step, made_at=now))
    session.flush()
    note(session, "user.second_step.create", actee=of_actor(user.actor), now=now)
    return _new_codes(session, user, vault)


def turn_off(session: Session, user: User, gate: Gate, *, now: datetime) -> None:
    """Its owner goes without. Raises SecondStepRequired where the server wants it of him."""
    if gate.wants(session, user.actor_id):
        raise SecondStepRequired
    take_away(session, user, now=now)


def take_away(session: Session, user: User, *, now: datetime) -> bool:
    """Ask an account for no code any more, as for a lost phone; False where it was not asked for any."""
    if sign_ins.second_step(session, user.actor_id) is None:
        return False
    _forget(session, user.actor_id)
    note(session, "user.second_step.delete", actee=of_actor(user.actor), now=now)
    return True


def _forget(session: Session, actor_id: int) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.actor_id == actor_id))
    session.execute(delete(SecondStep).where(SecondStep.actor_id == actor_id))
    session.expire_all()


def renew_codes(session: Session, user: User, vault: Vault, *, now: datetime) -> list[str]:
    """Ten fresh recovery codes; those before them end."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.actor_id == user.actor_id))
    note(session, "user.second_step.codes", actee=of_actor(user.actor), now=now)
    return _new_codes(session, user, vault)


def _new_codes(session: Session, user: User, vault: Vault) -> list[str]:
    fresh = [new_password(_LETTERS) for _ in range(RECOVERY_CODES)]
    digests = [_digest(vault, user.actor_id, one) for one in fresh]
    session.add_all(RecoveryCode(actor_id=user.actor_id, digest=digest) for digest in digests)
    session.flush()
    return ["-".join(one[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP)) for one in fresh]


def _digest(vault: Vault, actor_id: int, code: str) -> str:
    # Keyed: a copy of the database alone, which is worth guessing at, finds none.
    return hmac.digest(vault.derived("recovery codes"), f"{actor_id}\0{code}".encode(), "sha256").hex()


def prove(user: User, said: str, stand: Stand, vault: Vault, *, now: datetime) -> None:
    """Use up a code of the app, or a recovery code; call it outside of any transaction.

    Wrong ones are counted by account and address, or by the device that is known to the account; from all
    other devices together in a day. Raises CodeWrong, TooManyCodes.
    """
    number, code = user.actor_id, _plain(said)
    name = f"code\0{number}"
    mine = Limit(name, stand.place)
    limits = (mine, Limit(f"{name}\0day", stand.place if stand.known else ANYWHERE, MOST_CODES, _DAY))

    def check() -> None:
        with transaction() as session:
            if not _use(session, number, code, vault, now):
                raise NotSignedIn
            forget(session, mine)

    try:
        within(limits, check, now=now)
    except NotSignedIn as error:
        raise CodeWrong from error
    except TooManyAttempts as error:
        raise TooManyCodes(**error.details) from error


def _use(session: Session, number: int, code: str, vault: Vault, now: datetime) -> bool:
    kept = sign_ins.second_step(session, number)
    if kept is None:
        return False
    if len(code) == _DIGITS and code.isdigit():
        step = _half_minute(vault.open(kept.secret_sealed), code, now)
        # Said in one statement: of two requests with the same code one finds the row as it wants it.
        return step is not None and _changed(
            session,
            update(SecondStep)
            .where(SecondStep.actor_id == number, SecondStep.last_step < step)
            .values(last_step=step),
        )
    digest = _digest(vault, number, code)
    used = _changed(
        session,
        update(RecoveryCode)
        .where(RecoveryCode.actor_id == number, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None))
        .values(used_at=now),
    )
    if used:
        actee = of_actor(session.get_one(User, number).actor)
        note(session, "user.second_step.recovery", actee=actee, actor_id=number, now=now)
    return used


def _changed(session: Session, statement: Update) -> bool:
    return bool(session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]
