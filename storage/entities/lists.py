"""Entity lists and their properties: made by publishing a form, or by hand; never by a draft.

Central calls a list a dataset; its rules of names hold here, because phones keep lists in files and
properties in columns that know no capital letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.schema import Declaration
from forms.xform.entities import is_list_name, is_property_name
from storage.entities.problems import (
    EntityListAlike,
    EntityListExists,
    EntityListNotFound,
    EntityNameUnusable,
    EntityPropertyAlike,
    EntityPropertyExists,
    EntityPropertyUnknown,
)
from storage.models import EntityList, EntityProperty, EntityUse, Form, FormVersion

COMPUTED = "svy_"
"""How the names of properties begin that the server works out."""


def list_by_name(session: Session, project_id: int, name: str) -> EntityList:
    """The list of that very name. Raises EntityListNotFound."""
    found = session.scalars(
        select(EntityList).where(EntityList.project_id == project_id, EntityList.name == name)
    ).one_or_none()
    if found is None:
        raise EntityListNotFound(list=name)
    return found


def lists_of(session: Session, project_id: int) -> Sequence[EntityList]:
    """The lists of a project by name."""
    return session.scalars(
        select(EntityList)
        .where(EntityList.project_id == project_id, EntityList.deleted_at.is_(None))
        .order_by(EntityList.name)
    ).all()


def properties(session: Session, list_id: int) -> Sequence[EntityProperty]:
    """The properties of a list in the order they came: the columns of its file."""
    return session.scalars(
        select(EntityProperty).where(EntityProperty.list_id == list_id).order_by(EntityProperty.id)
    ).all()


def property_names(session: Session, list_id: int) -> list[str]:
    """The names of the properties of a list in the order they came."""
    return [one.name for one in properties(session, list_id)]


def create_list(
    session: Session, project_id: int, name: str, *, approval_required: bool = False, now: datetime
) -> EntityList:
    """Make a list. Raises EntityNameUnusable, EntityListExists, EntityListAlike."""
    known = _alike(session, project_id, name)
    if known is not None and known.name == name:
        raise EntityListExists(list=name)
    return _make_list(session, project_id, name, known, approval_required=approval_required, now=now)


def _make_list(
    session: Session,
    project_id: int,
    name: str,
    known: EntityList | None,
    *,
    approval_required: bool = False,
    now: datetime,
) -> EntityList:
    if not is_list_name(name):
        raise EntityNameUnusable(name=name[:100])
    if known is not None:
        raise EntityListAlike(list=name, known=known.name)
    made = EntityList(
        project_id=project_id, name=name, approval_required=approval_required, stamp=1, created_at=now
    )
    session.add(made)
    session.flush()
    return made


def _alike(session: Session, project_id: int, name: str) -> EntityList | None:
    # Folded here, not by the database: SQLite's lower() leaves Vietnamese letters as they are.
    return next((one for one in lists_of(session, project_id) if one.name.lower() == name.lower()), None)


def add_property(session: Session, of: EntityList, name: str, *, now: datetime) -> EntityProperty:
    """Give a list a property. Raises EntityNameUnusable, EntityPropertyExists, EntityPropertyAlike."""
    if name in property_names(session, of.id):
        raise EntityPropertyExists(list=of.name, name=name)
    [made] = ensure_properties(session, of, [name], now=now)
    return made


def ensure_properties(
    session: Session, of: EntityList, names: Iterable[str], *, computed: bool = False, now: datetime
) -> list[EntityProperty]:
    """Give a list those properties it has not got yet; returns them. One look, one new stamp.

    Raises EntityNameUnusable, EntityPropertyAlike.
    """
    known = {name.lower(): name for name in property_names(session, of.id)}
    fresh: list[EntityProperty] = []
    for name in names:
        if not is_property_name(name):
            raise EntityNameUnusable(name=name[:100])
        first = known.setdefault(name.lower(), "")
        if first == name:
            continue
        if first:
            raise EntityPropertyAlike(list=of.name, name=name, known=first)
        known[name.lower()] = name
        fresh.append(EntityProperty(list_id=of.id, name=name, computed=computed, created_at=now))
    if fresh:
        session.add_all(fresh)
        of.stamp = EntityList.stamp + 1
        session.flush()
        session.refresh(of)
    return fresh


def set_approval(session: Session, of: EntityList, *, required: bool) -> None:
    """Whether new entities wait for the approval of the submission that brought them."""
    if of.approval_required is not required:
        of.approval_required = required
        of.stamp = EntityList.stamp + 1
        session.flush()
        session.refresh(of)


def set_owner_only(session: Session, of: EntityList, *, owner_only: bool) -> None:
    """Whether a phone sees only the entities it made itself."""
    if of.owner_only is not owner_only:
        of.owner_only = owner_only
        of.stamp = EntityList.stamp + 1
        session.flush()
        session.refresh(of)


def set_place_property(session: Session, of: EntityList, name: str | None) -> None:
    """Which property names the place of an entity; None: the usual names are tried.

    It holds for what is written from now on.
    Raises EntityPropertyUnknown.
    """
    if name is not None and name not in property_names(session, of.id):
        raise EntityPropertyUnknown(list=of.name, name=name)
    of.place_property = name
    session.flush()


def declare(
    session: Session, version: FormVersion, declared: Iterable[Declaration], *, now: datetime
) -> None:
    """Make the lists and properties a form version writes, and note that it does; once is enough.

    Raises EntityListAlike, EntityPropertyAlike, EntityNameUnusable.
    """
    project_id = session.get_one(Form, version.form_id).project_id
    noted = set(
        session.execute(
            select(EntityUse.list_id, EntityUse.path).where(EntityUse.form_version_id == version.id)
        )
    )
    for one in declared:
        known = _alike(session, project_id, one.list)
        if known is None or known.name != one.list:
            known = _make_list(session, project_id, one.list, known, now=now)
        ensure_properties(session, known, one.properties.values(), now=now)
        if (known.id, one.path) not in noted:
            uses = EntityUse(
                form_version_id=version.id, list_id=known.id, path=one.path, properties=dict(one.properties)
            )
            session.add(uses)
    session.flush()


def deleted_of(session: Session, version_id: int) -> list[str]:
    """What the lists were called that a form version writes and that were deleted."""
    uses = select(EntityUse.list_id).where(EntityUse.form_version_id == version_id)
    names = select(EntityList.deleted_name).where(EntityList.id.in_(uses), EntityList.deleted_at.is_not(None))
    return [name or "" for name in session.scalars(names.order_by(EntityList.id))]


def writing_forms(session: Session, list_id: int) -> Sequence[tuple[Form, FormVersion]]:
    """The forms whose current version writes a list, by form id."""
    uses = select(EntityUse.form_version_id).where(EntityUse.list_id == list_id)
    rows = session.execute(
        select(Form, FormVersion)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(FormVersion.id.in_(uses), Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id)
    )
    return list(rows)
