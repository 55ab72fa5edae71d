"""Whatever is done to the server while phones send, what it acknowledged is there, and whole.

`python -m tests.proofs.kill [rounds, 100] [--phones 6] [--postgresql] [--kinds kill,web,…] [--seed N]`.
Each round: phones send households with pictures (in one request or several), edits, and what was sent before;
at a moment chosen by chance something goes wrong (`tests/proofs/faults.py`): all processes are killed, one of
them, some are stopped, the disk is full, files may not grow, lines break, the database is killed. Nothing is
repaired by hand. Then the server has to take what it is sent, and every record that was touched is compared,
byte by byte and row by row. A rebuild of the tables runs in every fifth round and dies with the server.
Data folder and database lie on a tmpfs that can be full; without root that kind is left out. With PostgreSQL
files lie in a bucket (`tests/s3.py`).
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storage.snapshot import snapshot
from tests.office import Office
from tests.proofs import homes
from tests.proofs.cluster import Cluster, address_of
from tests.proofs.faults import KINDS, Ground, possible
from tests.proofs.homes import Habits
from tests.proofs.room import small_disk
from tests.proofs.running import Running
from tests.proofs.senders import Crowd, Ledger
from tests.proofs.wholeness import Books, Looked

_REBUILD_EVERY = 5
_ALL_EVERY = 25
"""Rounds after which everything is looked at, not only what was touched."""
_PATIENCE = 60.0
"""Seconds until the server has to take what it is sent, after nothing is in its way any more."""
_DISK = 6_000
"""Megabytes the disk has when it is not full."""
_HABITS = Habits(picture=30_000, long_text=0.005)


@dataclass
class Outcome:
    """What the whole proof found; `kinds` is how often each fault happened."""

    rounds: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    kept_unanswered: int = 0
    records: int = 0
    versions: int = 0
    files: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Proof:
    """A server, its phones, and the rounds they go through."""

    def __init__(self, ground: Ground, *, phones: int) -> None:
        self.server = ground.server
        self.ground = ground
        self.ledger = Ledger(habits=_HABITS)
        self.outcome = Outcome()
        self._phones = phones
        self._addresses: list[str] = []
        self._blobs: set[str] = set()
        self._office: Office | None = None

    def prepare(self) -> None:
        """Publish the form, give out the phones."""
        self.server.start()
        self._office = office = self.server.office()
        office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
        self._addresses = [
            self.server.address + office.phone(f"Phone {number}").path for number in range(self._phones)
        ]
        office.close()

    def round(self, number: int, name: str) -> str:
        """Send, let the fault happen, compare; returns what is worth saying about it."""
        begun, kind, before = time.monotonic(), KINDS[name], self.ledger.acknowledged
        rebuilding = number % _REBUILD_EVERY == 0
        if rebuilding and self.server.running:
            self.server.begin("rebuild", homes.FORM_ID)
        crowd = Crowd(self._addresses, self.ledger, self.ground.dice, cut=kind.cut, later=kind.later)
        try:
            said = kind.happen(self.ground)
        finally:
            crowd.leave()
        if not self.server.running:
            self.server.start()
        self._recover()
        touched = [one for one in self.ledger.touched() if one.begun]
        unanswered = [one for one in touched if not one.answered]
        with self._looking() as books:
            kept = books.compare(unanswered).whole
            faults = books.blob_faults(self._blobs)
        faults += self._lasting(lambda books: books.compare(touched).faults)
        if number % _ALL_EVERY == 0:
            faults += self._lasting(lambda books: books.strays())
        self._note(name, faults, len(unanswered), kept)
        return (
            f"{said}{' with a rebuild' if rebuilding else ''}: {self.ledger.acknowledged - before} requests "
            f"acknowledged, {len(touched)} forms compared, {len(unanswered)} unanswered (kept {kept}), "
            f"{time.monotonic() - begun:.1f} s, {len(faults)} faults"
        )

    def _recover(self) -> None:
        """The server has to take something again by itself, and soon."""
        begun, held = time.monotonic(), self.ledger.acknowledged
        crowd = Crowd(self._addresses[:1], self.ledger, self.ground.dice, later=True)
        while self.ledger.acknowledged == held and time.monotonic() < begun + _PATIENCE:
            time.sleep(0.01)
        crowd.leave()
        self.outcome.slowest = max(self.outcome.slowest, time.monotonic() - begun)
        if self.ledger.acknowledged == held:
            self.outcome.faults.append(f"nothing was taken for {_PATIENCE:.0f} s after it was over")

    def _lasting(self, look: Callable[[Books], list[str]]) -> list[str]:
        """What `look` finds wrong, and still does when what is under way has come to its end."""
        until = time.monotonic() + _PATIENCE
        while True:
            with self._looking() as books:
                faults = look(books)
            if not faults or time.monotonic() > until:
                return faults
            time.sleep(0.2)

    @contextmanager
    def _looking(self) -> Iterator[Books]:
        """The books at one moment, and no connection left open: a start must find the files cold."""
        office = self._office
        assert office is not None
        try:
            with office.app.app_context(), snapshot() as session:
                yield Books(session, office.parts.blobs, homes.FORM_ID)
        finally:
            office.close()

    def _note(self, name: str, faults: list[str], unanswered: int, kept: int) -> None:
        self.outcome.rounds += 1
        self.outcome.kinds[name] += 1
        self.outcome.unanswered += unanswered
        self.outcome.kept_unanswered += kept
        self.outcome.faults += faults + self.ledger.refused
        self.ledger.refused.clear()

    def finish(self) -> None:
        """Look at everything once more, make the tables anew, and see that they are the same."""
        with self._looking() as books:
            looked: Looked = books.compare(self.ledger.every)
            faults = looked.faults + books.strays(known={one.instance_id for one in self.ledger.every})
            faults += books.blob_faults(set())
            before = books.fingerprints()
        self.server.run("rebuild", homes.FORM_ID)
        with self._looking() as books:
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


def prove(folder: Path, *, rounds: int, phones: int, seed: int, database_url: str = "") -> Outcome:
    """Run rounds in `folder`, of all kinds that need no disk or database of their own."""
    dice = random.Random(seed)  # noqa: S311 - chance, not secrets
    return prove_on(Ground(Running(folder / "home", database_url), dice), rounds=rounds, phones=phones)


def prove_on(ground: Ground, *, rounds: int, phones: int, kinds: tuple[str, ...] = ()) -> Outcome:
    """Run all rounds, saying each on a line; the server is gone afterwards."""
    proof = Proof(ground, phones=phones)
    names = possible(ground, kinds)
    weights = [KINDS[name].weight for name in names]
    try:
        proof.prepare()
        for number in range(1, rounds + 1):
            # Each kind has its turn once; then chance decides.
            name = names[number - 1] if number <= len(names) else ground.dice.choices(names, weights)[0]
            print(f"round {number}: {proof.round(number, name)}", flush=True)
            for fault in proof.outcome.faults:
                print(f"  FAULT {fault}", flush=True)
            if proof.outcome.faults:
                break
        proof.finish()
    finally:
        proof.server.kill()
    return proof.outcome


@contextmanager
def standing(folder: Path, *, postgresql: bool, seed: int) -> Iterator[Ground]:
    """A server that was not started yet, on a disk of its own."""
    dice = random.Random(seed)  # noqa: S311 - chance, not secrets
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk", _DISK))
        cluster, url = None, ""
        if postgresql:
            cluster = Cluster(folder / "disk" / "postgresql")
            stack.callback(cluster.kill)
            cluster.create()
            url = address_of(cluster)
        yield Ground(Running(folder / "disk" / "home", url), dice, disk, cluster)


def main() -> None:
    """Prove, and exit with 1 when anything was lost, halved or doubled."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rounds", nargs="?", type=int, default=100)
    asked.add_argument("--phones", type=int, default=6)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--kinds", default="")
    asked.add_argument("--seed", type=int, default=20260803)
    told = asked.parse_args()
    begun = time.monotonic()
    name = Path(tempfile.mkdtemp())
    name.chmod(0o755)
    kinds = tuple(filter(None, told.kinds.split(",")))
    try:
        with standing(name, postgresql=told.postgresql, seed=told.seed) as ground:
            outcome = prove_on(ground, rounds=told.rounds, phones=told.phones, kinds=kinds)
            restarts = ground.cluster.restarts if ground.cluster is not None else 0
    finally:
        shutil.rmtree(name, ignore_errors=True)
    for fault in outcome.faults:
        print(f"FAULT {fault}")
    setup = "PostgreSQL + S3" if told.postgresql else "SQLite + disk"
    several = ", ".join(f"{number} {kind}" for kind, number in outcome.kinds.most_common())
    print(
        f"{outcome.rounds} rounds on {setup} in {(time.monotonic() - begun) / 60:.0f} min ({several}): "
        f"{outcome.acknowledged} requests acknowledged; {outcome.records} records in {outcome.versions} "
        f"versions with {outcome.files} files compared; {outcome.unanswered} forms without an answer, "
        f"{outcome.kept_unanswered} of them kept whole; something was taken again within "
        f"{outcome.slowest:.1f} s; PostgreSQL had ended {restarts} times; "
        f"lost, halved or doubled: {len(outcome.faults)}"
    )
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
