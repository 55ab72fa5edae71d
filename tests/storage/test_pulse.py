"""What is kept counts until something changes, whichever process changes it."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from storage.pulse import Kept, Pulse

ELSEWHERE = """
import sys
from pathlib import Path
from storage.pulse import Pulse
with Pulse(Path(sys.argv[1])).changing():
    if len(sys.argv) > 2:
        import os
        os._exit(9)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    Pulse(tmp_path / "one.lock").beat()
    return tmp_path / "one.lock"


def change(file: Path, *, killed: bool = False) -> None:
    """Another process changes something, and may be killed in the middle of it."""
    extra = ["killed"] if killed else []
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(file), *extra], check=not killed)


def test_a_change_in_another_process_is_seen_at_once(file: Path) -> None:
    pulse = Pulse(file)
    before = pulse.read()
    assert before is not None
    assert pulse.read() == before == Pulse(file).read()
    change(file)
    assert pulse.read() not in {before, None}


def test_nothing_is_kept_while_a_change_is_under_way_or_was_cut_short(file: Path) -> None:
    pulse = Pulse(file)
    with pulse.changing():
        assert pulse.read() is None
    assert pulse.read() is not None
    change(file, killed=True)
    assert pulse.read() is None
    pulse.beat()
    assert pulse.read() is not None


def test_who_begins_or_ends_leaves_a_change_of_somebody_else_alone(file: Path) -> None:
    pulse = Pulse(file)
    with file.open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        change(file, killed=True)
        pulse.beat()
        # Whoever has the turn may still be at it: nothing is kept until he, or the next one, is done.
        assert pulse.read() is None
    pulse.beat()
    assert pulse.read() is not None


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert Pulse(None).read() is None
    with Pulse(None).changing():
        pass
    nowhere = Pulse(tmp_path / "no" / "such")
    nowhere.beat()
    assert nowhere.read() is None


def test_a_value_holds_under_its_pulse_for_its_time_and_while_there_is_room() -> None:
    kept: Kept[str] = Kept(2, 60)
    kept.keep("a", b"1", "first")
    assert kept.get("a", b"1") == "first"
    assert kept.get("a", b"2") is None
    kept.keep("b", None, "unknown state")
    assert kept.get("b", None) is None
    for key in "cd":
        kept.keep(key, b"1", key)
    assert [kept.get(key, b"1") for key in "acd"] == [None, "c", "d"]
    gone: Kept[str] = Kept(2, -1)
    gone.keep("a", b"1", "first")
    assert gone.get("a", b"1") is None
