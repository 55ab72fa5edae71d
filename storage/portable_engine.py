"""How a database was set up, asked of each kind in its own words: what keeps answers when the power fails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

OLDEST = {"sqlite": (3, 35), "postgresql": (15,)}
"""The oldest versions the tests have reason to speak for."""

_WHOLE = "UTF8"
_FULL = 2
"""PRAGMA synchronous: a commit waits until the disk has it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What a database says of itself.

    `encoding` is UTF8 where every letter has room. `loses` names settings with which something that was
    confirmed may be lost. `room` is how many connections it takes, None where nothing bounds them.
    """

    kind: str
    version: str
    is_old: bool
    encoding: str
    loses: tuple[str, ...]
    room: int | None


def engine_of(session: Session) -> Engine:
    """How the database under a session was set up."""
    if session.connection().dialect.name == "sqlite":
        return _sqlite(session)
    return _postgresql(session)


def _sqlite(session: Session) -> Engine:
    version = _asked(session, "SELECT sqlite_version()")
    loses = []
    if _asked(session, "PRAGMA journal_mode").lower() != "wal":
        loses.append("journal_mode")
    if int(_asked(session, "PRAGMA synchronous")) < _FULL:
        loses.append("synchronous")
    encoding = _asked(session, "PRAGMA encoding").replace("-", "")
    return Engine("SQLite", version, _is_old("sqlite", version), encoding, tuple(loses), None)


def _postgresql(session: Session) -> Engine:
    def setting(name: str) -> str:
        found: str = session.execute(select(func.current_setting(name))).scalar_one()
        return found

    version = setting("server_version").partition(" ")[0]
    loses = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if setting(name) == "off"]
    room = int(setting("max_connections")) - int(setting("superuser_reserved_connections"))
    encoding = setting("server_encoding")
    return Engine("PostgreSQL", version, _is_old("postgresql", version), encoding, tuple(loses), room)


def _asked(session: Session, question: str) -> str:
    return str(session.execute(text(question)).scalar_one())


def _is_old(kind: str, version: str) -> bool:
    digits = tuple(int(one) for one in version.split(".") if one.isdigit())
    return digits < OLDEST[kind]


def log_size(session: Session) -> int | None:
    """Bytes of SQLite's log of changes that are not in the database file yet; None on PostgreSQL."""
    engine = session.connection().engine
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    path = Path(f"{engine.url.database}-wal")
    return path.stat().st_size if path.exists() else 0
