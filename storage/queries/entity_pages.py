"""Entity lists as the office looks at them: lists, members, versions, and where each came from.

Every question is cut to the reader's places by `storage.cuts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storage.models import (
    Actor,
    Batch,
    Entity,
    EntityVersion,
    Form,
    Place,
    Submission,
    SubmissionVersion,
)
from storage.queries.entity_lists import Listing, listings

A_PAGE = 50
MOST_CONFLICTS = 50


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list in a row: how many members, how many of them in conflict, when one last changed."""

    listing: Listing
    members: int
    conflicts: int
    changed_at: datetime | None


def list_lines(session: Session, project_id: int) -> list[ListLine]:
    """Every list of a project by name."""
    lines = []
    for listing in listings(session, project_id).values():
        members, conflicts, made, changed = session.execute(
            select(
                func.count(Entity.id),
                func.count(Entity.conflict),
                func.max(Entity.created_at),
                func.max(Entity.updated_at),
            ).where(Entity.list_id == listing.id, Entity.deleted_at.is_(None))
        ).one()
        moments = [moment for moment in (made, changed) if moment]
        lines.append(ListLine(listing, members, conflicts, max(moments, default=None)))
    return lines


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which members: `words` in the label, an id or the beginning of a place code; `before` a number."""

    list_id: int
    words: str = ""
    deleted: bool = False
    before: int | None = None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member in a row, with the name of its place."""

    number: int
    uuid: str
    label: str
    version: int
    conflict: str | None
    place: str
    changed_at: datetime


def member_lines(session: Session, wanted: Wanted) -> list[MemberLine]:
    """A page of members and one more, the newest first."""
    query = select(Entity).where(
        Entity.list_id == wanted.list_id,
        Entity.deleted_at.is_not(None) if wanted.deleted else Entity.deleted_at.is_(None),
    )
    words = " ".join(wanted.words.split())
    if words:
        query = query.where(
            or_(
                Entity.label.icontains(words, autoescape=True),
                Entity.uuid == words.lower(),
                Entity.place_code.startswith(words, autoescape=True),
            )
        )
    if wanted.before is not None:
        query = query.where(Entity.id < wanted.before)
    return _lines(session, session.scalars(query.order_by(Entity.id.desc()).limit(A_PAGE + 1)).all())


def conflict_lines(session: Session, list_id: int) -> list[MemberLine]:
    """The members somebody has to look at, hard conflicts first."""
    found = session.scalars(
        select(Entity)
        .where(Entity.list_id == list_id, Entity.conflict.is_not(None), Entity.deleted_at.is_(None))
        .order_by(Entity.conflict, Entity.id)
        .limit(MOST_CONFLICTS)
    )
    return _lines(session, found.all())


def _lines(session: Session, several: Sequence[Entity]) -> list[MemberLine]:
    codes = {one.place_code for one in several if one.place_code}
    rows = session.execute(select(Place.code, Place.name).where(Place.code.in_(codes)))
    names = {row.code: row.name for row in rows}
    return [
        MemberLine(
            one.id,
            one.uuid,
            one.label,
            one.version,
            one.conflict,
            names.get(one.place_code or "", one.place_code or ""),
            one.updated_at or one.created_at,
        )
        for one in several
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a member: what it brought, who did it, from which record or file.

    `changes` is (property, before, after), the label among them under its own name.
    """

    version: int
    at: datetime
    who: str
    conflict: str | None
    conflicting: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    record: tuple[str, str] | None
    file_name: str


def steps(session: Session, entity_id: int) -> list[Step]:
    """The versions of a member, newest first."""
    rows = session.execute(
        select(EntityVersion, Actor.display_name, Form.xml_form_id, Submission.instance_id, Batch.file_name)
        .outerjoin(Actor, Actor.id == EntityVersion.creator_id)
        .outerjoin(SubmissionVersion, SubmissionVersion.id == EntityVersion.submission_version_id)
        .outerjoin(Submission, Submission.id == SubmissionVersion.submission_id)
        .outerjoin(Form, Form.id == Submission.form_id)
        .outerjoin(Batch, Batch.id == EntityVersion.batch_id)
        .where(EntityVersion.entity_id == entity_id)
        .order_by(EntityVersion.version)
    ).all()
    found: list[Step] = []
    before: dict[str, str] = {}
    for version, who, form_id, instance_id, file_name in rows:
        after = {"label": version.label, **version.data}
        names = dict.fromkeys([*before, *after])
        changes = tuple(
            (name, before.get(name, ""), after.get(name, ""))
            for name in names
            if before.get(name, "") != after.get(name, "")
        )
        record = (form_id, instance_id) if form_id and instance_id else None
        found.append(
            Step(
                version.version,
                version.created_at,
                who or "",
                version.conflict,
                tuple(version.conflicting or ()),
                changes,
                record,
                file_name or "",
            )
        )
        before = after
    return found[::-1]


def place_name(session: Session, code: str | None) -> str:
    """The name of a place, its code where it has none, "" without a place."""
    found = session.get(Place, code) if code else None
    return found.name if found is not None else (code or "")
