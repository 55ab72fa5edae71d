"""What an entity list costs: a manifest, its hash and the file, for a few members and for a province.

    python -m tests.proofs.lists [MEMBERS …] [--postgresql]

Places: 166 communes of 12 villages. Members: households spread over the villages. Phones: one of a village,
one of a commune, one of everywhere.
"""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storage.database import db, transaction
from storage.entities import lists
from storage.models import Entity, EntityStamp, Place, PlacePath
from storage.queries import entity_lists
from storage.queries.reach import reach_of
from tests.collector.openrosa.sheets import with_files
from tests.databases import fresh_postgresql
from tests.office import NOW, Office

COMMUNES, VILLAGES = 166, 12
PROVINCE = "08"
CALLS = 100
_AT_ONCE = 5000


def place_codes() -> Iterator[tuple[str, str, str]]:
    """(code, level, parent) from the top."""
    yield PROVINCE, "province", ""
    for commune in range(COMMUNES):
        code = f"{commune + 1:05d}"
        yield code, "commune", PROVINCE
        for village in range(VILLAGES):
            yield f"{code}-{village + 1:03d}", "village", code


def lay_places(session: Session) -> None:
    """The places and what lies in what."""
    several = list(place_codes())
    parents = {code: parent for code, _level, parent in several}
    session.execute(
        insert(Place),
        [
            {"code": code, "level": level, "name": code, "parent_code": parent or None, "attributes": {}}
            for code, level, parent in several
        ],
    )
    paths = []
    for code in parents:
        at, depth = code, 0
        while at:
            paths.append({"ancestor": at, "descendant": code, "depth": depth})
            at, depth = parents[at], depth + 1
    session.execute(insert(PlacePath), paths)


def fill(office: Office, members: int) -> None:
    """Places, a list with so many members, and a form that reads it."""
    villages = [code for code, level, _parent in place_codes() if level == "village"]
    with office.app.app_context():
        with transaction() as session:
            lay_places(session)
            made = lists.create_list(session, 1, "households", now=NOW)
            names = ("village_code", "head_name", "members_n", "last_visit")
            lists.ensure_properties(session, made, names, now=NOW)
            number = made.id
            communes = [code for code, level, _parent in place_codes() if level == "commune"]
            stamps = [{"list_id": number, "commune_code": code, "stamp": 7} for code in communes]
            session.execute(insert(EntityStamp), stamps)
        for start in range(0, members, _AT_ONCE):
            with transaction() as session:
                several = range(start, min(start + _AT_ONCE, members))
                rows = [_row(number, at, villages[at % len(villages)]) for at in several]
                session.execute(insert(Entity), rows)
    office.publish(with_files("f01", "households.csv"), filename="f01.xml")


def _row(list_id: int, at: int, village: str) -> dict[str, object]:
    said = {
        "village_code": village,
        "head_name": f"Vàng A {at}",
        "members_n": "5",
        "last_visit": "2026-08-03",
    }
    return {
        "list_id": list_id,
        "uuid": str(uuid.uuid4()),
        "version": 1,
        "label": f"Vàng A {at} (1980)",
        "data": said,
        "computed": {},
        "place_code": village,
        "created_at": NOW,
    }


def milliseconds(call: Callable[[], object], times: int = CALLS) -> float:
    """The median of some calls."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def measure(office: Office, members: int) -> None:
    """Print a line for each phone."""
    client = office.client()

    def asked(path: str) -> bytes:
        data: bytes = client.get(path, buffered=True, headers={"Accept-Encoding": "gzip"}).data
        return data

    def hashed(places: tuple[str, ...]) -> str:
        listing = entity_lists.listings(db.session(), 1)["households"]
        return entity_lists.list_hash(db.session(), listing, reach_of(db.session(), places))

    for name, places in (("village", ("00001-001",)), ("commune", ("00001",)), ("everywhere", ())):
        root = f"{office.phone(name, places=places).path}/forms/f01"
        file = f"{root}/attachments/households.csv"
        manifest = milliseconds(partial(asked, f"{root}/manifest"))
        download = milliseconds(partial(asked, file), CALLS if places else 1)
        with office.app.app_context():
            hash_ = milliseconds(partial(hashed, places))
        print(
            f"{members:>8} members, phone of {name:<10} hash {hash_:6.2f} ms, manifest {manifest:6.2f} ms, "
            f"file {download:9.1f} ms, {len(asked(file)):>9} bytes gzipped",
            flush=True,
        )


def main() -> None:
    """Measure for each number of members that is given."""
    sizes = [int(one) for one in sys.argv[1:] if one.isdecimal()] or [1000, 300_000]
    for members in sizes:
        with ExitStack() as stack:
            home = Path(stack.enter_context(TemporaryDirectory()))
            url = f"sqlite:///{home / 'collector.db'}"
            if "--postgresql" in sys.argv:
                url = stack.enter_context(fresh_postgresql())
            office = Office(home / "home", url)
            stack.callback(office.close)
            began = time.perf_counter()
            fill(office, members)
            print(f"filled in {time.perf_counter() - began:.1f} s")
            measure(office, members)


if __name__ == "__main__":
    main()
