"""The steps from an empty database to this code's: they end where the models are, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from storage.database import Base, prepare_engine
from storage.migrate import migrate, step_back


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database, as the server opens it."""
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def test_the_steps_end_where_the_models_are(engine: Engine) -> None:
    assert migrate(engine)
    with engine.connect() as connection:
        seen = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(seen, Base.metadata) == []


def test_a_second_time_there_is_nothing_to_do(engine: Engine) -> None:
    assert migrate(engine)
    before = _shape(engine)
    assert not migrate(engine)
    assert _shape(engine) == before


def test_servers_that_start_at_once_take_turns(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate(engine), range(4)))
    assert not migrate(engine)
    assert set(Base.metadata.tables) < set(_shape(engine))


def test_tables_of_answers_are_nothing_to_the_steps(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE d1_0 (submission_id BIGINT)"))
    step_back(engine, "0001")
    assert migrate(engine)
    assert "d1_0" in _shape(engine)


def _shape(engine: Engine) -> dict[str, set[str]]:
    seen = inspect(engine)
    return {name: {column["name"] for column in seen.get_columns(name)} for name in seen.get_table_names()}
