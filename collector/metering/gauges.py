"""What is looked up when somebody asks for the figures: what waits, how old it is, how much room is left."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from collector.actions.doctor import WORKER
from storage.findings.examining import stale_forms
from storage.portable_engine import log_size
from storage.queries import health

ANSWERS: Final = "collector_database_answers"

GAUGES: Final[Mapping[str, str]] = {
    ANSWERS: "1 while the database answers, 0 while it does not.",
    "collector_open_marks": "Changes that figures have not followed yet.",
    "collector_oldest_mark_seconds": "How long the oldest of them has waited, to the minute.",
    "collector_checks_waiting": "Surveys whose records have not all passed their present checks.",
    "collector_unsettled_submissions": "Submissions whose lists of households and classes wait.",
    "collector_files_waiting": "Orders of files that wait or are being made.",
    "collector_worker_silent_seconds": "Seconds since the worker's last sign of life.",
    "collector_backup_age_seconds": "Seconds since the last backup that succeeded.",
    "collector_database_bytes": "Size of the database.",
    "collector_wal_bytes": "Size of SQLite's log of changes.",
    "collector_disk_free_bytes": "Room on the disk of the data folder.",
    "collector_disk_total_bytes": "Size of that disk.",
    "collector_blobs": "Files that are kept.",
    "collector_blob_bytes": "Bytes of the files that are kept.",
    "collector_memory_bytes": "Memory of all processes of the server; what they share counts once.",
    "collector_processes": "Processes of the server.",
}
"""What can be looked up; what is not known is left out."""

_SELDOM: Final = 600.0
"""Seconds for which counts are kept that have to read a whole table."""

Value = TypeVar("Value")


class Seldom:
    """A value that is worked out again only after a while, for all who ask."""

    def __init__(self, lasts: float = _SELDOM) -> None:
        self._lasts = lasts
        self._lock = threading.Lock()
        self._until = 0.0
        self._value: object = None

    def get(self, work_out: Callable[[], Value]) -> Value:
        """The value, of now or of a moment ago."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._value = work_out()
                self._until = time.monotonic() + self._lasts
            return self._value  # type: ignore[return-value]


def gauges(session: Session, home: Path, now: datetime, seldom: Seldom) -> dict[str, float]:
    """Each of GAUGES that is known, by its name."""
    files, size = seldom.get(lambda: health.files_size(session))
    marks = health.marks_waiting(session)
    room = shutil.disk_usage(home)
    several = processes()
    found: dict[str, float | None] = {
        "collector_open_marks": marks,
        "collector_oldest_mark_seconds": _waited(session, now) if marks else 0.0,
        "collector_checks_waiting": len(stale_forms(session)),
        "collector_unsettled_submissions": health.unsettled(session, now),
        "collector_files_waiting": health.files_waiting(session),
        "collector_worker_silent_seconds": _since(health.seen_at_work(session, WORKER), now),
        "collector_backup_age_seconds": _since(health.backed_up(session), now),
        "collector_database_bytes": health.database_size(session),
        "collector_wal_bytes": log_size(session),
        "collector_disk_free_bytes": room.free,
        "collector_disk_total_bytes": room.total,
        "collector_blobs": files,
        "collector_blob_bytes": size,
        "collector_memory_bytes": sum(map(memory, several)),
        "collector_processes": len(several),
    }
    return {name: float(value) for name, value in found.items() if value is not None}


def _waited(session: Session, now: datetime) -> float:
    return _since(health.seen_at_work(session, health.MARKS), now) or 0.0


def _since(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())


def processes() -> list[int]:
    """The processes of this server: this one, those beside it, and all above them that belong to it.

    They are one session, or one group where a terminal or a service manager started them.
    """
    own, found = os.getsid(0), []
    for entry in Path("/proc").glob("[0-9]*"):
        number = int(entry.name)
        try:
            if os.getsid(number) == own and _is_ours(entry):
                found.append(number)
        except OSError:
            continue
    return found


def _is_ours(entry: Path) -> bool:
    said = (entry / "cmdline").read_bytes()
    return b"collector" in said or int(entry.name) == os.getpid()


def memory(process: int) -> int:
    """Bytes a process holds; pages it shares are divided among those who share them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
