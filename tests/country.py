"""The whole country in a database, loaded once in a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from collector.actions.places import load_places
from storage.database import prepare_engine
from tests.copies import KINDS, fresh_database
from tests.office import NOW, opened

__all__ = ["country", "session"]

LISTS = Path(__file__).parents[1] / "xlsforms" / "places"
EARLIER = (LISTS / "units_before_2025-07-01.csv").read_bytes()


def settled(database_url: str) -> None:
    """Make a database that of an office which knows the whole map, its history, and the demo's villages."""
    opened(database_url)
    engine = _prepared(database_url)
    with Session(engine.execution_options(collector_writes=True)) as session, session.begin():
        load_places(session, villages=LISTS / "villages_demo.csv", earlier=EARLIER, now=NOW)
    engine.dispose()


@pytest.fixture(scope="module", params=KINDS)
def country(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shelf: Path
) -> Iterator[Engine]:
    """The whole country with the villages of the demo."""
    with fresh_database(request.param, tmp_path_factory.mktemp("country"), shelf, settled) as url:
        engine = _prepared(url)
        yield engine
        engine.dispose()


def _prepared(url: str) -> Engine:
    engine = create_engine(url)
    prepare_engine(engine)
    return engine


@pytest.fixture
def session(country: Engine) -> Iterator[Session]:
    """A transaction on it that is taken back."""
    with Session(country.execution_options(collector_writes=True)) as made:
        yield made
        made.rollback()
