"""Members of entity lists follow the operations on the map: each stands at the unit of today it names."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.cells.marks import mark_members
from storage.entities.placing import Placing
from storage.entities.writing import bump
from storage.models import Entity, EntityList, PlaceChange
from storage.places.operations import touched_codes

A_BATCH = 500
"""Members looked at in one transaction."""


def settle_members(session: Session, change: PlaceChange, after: int = 0) -> int | None:
    """Let a batch of members after a number stand where they belong; None once all were looked at.

    What their properties say stays as it was written, so an undo brings them back. No version of theirs is
    new: phones notice by the counters of both communes.
    """
    several = session.scalars(
        select(Entity)
        .where(Entity.id > after, Entity.place_code.in_(touched_codes(session, change)))
        .order_by(Entity.id)
        .limit(A_BATCH)
    ).all()
    lists = {
        one.id: one
        for one in session.scalars(
            select(EntityList).where(EntityList.id.in_({entity.list_id for entity in several}))
        )
    }
    placing = Placing(session)
    stamps: set[tuple[int, str]] = set()
    moved: dict[int, set[str | None]] = {}
    for entity in several:
        code = placing.of(lists[entity.list_id], entity.data)
        if code is not None and code != entity.place_code:
            stamps |= {(entity.list_id, placing.commune(one)) for one in (entity.place_code, code)}
            moved.setdefault(entity.list_id, set()).update((entity.place_code, code))
            entity.place_code = code
    session.flush()
    for list_id, commune in sorted(stamps):
        bump(session, list_id, commune)
    for list_id, codes in moved.items():
        mark_members(session, list_id, codes)
    return several[-1].id if len(several) == A_BATCH else None
