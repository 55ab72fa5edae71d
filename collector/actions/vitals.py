"""How a server is, as far as that is known in a moment: for a page that is opened often.

What takes longer (every file, every link of the log) `collector doctor` looks at.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy.orm import Session

from storage.queries import health


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was found; sizes in bytes."""

    version: str
    database: str
    database_size: int
    files: int
    files_size: int


def vitals(session: Session) -> Vitals:
    """Look at a server."""
    files, size = health.files_size(session)
    return Vitals(
        version=server_version(),
        database={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[session.connection().dialect.name],
        database_size=health.database_size(session),
        files=files,
        files_size=size,
    )


def server_version() -> str:
    """What version of this server is installed."""
    try:
        return version("collector")
    except PackageNotFoundError:
        return "?"
