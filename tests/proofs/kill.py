"""The server is killed while phones send, again and again; what it acknowledged is there, and whole.

`python -m tests.proofs.kill [rounds, 100] [--phones 8] [--postgresql] [--seed N]`. Each round: phones send
households with pictures (in one request or several), edits, and what was sent before; at a moment chosen by
chance every process of the server is killed with SIGKILL; it is started again and nothing is repaired by
hand. Then every record that was touched is compared, byte by byte and row by row. Every fifth round a
rebuild of the tables runs and is killed with the rest; every tenth the server is killed while it starts.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storage.database import db
from tests.databases import fresh_postgresql
from tests.office import Office
from tests.proofs import homes
from tests.proofs.running import Running
from tests.proofs.senders import Crowd, Ledger
from tests.proofs.wholeness import Books, Looked

_SOONEST, _LATEST = 0.2, 2.5
"""Seconds of sending before the shot."""
_REBUILD_EVERY, _START_EVERY = 5, 10


@dataclass
class Outcome:
    """What the whole proof found."""

    rounds: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    kept_unanswered: int = 0
    records: int = 0
    versions: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)


class Proof:
    """A server, its phones, and the rounds they go through."""

    def __init__(self, server: Running, *, phones: int, seed: int) -> None:
        self.server = server
        self.ledger = Ledger()
        self.outcome = Outcome()
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._phones = phones
        self._addresses: list[str] = []
        self._blobs: set[str] = set()

    def prepare(self) -> None:
        """Publish the form, give out the phones."""
        self.server.start()
        office = self.server.office()
        office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
        self._addresses = [
            self.server.address + office.phone(f"Phone {number}").path for number in range(self._phones)
        ]
        office.close()

    def round(self, number: int) -> str:
        """Send, shoot, start again, compare; returns what is worth saying about it."""
        before = self.ledger.acknowledged
        crowd = Crowd(self._addresses, self.ledger, self._dice)
        seconds = self._dice.uniform(_SOONEST, _LATEST)
        rebuilding = number % _REBUILD_EVERY == 0
        if rebuilding:
            self.server.begin("rebuild", homes.FORM_ID)
        time.sleep(seconds)
        self.server.kill()
        crowd.leave()
        if number % _START_EVERY == 0:
            self.server.begin("serve")
            time.sleep(self._dice.uniform(0, 3))
            self.server.kill()
        self.server.start()
        touched = self.ledger.touched()
        unanswered = [one for one in touched if one.begun and not one.answered]
        with looking(self.server) as books:
            looked = books.compare(touched)
            kept = books.compare(unanswered).whole
            faults = looked.faults + books.strays() + books.blob_faults(self._blobs)
        self._note(faults, len(unanswered), kept)
        return (
            f"killed after {seconds:.2f} s{' with a rebuild' if rebuilding else ''}: "
            f"{self.ledger.acknowledged - before} requests acknowledged, {len(unanswered)} forms without an "
            f"answer (kept {kept}); {looked.whole} whole, {looked.files} files, {len(faults)} faults"
        )

    def _note(self, faults: list[str], unanswered: int, kept: int) -> None:
        self.outcome.rounds += 1
        self.outcome.unanswered += unanswered
        self.outcome.kept_unanswered += kept
        self.outcome.faults += faults + self.ledger.refused
        self.ledger.refused.clear()

    def finish(self) -> None:
        """Look at everything once more, make the tables anew, and see that they are the same."""
        with looking(self.server) as books:
            looked: Looked = books.compare(self.ledger.every)
            faults = looked.faults + books.strays(known={one.instance_id for one in self.ledger.every})
            faults += books.blob_faults(set())
            before = books.fingerprints()
        self.server.run("rebuild", homes.FORM_ID)
        with looking(self.server) as books:
            after = books.fingerprints()
        faults += [
            f"rebuild changed {name}: {before[name]}, now {after.get(name)}"
            for name in before
            if before[name] != after.get(name)
        ]
        self.outcome.faults += faults
        self.outcome.acknowledged = self.ledger.acknowledged
        self.outcome.versions, self.outcome.files = looked.whole, looked.files
        self.outcome.records = before["/"][0]


@contextmanager
def looking(server: Running) -> Iterator[Books]:
    """The books of the server, and no connection left open: the next start must find the files cold."""
    office: Office = server.office()
    try:
        with office.app.app_context():
            yield Books(db.session(), office.parts.blobs, homes.FORM_ID)
    finally:
        office.close()


def prove(folder: Path, *, rounds: int, phones: int, seed: int, database_url: str = "") -> Outcome:
    """Run all rounds in `folder`, saying each on a line; the server is gone afterwards."""
    proof = Proof(Running(folder / "home", database_url), phones=phones, seed=seed)
    try:
        proof.prepare()
        for number in range(1, rounds + 1):
            print(f"round {number}: {proof.round(number)}", flush=True)
            for fault in proof.outcome.faults:
                print(f"  FAULT {fault}", flush=True)
            if proof.outcome.faults:
                break
        proof.finish()
    finally:
        proof.server.kill()
    return proof.outcome


def main() -> None:
    """Prove, and exit with 1 when anything was lost, halved or doubled."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rounds", nargs="?", type=int, default=100)
    asked.add_argument("--phones", type=int, default=8)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--seed", type=int, default=20260803)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sizes = {"rounds": told.rounds, "phones": told.phones, "seed": told.seed}
        if told.postgresql:
            with fresh_postgresql() as url:
                outcome = prove(Path(name), **sizes, database_url=url)
        else:
            outcome = prove(Path(name), **sizes)
    for fault in outcome.faults:
        print(f"FAULT {fault}")
    print(
        f"{outcome.rounds} rounds on {'PostgreSQL' if told.postgresql else 'SQLite'}: "
        f"{outcome.acknowledged} requests acknowledged; {outcome.records} records in {outcome.versions} "
        f"versions with {outcome.files} files compared; {outcome.unanswered} forms without an answer, "
        f"{outcome.kept_unanswered} of them kept whole; lost, halved or doubled: {len(outcome.faults)}"
    )
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
