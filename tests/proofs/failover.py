"""PostgreSQL's primary is killed while phones send, its follower is promoted; nothing acknowledged is lost.

`python -m tests.proofs.failover [times, 10] [--phones 6] [--seed N]`. Two servers of PostgreSQL, one
following the other synchronously: a commit is answered when both have it. Collector is given the address of
both (`host=…&host=…&target_session_attrs=read-write`). At a moment chosen by chance every process of the
primary is killed and the follower promoted; Collector is not touched. Once records are taken again, the old
primary comes back as the follower of the new one, and the next turn begins. Every record is compared with
what was sent, byte by byte and row by row, after each turn and at the end.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from storage.snapshot import snapshot
from tests.proofs import homes
from tests.proofs.cluster import Cluster, address_of
from tests.proofs.homes import Habits
from tests.proofs.running import Running
from tests.proofs.senders import Crowd, Ledger
from tests.proofs.wholeness import Books

_PATIENCE = 120.0
_SOONEST, _LATEST = 0.5, 3.0
"""Seconds of sending before the primary is killed."""


@dataclass
class Outcome:
    """What came of it; `promoted` and `taken` are seconds from the kill to the promotion and the next 201."""

    turns: int = 0
    acknowledged: int = 0
    later: int = 0
    versions: int = 0
    files: int = 0
    promoted: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Proof:
    """Two databases, a server in front of them, and its phones."""

    def __init__(self, server: Running, pair: tuple[Cluster, Cluster], *, phones: int, seed: int) -> None:
        self.outcome = Outcome()
        self._server = server
        self._primary, self._follower = pair
        self._phones = phones
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._ledger = Ledger(habits=Habits(picture=20_000, long_text=0))

    def run(self, times: int) -> Outcome:
        """So many turns, saying each on a line."""
        office = self._server.office()
        office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
        addresses = [
            self._server.address + office.phone(f"Phone {number}").path for number in range(self._phones)
        ]
        office.close()
        for number in range(1, times + 1):
            self._turn(addresses)
            with office.app.app_context(), snapshot() as session:
                books = Books(session, office.parts.blobs, homes.FORM_ID)
                looked = books.compare(self._ledger.every)
                faults = looked.faults + books.strays(known={one.instance_id for one in self._ledger.every})
                faults += books.blob_faults(set())
            office.close()
            out = self.outcome
            out.turns, out.versions, out.files = number, looked.whole, looked.files
            out.faults += faults + self._ledger.refused
            print(
                f"turn {number}: promoted after {out.promoted[-1]:.1f} s, taken again after "
                f"{out.taken[-1]:.1f} s; {looked.whole} versions whole, {len(faults)} faults",
                flush=True,
            )
            if out.faults:
                break
        self.outcome.acknowledged, self.outcome.later = self._ledger.acknowledged, self._ledger.later
        return self.outcome

    def _turn(self, addresses: list[str]) -> None:
        crowd = Crowd(addresses, self._ledger, self._dice, later=True)
        try:
            time.sleep(self._dice.uniform(_SOONEST, _LATEST))
            self._primary.kill()
            killed = time.monotonic()
            self._follower.promote()
            held = self._ledger.acknowledged
            self.outcome.promoted.append(time.monotonic() - killed)
            while self._ledger.acknowledged == held:
                if time.monotonic() > killed + _PATIENCE:
                    self.outcome.faults.append(f"nothing was taken for {_PATIENCE:.0f} s")
                    break
                time.sleep(0.005)
            self.outcome.taken.append(time.monotonic() - killed)
            self._primary, self._follower = self._follower, self._primary
            self._follower.follow(self._primary)
            self._primary.demand_follower()
        finally:
            crowd.leave()


def prove(folder: Path, *, times: int, phones: int = 4, seed: int = 1) -> Outcome:
    """Begin with two servers and a Collector in `folder`; all are gone afterwards."""
    with ExitStack() as stack:
        pair = Cluster(folder / "one"), Cluster(folder / "other")
        for one in pair:
            stack.callback(one.kill)
        pair[0].create()
        pair[1].follow(pair[0])
        pair[0].demand_follower()
        server = Running(folder / "home", address_of(*pair))
        stack.callback(server.kill)
        server.start()
        return Proof(server, pair, phones=phones, seed=seed).run(times)


def main() -> None:
    """Prove, and exit with 1 when anything was lost, halved or doubled."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("times", nargs="?", type=int, default=10)
    asked.add_argument("--phones", type=int, default=6)
    asked.add_argument("--seed", type=int, default=20260803)
    told = asked.parse_args()
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        out = prove(folder, times=told.times, phones=told.phones, seed=told.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for fault in out.faults[:50]:
        print(f"FAULT {fault}")
    print(
        f"{out.turns} primaries killed: {out.acknowledged} requests acknowledged, {out.later} told to come "
        f"later; {out.versions} versions with {out.files} files compared; promoted after "
        f"{statistics.median(out.promoted):.1f} s (median), taken again {statistics.median(out.taken):.1f} s "
        f"(median), {max(out.taken):.1f} s (longest) after the kill; lost, halved or doubled: "
        f"{len(out.faults)}"
    )
    sys.exit(1 if out.faults else 0)


if __name__ == "__main__":
    main()
