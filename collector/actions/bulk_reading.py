"""Lists and feeds that were read, in the log: an entry for each request, for a page once a day."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from collector.actions.remembered import Remembered
from storage.audits import Actee
from storage.audits import note as audit
from storage.cuts import within
from storage.database import transaction
from storage.models import EntityList, Form
from storage.scope import WHOLE

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: `name` is the form's id or the list's name, `said` the way and how it was narrowed."""

    action: str
    project_id: int
    name: str
    said: Mapping[str, str] = field(hash=False)


PAGES: Remembered[tuple[int, str, int, str, str, date]] = Remembered()
"""Pages this process has noted, so that leafing through a list costs no writes."""


def note_page(one: Reading, rows: int, actor_id: int | None, now: datetime) -> None:
    """Note a page of a list, once a day for each person, list and narrowing."""
    key = (actor_id or 0, one.action, one.project_id, one.name, one.said["filter"], now.date())
    if key not in PAGES:
        note(one, rows, actor_id, now)
        PAGES.add(key)


def note(one: Reading, rows: int, actor_id: int | None, now: datetime) -> None:
    """Note that `rows` of a form or list were read. A full disk keeps nobody from reading: that is logged."""
    try:
        with within(WHOLE), transaction(noticed=False) as session:
            details = {**one.said, "rows": rows}
            audit(
                session, one.action, actee=_actee(session, one), details=details, actor_id=actor_id, now=now
            )
    except DBAPIError:
        log.exception("that %s was read by %s was not noted", one.name, actor_id)


def _actee(session: Session, one: Reading) -> Actee:
    if one.action == "reading.records":
        query = select(Form.id).where(Form.project_id == one.project_id, Form.xml_form_id == one.name)
        number = session.scalars(query.order_by(Form.deleted_at.is_not(None), Form.id.desc())).first()
        return Actee("form", number, project_id=one.project_id, form_id=number)
    query = select(EntityList.id).where(EntityList.project_id == one.project_id, EntityList.name == one.name)
    return Actee("dataset", session.scalars(query).first(), project_id=one.project_id)
