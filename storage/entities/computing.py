"""Properties the server works out itself (`svy_…`): written at night, only where they changed.

They stand apart from what people write: no version of their own, no conflict. The number of the version
grows all the same, for a phone leaves an entity as it was while its number is the one it has (Collect's
LocalEntityUseCases); that there is something new it learns by the stamp of the commune, once a night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from storage.cells.marks import mark_members
from storage.database import Base
from storage.entities.placing import Placing
from storage.entities.writing import bump, lock
from storage.groups import in_groups
from storage.models import Entity, EntityList

Computed = Mapping[str, Mapping[str, str]]
"""The uuid of an entity to its computed properties; a property that is not named stays as it is."""

_TABLE = Base.metadata.tables["entities"]
_WRITE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("number"))
    .values(computed=bindparam("now_computed", type_=_TABLE.c.computed.type), version=_TABLE.c.version + 1)
)


@dataclass(frozen=True, slots=True)
class Due:
    """An entity whose computed properties are others by now."""

    number: int
    uuid: str
    place_code: str | None
    computed: dict[str, str]


def changed(session: Session, where: EntityList, values: Computed) -> list[Due]:
    """Which entities of a list have to be written, by place; unknown ids are left out. Takes no lock."""
    found: list[Due] = []
    for some in in_groups(sorted(values)):
        rows = session.execute(
            select(Entity.id, Entity.uuid, Entity.place_code, Entity.computed).where(
                Entity.list_id == where.id,
                Entity.uuid.in_(some),
                Entity.deleted_at.is_(None),
            )
        )
        for row in rows:
            after = {name: text for name, text in {**row.computed, **values[row.uuid]}.items() if text != ""}
            if after != row.computed:
                found.append(Due(row.id, row.uuid, row.place_code, after))
    return sorted(found, key=lambda one: (one.place_code or "", one.number))


def write(session: Session, where: EntityList, due: Sequence[Due]) -> None:
    """Write some of them and count once for each commune; some hundred in each transaction."""
    if not due:
        return
    # Somebody who is writing one of them counts its version on from what he has read.
    lock(session, [one.uuid for one in due])
    session.execute(_WRITE, [{"number": one.number, "now_computed": one.computed} for one in due])
    placing = Placing(session)
    for commune in sorted({placing.commune(one.place_code) for one in due}):
        bump(session, where.id, commune)
    mark_members(session, where.id, {one.place_code for one in due})


def write_computed(session: Session, where: EntityList, values: Computed) -> int:
    """Write what changed, all in one transaction: for a list of some hundred; returns how many."""
    # Held before they are read: two who write different properties of one would each undo the other's.
    lock(session, values)
    due = changed(session, where, values)
    write(session, where, due)
    return len(due)
