"""The entities a transaction is about to change, and the versions they went through: read once, under lock.

Why: a village register brings hundreds of entities in one submission, and asking for each of them keeps
everybody else waiting. What the transaction itself changes is entered here too, for the next to see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from forms.entities import State
from storage.database import Base
from storage.entities.writing import Trace
from storage.groups import in_groups
from storage.models import Entity, EntityVersion, Purged

_ANEW = {"populate_existing": True}
_ENTITIES = select(Entity).where(
    Entity.list_id.in_(bindparam("lists", expanding=True)),
    Entity.uuid.in_(bindparam("uuids", expanding=True)),
)
_VERSIONS = Base.metadata.tables["entity_versions"]
_PASTS = (
    select(_VERSIONS.c.entity_id, _VERSIONS.c.version, _VERSIONS.c.branch_id, _VERSIONS.c.branch_base_version)
    .where(_VERSIONS.c.entity_id.in_(bindparam("numbers", expanding=True)))
    .order_by(_VERSIONS.c.version)
)
_GONE = select(Purged.owner_id, Purged.key).where(
    Purged.kind == "entity",
    Purged.owner_id.in_(bindparam("lists", expanding=True)),
    Purged.key.in_(bindparam("uuids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Past:
    """A version that somebody wrote. `state` None: not read yet."""

    version: int
    branch_id: str | None = None
    branch_base_version: int | None = None
    state: State | None = None


class Book:
    """What is known of some entities."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[int, str], Entity] = {}
        self._pasts: dict[tuple[int, str], list[Past]] = {}
        self._gone: set[tuple[int, str]] = set()

    def read(self, list_ids: Collection[int], uuids: Collection[str]) -> None:
        """Look these up in these lists, deleted ones too; their locks must be held."""
        for some in in_groups(sorted(uuids)):
            # What this session read before the lock may be old.
            found = self._session.scalars(
                _ENTITIES, {"lists": list(list_ids), "uuids": some}, execution_options=_ANEW
            ).all()
            for one in found:
                self._known[one.list_id, one.uuid] = one
            absent = sorted(set(some).difference(one.uuid for one in found))
            if absent:
                rows = self._session.execute(_GONE, {"lists": list(list_ids), "uuids": absent})
                self._gone.update((owner_id, key) for owner_id, key in rows)
            self._read_pasts({one.id: (one.list_id, one.uuid) for one in found})

    def _read_pasts(self, keys: dict[int, tuple[int, str]]) -> None:
        for key in keys.values():
            self._pasts[key] = []
        if not keys:
            return
        rows = self._session.connection().execute(_PASTS, {"numbers": list(keys)})
        for number, version, branch, base in rows:
            self._pasts[keys[number]].append(Past(version, branch, base))

    def get(self, list_id: int, uuid: str) -> Entity | None:
        """The entity of that id, deleted or not."""
        return self._known.get((list_id, uuid))

    def is_gone(self, list_id: int, uuid: str) -> bool:
        """Whether there was one of that id that was deleted for good."""
        return (list_id, uuid) in self._gone

    def pasts(self, of: Entity) -> Iterator[Past]:
        """Its versions, newest first."""
        return reversed(self._pasts[of.list_id, of.uuid])

    def state(self, of: Entity, past: Past) -> State:
        """What it was in one of them."""
        if past.state is not None:
            return past.state
        row = self._session.execute(
            select(EntityVersion.label, EntityVersion.data).where(
                EntityVersion.entity_id == of.id, EntityVersion.version == past.version
            )
        ).one()
        return State(row.label, row.data)

    def enter(self, of: Entity, trace: Trace | None = None) -> None:
        """Note the version an entity has just got."""
        told = trace or Trace()
        past = Past(of.version, told.branch_id, told.branch_base_version, State(of.label, of.data))
        self._known[of.list_id, of.uuid] = of
        self._pasts.setdefault((of.list_id, of.uuid), []).append(past)
