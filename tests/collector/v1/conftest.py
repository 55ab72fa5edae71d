"""One server for a whole file of tests, where each test makes forms of its own."""

from __future__ import annotations

import pytest

from tests.collector.v1.program import Program
from tests.office import Office


@pytest.fixture(scope="module")
def kept_program(kept_office: Office) -> Program:
    """Its administrator, signed in once."""
    return Program(kept_office)
