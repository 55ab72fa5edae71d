"""The whole country in a database, loaded once for all the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from collector.actions.places import load_places
from storage.database import prepare_engine
from storage.migrate import migrate
from tests.databases import fresh_postgresql
from tests.office import NOW

__all__ = ["country", "session"]

LISTS = Path(__file__).parents[1] / "xlsforms" / "places"
EARLIER = (LISTS / "units_before_2025-07-01.csv").read_bytes()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def country(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The whole country with the villages of the demo."""
    if request.param == "sqlite":
        yield from _loaded(f"sqlite:///{tmp_path_factory.mktemp('country') / 'collector.db'}")
    else:
        with fresh_postgresql() as url:
            yield from _loaded(url)


def _loaded(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    prepare_engine(engine)
    migrate(engine)
    with Session(engine.execution_options(collector_writes=True)) as session, session.begin():
        load_places(session, villages=LISTS / "villages_demo.csv", earlier=EARLIER, now=NOW)
    yield engine
    engine.dispose()


@pytest.fixture
def session(country: Engine) -> Iterator[Session]:
    """A transaction on it that is taken back."""
    with Session(country.execution_options(collector_writes=True)) as made:
        yield made
        made.rollback()
