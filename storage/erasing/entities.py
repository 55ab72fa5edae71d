"""A member of a list erased, with every version of it; its id stays taken."""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from storage.auditing import deriving
from storage.entities import by_hand
from storage.entities.writing import Source
from storage.erasing.tombstones import ENTITY, Buried, Order, bury
from storage.models import BatchItem, Entity, EntityHeld, EntityList, EntityVersion, Erasure, Purged
from storage.purging import forms

_NOUNS = ("entity", "member")


def erase(session: Session, of: EntityList, entity: Entity, order: Order, *, digest: str = "") -> Erasure:
    """Destroy a member of a list, deleted before or not. Whoever calls had all audits derived before."""
    uuid, place_code = entity.uuid, entity.place_code
    if entity.deleted_at is None:
        by_hand.turn_out(session, of, [uuid], Source(order.actor_id, order.now))
    said = session.execute(
        select(EntityVersion.label, EntityVersion.data).where(EntityVersion.entity_id == entity.id)
    ).all()
    session.execute(
        delete(BatchItem).where(
            or_(BatchItem.key == uuid, BatchItem.noun.in_(_NOUNS) & (BatchItem.key == str(entity.id)))
        )
    )
    session.execute(delete(EntityHeld).where(EntityHeld.uuid == uuid))
    forms.purge_entities(session, [entity], now=order.now)
    session.flush()
    deriving.lower(session)
    what = Buried(
        ENTITY,
        of.project_id,
        entity_uuid=uuid,
        place_code=place_code,
        details={"list": of.deleted_name or of.name},
        destroyed=[repr(tuple(one)).encode() for one in said],
    )
    return bury(session, what, order, digest=digest)


def take_id(session: Session, of: EntityList, uuid: str, order: Order) -> None:
    """Let nobody make that member again: of one that a restored backup never had."""
    session.merge(Purged(kind="entity", owner_id=of.id, key=uuid, purged_at=order.now))
