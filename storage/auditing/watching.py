"""Rows that are themselves the record of an act are noted as they are written, whoever wrote them.

A batch, an operation on the map, a signature, a decision, a campaign, an answer to a finding: each says by
whom and when, so that no door and no command can forget to note it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from storage.audits import Actee, of_actor, of_dataset, row_of, who_acts
from storage.cuts import within
from storage.database import Base
from storage.models import (
    Approval,
    Batch,
    BatchItem,
    Campaign,
    Decision,
    EntityList,
    EntityProperty,
    Finding,
    PlaceChange,
    Programme,
    SentBack,
    SubmissionComment,
    User,
)
from storage.scope import WHOLE

_RECORDS, _FORMS = Base.metadata.tables["submissions"], Base.metadata.tables["forms"]
_AUDITS = Base.metadata.tables["audits"]


class _Act(NamedTuple):
    """What a row says: an action, to what, by whom and when (None: as the context has it), and why."""

    action: str
    actee: Actee
    details: Mapping[str, Any]
    actor_id: int | None = None
    at: datetime | None = None
    notes: str | None = None


_Reader = Callable[[Session, Any], "_Act | None"]


def _has(row: object, *names: str) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in names)


# New rows -----------------------------------------------------------------------------------------


def _batch(_session: Session, row: Batch) -> _Act:
    return _Act("batch.create", _of_batch(row), {"kind": row.kind}, row.actor_id, row.created_at)


def _operation(_session: Session, row: PlaceChange) -> _Act:
    codes = [code for code in row.details.get("codes", ()) if isinstance(code, str)]
    details = {"changeId": row.id, "kind": row.kind, "codes": codes}
    return _Act("place.change", Actee("place_change", row.id), details, row.actor_id, row.created_at)


_SIGNED = {"confirmed": "figure.confirm", "locked": "figure.lock", "open": "figure.unlock"}


def _signature(_session: Session, row: Approval) -> _Act:
    actee = Actee("place", project_id=row.project_id, place_code=row.place_code)
    details = {"period": row.period, "place": row.place_code}
    return _Act(_SIGNED[row.state], actee, details, row.actor_id, row.created_at, row.reason)


def _decision(_session: Session, row: Decision) -> _Act:
    details = {"code": row.code, "chosen": row.chosen}
    return _Act("programme.decide", _of_project(row), details, row.actor_id, row.created_at)


def _programme(_session: Session, row: Programme) -> _Act:
    details = {"programmeId": row.id, "sha256": row.workbook_sha256}
    return _Act("programme.publish", _of_project(row), details, row.actor_id, row.created_at)


def _campaign(_session: Session, row: Campaign) -> _Act:
    return _Act("campaign.create", _of_campaign(row), {"key": row.key}, at=row.created_at)


def _sent_back(session: Session, row: SentBack) -> _Act:
    actee = _of_record(session, row.submission_id)
    details = {"submissionId": row.submission_id, "instanceId": actee.instance_id}
    return _Act("campaign.send_back", actee, details, row.actor_id, row.created_at, row.reason)


def _comment(session: Session, row: SubmissionComment) -> _Act:
    actee = _of_record(session, row.submission_id)
    details = {"submissionId": row.submission_id, "commentId": row.id}
    return _Act("comment.create", actee, details, row.actor_id, row.created_at)


def _list(_session: Session, row: EntityList) -> _Act:
    return _Act("dataset.create", of_dataset(row), {"properties": []}, at=row.created_at)


def _property(session: Session, row: EntityProperty) -> _Act | None:
    if row.computed:
        # The server's own, written by the server alone.
        return None
    actee = of_dataset(session.get_one(EntityList, row.list_id))
    return _Act("dataset.update", actee, {"properties": [row.name]}, at=row.created_at)


# Changed rows ---------------------------------------------------------------------------------------


def _batch_undone(_session: Session, row: Batch) -> _Act | None:
    if not _has(row, "undone_at") or row.undone_at is None:
        return None
    return _Act("batch.undo", _of_batch(row), {"kind": row.kind}, row.undone_by, row.undone_at)


def _operation_undone(_session: Session, row: PlaceChange) -> _Act | None:
    if not _has(row, "undone_at") or row.undone_at is None:
        return None
    details = {"changeId": row.id, "kind": row.kind}
    return _Act("place.undo", Actee("place_change", row.id), details, row.undone_by, row.undone_at)


def _campaign_changed(_session: Session, row: Campaign) -> _Act | None:
    if not _has(row, "closed_at"):
        return None
    action = "campaign.close" if row.closed_at else "campaign.open"
    return _Act(action, _of_campaign(row), {"key": row.key}, at=row.closed_at)


def _answered(session: Session, row: SentBack) -> _Act | None:
    if not _has(row, "answered_at"):
        return None
    actee = _of_record(session, row.submission_id)
    return _Act("campaign.settle", actee, {"submissionId": row.submission_id}, at=row.answered_at)


def _finding(session: Session, row: Finding) -> _Act | None:
    judged = _has(row, "changed_at") and row.changed_by is not None
    if not judged and not _has(row, "owner_id"):
        return None
    if any(isinstance(one, BatchItem) and one.key == str(row.id) for one in session.new):
        # Of a batch, which is noted once.
        return None
    actee = Actee("finding", row.id, row.project_id, row.form_id, place_code=row.place_code)
    if judged:
        details = {"findingId": row.id, "check": row.check, "state": row.state}
        return _Act("finding.update", actee, details, row.changed_by, row.changed_at, row.reason)
    details = {"findingId": row.id, "check": row.check, "ownerId": row.owner_id}
    return _Act("finding.update", actee, details, at=None if who_acts() else row.created_at)


def _collect_password(_session: Session, row: User) -> _Act | None:
    if not _has(row, "collect_ha1"):
        return None
    moment = None if who_acts() else row.actor.updated_at or row.actor.created_at
    return _Act("user.update", of_actor(row.actor), {"data": {"collectPassword": True}}, at=moment)


# To what --------------------------------------------------------------------------------------------


def _of_batch(row: Batch) -> Actee:
    return Actee("batch", row.id, row.project_id)


def _of_project(row: Decision | Programme) -> Actee:
    return Actee("programme", row.project_id, row.project_id)


def _of_campaign(row: Campaign) -> Actee:
    return Actee("campaign", row.id, row.project_id, place_code=row.place_code)


def _of_record(session: Session, number: int) -> Actee:
    columns = (_RECORDS.c.form_id, _FORMS.c.project_id, _RECORDS.c.instance_id, _RECORDS.c.place_code)
    query = select(*columns).join(_FORMS, _FORMS.c.id == _RECORDS.c.form_id).where(_RECORDS.c.id == number)
    # Whoever may write of a record has found it before. Nothing unwritten is left to slip through: this is
    # after the flush, and asked on the connection.
    with within(WHOLE):
        form_id, project_id, instance_id, place_code = session.connection().execute(query).one()
    return Actee("form", form_id, project_id, form_id, instance_id, place_code=place_code)


_NEW: Mapping[type, _Reader] = {
    Batch: _batch,
    PlaceChange: _operation,
    Approval: _signature,
    Decision: _decision,
    Programme: _programme,
    Campaign: _campaign,
    SentBack: _sent_back,
    SubmissionComment: _comment,
    EntityList: _list,
    EntityProperty: _property,
}
_CHANGED: Mapping[type, _Reader] = {
    Batch: _batch_undone,
    PlaceChange: _operation_undone,
    Decision: _decision,
    Campaign: _campaign_changed,
    SentBack: _answered,
    Finding: _finding,
    User: _collect_password,
}


def install() -> None:
    """Watch every session of this process from here on."""
    if not event.contains(Session, "after_flush", _watch):
        event.listen(Session, "after_flush", _watch)


def _watch(session: Session, _context: UOWTransaction) -> None:
    """Note what the rows that were just written say."""
    acts = [
        act
        for rows, readers in ((session.new, _NEW), (session.dirty, _CHANGED))
        for row in rows
        if (reader := readers.get(type(row))) is not None and (act := reader(session, row)) is not None
    ]
    if acts:
        rows_ = [
            row_of(
                one.action,
                one.actee,
                details=one.details,
                notes=one.notes,
                actor_id=one.actor_id,
                now=one.at,
            )
            for one in acts
        ]
        session.connection().execute(insert(_AUDITS), rows_)
