"""Servers to test against, on both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.begun import begun_server
from tests.chromium import *  # noqa: F403 - fixtures
from tests.copies import KINDS, fresh_database
from tests.memory import write_to_memory
from tests.office import Office, opened
from tests.quick import remember, settle

remember()
write_to_memory()


def pytest_collection_finish() -> None:
    """All tests and what they import are read."""
    settle()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all the processes of this run share."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path, shelf: Path) -> Iterator[str]:
    """An empty database: each test that asks for one runs on both."""
    with fresh_database(request.param, tmp_path, shelf) as url:
        yield url


@pytest.fixture(params=KINDS)
def begun_url(request: pytest.FixtureRequest, tmp_path: Path, shelf: Path) -> Iterator[str]:
    """A database as a first start leaves it, on both; its data folder is `tmp_path / "home"`."""
    with begun_server(request.param, tmp_path, shelf) as url:
        yield url


@pytest.fixture(params=KINDS)
def office(request: pytest.FixtureRequest, tmp_path: Path, shelf: Path) -> Iterator[Office]:
    """A fresh server: each test that asks for one runs on both databases."""
    with fresh_database(request.param, tmp_path, shelf, opened) as url:
        made = Office(tmp_path / "home", url)
        yield made
        made.close()


@pytest.fixture(scope="module", params=KINDS)
def kept_office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shelf: Path
) -> Iterator[Office]:
    """A server that tests of one file share, on both databases: for those that leave nothing behind."""
    folder = tmp_path_factory.mktemp("kept")
    with fresh_database(request.param, folder, shelf, opened) as url:
        made = Office(folder / "home", url)
        yield made
        made.close()


@pytest.fixture(scope="module")
def screen_office(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> Iterator[Office]:
    """A server whose pages are looked at in a browser; what they ask the database is tested on both."""
    folder = tmp_path_factory.mktemp("screen")
    with fresh_database(KINDS[0], folder, shelf, opened) as url:
        made = Office(folder / "home", url)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """The command line narrows the rights of new files; the next test starts with the usual ones."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)
