"""Entity lists as the tests of this door fill them, and forms that read them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from forms.entities import Change
from storage.database import db, transaction
from storage.entities import lists
from storage.entities.writing import Changes, Source, find
from storage.models import Entity, EntityList
from tests.collector.openrosa.sheets import with_files
from tests.office import NOW, Office
from tests.tree import plant

HOUSEHOLDS = "households"


@dataclass(frozen=True)
class Register:
    """An entity list of project 1, written as the office or a survey would."""

    office: Office
    name: str

    @contextmanager
    def _writing(self) -> Iterator[tuple[EntityList, Changes]]:
        with self.office.app.app_context(), transaction() as session:
            changes = Changes(session, Source(self.office.admin_id, NOW))
            yield lists.list_by_name(session, 1, self.name), changes
            changes.finish()

    def add(self, label: str, **values: str) -> str:
        """A new member; returns its id."""
        made = str(uuid.uuid4())
        with self._writing() as (where, changes):
            changes.create(where, Change(made, label, values))
        return made

    def change(self, member: str, label: str = "", **values: str) -> None:
        """A member's next version."""
        with self._writing() as (where, changes):
            changes.update(where, self._member(where, member), Change(member, label, values))

    def compute(self, member: str, **values: str) -> None:
        """What the server works out of a member."""
        with self._writing() as (where, changes):
            changes.compute(self._member(where, member), dict(values))

    def delete(self, member: str) -> None:
        """Take a member out."""
        with self._writing() as (where, changes):
            changes.delete(self._member(where, member))

    def restore(self, member: str) -> None:
        """Put it back."""
        with self._writing() as (where, changes):
            changes.restore(self._member(where, member))

    def add_property(self, name: str) -> None:
        """A property more."""
        with self._writing() as (where, _changes):
            lists.add_property(db.session(), where, name, now=NOW)

    def _member(self, where: EntityList, member: str) -> Entity:
        found = find(db.session(), where.id, member)
        assert found is not None
        return found


def register(
    office: Office, name: str = HOUSEHOLDS, *properties: str, approval_required: bool = False
) -> Register:
    """A new list of project 1."""
    with office.app.app_context(), transaction() as session:
        made = lists.create_list(session, 1, name, approval_required=approval_required, now=NOW)
        lists.ensure_properties(session, made, properties or ("village_code", "head_name"), now=NOW)
    return Register(office, name)


def map_planted(office: Office) -> None:
    """The small map of `tests.tree`."""
    with office.app.app_context(), transaction() as session:
        plant(session)


def reading(office: Office, *form_ids: str, names: tuple[str, ...] = (HOUSEHOLDS,)) -> None:
    """Published forms that read lists."""
    for form_id in form_ids:
        files = [f"{name}.csv" for name in names]
        office.publish(with_files(form_id, *files), filename=f"{form_id}.xml")


def values(rows: Mapping[str, str]) -> dict[str, str]:
    """The properties that say something."""
    return {name: text for name, text in rows.items() if text}
