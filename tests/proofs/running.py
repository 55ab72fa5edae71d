"""A whole server for a proof, started by its own command; its processes can be shot all at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.office import Office, surroundings
from tests.proofs import machine

_PATIENCE = 300.0
"""Seconds a start may take on a machine with much other work."""
_COMMAND = (sys.executable, "-m", "collector")


class Running:
    """`collector serve` on a port and in a data folder of its own; SQLite unless told otherwise.

    `settings` are more of them, by the names they have in the environment.
    """

    def __init__(self, home: Path, database_url: str = "", *, workers: int = 2, **settings: str) -> None:
        self.home = home
        self._settings = settings
        self.database_url = database_url or f"sqlite:///{home / 'collector.db'}"
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._workers = workers
        self._groups: list[subprocess.Popen[bytes]] = []

    @property
    def number(self) -> int:
        """The process that stands above all others of the server."""
        return self._groups[0].pid

    @property
    def running(self) -> bool:
        """Whether it was started and not ended from here."""
        return bool(self._groups)

    def web_processes(self) -> list[int]:
        """Those that answer requests."""
        # They are forks: called like the process above them.
        above = machine.tree(self.number)
        return [
            one
            for parent in above
            for one in machine.children(parent)
            if machine.command(one) == machine.command(parent) != []
        ]

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """Start one of the commands of `collector` in a group of its own, and do not wait for it."""
        with self._log.open("ab") as log:
            made = subprocess.Popen(
                [*_COMMAND, *command], env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self._groups.append(made)
        return made

    def start(self) -> None:
        """Serve, and wait until it answers. Raises RuntimeError with what the server said."""
        server = self.begin("serve")
        until = time.monotonic() + _PATIENCE
        while not self._answers():
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(self._log.read_text(errors="replace")[-4000:])
            time.sleep(0.05)

    def run(self, *command: str) -> None:
        """Run one of the commands of `collector` to its end. Raises CalledProcessError."""
        subprocess.run([*_COMMAND, *command], env=self._environment(), check=True, capture_output=True)

    def tell(self, number: signal.Signals) -> None:
        """A signal to the process above all others, and to none of these."""
        os.kill(self.number, number)

    def kill(self) -> None:
        """SIGKILL to every process at once; returns when none is left."""
        for group in self._groups:
            _signal(group.pid, signal.SIGKILL)
        self._wait(self._groups)
        self._groups.clear()

    def stop(self) -> None:
        """End it as an operator does."""
        for group in self._groups:
            _signal(group.pid, signal.SIGTERM)
        self._wait(self._groups)
        self._groups.clear()

    def office(self) -> Office:
        """The office of this server, beside it: it publishes, gives phones, and looks into the books."""
        return Office(self.home, self.database_url)

    @property
    def _log(self) -> Path:
        return self.home.with_name(f"{self.home.name}.log")

    def _environment(self) -> dict[str, str]:
        # First: the keys of the bucket come into this process's own environment by it.
        own = surroundings(self.home, self.database_url)
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")},
            **own,
            "COLLECTOR_WORKERS": str(self._workers),
            "COLLECTOR_ADMIN_PASSWORD": "mat khau dai 10",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **self._settings,
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _wait(self, groups: Sequence[subprocess.Popen[bytes]]) -> None:
        until = time.monotonic() + _PATIENCE
        for group in groups:
            group.wait(timeout=_PATIENCE)
            while _alive(group.pid):
                if time.monotonic() > until:
                    raise TimeoutError(f"process group {group.pid} does not end")
                time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _alive(group: int) -> bool:
    """Whether a process of the group still runs; one that only waits to be buried does not."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in {"Z", "X"}:
            return True
    return False
