"""The tombstones of what was erased: written, listed, carried to a restored backup."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.audits import Actee, note
from storage.models import Actor, Erasure

SUBMISSION, ROW, ENTITY, IDENTIFIERS = KINDS = ("submission", "row", "entity", "identifiers")
LONGEST_GROUND = 500

_PREFIX = 16
"""Hexadecimal digits of a version's hash that its audit names already, and that no erasure can take back."""
_MARK = "0" * 16
"""How a hash ends that is none any more: no bytes can have it but by a chance nobody lives to see."""


@dataclass(frozen=True, slots=True)
class Order:
    """On whose order and on which legal ground something is erased, and when."""

    ground: str
    actor_id: int | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Buried:
    """What was erased, by ids alone; `destroyed` are the bytes that went."""

    kind: str
    project_id: int
    form_id: int | None = None
    instance_id: str | None = None
    row_key: str | None = None
    entity_uuid: str | None = None
    place_code: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    destroyed: Sequence[bytes] = ()


def bury(session: Session, what: Buried, order: Order, *, digest: str = "") -> Erasure:
    """Leave a tombstone, and note it; `digest` is that of a tombstone that is done again."""
    stone = Erasure(
        kind=what.kind,
        project_id=what.project_id,
        form_id=what.form_id,
        instance_id=what.instance_id,
        row_key=what.row_key,
        entity_uuid=what.entity_uuid,
        digest=digest or salted(what.destroyed),
        ground=order.ground[:LONGEST_GROUND],
        details=dict(what.details),
        erased_by=order.actor_id,
        erased_at=order.now,
    )
    session.add(stone)
    session.flush()
    actee = Actee(
        "project" if what.form_id is None else "form",
        what.form_id or what.project_id,
        project_id=what.project_id,
        form_id=what.form_id,
        instance_id=what.instance_id,
        entity_uuid=what.entity_uuid,
        place_code=what.place_code,
    )
    told = {"erasureId": stone.id, "kind": what.kind} | ({"row": what.row_key} if what.row_key else {})
    note(
        session, "erasure.create", actee=actee, details=told, notes="", actor_id=order.actor_id, now=order.now
    )
    return stone


def salted(pieces: Iterable[bytes]) -> str:
    """SHA-256 of bytes with a salt that nobody keeps: it proves nothing about them to anybody."""
    made = hashlib.sha256(secrets.token_bytes(32))
    for piece in pieces:
        made.update(piece)
    return made.hexdigest()


def blinded(sha256: str) -> str:
    """What stands for the hash of a version of which something was erased.

    Intake tells by it that what a phone sends again was erased; no guess at the bytes can be held against
    it, but for the digits that the audit of the version names.
    """
    return sha256[:_PREFIX] + secrets.token_hex(_PREFIX) + _MARK


def is_blinded(sha256: str) -> bool:
    """Whether something was erased of the version with that hash."""
    return sha256.endswith(_MARK)


def of_project(session: Session, project_id: int, limit: int = 200) -> Sequence[Erasure]:
    """The last erasures of a project, newest first."""
    return session.scalars(
        select(Erasure).where(Erasure.project_id == project_id).order_by(Erasure.id.desc()).limit(limit)
    ).all()


def who(session: Session, several: Sequence[Erasure]) -> Mapping[int, str]:
    """The names of the administrators who erased these, by number."""
    numbers = {one.erased_by for one in several if one.erased_by is not None}
    rows = session.execute(select(Actor.id, Actor.display_name).where(Actor.id.in_(numbers)))
    return {row.id: row.display_name for row in rows}


def all_of(session: Session) -> Sequence[Erasure]:
    """Every erasure, in the order in which they were done."""
    return session.scalars(select(Erasure).order_by(Erasure.id)).all()


def known_digests(session: Session) -> set[str]:
    """The digests of all that are here."""
    return set(session.scalars(select(Erasure.digest)))
