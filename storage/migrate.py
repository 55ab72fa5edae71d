"""Bringing a database to the shape this code needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x436F6C6C
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
    """Apply what is missing; returns whether anything was. Two servers starting at once take turns."""
    if is_current(engine):
        return False
    from alembic import command

    config = _config()
    with engine.connect().execution_options(collector_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


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
