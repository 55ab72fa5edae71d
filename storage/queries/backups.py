"""What became of backups: asked for, begun, how far, done or failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from storage.models import BackupRun
from storage.portable_turns import take_turn

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
SILENT = timedelta(minutes=5)
"""After which one that runs is taken for dead."""
_TURN = 0x4261636B
_KEPT = 200


def order(session: Session, asked: str, actor_id: int | None, now: datetime) -> BackupRun:
    """Ask for a backup; the one that already waits or runs, if there is one."""
    take_turn(session, _TURN)
    found = under_way(session, now)
    if found is not None:
        return found
    made = BackupRun(state=WAITING, asked=asked, asked_by=actor_id, asked_at=now)
    session.add(made)
    session.flush()
    return made


def under_way(session: Session, now: datetime) -> BackupRun | None:
    """The backup that waits or runs."""
    alive = (BackupRun.state == RUNNING) & (BackupRun.beat_at > now - SILENT)
    wanted = select(BackupRun).where(or_(BackupRun.state == WAITING, alive))
    return session.scalars(wanted.order_by(BackupRun.id.desc()).limit(1)).first()


def begin(session: Session, asked: str, place: str, now: datetime) -> BackupRun | None:
    """One begins: that which waits, else a new one; None while another runs. What fell silent failed."""
    take_turn(session, _TURN)
    alive = (BackupRun.state == RUNNING) & (BackupRun.beat_at > now - SILENT)
    if session.scalar(select(BackupRun.id).where(alive).limit(1)) is not None:
        return None
    session.execute(
        update(BackupRun).where(BackupRun.state == RUNNING).values(state=FAILED, ended_at=now, problem=None)
    )
    waiting = select(BackupRun).where(BackupRun.state == WAITING).order_by(BackupRun.id).limit(1)
    run = session.scalars(waiting).first()
    if run is None:
        run = BackupRun(asked=asked, asked_at=now, state=WAITING)
        session.add(run)
    run.state, run.started_at, run.beat_at, run.place = RUNNING, now, now, place
    session.flush()
    session.execute(delete(BackupRun).where(BackupRun.id <= run.id - _KEPT))
    return run


def last_done(session: Session) -> BackupRun | None:
    """The last that went well."""
    wanted = select(BackupRun).where(BackupRun.state == DONE)
    return session.scalars(wanted.order_by(BackupRun.ended_at.desc(), BackupRun.id.desc()).limit(1)).first()


def last_failed(session: Session) -> BackupRun | None:
    """The last of all, if it failed."""
    ended = select(BackupRun).where(BackupRun.state.in_([DONE, FAILED]))
    found = session.scalars(ended.order_by(BackupRun.id.desc()).limit(1)).first()
    return found if found is not None and found.state == FAILED else None


def begun(session: Session, limit: int = 20) -> Sequence[BackupRun]:
    """The last that were begun, newest first."""
    wanted = select(BackupRun).where(BackupRun.started_at.is_not(None))
    return session.scalars(wanted.order_by(BackupRun.id.desc()).limit(limit)).all()


def restored(session: Session, name: str, now: datetime) -> None:
    """What ran as the backup was made that is now restored: it was this one, and it is done."""
    session.execute(
        update(BackupRun)
        .where(BackupRun.state.in_([RUNNING, WAITING]))
        .values(state=DONE, ended_at=now, name=name, problem=None)
    )
