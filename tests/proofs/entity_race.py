"""A household made on one phone and changed on it without a network reaches the server in any order.

`python -m tests.proofs.entity_race [rounds, 50] [--pairs 4] [--postgresql]`. Against a live server with two
processes: in each round every pair of connections sends the creation of an entity and the offline change
that rests on it, the change before, after, or at the same moment. Each entity has to end at version 2, with
the data of the change, without a conflict, and nothing may be left waiting.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import requests

from tests.databases import fresh_postgresql
from tests.office import Office
from tests.phone import Phone
from tests.proofs.running import Running
from tests.registers import (
    VISIT,
    backlog,
    creation,
    entity,
    history,
    new_uuid,
    open_outcomes,
    update,
    visit,
)

ORDERS = ("after", "before", "together")
"""When the change comes, beside the creation."""


@dataclass
class Outcome:
    """What the whole proof found."""

    rounds: int = 0
    entities: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Household:
    """An entity of a round: its id, and the size its change gives it."""

    uuid: str
    size: str

    def filled(self) -> tuple[bytes, bytes]:
        """The creation, and the change made on the same phone before it was sent."""
        made = visit(creation(self.uuid, "Nhà"), f"uuid:{new_uuid()}", head="Mùa", size="0")
        change = visit(update(self.uuid, 1, branch=new_uuid()), f"uuid:{new_uuid()}", size=self.size)
        return made, change


class Pair:
    """Two connections of phones that send at the same moment, or one after the other."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._phones = [Phone(address, session=requests.Session()) for address in addresses]

    def send(self, household: Household, order: str) -> None:
        """Send both forms of a household. Raises SendFailed."""
        made, change = household.filled()
        if order == "together":
            line = threading.Barrier(2)
            with ThreadPoolExecutor(2) as pool:
                both = [
                    pool.submit(self._post, phone, xml, line)
                    for phone, xml in zip(self._phones, (made, change), strict=True)
                ]
            for one in both:
                one.result()
            return
        several = (made, change) if order == "after" else (change, made)
        for phone, xml in zip(self._phones, several, strict=True):
            self._post(phone, xml)

    @staticmethod
    def _post(phone: Phone, xml: bytes, line: threading.Barrier | None = None) -> None:
        if line is not None:
            line.wait()
        phone.send(xml, None, title="Thăm hộ")


def judge(office: Office, household: Household) -> Iterator[str]:
    """What is wrong with an entity after its round."""
    found = entity(office, household.uuid)
    if found is None:
        yield f"{household.uuid} is not there"
    elif (found.version, found.data.get("size"), found.conflict) != (2, household.size, None):
        steps = [(one.version, one.base_version, dict(one.data)) for one in history(office, household.uuid)]
        yield f"{household.uuid} is at version {found.version}, conflict {found.conflict}: {steps}"


def prove(folder: Path, *, rounds: int, pairs: int, database_url: str = "") -> Outcome:
    """Run all rounds in `folder`; the server is gone afterwards."""
    outcome = Outcome()
    with _served(Running(folder / "home", database_url)) as (office, address):
        several = [
            Pair([address + office.phone(f"Phone {pair}-{number}").path for number in (1, 2)])
            for pair in range(pairs)
        ]
        sizes = count(1)
        for number in range(rounds):
            order = ORDERS[number % len(ORDERS)]
            households = [Household(new_uuid(), str(next(sizes))) for _ in several]
            with ThreadPoolExecutor(len(several)) as pool:
                list(pool.map(Pair.send, several, households, [order] * len(several)))
            faults = [f"{order}: {fault}" for one in households for fault in judge(office, one)]
            if backlog(office) or open_outcomes(office):
                faults.append(f"{order}: {backlog(office)} held, {open_outcomes(office)} open")
            outcome.rounds += 1
            outcome.entities += len(households)
            outcome.faults += faults
    return outcome


@contextmanager
def _served(server: Running) -> Iterator[tuple[Office, str]]:
    try:
        server.start()
        office = server.office()
        office.publish(VISIT)
        yield office, server.address
        office.close()
    finally:
        server.kill()


def main() -> None:
    """Prove, and exit with 1 when an entity ended otherwise."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rounds", nargs="?", type=int, default=50)
    asked.add_argument("--pairs", type=int, default=4)
    asked.add_argument("--postgresql", action="store_true")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if told.postgresql:
            with fresh_postgresql() as url:
                outcome = prove(Path(name), rounds=told.rounds, pairs=told.pairs, database_url=url)
        else:
            outcome = prove(Path(name), rounds=told.rounds, pairs=told.pairs)
    for fault in outcome.faults:
        print(f"FAULT {fault}")
    print(
        f"{outcome.rounds} rounds on {'PostgreSQL' if told.postgresql else 'SQLite'}: {outcome.entities} "
        f"entities created and changed offline; not at version 2, or left waiting: {len(outcome.faults)}"
    )
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
