"""Codes of villages: for each an access of its own, made together, printed with a PIN, taken back together.

Why: a village head has no app and no account. What he gets is a short address, which is his village's,
and a PIN; both stand on a sheet of paper, so the address has to be one that can be read aloud and typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault
from collector.actions import volunteers as people
from collector.actions.volunteers import Candidate, Import, Undone
from forms.places import UNLISTED_ENDING, VILLAGE
from storage.database import Base
from storage.groups import in_groups
from storage.models import AppUser, Batch, Place
from storage.queries import village_codes, volunteers
from storage.queries.batches import with_ticket
from storage.queries.village_codes import VillageAccess
from storage.queries.volunteers import PlaceName

KIND = "village_codes"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Signs that are not taken for one another on paper or on the telephone."""

LENGTH = 6
MOST = 300
"""Villages in one go: more than any commune has."""

_PHONES = Base.metadata.tables["app_users"]
_ACTORS = Base.metadata.tables["actors"]


class State(StrEnum):
    """How far the code of a village is."""

    NONE = "none"
    UNPRINTED = "unprinted"
    UNOPENED = "unopened"
    USED = "used"
    WITHDRAWN = "withdrawn"


def state_of(access: VillageAccess | None) -> State:
    """The state of a village's access; None: it never had one."""
    if access is None:
        return State.NONE
    if not access.has_access:
        return State.WITHDRAWN
    if access.last_used_at is not None:
        return State.USED
    return State.UNOPENED if access.has_pin else State.UNPRINTED


@dataclass(frozen=True, slots=True)
class Line:
    """A village with its access, None where it never had one."""

    place: PlaceName
    access: VillageAccess | None

    @property
    def state(self) -> State:
        """How far its code is."""
        return state_of(self.access)

    @property
    def has_code(self) -> bool:
        """Whether there is a code that opens something."""
        return self.access is not None and self.access.has_access


def lines_of(session: Session, project_id: int, commune: str) -> list[Line]:
    """The villages of a commune with their accesses, as far as the asker sees them."""
    several = village_codes.villages_in(session, commune)
    held = village_codes.accesses(session, project_id, [one.code for one in several])
    return [Line(one, held.get(one.code)) for one in several]


@dataclass(frozen=True, slots=True)
class Plan:
    """What making codes would do: villages that get one, and those left alone because they have one."""

    fresh: tuple[PlaceName, ...]
    kept: tuple[PlaceName, ...]


def plan(session: Session, project_id: int, codes: Sequence[str]) -> Plan:
    """Which of these villages would get a code: those the asker sees that have none."""
    mine = volunteers.seen(session, codes)
    named = (Place.level == VILLAGE, ~Place.code.endswith(UNLISTED_ENDING))
    several = volunteers.places_by(session, Place.code, mine, *named)[:MOST]
    held = village_codes.accesses(session, project_id, [one.code for one in several])
    has = {code for code, access in held.items() if access.has_access}
    return Plan(
        tuple(one for one in several if one.code not in has),
        tuple(one for one in several if one.code in has),
    )


def short_codes(session: Session, number: int) -> list[str]:
    """So many short codes that nobody has or had."""
    found: set[str] = set()
    while len(found) < number:
        fresh = {new_short_code() for _ in range(number - len(found))} - found
        found |= fresh - village_codes.codes_taken(session, fresh)
    return sorted(found, key=lambda _code: secrets.randbits(32))


def new_short_code() -> str:
    """A short code by chance."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Villages that get a code, and what is made for each before the database is held."""

    people: tuple[Candidate, ...]
    tokens: tuple[tuple[str, bytes], ...]


def prepare(
    session: Session, fresh: Collection[PlaceName], forms: tuple[int, ...] | None, vault: Vault
) -> Prepared:
    """A code and a sealed token for each village; `forms` None: every form, now and later."""
    codes = short_codes(session, len(fresh))
    several = tuple(
        Candidate(0, one.name, "", "", {one.code: one.name}, forms, short_code=code, village=one.code)
        for one, code in zip(fresh, codes, strict=True)
    )
    return Prepared(several, tuple(people.seal_tokens(several, vault)))


def make(session: Session, prepared: Prepared, wanted: Import) -> Batch:
    """Give the villages their accesses, all at once, as a batch. No PIN is made before a sheet is printed.

    Those that got one since they were looked at are left alone. The same wish a second time is the batch
    it made the first time: people press twice, and two may do a commune at the same moment.
    """
    village_codes.in_turn(session)
    if before := with_ticket(session, wanted.project_id, KIND, wanted.ticket):
        return before
    held = village_codes.accesses(session, wanted.project_id, [one.village for one in prepared.people])
    left = [
        (one, token)
        for one, token in zip(prepared.people, prepared.tokens, strict=True)
        if not ((has := held.get(one.village)) and has.has_access)
    ]
    _let_go(session, [has.actor_id for has in held.values() if not has.has_access])
    return people.enter(session, [one for one, _ in left], [token for _, token in left], wanted)


def _let_go(session: Session, numbers: Sequence[int]) -> None:
    """Withdrawn accesses stop being their village's: given back, they would be a second one."""
    for some in in_groups(numbers):
        nobodys = {"village": None, "short_code": None}
        session.execute(update(_PHONES).where(_PHONES.c.actor_id.in_(some)).values(nobodys))


def undo(session: Session, batch: Batch, *, actor_id: int | None, now: datetime) -> Undone:
    """Withdraw the accesses of a batch nobody has opened yet; the others stay: forms may lie on phones."""
    numbers = volunteers.numbers_of_batch(session, batch.id)
    several = volunteers.phones_of(session, batch.project_id or 0, numbers)
    gone = [one.actor_id for one in several if one.last_used_at is None]
    withdrawn = {"token_hash": None, "token_sealed": None, "pin_hash": None, "revoked_at": now}
    for some in in_groups(gone):
        session.execute(update(_PHONES).where(_PHONES.c.actor_id.in_(some)).values(withdrawn))
        session.execute(update(_ACTORS).where(_ACTORS.c.id.in_(some)).values(deleted_at=now))
    kept = len(several) - len(gone)
    batch.undone_at, batch.undone_by = now, actor_id
    batch.summary = {**batch.summary, "taken_back": len(gone), "kept": kept}
    session.flush()
    return Undone(len(gone), kept)


def address_of(base: str, phone: AppUser) -> str:
    """The short address of a village's access; `base` is where phones reach the server."""
    return f"{base}/w/v/{phone.short_code}"


__all__ = [
    "KIND",
    "Import",
    "Line",
    "Plan",
    "Prepared",
    "State",
    "lines_of",
    "make",
    "plan",
    "prepare",
    "undo",
]
