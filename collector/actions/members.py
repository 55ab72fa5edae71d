"""Entities that a program makes, takes out or puts back many at once.

Why in steps: no transaction may keep every phone waiting. What is made is looked at as a whole before the
first of it is written, and erased if the rest cannot follow, so that a program finds all of it or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from collector.actions.list_upload import begin
from forms.entity_json import BulkSource, Said
from storage.audits import note, of_dataset, of_entity
from storage.cuts import seen_of
from storage.database import transaction
from storage.entities import by_hand, undoing
from storage.entities.by_hand import Written
from storage.entities.lists import list_by_name
from storage.entities.placing import Placing
from storage.entities.problems import EntityExists
from storage.entities.writing import Source, find
from storage.groups import in_groups
from storage.models import Batch, EntityList
from storage.problems import PlacesTooWide, PlaceUnknown
from storage.scope import current
from storage.snapshot import snapshot

STEP = 100
"""Entities made, or changed, in one transaction."""


@dataclass(frozen=True, slots=True)
class Where:
    """A list of a project, by name."""

    project_id: int
    name: str

    def find(self, session: Session) -> EntityList:
        """The list. Raises EntityListNotFound."""
        return list_by_name(session, self.project_id, self.name)


def create_many(where: Where, several: Sequence[Said], origin: BulkSource, source: Source) -> None:
    """Make entities, all of them or none; whatever has no id gets one.

    Raises EntityListNotFound, EntityPropertyUnknown, EntityPropertyComputed, EntityExists, EntityIdsDeleted,
    and for somebody with places of his own PlacesTooWide, PlaceUnknown.
    """
    written = [Written(one.uuid or str(uuid.uuid4()), one.label, one.data) for one in several]
    with snapshot() as session:
        _require_fine(session, where.find(session), written)
    if len(written) <= STEP:
        with transaction() as session:
            of = where.find(session)
            batch = _batch(session, of, origin, source, len(written))
            by_hand.create(session, of, written, replace(source, batch_id=batch.id))
            _finish(session, of, batch, source)
        return
    with transaction() as session:
        number = _batch(session, where.find(session), origin, source, len(written)).id
    try:
        for some in in_groups(written, STEP):
            with transaction() as session:
                by_hand.create(session, where.find(session), some, replace(source, batch_id=number))
        with transaction() as session:
            _finish(session, where.find(session), session.get_one(Batch, number), source)
    except BaseException:
        _erase(number)
        raise


def _require_fine(session: Session, of: EntityList, written: Sequence[Written]) -> None:
    """Refuse now whatever would be refused half-way."""
    by_hand.require_properties(session, of, written)
    seen: set[str] = set()
    for one in written:
        if one.uuid in seen:
            raise EntityExists(uuid=one.uuid, list=of.name)
        seen.add(one.uuid)
    by_hand.require_free(session, of, [one.uuid for one in written])
    if not current().whole:
        placing = Placing(session)
        codes = {placing.of(of, one.data) for one in written}
        if None in codes:
            raise PlacesTooWide
        known = {code for code in codes if code is not None}
        if outside := known - seen_of(session, known):
            raise PlaceUnknown(code=min(outside))


def _batch(session: Session, of: EntityList, origin: BulkSource, source: Source, count: int) -> Batch:
    summary = {
        "list_id": of.id,
        "added": count,
        "changed": 0,
        "ticket": str(uuid.uuid4()),
        "done": False,
        "size": origin.size,
        "agent": source.user_agent,
    }
    batch = Batch(project_id=of.project_id, actor_id=source.actor_id, created_at=source.now)
    return begin(session, batch, origin.name, summary)


def _finish(session: Session, of: EntityList, batch: Batch, source: Source) -> None:
    batch.summary = {**batch.summary, "done": True}
    note(
        session,
        "entity.bulk.create",
        actee=of_dataset(of),
        details={"sourceId": batch.id},
        actor_id=source.actor_id,
        now=source.now,
    )


def _erase(number: int) -> None:
    while True:
        with transaction() as session:
            if undoing.erase(session, number, STEP) == 0:
                session.delete(session.get_one(Batch, number))
                return


def turn_out(where: Where, uuids: Collection[str], source: Source, *, back: bool = False) -> int:
    """Take entities out of their list, or with `back` put them back; returns how many it concerned.

    What the list does not know, or is so already, is left as it is. Raises EntityListNotFound.
    """
    with snapshot() as session:
        where.find(session)
    done: list[str] = []
    for some in in_groups(sorted(set(uuids)), STEP):
        with transaction() as session:
            done += by_hand.turn_out(session, where.find(session), some, source, back=back)
    if done:
        with transaction() as session:
            _note_turned(session, where.find(session), done, source, back=back)
    return len(done)


def _note_turned(
    session: Session, of: EntityList, uuids: Sequence[str], source: Source, *, back: bool
) -> None:
    verb = "restore" if back else "delete"
    only = find(session, of.id, uuids[0]) if len(uuids) == 1 else None
    if only is not None:
        details = {"entityId": only.id, "entity": {"uuid": only.uuid, "dataset": of.name}}
        actee, action = of_entity(of, only), f"entity.{verb}"
    else:
        details, actee = {"entityUuids": list(uuids)}, of_dataset(of)
        action = f"entity.bulk.{verb}"
    note(session, action, actee=actee, details=details, actor_id=source.actor_id, now=source.now)
