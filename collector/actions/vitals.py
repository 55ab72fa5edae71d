"""How a server is, as far as that is known in a moment: for a page that is opened often.

What takes longer (every file, every link of the log) `collector doctor` looks at.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy.orm import Session

from collector.actions.doctor import WORKER
from storage.queries import health

_SILENT = timedelta(minutes=15)
_LEFT = timedelta(hours=1)
_UNREACHED = timedelta(days=1)
_ROOM, _SHARE = 1 << 30, 0.05


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was found; sizes in bytes. `webhooks`: how many were not reached for a day."""

    version: str
    database: str
    database_size: int
    files: int
    files_size: int
    free: int
    total: int
    worker_seen: datetime | None
    worker_works: bool
    unsettled: int
    webhooks: int

    @property
    def is_tight(self) -> bool:
        """Whether the disk will soon be full."""
        return self.free < _ROOM or self.free < self.total * _SHARE


def vitals(session: Session, home: Path, now: datetime) -> Vitals:
    """Look at a server."""
    seen = health.seen_at_work(session, WORKER)
    files, size = health.files_size(session)
    room = shutil.disk_usage(home)
    return Vitals(
        version=server_version(),
        database={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[session.connection().dialect.name],
        database_size=health.database_size(session),
        files=files,
        files_size=size,
        free=room.free,
        total=room.total,
        worker_seen=seen,
        worker_works=seen is not None and now - seen <= _SILENT,
        unsettled=health.unsettled(session, now - _LEFT),
        webhooks=len(health.failing_webhooks(session, now - _UNREACHED)),
    )


def server_version() -> str:
    """What version of this server is installed."""
    try:
        return version("collector")
    except PackageNotFoundError:
        return "?"
