"""Connections that died with their server are found before anybody works with them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from collector.core import make_core
from collector.settings import Settings
from storage.alive import patience
from storage.database import db, prepare_engine, release_connections
from tests.databases import fresh_postgresql


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_postgresql() as made:
        yield made


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = create_engine(url)
    prepare_engine(made)
    yield made
    made.dispose()


def number(engine: Engine) -> int:
    """Which of the server's processes answers."""
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        return found


def end(url: str, pid: int) -> None:
    """The server lets go of one of its processes, as it does of all when it is stopped."""
    keeper = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(keeper, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_connections_whose_server_let_go_are_replaced(engine: Engine, url: str) -> None:
    with engine.connect() as first, engine.connect() as second:
        one, other = (each.execute(text("SELECT pg_backend_pid()")).scalar_one() for each in (first, second))
    end(url, one)
    end(url, other)
    assert {number(engine) for _ in range(3)}.isdisjoint({one, other})


@pytest.fixture
def pings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections the server was asked about."""
    several: list[object] = []
    ping = engine.dialect.do_ping

    def counted(connection: Any) -> bool:
        several.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", counted)
    return several


def test_one_that_rests_shortly_is_used_without_asking_and_after_a_minute_is_asked(
    engine: Engine, pings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    same = number(engine)
    assert [number(engine) for _ in range(3)] == [same] * 3
    assert pings == []
    monkeypatch.setattr("storage.alive.LONG", 0.0)
    assert number(engine) == same
    assert len(pings) == 1


def test_what_was_said_meanwhile_and_is_no_farewell_harms_nobody(
    engine: Engine, url: str, pings: list[object]
) -> None:
    with engine.connect() as connection:
        connection.execute(text("LISTEN news"))
        connection.commit()
    same = number(engine)
    keeper = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(keeper, autocommit=True) as other:
        other.execute("NOTIFY news")
    until = time.monotonic() + 30
    while not pings and time.monotonic() < until:
        # What was said is on its way.
        assert number(engine) == same
    assert len(pings) == 1


def test_one_that_ends_while_it_is_in_use_is_an_error_and_the_next_is_new(engine: Engine, url: str) -> None:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        end(url, pid)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    assert number(engine) != pid


def test_one_that_was_closed_on_this_side_is_replaced(engine: Engine) -> None:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.commit()
        driver = connection.connection.driver_connection
    assert driver is not None
    driver.close()
    assert number(engine) != pid


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "postgresql+psycopg://db/collector",
            {
                "connect_timeout": 5,
                "keepalives_idle": 15,
                "keepalives_interval": 15,
                "tcp_user_timeout": 60_000,
            },
        ),
        # What the office says itself counts.
        (
            "postgresql+psycopg://db/collector?keepalives_idle=60&connect_timeout=3&tcp_user_timeout=90000",
            {"keepalives_interval": 15},
        ),
        ("sqlite:////data/collector.db", {}),
    ],
)
def test_how_long_a_machine_may_say_nothing(address: str, told: dict[str, int]) -> None:
    assert patience(address) == told


def test_a_database_hears_how_long_it_may_say_nothing(tmp_path: Path, url: str) -> None:
    chosen = {"COLLECTOR_HOME": str(tmp_path), "COLLECTOR_DATABASE_URL": url, "COLLECTOR_REPLICA_URL": url}
    with make_core(Settings.from_environment(chosen)).app_context():
        for engine in db.engines.values():
            with engine.connect() as connection:
                said = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
            assert {name: int(said[name]) for name in patience(url)} == patience(url)
        release_connections()
