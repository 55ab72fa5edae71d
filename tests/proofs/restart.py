"""Versions change again and again while phones send: nobody is refused, nothing is lost or doubled.

`python -m tests.proofs.restart [changes, 10] [--phones 6] [--seed N]`, on SQLite and on PostgreSQL, there
with a second worker. Half of the phones keep their connection, half make a new one for each household. Over
every change a slow phone sends the first half of a household before it and the other half after it. Nobody
tries again: what is not answered 201 at once is a fault. Then every record is compared, byte by byte and row
by row, and the log's chain is looked through.
"""

from __future__ import annotations

import argparse
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests

from storage.snapshot import snapshot
from tests.databases import fresh_postgresql
from tests.phone import Phone, PhoneComplains
from tests.proofs import homes
from tests.proofs.cutting import request_of
from tests.proofs.running import Running
from tests.proofs.senders import Ledger, requests_of
from tests.proofs.wholeness import Books

_PATIENCE = 300.0
_PROCESSES = 2


@dataclass
class Outcome:
    """What the proof found; `slowest` is the longest anybody waited for an answer, in seconds."""

    changes: int = 0
    acknowledged: int = 0
    slow: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)


class Slow:
    """A phone at the edge of its network: half a request at once, then a byte a second."""

    def __init__(self, line: socket.socket, request: bytes) -> None:
        self._line, self._rest = line, memoryview(request)[len(request) // 2 :]
        self._next = 0.0
        line.sendall(request[: len(request) // 2])

    def go_on(self) -> None:
        """One more byte, where it is time: who stays silent for a minute is dropped."""
        if time.monotonic() >= self._next and len(self._rest) > 1:
            self._line.sendall(self._rest[:1])
            self._rest, self._next = self._rest[1:], time.monotonic() + 1

    def finish(self) -> bytes:
        """All that is left; how the answer begins, nothing if there is none."""
        try:
            self._line.sendall(self._rest)
            return self._line.recv(64)
        except OSError:
            return b""


class Proof:
    """A server, phones that never rest, and the changes they must not notice."""

    def __init__(self, server: Running, *, phones: int, seed: int) -> None:
        self.outcome = Outcome()
        self._server = server
        self._ledger = Ledger()
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._stop = threading.Event()
        server.start()
        self._office = server.office()
        self._office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
        self._addresses = [
            server.address + self._office.phone(f"Phone {number}").path for number in range(phones)
        ]
        self._office.close()

    def run(self, changes: int) -> Outcome:
        """Change that often, then compare."""
        with ThreadPoolExecutor(len(self._addresses)) as pool:
            sending = [
                pool.submit(self._send, address, kept=number % 2 == 0)
                for number, address in enumerate(self._addresses)
            ]
            try:
                for number in range(1, changes + 1):
                    self._change()
                    print(f"change {number}: {self._ledger.acknowledged} acknowledged", flush=True)
            finally:
                self._stop.set()
            for one in sending:
                one.result()
        self._compare()
        self.outcome.acknowledged = self._ledger.acknowledged
        return self.outcome

    def _send(self, address: str, *, kept: bool) -> None:
        """One household after the other, until it is over; what fails is not tried again."""
        dice = random.Random(self._dice.random())  # noqa: S311 - chance, not secrets
        session = requests.Session()
        while not self._stop.is_set():
            if not kept:
                session.close()
                session = requests.Session()
            sending = self._ledger.take(dice)
            try:
                for number, make in enumerate(requests_of(sending)):
                    begun = time.monotonic()
                    sending.begun.add(number)
                    Phone(address, session=session).post(make())
                    self._ledger.note(sending, number)
                    self.outcome.slowest = max(self.outcome.slowest, time.monotonic() - begun)
            except (OSError, PhoneComplains) as error:
                self.outcome.faults.append(f"{'kept' if kept else 'new'} connection: {error!r}")
            finally:
                self._ledger.give_back(sending)
        session.close()

    def _change(self) -> None:
        """One version for another, with a household half on its way."""
        sending = self._ledger.take(random.Random(self._dice.random()))  # noqa: S311 - chance
        body = request_of(self._addresses[0], requests_of(sending)[0]())
        parts = urlsplit(self._addresses[0])
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=_PATIENCE) as line:
            slow = Slow(line, body)
            # For a moment a process that is being started looks like the one that starts it.
            self._wait_for(lambda: len(self._server.web_processes()) == _PROCESSES, slow)
            before = set(self._server.web_processes())
            self._server.tell(signal.SIGHUP)
            # The slow phone keeps one of those before: the others have gone when the new ones serve.
            self._wait_for(lambda: len(set(self._server.web_processes()) - before) >= _PROCESSES, slow)
            self._wait_for(lambda: len(set(self._server.web_processes()) & before) <= 1, slow)
            sending.begun.add(0)
            answer = slow.finish()
            if answer.startswith(b"HTTP/1.1 201"):
                self._ledger.note(sending, 0)
                self.outcome.slow += 1
            else:
                self.outcome.faults.append(f"{sending.instance_id}: the slow phone heard {answer!r}")
        self._ledger.give_back(sending)
        self._wait_for(lambda: not set(self._server.web_processes()) & before)
        self.outcome.changes += 1

    def _wait_for(self, happened: Callable[[], bool], slow: Slow | None = None) -> None:
        until = time.monotonic() + _PATIENCE
        while not happened():
            if time.monotonic() > until:
                raise TimeoutError("the web processes do not change")
            if slow is not None:
                slow.go_on()
            time.sleep(0.05)

    def _compare(self) -> None:
        self._server.run("doctor", "--audit")
        office = self._server.office()
        with office.app.app_context(), snapshot() as session:
            books = Books(session, office.parts.blobs, homes.FORM_ID)
            faults = books.compare(self._ledger.every).faults
            faults += books.strays(known={one.instance_id for one in self._ledger.every})
            faults += books.blob_faults(set())
        office.close()
        self.outcome.faults += [*faults, *self._ledger.refused]


def prove(folder: Path, changes: int, *, phones: int, seed: int, database_url: str = "") -> Outcome:
    """Change versions in `folder`; the server is gone afterwards."""
    server = Running(folder / "home", database_url, workers=_PROCESSES)
    try:
        proof = Proof(server, phones=phones, seed=seed)
        if database_url.startswith("postgresql"):
            server.begin("worker")
        return proof.run(changes)
    finally:
        server.kill()


def main() -> None:
    """Prove on both, and exit with 1 when anybody was refused or anything lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=10)
    parser.add_argument("--phones", type=int, default=6)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    failed = False
    for name in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder:
            if name == "SQLite":
                found = prove(Path(folder), asked.changes, phones=asked.phones, seed=asked.seed)
            else:
                with fresh_postgresql() as url:
                    found = prove(
                        Path(folder), asked.changes, phones=asked.phones, seed=asked.seed, database_url=url
                    )
        for fault in found.faults:
            print(f"  FAULT {fault}")
        print(
            f"{name}: {found.changes} changes, {found.acknowledged} requests acknowledged, {found.slow} of "
            f"them begun before a change and ended after it; the longest wait {found.slowest:.1f} s; "
            f"{len(found.faults)} faults",
            flush=True,
        )
        failed = failed or bool(found.faults)
    sys.exit(failed)


if __name__ == "__main__":
    main()
