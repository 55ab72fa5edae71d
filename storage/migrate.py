"""Bringing a database to the shape this code needs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from storage.shape_problems import DatabaseNewer, TablesHeld

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

HOLDS_UP = 4
"""Seconds a step may wait for a table, and with it whoever asks for that table after it."""
ATTEMPTS = 15

_LOCK = 0x436F6C6C
_LOCK_NOT_AVAILABLE = "55P03"
_SCRIPTS = Path(__file__).parent / "migrations"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def newest_step() -> str:
    """The number of the last step; steps are numbered in their file names."""
    return max(path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def is_current(engine: Engine) -> bool:
    """Whether a database has the shape this code needs."""
    # Asked without alembic, which takes longer to load than this takes to answer, at every command.
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [newest_step()]


def migrate(engine: Engine) -> bool:
    """Apply what is missing; returns whether anything was. Two servers starting at once take turns.

    A database the next release has changed is served as it is: its steps take nothing away that this one
    uses (decision 0038). Raises DatabaseNewer beyond that, and TablesHeld.
    """
    if is_current(engine) or _is_of_the_next_release(engine):
        return False
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _upgrade(engine)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            if attempt == ATTEMPTS:
                raise TablesHeld(seconds=ATTEMPTS * HOLDS_UP) from error
            log.warning("tables that have to change are held by somebody; trying again")
        else:
            break
    return True


def _is_of_the_next_release(engine: Engine) -> bool:
    """Whether the database is one step ahead: a release has one at most."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = max(connection.scalars(text("SELECT version_num FROM alembic_version")).all(), default="")
    known = newest_step()
    if found <= known:
        return False
    if int(found) > int(known) + 1:
        raise DatabaseNewer(found=found, known=known)
    log.warning("the database was changed by the next version (step %s); this one goes on with it", found)
    return True


def _upgrade(engine: Engine) -> None:
    from alembic import command

    config = _config()
    with engine.connect().execution_options(collector_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            # Whoever comes after a step that waits for its table waits too: the version before still serves.
            connection.execute(text(f"SET LOCAL lock_timeout = '{HOLDS_UP}s'"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revise(engine: Engine, message: str, number: str) -> None:
    """Write a new step from the difference between models and database (for developers)."""
    from alembic import command

    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=number)


def step_back(engine: Engine, number: str) -> None:
    """Take a database back to an earlier step (for developers and tests: what was added is lost)."""
    from alembic import command

    config = _config()
    with engine.connect().execution_options(collector_writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, number)
