"""Databases that are filled once in a run, and copied for each test.

Why: filling one takes up to ten seconds, copying it a tenth of one.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import fresh_postgresql

__all__ = ["KINDS", "fresh_database"]

KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh_database(
    kind: str, folder: Path, shelf: Path, prepare: Callable[[str], object] | None = None
) -> Iterator[str]:
    """A database of its own, empty or as `prepare(url)` fills one: its SQLAlchemy URL.

    A SQLite database lies in `folder`; what it is a copy of lies in `shelf`, the folder all the processes of
    a run share. `prepare` has to close its connections.
    """
    if kind == "sqlite":
        file = folder / "collector.db"
        if prepare is not None:
            shutil.copy(_filled(shelf, prepare), file)
        yield f"sqlite:///{file}"
    else:
        with fresh_postgresql(prepare) as url:
            yield url


def _filled(shelf: Path, prepare: Callable[[str], object]) -> Path:
    """The file that `prepare` filled, in this process or another one."""
    file = shelf / f"{prepare.__module__}.{prepare.__qualname__}.db"
    if not file.exists():
        with file.with_suffix(".turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not file.exists():
                beside = file.with_suffix(".part")
                prepare(f"sqlite:///{beside}")
                beside.rename(file)
    return file
