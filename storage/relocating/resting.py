"""Who works with a data folder: many at once while they serve, one alone while it is moved.

A lock of the operating system on a file in the folder, so that a killed process leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.relocating.problems import DataResting, MovedAway, ServerRuns

IN_USE = "in_use"
"""The file whose lock says so."""

NOTE = "moved.json"
"""What moved where, so that nobody goes on with what was left behind."""


@contextmanager
def at_work(home: Path, database_url: str, blobs_url: str) -> Iterator[None]:
    """Work with a data folder beside others; children that are forked meanwhile work with it too.

    Raises DataResting, and MovedAway where one of the addresses is one that this server moved away from.
    """
    refuse_left_behind(home, database_url, blobs_url)
    with (home / IN_USE).open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataResting(home=str(home)) from error
        yield


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Nobody else works with a data folder, nor begins to. Raises ServerRuns."""
    with (home / IN_USE).open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServerRuns(home=str(home)) from error
        yield


def note_move(home: Path, moved: dict[str, tuple[str, str, str]], now: datetime) -> None:
    """Remember what went: its kind to where it was, where it is, and how that is said without a password."""
    held = _held(home)
    for kind, (source, target, said) in moved.items():
        # Back where it once came from: that address counts again.
        kept = [one for one in held.get(kind, []) if one["from"] not in {source, target}]
        held[kind] = [*kept, {"from": source, "to": said, "on": now.date().isoformat()}]
    path = home / NOTE
    half = path.with_suffix(".part")
    half.write_text(json.dumps(held, indent=1))
    half.chmod(0o600)
    half.replace(path)


def refuse_left_behind(home: Path, database_url: str, blobs_url: str) -> None:
    """Raises MovedAway where one of these addresses is one that this server moved away from."""
    held = _held(home)
    for kind, setting, url in (
        ("database", "COLLECTOR_DATABASE_URL", database_url),
        ("files", "COLLECTOR_BLOBS_URL", blobs_url),
    ):
        for one in held.get(kind, []):
            if one["from"] == url:
                raise MovedAway(
                    what=kind, day=one["on"], setting=setting, target=one["to"], note=str(home / NOTE)
                )


def _held(home: Path) -> dict[str, list[dict[str, Any]]]:
    path = home / NOTE
    if not path.exists():
        return {}
    held: dict[str, list[dict[str, Any]]] = json.loads(path.read_text())
    return held
