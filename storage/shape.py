"""Which step of its history a database is at, beside the one this program needs.

A step is applied in one transaction with the note that it was, on both databases: a migration that was
killed in the middle never was. So a database is at a step, at none, or at one this program does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from sqlalchemy import Engine, inspect, text

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_NOTE = "alembic_version"


class State(Enum):
    """How a database stands to this program."""

    CURRENT = "current"
    EMPTY = "empty"
    OLDER = "older"
    NEWER = "newer"
    UNKNOWN = "unknown"
    """It holds tables, and no note or several of which step they are."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The state, the step it is at ("" for none) and the one that is needed."""

    state: State
    there: str
    needed: str


def shape_of(engine: Engine) -> Shape:
    """Look at a database, without changing anything."""
    needed = max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        steps = (
            list(connection.scalars(text("SELECT version_num FROM alembic_version")))
            if _NOTE in tables
            else []
        )
    there = ", ".join(sorted(steps))
    if len(steps) != 1:
        ours = tables - {_NOTE}
        return Shape(State.UNKNOWN if ours or steps else State.EMPTY, there, needed)
    # What the next release adds is served by this one as well (decision 0038).
    if there in {needed, f"{int(needed) + 1:04}"}:
        return Shape(State.CURRENT, there, needed)
    return Shape(State.NEWER if there > needed else State.OLDER, there, needed)
