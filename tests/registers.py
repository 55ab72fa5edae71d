"""Forms that keep registers of households and people as entities, and the answers phones give to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy import select

from storage.entities import outcomes, reading
from storage.entities.lists import list_by_name
from storage.models import Entity, EntityOutcome, EntityVersion
from tests.asked import answered
from tests.kept import looking, record
from tests.office import Office

HOMES = "homes"
PEOPLE = "people"

REGISTER = """
| survey |
| | type | name | label | save_to |
| | text | home | Home | |
| | text | head | Head | homes#head |
| | text | village_code | Village | homes#village_code |
| | text | size | People | homes#size |
| | begin_repeat | member | Member | |
| | text | person | Person | |
| | text | full_name | Name | people#full_name |
| | text | born | Born | people#born |
| | end_repeat | | | |
| settings |
| | form_id | version | form_title |
| | register | 1 | Sổ hộ |
| entities |
| | list_name | label | entity_id | create_if | update_if |
| | homes | ${head} | ${home} | ${size} != '' | ${size} != '' |
| | people | ${full_name} | | | |
"""
"""A household that is made or changed, and the people in it, who are made."""

VISIT = """
| survey |
| | type | name | label | save_to |
| | text | home | Home | |
| | text | head | Head | head |
| | text | village_code | Village | village_code |
| | text | size | People | size |
| settings |
| | form_id | version | form_title |
| | visit | 1 | Thăm hộ |
| entities |
| | list_name | label | entity_id | create_if | update_if |
| | homes | ${head} | ${home} | ${size} != '' | ${size} != '' |
"""
"""A household that is made or changed."""


def new_uuid() -> str:
    """An id as phones make them."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Said:
    """What the entity element of a submission says; the names of its attributes are the wire's."""

    id: str
    create: str = ""
    update: str = ""
    base: str | int = ""
    trunk: str | int = ""
    branch: str = ""
    label: str | None = None
    dataset: str = HOMES

    @property
    def xml(self) -> str:
        """The element."""
        said = {
            "dataset": self.dataset,
            "create": self.create,
            "update": self.update,
            "id": self.id,
            "baseVersion": str(self.base),
            "trunkVersion": str(self.trunk),
            "branchId": self.branch,
        }
        attributes = " ".join(f"{name}={quoteattr(text)}" for name, text in said.items())
        label = "" if self.label is None else f"<label>{escape(self.label)}</label>"
        return f"<entity {attributes}>{label}</entity>"


def creation(number: str, label: str = "Nhà A", dataset: str = HOMES) -> Said:
    """A phone makes an entity."""
    return Said(number, create="1", label=label, dataset=dataset)


def update(number: str, base: int, *, trunk: int | str = "", branch: str = "", label: str = "") -> Said:
    """A phone changes an entity."""
    return Said(number, update="1", base=base, trunk=trunk, branch=branch, label=label)


def visit(said: Said, instance_id: str, *, replaces: str | None = None, **answers: str) -> bytes:
    """A filled visit: answers that are not given were not asked."""
    return answered("visit", "1", _plain(answers), instance_id=instance_id, replaces=replaces, meta=said.xml)


def register(
    said: Said, members: Sequence[tuple[Said, Mapping[str, str]]], instance_id: str, **answers: str
) -> bytes:
    """A filled register with its members."""
    several = "".join(f"<member>{_plain(one)}<meta>{entity.xml}</meta></member>" for entity, one in members)
    return answered("register", "1", _plain(answers) + several, instance_id=instance_id, meta=said.xml)


def _plain(answers: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in answers.items())


@dataclass(frozen=True, slots=True)
class Known:
    """An entity as it is."""

    version: int
    label: str
    data: Mapping[str, str]
    conflict: str | None
    deleted: bool
    place_code: str | None


def entity(office: Office, number: str, dataset: str = HOMES) -> Known | None:
    """The entity of that id; None where there is none."""
    with looking(office) as session:
        where = list_by_name(session, 1, dataset)
        one = session.scalars(
            select(Entity).where(Entity.list_id == where.id, Entity.uuid == number)
        ).one_or_none()
        if one is None:
            return None
        return Known(
            one.version, one.label, one.data, one.conflict, one.deleted_at is not None, one.place_code
        )


def known(office: Office, number: str, dataset: str = HOMES) -> Known:
    """The entity of that id, which is there."""
    found = entity(office, number, dataset)
    assert found is not None
    return found


def history(office: Office, number: str) -> list[EntityVersion]:
    """The versions of an entity, oldest first."""
    with looking(office) as session:
        found = session.scalars(
            select(EntityVersion)
            .join(Entity, Entity.id == EntityVersion.entity_id)
            .where(Entity.uuid == number)
            .order_by(EntityVersion.version)
        ).all()
        session.expunge_all()
    return list(found)


def outcome(office: Office, instance_id: str) -> tuple[str, Any]:
    """What became of the entities of a record: the state, and the name of the problem."""
    number = record(office, instance_id).id
    with looking(office) as session:
        found = reading.outcome_of(session, number)
        if found is None:
            return "", None
        return found.state, (found.error or {}).get("problem")


def backlog(office: Office) -> int:
    """How many changes wait for an earlier one."""
    with looking(office) as session:
        return len(reading.held(session))


def open_outcomes(office: Office) -> int:
    """How many submissions nobody has settled."""
    with looking(office) as session:
        states = session.scalars(select(EntityOutcome.state)).all()
        return sum(state not in {outcomes.DONE, outcomes.FAILED} for state in states)


def stamps(office: Office, dataset: str = HOMES) -> dict[str, int]:
    """How often a list changed, by commune."""
    with looking(office) as session:
        return reading.stamps(session, list_by_name(session, 1, dataset).id)
