"""What lies in the trash of a project and can be put back, the last deleted first, with who deleted it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from storage.cuts import within
from storage.models import (
    Actor,
    Audit,
    Batch,
    BatchItem,
    Entity,
    EntityList,
    Form,
    FormVersion,
    Submission,
    SubmissionVersion,
)
from storage.queries.forms import in_trash
from storage.scope import WHOLE

FORMS, RECORDS, MEMBERS = "forms", "records", "members"
KINDS = (RECORDS, MEMBERS, FORMS)


@dataclass(frozen=True, slots=True)
class Thrown:
    """A thing in the trash: its kind and number, what it is called, what it belongs to, since when.

    `key` is its id among those of its owner, which is called `owner` and, for a record, has the id `form_id`;
    `records` is how many lie in a form; `by` who threw it away, "" where nobody is known.
    """

    kind: str
    number: int
    name: str
    owner: str
    key: str
    place_code: str | None
    deleted_at: datetime
    by: str = ""
    form_id: str = ""
    records: int = 0


def _of_records(project_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Form.project_id == project_id,
        Form.deleted_at.is_(None),
        Submission.draft.is_(False),
        Submission.deleted_at.is_not(None),
    )


def _of_members(project_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        EntityList.project_id == project_id,
        EntityList.deleted_at.is_(None),
        Entity.deleted_at.is_not(None),
    )


def counts(session: Session, project_id: int) -> Mapping[str, int]:
    """How much of each kind lies there."""
    records = (
        select(func.count())
        .select_from(Submission)
        .join(Form, Form.id == Submission.form_id)
        .where(*_of_records(project_id))
    )
    members = (
        select(func.count())
        .select_from(Entity)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(*_of_members(project_id))
    )
    forms = select(func.count()).select_from(Form).where(Form.project_id == project_id, in_trash())
    return {
        RECORDS: session.scalars(records).one(),
        MEMBERS: session.scalars(members).one(),
        FORMS: session.scalars(forms).one(),
    }


def records(
    session: Session, project_id: int, *, limit: int, offset: int = 0, only: Collection[int] | None = None
) -> list[Thrown]:
    """Deleted records of the project's forms; `only` these numbers."""
    query = (
        select(
            Submission.id,
            SubmissionVersion.instance_name,
            FormVersion.name,
            Form.xml_form_id,
            Submission.instance_id,
            Submission.place_code,
            Submission.deleted_at,
        )
        .select_from(Submission)
        .join(Form, Form.id == Submission.form_id)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .join(FormVersion, FormVersion.id == SubmissionVersion.form_version_id)
        .where(*_of_records(project_id), *_only(Submission.id, only))
        .order_by(Submission.deleted_at.desc(), Submission.id.desc())
    )
    rows = session.execute(query.limit(limit).offset(offset)).all()
    by = _by_instance(session, [row[4] for row in rows]) | _by_batch(session, [row[0] for row in rows])
    return [
        Thrown(
            RECORDS,
            number,
            name or key,
            title or form,
            key,
            place,
            at,
            by.get(key) or by.get(number, ""),
            form,
        )
        for number, name, title, form, key, place, at in rows
        if at is not None
    ]


def members(
    session: Session, project_id: int, *, limit: int, offset: int = 0, only: Collection[int] | None = None
) -> list[Thrown]:
    """Deleted members of the project's lists; `only` these numbers."""
    query = (
        select(Entity.id, Entity.label, EntityList.name, Entity.uuid, Entity.place_code, Entity.deleted_at)
        .select_from(Entity)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(*_of_members(project_id), *_only(Entity.id, only))
        .order_by(Entity.deleted_at.desc(), Entity.id.desc())
    )
    rows = session.execute(query.limit(limit).offset(offset)).all()
    mine = and_(Audit.action == "entity.delete", Audit.entity_uuid.in_([row[3] for row in rows]))
    by = _deleters(session, select(Audit.entity_uuid, Actor.display_name), mine)
    return [
        Thrown(MEMBERS, number, name or key, of, key, place, at, by.get(key, ""))
        for number, name, of, key, place, at in rows
        if at is not None
    ]


def forms(session: Session, project_id: int, *, only: Collection[int] | None = None) -> list[Thrown]:
    """Deleted forms of the project; `only` these numbers."""
    kept = (
        select(func.count())
        .where(Submission.form_id == Form.id, Submission.draft.is_(False))
        .correlate(Form)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Form.id, FormVersion.name, Form.xml_form_id, Form.deleted_at, kept)
        .select_from(Form)
        .outerjoin(FormVersion, FormVersion.id == func.coalesce(Form.current_id, Form.draft_id))
        .where(Form.project_id == project_id, in_trash(), *_only(Form.id, only))
        .order_by(Form.deleted_at.desc(), Form.id.desc())
    ).all()
    mine = and_(
        Audit.action == "form.delete",
        Audit.actee_kind == "form",
        Audit.actee_id.in_([row[0] for row in rows]),
    )
    by = _deleters(session, select(Audit.actee_id, Actor.display_name), mine)
    return [
        Thrown(FORMS, number, name or form, form, form, None, at, by.get(number, ""), form, count)
        for number, name, form, at, count in rows
        if at is not None
    ]


def _only(column: Any, numbers: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    return () if numbers is None else (column.in_(numbers),)


def _by_instance(session: Session, ids: Collection[str]) -> dict[Any, str]:
    mine = and_(Audit.action == "submission.delete", Audit.instance_id.in_(ids))
    return _deleters(session, select(Audit.instance_id, Actor.display_name), mine)


def _deleters(session: Session, asked: Select[*tuple[Any, ...]], mine: ColumnElement[bool]) -> dict[Any, str]:
    query = asked.select_from(Audit).join(Actor, Actor.id == Audit.actor_id).where(mine).order_by(Audit.id)
    # Whoever sees the thing may know who threw it away, wherever it lay then.
    with within(WHOLE):
        return {row[0]: row[1] for row in session.execute(query)}


def _by_batch(session: Session, numbers: Collection[int]) -> dict[Any, str]:
    """Who threw records away many at once: that is noted once for all of them."""
    query = (
        select(BatchItem.key, Actor.display_name, Batch.summary)
        .select_from(BatchItem)
        .join(Batch, Batch.id == BatchItem.batch_id)
        .join(Actor, Actor.id == Batch.actor_id)
        .where(BatchItem.noun == "record", BatchItem.key.in_(list(map(str, numbers))))
        .where(Batch.kind == "records", Batch.undone_at.is_(None))
        .order_by(BatchItem.id)
    )
    with within(WHOLE):
        return {
            int(key): name
            for key, name, summary in session.execute(query)
            if summary.get("act") == "delete" and key.isdigit()
        }
