"""When backups are made: every day at a time, when somebody asks; each in a process of its own.

Why a process: it reads the whole database and waits for a slow disk, and the worker's chores wait for
neither.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from datetime import time as clock_time
from typing import TYPE_CHECKING, Final

from collector.actions.work import Chore
from collector.backup_problems import BackupHereAlready
from forms.backups.keeping import due
from forms.problems import Problem
from storage.audits import Actee, note
from storage.cuts import within
from storage.database import db, transaction
from storage.models import BackupRun
from storage.queries import backups, health
from storage.scope import WHOLE

if TYPE_CHECKING:
    from collector.actions.backing_up import Outcome

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 20.0
"""Seconds between two looks whether a backup is due or asked for."""
_TELL_EVERY: Final = 3.0
_LAST_WAIT: Final = 20.0


class BackupTurns:
    """Starts that process when one is due, one at a time. `at`: when every day; None: only when asked."""

    def __init__(self, at: clock_time | None, *, is_set: bool) -> None:
        self._at = at
        self._is_set = is_set
        self._running: subprocess.Popen[bytes] | None = None

    def look(self, now: datetime) -> int:
        """Start it where it is needed; returns how many were started: 0 or 1."""
        if self._running is not None:
            if self._running.poll() is None:
                return 0
            if self._running.returncode:
                log.warning("the process that makes backups ended with %d", self._running.returncode)
            self._running = None
        if not self._is_set or not self._wanted(now):
            return 0
        self._running = subprocess.Popen([sys.executable, "-m", "collector", "backup", "--by-worker"])
        return 1

    def _wanted(self, now: datetime) -> bool:
        session = db.session()
        try:
            found = backups.under_way(session, now)
            if found is not None:
                return found.state == backups.WAITING
            return is_due(self._at, now)
        finally:
            session.rollback()

    def stop(self) -> None:
        """End it; what it copied is not copied again by the next one."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(_LAST_WAIT)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()


def is_due(at: clock_time | None, now: datetime) -> bool:
    """Whether the backup of today was not begun yet, or failed an hour ago."""
    if at is None:
        return False
    session = db.session()
    tried = [one.started_at for one in backups.begun(session) if one.started_at is not None]
    failed = backups.last_failed(session)
    return due(at, tried, now, failed=None if failed is None else failed.ended_at)


def chores(turns: BackupTurns) -> tuple[Chore, ...]:
    """What the worker does for backups."""
    return (Chore(LOOK_EVERY, turns.look, "began a backup (%d)", "no backup was begun"),)


@dataclass
class Journal:
    """Keeps what becomes of one backup, for the desk, doctor and metrics."""

    clock: Callable[[], datetime]
    number: int = 0
    _next: float = field(default=0.0)

    def begin(self, asked: str, place: str) -> None:
        """It begins. Raises BackupHereAlready while another one runs, on whatever machine."""
        with within(WHOLE), transaction(noticed=False) as session:
            run = backups.begin(session, asked, place, self.clock())
            if run is None:
                raise BackupHereAlready
            self.number = run.id

    def tell(self, stage: str, done: int, total: int) -> None:
        """How far it is, which is its sign of life too."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _TELL_EVERY
        with within(WHOLE), transaction(noticed=False) as session:
            run = session.get_one(BackupRun, self.number)
            run.stage, run.done, run.total, run.beat_at = stage, done, total, self.clock()

    def done(self, outcome: Outcome) -> None:
        """It went well."""
        head, now = outcome.head, self.clock()
        with within(WHOLE), transaction() as session:
            run = session.get_one(BackupRun, self.number)
            run.state, run.ended_at, run.name = backups.DONE, now, head.name
            run.size, run.new_size, run.missing = head.size, head.new_size, len(outcome.missing)
            health.beat(session, health.BACKUP, now)
            details = {"name": head.name, "rows": head.rows, "files": head.files, "manifest": head.manifest}
            note(session, "backup.create", actee=Actee(), details=details, actor_id=run.asked_by, now=now)

    def failed(self, error: BaseException) -> None:
        """It did not; only what a sentence of ours says of it is kept."""
        with within(WHOLE), transaction() as session:
            run = session.get_one(BackupRun, self.number)
            run.state, run.ended_at = backups.FAILED, self.clock()
            run.problem = str(error) if isinstance(error, Problem) else None
