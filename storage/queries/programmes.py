"""⑧ Versions of a project's programme, the decisions it took, and what its figures may be made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import Decision, EntityList, EntityProperty, Form, FormVersion, Place, Programme


@dataclass(frozen=True, slots=True)
class State:
    """What the definitions of a project rest on; two equal ones define the same.

    `programme` is the number and the digest of the newest version, None without one. `forms` are id, current
    version, its digest and that of its workbook, of every published form; `lists` are name and number of
    properties; `chosen` the decisions.
    """

    programme: tuple[int, str] | None
    forms: tuple[tuple[int, int, str, str], ...]
    lists: tuple[tuple[str, int], ...]
    chosen: tuple[tuple[str, str], ...]


def state(session: Session, project_id: int) -> State:
    """What the definitions of a project rest on now."""
    forms = session.execute(
        select(Form.id, FormVersion.id, FormVersion.sha256, FormVersion.workbook_sha256)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
        .order_by(Form.id)
    )
    lists = session.execute(
        select(EntityList.name, func.count(EntityProperty.id))
        .outerjoin(EntityProperty, EntityProperty.list_id == EntityList.id)
        .where(EntityList.project_id == project_id, EntityList.deleted_at.is_(None))
        .group_by(EntityList.name)
        .order_by(EntityList.name)
    )
    found = session.execute(
        select(Programme.id, Programme.workbook_sha256)
        .where(Programme.project_id == project_id)
        .order_by(Programme.id.desc())
        .limit(1)
    ).one_or_none()
    return State(
        (found.id, found.workbook_sha256) if found else None,
        tuple((form, version, digest, workbook or "") for form, version, digest, workbook in forms),
        tuple((name, number) for name, number in lists),
        tuple(sorted(chosen(session, project_id).items())),
    )


def newest(session: Session, project_id: int) -> Programme | None:
    """The version that holds, None without one."""
    mine = select(Programme).where(Programme.project_id == project_id)
    return session.scalars(mine.order_by(Programme.id.desc()).limit(1)).one_or_none()


def versions(session: Session, project_id: int) -> Sequence[Programme]:
    """Every version, the newest first."""
    mine = select(Programme).where(Programme.project_id == project_id)
    return session.scalars(mine.order_by(Programme.id.desc())).all()


def digests(session: Session, project_id: int) -> set[str]:
    """The workbooks that were published at some time."""
    return set(session.scalars(select(Programme.workbook_sha256).where(Programme.project_id == project_id)))


def chosen(session: Session, project_id: int) -> dict[str, str]:
    """What was decided, by the code of the decision."""
    rows = session.execute(select(Decision.code, Decision.chosen).where(Decision.project_id == project_id))
    return {code: option for code, option in rows}  # noqa: C416 - a row is no pair to the type checker


@dataclass(frozen=True, slots=True)
class Choice:
    """Who decided, for what, and when."""

    code: str
    option: str
    actor_id: int | None
    now: datetime


def choose(session: Session, project_id: int, choice: Choice) -> None:
    """Decide, in place of what was decided before."""
    mine = select(Decision).where(Decision.project_id == project_id, Decision.code == choice.code)
    row = session.scalars(mine).one_or_none()
    if row is None:
        row = Decision(project_id=project_id, code=choice.code)
        session.add(row)
    row.chosen, row.actor_id, row.created_at = choice.option, choice.actor_id, choice.now
    session.flush()


def decided_at(session: Session, project_id: int) -> Mapping[str, datetime]:
    """When each decision was taken, by code."""
    mine = select(Decision.code, Decision.created_at).where(Decision.project_id == project_id)
    return {code: moment for code, moment in session.execute(mine)}  # noqa: C416


def properties(session: Session, project_id: int) -> dict[str, set[str]]:
    """The properties of every entity list of a project, by name of the list."""
    rows = session.execute(
        select(EntityList.name, EntityProperty.name)
        .outerjoin(EntityProperty, EntityProperty.list_id == EntityList.id)
        .where(EntityList.project_id == project_id, EntityList.deleted_at.is_(None))
    )
    found: dict[str, set[str]] = {}
    for name, known in rows:
        found.setdefault(name, set()).update({known} if known else ())
    return found


def places_known(session: Session, codes: Collection[str]) -> set[str]:
    """Those of these codes that some place has, or had."""
    found: set[str] = set()
    for group in in_groups(sorted(codes)):
        found.update(session.scalars(select(Place.code).where(Place.code.in_(group))))
    return found


def sheets_of(session: Session, project_id: int) -> Mapping[str, Any]:
    """What the workbook in force said, by sheet; empty without one."""
    found = newest(session, project_id)
    return found.sheets if found else {}
