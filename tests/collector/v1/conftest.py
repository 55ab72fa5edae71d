"""One server for a whole file of tests, where each test makes forms of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.v1.program import Program
from tests.copies import KINDS, fresh_database
from tests.office import Office, opened


@pytest.fixture(scope="module", params=KINDS)
def kept_office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shelf: Path
) -> Iterator[Office]:
    """A server that all tests of a file share, on each database: their forms need different ids."""
    folder = tmp_path_factory.mktemp("kept")
    with fresh_database(request.param, folder, shelf, opened) as url:
        made = Office(folder / "home", url)
        yield made
        made.close()


@pytest.fixture(scope="module")
def kept_program(kept_office: Office) -> Program:
    """Its administrator, signed in once."""
    return Program(kept_office)
