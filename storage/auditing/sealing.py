"""The chain over all audits: written by the worker, looked through by `collector doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from forms.seals import START, Break, Link, first_break, link
from storage.database import Base
from storage.groups import in_groups
from storage.models import Audit, AuditSeal, AuditWaiting
from storage.portable_turns import take_turn

_TURN = 0x5365616C
_PAGE = 2000
_AUDITS, _SEALS = Base.metadata.tables["audits"], Base.metadata.tables["audit_seals"]
_WAITING = Base.metadata.tables["audit_waiting"]


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of the chain: whoever writes it down elsewhere can tell that none was cut off."""

    position: int
    hash: str


def is_waiting(session: Session) -> bool:
    """Whether there is an audit to seal."""
    return session.execute(select(AuditWaiting.audit_id).limit(1)).first() is not None


def seal(session: Session, limit: int) -> Sequence[dict[str, Any]]:
    """Put up to `limit` audits that wait into the chain; returns them, in the order of the chain."""
    take_turn(session, _TURN)
    waiting = select(_WAITING.c.audit_id).order_by(_WAITING.c.audit_id).limit(limit)
    # What came in is derived after what was done to it: by moment, others are told of it in its order.
    found = select(_AUDITS).where(_AUDITS.c.id.in_(waiting)).order_by(_AUDITS.c.logged_at, _AUDITS.c.id)
    audits = [dict(row) for row in session.execute(found).mappings()]
    if not audits:
        return ()
    last = head(session)
    position, before = (last.position, last.hash) if last else (0, START)
    seals = []
    for audit in audits:
        position, before = position + 1, link(before, audit)
        seals.append({"position": position, "audit_id": audit["id"], "hash": before})
    session.execute(insert(AuditSeal), seals)
    for group in in_groups([audit["id"] for audit in audits]):
        session.execute(delete(AuditWaiting).where(AuditWaiting.audit_id.in_(group)))
    return audits


def head(session: Session) -> Head | None:
    """The end of the chain; None before the first audit."""
    row = session.execute(
        select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1)
    ).first()
    return None if row is None else Head(*row)


def hash_at(session: Session, position: int) -> str | None:
    """The hash of one link; None where there is none."""
    return session.execute(select(AuditSeal.hash).where(AuditSeal.position == position)).scalar()


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look through the chain found: its length, the first break, audits that stand outside of it."""

    links: int
    broken: Break | None
    outside: int
    lost: int


def look_through(session: Session, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Looked:
    """Compare every link with its audit. `outside`: audits slipped in; `lost`: taken out before a seal."""
    total = session.execute(select(func.count()).select_from(AuditSeal)).scalar_one()
    before: Link | None = None
    done = 0
    for page in _pages(session):
        broken = first_break(before, page)
        if broken is not None:
            return Looked(total, broken, *_strays(session))
        before, done = page[-1], done + len(page)
        progress(done, total)
    return Looked(total, None, *_strays(session))


def _pages(session: Session) -> Iterator[list[Link]]:
    after = -(1 << 62)
    wanted = select(_SEALS.c.position, _SEALS.c.audit_id, _SEALS.c.hash, _AUDITS).outerjoin(
        _AUDITS, _AUDITS.c.id == _SEALS.c.audit_id
    )
    while True:
        page = wanted.where(_SEALS.c.position > after).order_by(_SEALS.c.position).limit(_PAGE)
        rows = session.execute(page).mappings().all()
        if not rows:
            return
        yield [
            Link(row["position"], row["audit_id"], row["hash"], dict(row) if row["id"] is not None else None)
            for row in rows
        ]
        after = rows[-1]["position"]


def _strays(session: Session) -> tuple[int, int]:
    sealed = exists().where(AuditSeal.audit_id == Audit.id)
    waits = exists().where(AuditWaiting.audit_id == Audit.id)
    outside = session.execute(select(func.count()).select_from(Audit).where(~sealed, ~waits)).scalar_one()
    there = exists().where(Audit.id == AuditWaiting.audit_id)
    lost = session.execute(select(func.count()).select_from(AuditWaiting).where(~there)).scalar_one()
    return outside, lost
