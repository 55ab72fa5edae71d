"""Where tests write is said by who runs them, and else by how much room there is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.memory import write_to_memory

NO_ROOM, ANY_ROOM = 1 << 60, 0


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a run that begins."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("TMPDIR", raising=False)


def test_without_room_in_memory_tests_write_where_programs_do() -> None:
    write_to_memory(NO_ROOM)
    assert "TMPDIR" not in os.environ


def test_who_says_where_tests_write_is_obeyed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    write_to_memory(ANY_ROOM)
    assert tempfile.gettempdir() == str(tmp_path)
