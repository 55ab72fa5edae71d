"""The process above all others changes what serves at its port without closing it (`collector.parent`)."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live import PATIENCE

SAY = """
import os
# A line at once: the others write to the same file.
say = lambda line: os.write(1, (line + chr(10)).encode())
"""
SHIFT = """
import os, signal, socket, sys, time
name = open({plan!r}).read()
if name == "broken":
    sys.exit(3)
said = dict(zip(sys.argv[1::2], sys.argv[2::2]))
listener = socket.socket(fileno=int(said["--listener"]))
listener.listen()
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
say("began " + name)
os.write(int(said["--line"]), b".." if name != "slow" else b".")
listener.settimeout(0.02)
while not ended:
    try:
        caller, _ = listener.accept()
    except TimeoutError:
        continue
    caller.sendall(name.encode())
    caller.close()
    if name == "dies":
        sys.exit(7)
say("ended " + name)
"""
WORKER = """
import signal
say("worker began")
signal.sigwait([signal.SIGTERM])
"""
ABOVE = """
import socket, sys
from collector.parent import Orders, Parent
held = socket.socket(fileno=int(sys.argv[1]))
tell = lambda word: say("told " + word.split()[0])
worker = [sys.executable, "-ISc", sys.argv[3]]
sys.exit(Parent(held, Orders([sys.executable, "-ISc", sys.argv[2]], worker, 2, tell)).run())
"""


@dataclass
class Above:
    """A parent with shifts that answer with the name that stands in `plan` when they start."""

    process: subprocess.Popen[str]
    port: int
    plan: Path
    output: Path

    def asked(self) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            return line.recv(20).decode()

    def change(self, name: str) -> None:
        self.plan.write_text(name)
        self.process.send_signal(signal.SIGHUP)

    def wait_for(self, *words: str) -> None:
        """Until those lines were written, in whatever order."""
        until = time.monotonic() + PATIENCE
        while not set(words) <= set(self.lines):
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < until, self.lines
            time.sleep(0.01)

    @property
    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()


@pytest.fixture
def above(tmp_path: Path) -> Iterator[Above]:
    plan, output = tmp_path / "plan", tmp_path / "output"
    plan.write_text("first")
    with socket.socket() as held, output.open("w") as told:
        held.bind(("127.0.0.1", 0))
        made = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SAY + ABOVE,
                str(held.fileno()),
                SAY + SHIFT.format(plan=str(plan)),
                SAY + WORKER,
            ],
            stdout=told,
            stderr=told,
            text=True,
            pass_fds=[held.fileno()],
        )
        port = held.getsockname()[1]
    above = Above(made, port, plan, output)
    above.wait_for("told READY=1")
    yield above
    made.terminate()
    assert made.wait(PATIENCE) in {0, 7}, above.lines
    with pytest.raises(ConnectionRefusedError):
        above.asked()


def test_a_new_shift_takes_over_when_all_of_it_answers_and_the_port_stays_open(above: Above) -> None:
    assert above.asked() == "first"
    above.change("second")
    while above.asked() != "second":
        pass
    above.wait_for("ended first", "told RELOADING=1")
    lines = above.lines
    assert lines.index("began second") < lines.index("ended first")
    assert above.asked() == "second"


def test_the_old_one_stays_while_only_a_part_of_the_new_one_answers(above: Above) -> None:
    above.change("slow")
    above.wait_for("began slow")
    while above.asked() != "first":
        pass
    assert "ended first" not in above.lines


def test_what_does_not_start_changes_nothing(above: Above) -> None:
    above.change("broken")
    above.wait_for("the new web processes did not start; those before go on serving")
    assert above.asked() == "first"
    above.change("third")
    above.wait_for("ended first")
    assert above.asked() == "third"


def test_a_change_asked_for_during_a_change_is_made_after_it(above: Above) -> None:
    above.change("broken")
    above.change("second")
    while above.asked() != "second":
        pass
    above.wait_for("ended first")


def test_the_server_ends_with_its_web_processes_and_says_how(above: Above) -> None:
    above.change("dies")
    while above.asked() != "dies":
        pass
    assert above.process.wait(PATIENCE) == 7
    assert "the web processes ended by themselves (7)" in above.lines


def test_the_worker_comes_back_and_changes_with_the_version(above: Above) -> None:
    above.wait_for("worker began")
    above.change("second")
    until = time.monotonic() + PATIENCE
    while above.lines.count("worker began") < 2:
        assert time.monotonic() < until, above.lines
        time.sleep(0.01)
