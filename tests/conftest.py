"""Servers to test against, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import *  # noqa: F403 - fixtures
from tests.databases import fresh_postgresql
from tests.office import Office


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: each test that asks for one runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'collector.db'}"
    else:
        with fresh_postgresql() as url:
            yield url


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A fresh server."""
    made = Office(tmp_path / "home", database_url)
    yield made
    made.close()
