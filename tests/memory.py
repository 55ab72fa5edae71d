"""Where tests write: in memory, where there is room for it.

Why: each test has a database of its own, which on PostgreSQL is a thousand small files. Making and removing
them on a disk takes a processor several times as long, and what a test learns is the same.
Knows: that Linux has a folder in memory, of which a container may get very little, or nothing to run there.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

__all__ = ["ROOM", "write_to_memory"]

ROOM = 6 * 1024**3
"""Bytes that have to be free."""

_FOLDER = Path("/dev/shm")  # noqa: S108 - shared on purpose: each run makes folders of its own there
_STATE = Path("/proc/meminfo")


def write_to_memory(room: int = ROOM) -> None:
    """From now on temporary files of this process and of those it starts lie there; TMPDIR says otherwise."""
    if "TMPDIR" not in os.environ and "PYTEST_XDIST_WORKER" not in os.environ and _free() > room:
        os.environ["TMPDIR"] = str(_FOLDER)
        tempfile.tempdir = None


def _free() -> int:
    """Bytes of memory that files may take; 0 where programs among them would not be run."""
    if not _FOLDER.is_dir() or os.statvfs(_FOLDER).f_flag & os.ST_NOEXEC:
        return 0
    available = re.search(r"MemAvailable: +(\d+) kB", _STATE.read_text())
    memory = int(available[1]) * 1024 if available else 0
    return min(shutil.disk_usage(_FOLDER).free, memory)
