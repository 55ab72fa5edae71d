"""A real server on a real port, beside the office that publishes its forms and looks into its books."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from tests.forked import Running, start
from tests.office import Office

PATIENCE = 120.0
"""Seconds a start or an end may take on a machine with other work."""
_ENDS_WITHIN = 30.0


class Live(NamedTuple):
    """Where it serves, and the process above its others."""

    address: str
    process: Running

    def connect(self) -> socket.socket:
        """A plain connection."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)

    def memory(self) -> int:
        """Bytes that all its processes hold in memory; what they share counts once."""
        return sum(_pss(number) for number in _group(self.process.pid))


@contextmanager
def serving(
    office: Office, *, proxies: int = 0, workers: int = 1, port: int = 0, **settings: str
) -> Iterator[Live]:
    """The server of an office, as `collector serve` runs it, but without its first-start work.

    `port` 0 is any that is free; `settings` are more of them, by the names they have in the environment.
    """
    with socket.socket() as free:
        # A port that a server died at may be taken at once.
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    environment = os.environ | {
        **office.environment,
        "COLLECTOR_PROXY_COUNT": str(proxies),
        "COLLECTOR_WORKERS": str(workers),
        "PORT": str(port),
        **settings,
    }
    process = start(environment)
    live = Live(f"http://127.0.0.1:{port}", process)
    try:
        _wait_for(live)
        yield live
        process.terminate()
        with suppress(TimeoutError):
            process.wait(timeout=_ENDS_WITHIN)
    finally:
        kill(live)


def kill(live: Live) -> None:
    """SIGKILL to all its processes at once."""
    try:
        os.killpg(live.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    live.process.wait(timeout=PATIENCE)


def _wait_for(live: Live) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and live.process.poll() is None:
        try:
            if requests.get(f"{live.address}/readyz", timeout=PATIENCE).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("the server does not answer")


def _group(leader: int) -> list[int]:
    """The processes of a group."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            group = int((entry / "stat").read_text().rpartition(")")[2].split()[2])
        except OSError:
            continue
        if group == leader:
            found.append(int(entry.name))
    return found


def _pss(number: int) -> int:
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
