"""A server that phones send to is backed up, put back elsewhere, and is what it was.

`python -m tests.proofs.backups [forms, 2000] [--phones 6] [--seed N] [--only sqlite]`: on SQLite + disk,
then on PostgreSQL + S3. Phones send households with pictures all the while. Everything acknowledged before
a backup began has to be whole in what was restored from it: compared byte by byte and row by row with what
the phones hold, and as a whole with what the backup says of itself (`collector doctor --restored`). How
long a writer waits for SQLite while a backup is made is measured beside it.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from storage.snapshot import snapshot
from tests.backed import Elsewhere
from tests.databases import empty_database
from tests.proofs import homes
from tests.proofs.homes import Habits, Sending
from tests.proofs.running import Running
from tests.proofs.senders import Crowd, Ledger
from tests.proofs.wholeness import Books

_HABITS = Habits(picture=60_000, long_text=0.01)
_LONGEST_WAIT = 0.2
"""Seconds a backup may keep a writer of SQLite waiting."""


@dataclass
class Outcome:
    """What was found; `lines` are worth saying."""

    compared: int = 0
    files: int = 0
    waited: float = 0.0
    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Proof:
    """A server, phones that send, a place for backups, and an empty machine."""

    def __init__(self, folder: Path, urls: tuple[str, str], *, phones: int, seed: int) -> None:
        self._folder = folder
        self.server = Running(folder / "home", urls[0])
        self.empty = Elsewhere.at(folder / "elsewhere" / "home", urls[1])
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._phones = phones
        self.ledger = Ledger(habits=_HABITS)
        self.outcome = Outcome()
        self._place, self._key = folder / "usb", folder / "key"

    def run(self, forms: int) -> Outcome:
        """Send, back up meanwhile, twice; restore; compare."""
        addresses = self._prepare()
        try:
            before = self._sent(addresses, forms)
            self._idle_backup()
            crowd = Crowd(addresses, self.ledger, self._dice)
            self._timed("a second backup while phones send", "backup", "--to", str(self._place))
            crowd.leave()
            self._timed("a look at all pieces", "backup", "verify", "--from", str(self._place))
        finally:
            self.server.stop()
        self._restore(before)
        return self.outcome

    def _prepare(self) -> list[str]:
        self.server.start()
        office = self.server.office()
        office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
        addresses = [
            self.server.address + office.phone(f"Phone {number}").path for number in range(self._phones)
        ]
        office.close()
        self.server.run("backup", "key", "--save", str(self._key))
        return addresses

    def _sent(self, addresses: list[str], forms: int) -> list[Sending]:
        """Let phones send so many requests; returns the forms that were acknowledged whole by then."""
        crowd = Crowd(addresses, self.ledger, self._dice)
        _wait(lambda: self.ledger.acknowledged >= forms // 2)
        self._timed("a first backup while phones send", "backup", "--to", str(self._place))
        _wait(lambda: self.ledger.acknowledged >= forms)
        crowd.leave()
        return [one for one in self.ledger.every if one.done]

    def _idle_backup(self) -> None:
        """One while nobody sends, with a writer that measures how long it waits."""
        if not self.server.database_url.startswith("sqlite"):
            return
        with _writer(Path(make_url(self.server.database_url).database or "")) as waits:
            self._timed("one more while a writer measures", "backup", "--to", str(self._place))
        self.outcome.waited = max(waits)
        self.outcome.lines.append(
            f"the writer waited {1000 * max(waits):.0f} ms at most, {len(waits)} times asked"
        )
        if self.outcome.waited > _LONGEST_WAIT:
            self.outcome.faults.append(f"a writer waited {self.outcome.waited:.2f} s")

    def _timed(self, what: str, *command: str) -> None:
        begun, held = time.monotonic(), self.ledger.acknowledged
        self.server.run(*command)
        took = time.monotonic() - begun
        sent = self.ledger.acknowledged - held
        size = sum(path.stat().st_size for path in self._place.rglob("*") if path.is_file())
        self.outcome.lines.append(
            f"{what}: {took:.1f} s, {sent} requests acknowledged meanwhile, {size / 1e6:.1f} MB lie there"
        )

    def _restore(self, before: list[Sending]) -> None:
        begun = time.monotonic()
        done = self.empty.run("restore", str(self._place), "--identity", str(self._key))
        self.outcome.lines.append(f"restored in {time.monotonic() - begun:.1f} s: {done.output.strip()}")
        told = self.empty.run("doctor", "--restored").stdout
        if done.exit_code or "ok  Restored: equal" not in told or "ok  Files" not in told:
            self.outcome.faults.append(f"{done.stderr} {told}")
            return
        with self.empty.office() as office, office.app.app_context(), snapshot() as session:
            books = Books(session, office.parts.blobs, homes.FORM_ID)
            looked = books.compare(before)
            self.outcome.faults += looked.faults + books.strays(
                known={one.instance_id for one in self.ledger.every}
            )
        self.outcome.compared, self.outcome.files = looked.whole, looked.files
        self.outcome.faults += self.ledger.refused


def _wait(until: Callable[[], bool], patience: float = 600.0) -> None:
    end = time.monotonic() + patience
    while not until():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


@contextmanager
def _writer(database: Path) -> Iterator[list[float]]:
    """Somebody who takes the writer's place again and again, and notes how long that took."""
    waits, stop = [0.0], threading.Event()

    def write() -> None:
        line = sqlite3.connect(database, isolation_level=None, timeout=30)
        while not stop.wait(0.002):
            begun = time.monotonic()
            line.execute("BEGIN IMMEDIATE")
            waits.append(time.monotonic() - begun)
            line.execute("ROLLBACK")
        line.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()


def prove(folder: Path, *, postgresql: bool, forms: int, phones: int, seed: int) -> Outcome:
    """The whole proof on one of the two set-ups."""
    for one in (folder / "home", folder / "elsewhere" / "home"):
        one.mkdir(parents=True)
    with ExitStack() as stack:
        urls = tuple(
            stack.enter_context(empty_database(one, postgresql=postgresql))
            for one in (folder / "home", folder / "elsewhere" / "home")
        )
        return Proof(folder, (urls[0], urls[1]), phones=phones, seed=seed).run(forms)


def main() -> None:
    """Run it on both, and say what was found."""
    ask = argparse.ArgumentParser()
    ask.add_argument("forms", nargs="?", type=int, default=2000)
    ask.add_argument("--phones", type=int, default=6)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--only", choices=("sqlite", "postgresql"), default=None)
    asked = ask.parse_args()
    faults = 0
    for postgresql in [
        kind for kind in (False, True) if asked.only in {None, ("sqlite", "postgresql")[kind]}
    ]:
        # The commands of the round before narrowed the rights of new files; PostgreSQL runs as somebody else.
        os.umask(0o022)
        with tempfile.TemporaryDirectory() as folder:
            outcome = prove(
                Path(folder), postgresql=postgresql, forms=asked.forms, phones=asked.phones, seed=asked.seed
            )
        print("PostgreSQL + S3" if postgresql else "SQLite + disk")
        for line in outcome.lines:
            print(f"  {line}")
        print(f"  {outcome.compared} forms with {outcome.files} files compared, {len(outcome.faults)} faults")
        for fault in outcome.faults[:20]:
            print(f"  !! {fault}")
        faults += len(outcome.faults)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
