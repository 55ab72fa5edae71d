"""What tells whether a server is well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.models import Blob, EntityOutcome, Extract, FigureMark, Heartbeat, Submission, Webhook

_PAGE = 1000
_MOST = 5


def faults(session: Session) -> Sequence[str]:
    """What the database finds wrong with its own pages; PostgreSQL looks at each page as it reads it."""
    if session.connection().dialect.name != "sqlite":
        return ()
    return [row[0] for row in session.execute(text("PRAGMA quick_check(5)")) if row[0] != "ok"]


def blobs(session: Session) -> Iterator[Sequence[str]]:
    """The names of all files there should be, some at a time."""
    after = ""
    while True:
        wanted = select(Blob.sha256).where(Blob.sha256 > after).order_by(Blob.sha256).limit(_PAGE)
        names = session.scalars(wanted).all()
        if not names:
            return
        yield names
        after = names[-1]


def database_clock(session: Session) -> datetime | None:
    """What time it is at the database; None where it is on this machine."""
    if session.connection().dialect.name == "sqlite":
        return None
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def newest_record(session: Session) -> datetime | None:
    """When the last submission came."""
    return session.execute(
        select(Submission.created_at).order_by(Submission.id.desc()).limit(1)
    ).scalar_one_or_none()


def seen_at_work(session: Session, name: str) -> datetime | None:
    """When something that runs on its own was last seen."""
    held = session.get(Heartbeat, name)
    return None if held is None else held.at


def beat(session: Session, name: str, now: datetime) -> None:
    """It is at work."""
    held = session.get(Heartbeat, name)
    if held is None:
        session.add(Heartbeat(name=name, at=now))
    else:
        held.at = now


def unsettled(session: Session, before: datetime) -> int:
    """How many submissions of before a moment wait for their entities to be applied."""
    waiting = select(func.count()).where(
        EntityOutcome.state == "waiting",
        func.coalesce(EntityOutcome.updated_at, EntityOutcome.created_at) < before,
    )
    return session.execute(waiting).scalar_one()


def failing_webhooks(session: Session, before: datetime) -> Sequence[Webhook]:
    """Some of the webhooks that have not been reached since before a moment."""
    return session.scalars(
        select(Webhook)
        .where(Webhook.deleted_at.is_(None), Webhook.paused_at.is_(None), Webhook.failing_since < before)
        .order_by(Webhook.id)
        .limit(_MOST)
    ).all()


def database_size(session: Session) -> int:
    """Bytes the database takes."""
    if session.connection().dialect.name == "sqlite":
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages) * int(session.execute(text("PRAGMA page_size")).scalar_one())
    return int(session.execute(select(func.pg_database_size(func.current_database()))).scalar_one())


def files_size(session: Session) -> tuple[int, int]:
    """How many files are kept, and their bytes."""
    number, size = session.execute(select(func.count(), func.coalesce(func.sum(Blob.size), 0))).one()
    return number, int(size)


BACKUP = "backup"
"""Under this name stands when the last backup succeeded."""
MARKS = "marks"
"""Under this name stands since when the oldest change waits that figures have not followed."""


def marks_waiting(session: Session) -> int:
    """How many changes figures have not followed yet."""
    return session.scalar(select(func.count()).select_from(FigureMark)) or 0


def marks_between(session: Session) -> tuple[int, int] | None:
    """The numbers of the oldest and the newest of them; None where there is none."""
    oldest = session.scalar(select(func.min(FigureMark.id)))
    newest = session.scalar(select(func.max(FigureMark.id)))
    return None if oldest is None or newest is None else (oldest, newest)


def files_waiting(session: Session) -> int:
    """How many orders of files wait or are being made."""
    waiting = Extract.state.in_(("waiting", "making"))
    return session.scalar(select(func.count()).select_from(Extract).where(waiting)) or 0


def backed_up(session: Session) -> datetime | None:
    """When the server was last backed up with success, as far as it knows."""
    return seen_at_work(session, BACKUP)
