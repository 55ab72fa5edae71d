"""Servers to test against, on both databases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chromium import *  # noqa: F403 - fixtures
from tests.databases import fresh_postgresql
from tests.office import Office, opened
from tests.quick import remember

remember()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: each test that asks for one runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'collector.db'}"
    else:
        with fresh_postgresql() as url:
            yield url


@pytest.fixture(scope="session")
def opened_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a server nobody has used yet: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("opened") / "collector.db"
    opened(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, opened_sqlite: Path, tmp_path: Path) -> Iterator[Office]:
    """A fresh server: each test that asks for one runs on both databases."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{shutil.copy(opened_sqlite, tmp_path / 'collector.db')}"
        else:
            url = stack.enter_context(fresh_postgresql(opened))
        made = Office(tmp_path / "home", url)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """The command line narrows the rights of new files; the next test starts with the usual ones."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)
