"""A synchronising evening: thousands of phones come home, look for news and send what they have.

`python -m tests.proofs.evening [phones, 3000] [--forms 5] [--dropped 0.2] [--at-once 40] [--postgresql]`.
Each phone belongs to a village; it asks for its form list, a manifest and the list of its village's
households, and sends five surveys with a photo each. An hour's arrivals come as fast as the machine takes
them. One request in five loses its line at a random byte of request or answer; phones come again as
Collect does. At the end everything sent is there once: XML, photo and rows, by count and by digest. Memory is
printed over time.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.place_tree import Span, Unit
from storage.database import transaction
from storage.entities import by_hand, lists
from storage.entities.writing import Source
from storage.models import Form, Place, SubmissionFile, SubmissionVersion
from storage.places.loading import enter
from storage.projection.catalogue import answer_tables
from storage.queries.submissions import stored_xml
from storage.snapshot import snapshot
from tests.office import NOW, Office
from tests.proofs import household, machine
from tests.proofs.cluster import Cluster, address_of
from tests.proofs.evening_phones import Evening, Phone, spend
from tests.proofs.running import Running
from tests.proofs.wholeness import Books

PROVINCE = "08"
READER = "f11_recheck"
"""A form that reads the list of households."""
_PER_VILLAGE, _HOUSEHOLDS = 5, 60
_HOUR = 3600.0
_GROWTH = 1.1
"""Times as much memory as in the third quarter of the evening that the last may take."""


@dataclass(frozen=True)
class Size:
    """How large an evening is. `places`: give phones villages with households; else they have all places."""

    phones: int = 3000
    forms: int = 5
    dropped: float = 0.2
    at_once: int = 40
    places: bool = True
    seed: int = 20260803


@dataclass
class Outcome:
    """What came of it; `memory` is (seconds, megabytes) over time."""

    evening: Evening
    seconds: float = 0.0
    memory: list[tuple[float, float]] = field(default_factory=list)
    kept: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Memory of the last quarter beside that of the third; 1 where it was looked at too seldom."""
        quarter = len(self.memory) // 4
        if quarter < 2:
            return 1.0
        several = [megabytes for _moment, megabytes in self.memory]
        return statistics.median(several[-quarter:]) / statistics.median(several[-2 * quarter : -quarter])


def prove(server: Running, size: Size) -> Outcome:
    """Let a server that runs go through the evening; it still runs afterwards."""
    office = server.office()
    paths = list(_prepared(office, size))
    office.close()
    dice = random.Random(size.seed)  # noqa: S311 - chance, not secrets
    evening = Evening(size.dropped)
    outcome = Outcome(evening)
    phones = [
        (Phone(server.port, path, evening, dice.random()), dice.triangular(0, _HOUR, _HOUR / 3))
        for path in paths
    ]
    with _Scale(server.number, outcome):
        begun = time.monotonic()
        # In a thread of its own: a browser the tests drive may hold this one's loop.
        with ThreadPoolExecutor(1) as own:
            coming = spend(phones, READER, forms=size.forms, at_once=size.at_once)
            own.submit(asyncio.run, coming).result()
        outcome.seconds = time.monotonic() - begun
    with office.app.app_context(), snapshot() as session:
        outcome.faults += evening.faults + list(faults_of(session, office, outcome))
    office.close()
    return outcome


class _Scale:
    """Looks at memory now and then while phones come, and prints it."""

    def __init__(self, number: int, outcome: Outcome, every: float = 5.0) -> None:
        self._number = number
        self._outcome = outcome
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_reason: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        begun, looks = time.monotonic(), 0
        while not self._over.wait(self._every):
            held = machine.memory_mb(self._number)
            moment = time.monotonic() - begun
            self._outcome.memory.append((moment, held))
            if looks % 6 == 0:
                evening = self._outcome.evening
                print(
                    f"{moment:6.0f} s: {evening.done} phones done, {len(evening.sent)} forms, {held:.0f} MB",
                    flush=True,
                )
            looks += 1


# What is there before ----------------------------------------------------------------------------------


