"""Forms as the browser's engine wants them, kept beside their version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storage.models import WebForm


@dataclass(frozen=True, slots=True)
class Kept:
    """What was made of a version: with what, and the bytes."""

    made_with: str
    body: bytes


def kept(session: Session, version_id: int) -> Kept | None:
    """What was made of a version, whatever it was made with; None where nothing was."""
    row = session.execute(
        select(WebForm.made_with, WebForm.body).where(WebForm.form_version_id == version_id)
    ).one_or_none()
    return None if row is None else Kept(row.made_with, row.body)


def keep(session: Session, version_id: int, made: Kept, now: datetime) -> None:
    """Keep what was made of a version, in place of what was kept before."""
    forget(session, version_id)
    values = {"made_with": made.made_with, "body": made.body, "made_at": now}
    session.execute(insert(WebForm).values(form_version_id=version_id, **values))


def forget(session: Session, version_id: int) -> None:
    """Drop what was made of a version; it is made anew when somebody asks for it."""
    session.execute(delete(WebForm).where(WebForm.form_version_id == version_id))
