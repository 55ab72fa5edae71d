"""⑧ The list `commune_figures`: who is on it, and that it is there when a form reads it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.commune_figures import AS_OF, FIGURES, KEYS, LIST
from storage.entities.lists import ensure_properties
from storage.models import Entity, EntityList


def ensure_figures(
    session: Session, project_id: int, file_names: Iterable[str], *, now: datetime
) -> EntityList | None:
    """Make the list, or give it its columns, where a form asks for `commune_figures.csv`."""
    if f"{LIST}.csv" not in file_names:
        return None
    found = session.scalars(
        select(EntityList).where(EntityList.project_id == project_id, EntityList.name == LIST)
    ).one_or_none()
    if found is None:
        found = EntityList(project_id=project_id, name=LIST, approval_required=False, stamp=1, created_at=now)
        session.add(found)
        session.flush()
    found.place_property = KEYS[0]
    ensure_properties(session, found, KEYS, now=now)
    ensure_properties(session, found, (AS_OF, *FIGURES), computed=True, now=now)
    return found


def figure_lists(session: Session) -> list[tuple[int, int]]:
    """Every such list with its project."""
    rows = session.execute(
        select(EntityList.id, EntityList.project_id).where(EntityList.name == LIST).order_by(EntityList.id)
    )
    return [(number, project) for number, project in rows]


def member_id(project_id: int, commune: str, year: int, period: str) -> str:
    """The id of a member, the same whenever it is worked out: phones and reports name it."""
    key = f"{LIST}/{project_id}/{commune}/{year}/{period}"
    return str(uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16], version=4))


def members(session: Session, list_id: int, year: int, period: str) -> dict[str, str]:
    """The communes that are on the list for a year and period, and the ids of their members."""
    rows = session.execute(
        select(Entity.data, Entity.uuid).where(Entity.list_id == list_id, Entity.deleted_at.is_(None))
    )
    return {
        data["commune_code"]: number
        for data, number in rows
        if (data.get("report_year"), data.get("period")) == (str(year), period) and "commune_code" in data
    }
