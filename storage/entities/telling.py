"""What becomes of the entities of a submission, noted where it is not simply that they were written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from storage.audits import Actee, row_of
from storage.database import Base

_T = Base.metadata.tables
_VERSIONS, _RECORDS, _FORMS = _T["submission_versions"], _T["submissions"], _T["forms"]
_ABOUT = (
    select(
        _RECORDS.c.id,
        _RECORDS.c.instance_id,
        _RECORDS.c.form_id,
        _FORMS.c.project_id,
        _RECORDS.c.place_code,
        _RECORDS.c.submitter_id,
    )
    .join(_VERSIONS, _VERSIONS.c.submission_id == _RECORDS.c.id)
    .join(_FORMS, _FORMS.c.id == _RECORDS.c.form_id)
    .where(_VERSIONS.c.id == bindparam("number"))
)


def tell(session: Session, action: str, number: int, now: datetime, *, problem: str | None = None) -> None:
    """Note `action` of the record of a submission version, on its sender's behalf.

    `problem` names what is wrong; what was answered does not belong into an audit.
    """
    connection = session.connection()
    record, instance_id, form_id, project_id, place, sender = connection.execute(
        _ABOUT, {"number": number}
    ).one()
    details = {"submissionId": record, "submissionDefId": number, "instanceId": instance_id}
    if problem is not None:
        details["problem"] = problem
    actee = Actee("form", form_id, project_id, form_id, instance_id, place_code=place)
    row = row_of(action, actee, details=details, notes="", actor_id=sender, now=now)
    connection.execute(insert(_T["audits"]), row)
