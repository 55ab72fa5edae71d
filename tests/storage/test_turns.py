"""Several machines on one PostgreSQL take turns at what has a name; beside SQLite there is one machine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, create_engine, text

from storage.database import prepare_engine
from storage.portable_turns import alone, in_turn

_TURNS = (
    "pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""Those of this database: other tests have theirs on the same server."""


@pytest.fixture
def machines(database_url: str) -> Iterator[tuple[Engine, Engine]]:
    """The same database, as two machines see it."""
    several = create_engine(database_url), create_engine(database_url)
    for one in several:
        prepare_engine(one)
    yield several
    for one in several:
        one.dispose()


def _is_shared(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def test_one_is_at_it_and_another_at_something_else(machines: tuple[Engine, Engine]) -> None:
    here, there = machines
    with alone(here, "releases") as mine:
        assert mine
        with alone(there, "releases") as theirs:
            assert theirs is not _is_shared(there)
        with alone(there, "checks") as theirs:
            assert theirs
        # Who was turned away has not ended the turn of the other.
        with alone(there, "releases") as theirs:
            assert theirs is not _is_shared(there)
    with alone(there, "releases") as theirs:
        assert theirs


def test_what_failed_or_was_cut_off_holds_up_nobody(machines: tuple[Engine, Engine]) -> None:
    here, there = machines
    with pytest.raises(ZeroDivisionError), alone(here, "releases"):
        raise ZeroDivisionError
    with alone(there, "releases") as theirs:
        assert theirs
    if not _is_shared(here):
        return
    with alone(here, "releases"):
        with there.connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend(pid) FROM {_TURNS}"))
        with alone(there, "releases") as theirs:
            assert theirs
    with alone(here, "releases") as mine:
        assert mine


def test_who_has_to_waits_for_the_other(machines: tuple[Engine, Engine]) -> None:
    here, there = machines
    order: list[str] = []

    def second() -> None:
        with in_turn(there, "start"):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with in_turn(here, "start"):
            waiting = pool.submit(second)
            if _is_shared(here):
                with here.connect() as look:
                    asks = f"SELECT count(*) FROM {_TURNS} AND NOT granted"
                    while look.execute(text(asks)).scalar_one() == 0:
                        pass
                order.append("first")
        waiting.result()
    assert order == (["first", "second"] if _is_shared(here) else ["second"])
