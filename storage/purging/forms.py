"""Forms and entity lists gone for good; of each its number stays, which audits name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, select, update
from sqlalchemy.orm import Session

from storage.audits import Actee, note, of_dataset, of_form
from storage.database import Base
from storage.groups import in_groups
from storage.models import (
    Assignment,
    Audit,
    Entity,
    EntityList,
    EntityUse,
    EntityVersion,
    Finding,
    Form,
    FormAttachment,
    FormVersion,
    Purged,
    RecordView,
    WebDraft,
    WebDraftFile,
    WebForm,
    Webhook,
)
from storage.projection import catalogue
from storage.purging import records
from storage.purging.files import Files
from storage.queries.forms import GONE

_EMPTIED: dict[str, Any] = {
    "name": "",
    "xml": b"",
    "workbook_sha256": None,
    "workbook_name": None,
    "draft_token": None,
    "remarks": [],
    "sheets": {},
    "publish_notes": None,
    "published_at": None,
}


def due_forms(session: Session, before: datetime) -> Sequence[int]:
    """The numbers of the forms that were deleted before a moment."""
    return session.scalars(
        select(Form.id).where(Form.deleted_at < before, Form.state != GONE).order_by(Form.id)
    ).all()


def purge_form(session: Session, form: Form, files: Files, *, now: datetime) -> None:
    """Let a form go whose records are gone: its versions, files, tables."""
    records.forget_ids(session, form.id)
    for draft in (False, True):
        catalogue.drop(session, form.id, draft=draft)
    form.current_id = form.draft_id = None
    session.flush()
    versions = session.scalars(select(FormVersion.id).where(FormVersion.form_id == form.id)).all()
    files.of_form(session, versions)
    session.execute(delete(EntityUse).where(EntityUse.form_version_id.in_(versions)))
    session.execute(delete(FormAttachment).where(FormAttachment.form_version_id.in_(versions)))
    session.execute(delete(Finding).where(Finding.form_id == form.id))
    session.execute(delete(Assignment).where(Assignment.form_id == form.id))
    session.execute(delete(RecordView).where(RecordView.form_id == form.id))
    session.execute(delete(WebForm).where(WebForm.form_version_id.in_(versions)))
    _forget_drafts(session, form.id, files)
    session.execute(update(Webhook).where(Webhook.form_id == form.id).values(deleted_at=now))
    # Emptied, not deleted: processes keep what they read of a version under its number.
    session.execute(update(FormVersion).where(FormVersion.form_id == form.id).values(**_EMPTIED))
    form.state = GONE
    session.execute(_unsaid(Audit.form_id == form.id))
    session.merge(Purged(kind="form", owner_id=form.project_id, key=str(form.id), purged_at=now))
    details = {"xmlFormId": form.xml_form_id}
    note(session, "form.purge", actee=of_form(form), details=details, notes="", now=now)


def _forget_drafts(session: Session, form_id: int, files: Files) -> None:
    """What people began of a form that is gone: it cannot be sent any more."""
    drafts = session.scalars(select(WebDraft.id).where(WebDraft.form_id == form_id)).all()
    files.of_drafts(session, drafts)
    for group in in_groups(drafts):
        session.execute(delete(WebDraftFile).where(WebDraftFile.draft_id.in_(group)))
        session.execute(delete(WebDraft).where(WebDraft.id.in_(group)))


def _unsaid(mine: ColumnElement[bool]) -> Update:
    return update(Audit).where(mine, Audit.notes.is_not(None)).values(notes=None, notes_salt=None)


def due_entities(session: Session, before: datetime, limit: int) -> Sequence[Entity]:
    """Some entities that were deleted before a moment."""
    return session.scalars(
        select(Entity).where(Entity.deleted_at < before).order_by(Entity.list_id, Entity.id).limit(limit)
    ).all()


def deleted_entities(session: Session, numbers: Sequence[int]) -> Sequence[Entity]:
    """Those of these entities that lie deleted."""
    return session.scalars(select(Entity).where(Entity.id.in_(numbers), Entity.deleted_at.is_not(None))).all()


def entities_of(session: Session, list_id: int, limit: int) -> Sequence[Entity]:
    """Some entities of a list."""
    return session.scalars(select(Entity).where(Entity.list_id == list_id).limit(limit)).all()


def purge_entities(session: Session, several: Sequence[Entity], *, now: datetime) -> None:
    """Let entities go for good, and note each."""
    numbers = [one.id for one in several]
    session.execute(delete(EntityVersion).where(EntityVersion.entity_id.in_(numbers)))
    for one in several:
        mine = (Audit.entity_uuid == one.uuid) & (Audit.actee_id == one.list_id)
        session.execute(_unsaid(mine))
        session.merge(Purged(kind="entity", owner_id=one.list_id, key=one.uuid, purged_at=now))
        of = session.get_one(EntityList, one.list_id)
        actee = Actee("dataset", of.id, of.project_id, entity_uuid=one.uuid, place_code=one.place_code)
        details = {"entity": {"uuid": one.uuid, "dataset": of.deleted_name or of.name}}
        note(session, "entity.purge", actee=actee, details=details, notes="", now=now)
    session.execute(delete(Entity).where(Entity.id.in_(numbers)))


def due_lists(session: Session, before: datetime) -> Sequence[int]:
    """The numbers of the lists that were deleted before a moment."""
    return session.scalars(
        select(EntityList.id)
        .where(EntityList.deleted_at < before, EntityList.deleted_name != "")
        .order_by(EntityList.id)
    ).all()


def purge_list(session: Session, of: EntityList, *, now: datetime) -> None:
    """Let a list go whose entities are gone."""
    details = {"dataset": of.deleted_name}
    for name in ("entity_properties", "entity_uses", "entity_stamps", "entity_held"):
        table = Base.metadata.tables[name]
        session.execute(delete(table).where(table.c.list_id == of.id))
    session.merge(
        Purged(kind="dataset", owner_id=of.project_id, key=of.deleted_name or of.name, purged_at=now)
    )
    session.execute(_unsaid((Audit.actee_kind == "dataset") & (Audit.actee_id == of.id)))
    # Of a list that is gone nothing is shown, not even among those that were deleted.
    of.deleted_name = ""
    note(session, "dataset.purge", actee=of_dataset(of), details=details, notes="", now=now)