def _prepared(office: Office, size: Size) -> Iterator[str]:
    """Publish, enter villages and households, give out phones; the path of each phone."""
    office.publish(household.workbook())
    villages = [""]
    if size.places:
        with office.app.app_context():
            villages = _villages(-(-size.phones // _PER_VILLAGE))
    for number in range(size.phones):
        village = villages[number % len(villages)]
        yield office.phone(f"Điện thoại {number}", places=(village,) if village else ()).path


def _villages(wanted: int) -> list[str]:
    """So many villages in the communes of the province, each with its households."""
    with snapshot() as session:
        communes = session.scalars(
            select(Place.code)
            .where(Place.parent_code == PROVINCE, Place.level == "commune", Place.valid_to.is_(None))
            .order_by(Place.code)
        ).all()
    codes = [
        (f"{communes[one % len(communes)]}-{900 + one // len(communes)}", communes[one % len(communes)])
        for one in range(wanted)
    ]
    with transaction() as session:
        where = lists.list_by_name(session, 1, "households")
        lists.ensure_properties(session, where, ("village_code",), now=NOW)
    for code, commune in codes:
        unit = Unit(code, (Span("village", f"Thôn {code}", commune, date(2025, 7, 1)),), None)
        members = [
            by_hand.Written(
                str(uuid.uuid4()),
                f"Lò Văn {one}",
                {"village_code": code},
            )
            for one in range(_HOUSEHOLDS)
        ]
        with transaction() as session:
            enter(session, [unit])
            by_hand.create(session, lists.list_by_name(session, 1, "households"), members, Source(None, NOW))
    return [code for code, _commune in codes]


# What is there afterwards ------------------------------------------------------------------------------


def faults_of(session: Session, office: Office, outcome: Outcome) -> Iterator[str]:
    """What is missing, twice, other than it was sent, or hangs in the air."""
    sent = outcome.evening.sent
    form_id = session.scalars(select(Form.id).where(Form.xml_form_id == household.FORM_ID)).one()
    kept = session.execute(
        select(SubmissionVersion.id, SubmissionVersion.instance_id, SubmissionFile.blob_sha256)
        .outerjoin(SubmissionFile, SubmissionFile.version_id == SubmissionVersion.id)
        .where(SubmissionVersion.form_id == form_id)
    ).all()
    outcome.kept = len(kept)
    often = Counter(instance_id for _version, instance_id, _photo in kept)
    yield from (f"{one}: acknowledged and lost" for one in sent if one not in often)
    yield from (f"{one}: kept {times} times" for one, times in often.items() if times > 1)
    for version, instance_id, photo in kept:
        digest, picture, _members = sent.get(instance_id, ("", "", 0))
        xml = stored_xml(session, version)[0] or b""
        if hashlib.sha256(xml).hexdigest() != digest:
            yield f"{instance_id}: other bytes than were sent"
        if photo != picture:
            yield f"{instance_id}: another photo than was sent"
        outcome.files += photo is not None
    for path, table in answer_tables(session, form_id, draft=False).items():
        rows = session.scalar(select(func.count()).select_from(table.table))
        wanted = sum(members for *_digests, members in sent.values()) if path else len(sent)
        if rows != wanted:
            yield f"{rows} rows in {path or 'the root table'}, not {wanted}"
    books = Books(session, office.parts.blobs, household.FORM_ID)
    yield from books.strays(known=sent)
    yield from books.blob_faults(set())


def main() -> None:
    """Prove, and exit with 1 when anything was lost, doubled, refused, or memory grew."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("phones", nargs="?", type=int, default=3000)
    asked.add_argument("--forms", type=int, default=5)
    asked.add_argument("--dropped", type=float, default=0.2)
    asked.add_argument("--at-once", type=int, default=40)
    asked.add_argument("--postgresql", action="store_true")
    told = asked.parse_args()
    size = Size(told.phones, told.forms, told.dropped, told.at_once)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        url = ""
        if told.postgresql:
            cluster = Cluster(folder / "postgresql")
            stack.callback(cluster.kill)
            cluster.create()
            url = address_of(cluster)
        server = Running(folder / "home", url)
        stack.callback(server.stop)
        server.start()
        outcome = prove(server, size)
    _say(outcome, size, postgresql=told.postgresql)
    sys.exit(1 if outcome.faults else 0)


def _say(outcome: Outcome, size: Size, *, postgresql: bool) -> None:
    evening = outcome.evening
    if outcome.growth > _GROWTH:
        outcome.faults.append(f"memory grew {outcome.growth:.2f} times in the last quarter")
    print("| request | how many | p50 ms | p90 ms | p99 ms | slowest |\n|---|---|---|---|---|---|")
    for kind, several in evening.took.items():
        ordered = sorted(several)
        at = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.9, 0.99, 1))
        print(f"| {kind} | {len(ordered)} | {' | '.join(f'{one:.0f}' for one in at)} |")
    for fault in outcome.faults[:50]:
        print(f"FAULT {fault}")
    held = [megabytes for _moment, megabytes in outcome.memory] or [0.0]
    setup = "PostgreSQL + S3" if postgresql else "SQLite + disk"
    breaks = ", ".join(f"{number} in the {where}" for where, number in evening.breaks.items())
    print(
        f"{size.phones} phones × {size.forms} forms on {setup} in {outcome.seconds:.0f} s "
        f"({_HOUR / outcome.seconds:.1f} times as fast as they come): {len(evening.sent)} sent, "
        f"{outcome.kept} kept with {outcome.files} photos; lines broken: {breaks or 'none'}; told to come "
        f"later: {evening.later}; memory {held[0]:.0f} MB at first, {max(held):.0f} at most, "
        f"{held[-1]:.0f} at the end ({outcome.growth:.2f} times the quarter before); faults: "
        f"{len(outcome.faults)}"
    )


if __name__ == "__main__":
    main()
