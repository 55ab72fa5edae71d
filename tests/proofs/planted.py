"""A made-up province whose figures are known is sent to a server; every figure has to come out the same.

    python -m tests.proofs.planted [--communes 166] [--villages 12] [--households 150] [--postgresql]

The 95 indicators are compared in every village, commune and the province, numerator and denominator alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from collector.actions.figures import Figures
from collector.clock import moment
from storage.database import db
from storage.models import IndicatorCell
from tests.databases import fresh_postgresql
from tests.proofs.province.claims import CLAIMS
from tests.proofs.province.made import Province, Size
from tests.proofs.province.people import YEAR
from tests.proofs.province.truth import Pool, Sums, total
from tests.proofs.provincial import PROJECT, Server, open_server, send_all

_SHOWN = 40


@dataclass(frozen=True)
class Outcome:
    """What came of it: forms sent and cells worked out, each with its seconds; `wrong` names what differs."""

    sent: int
    sending: float
    cells: int
    working: float
    pools: list[Pool]
    wrong: list[str]


def pools_of(province: Province) -> list[Pool]:
    """Everything each commune sent."""
    pools = []
    for code in province.communes:
        pool = Pool(province.commune(code), list(province.homes(code)))
        for report in province.reports(code):
            pool.reports[report.form_id].append(report)
        pools.append(pool)
    return [*pools, *(Pool(province.commune(code)) for code in province.silent)]


def differences(found: Mapping[str, Sums], pools: list[Pool]) -> Iterator[str]:
    """Each place where a figure is not what it should be, in words."""
    for code, claim in CLAIMS.items():
        should, cells = total(claim, pools), found.get(code, {})
        for place in sorted(should.keys() | cells.keys()):
            known, here = should.get(place, (0.0, None)), cells.get(place, (0.0, None))
            if [one or 0.0 for one in known] != [one or 0.0 for one in here]:
                yield f"{code} in {place}: {here} instead of {known}"


def cells_of(server: Server, province: Province) -> dict[str, Sums]:
    """What the server says of the province and what lies in it, by indicator and place."""
    found: dict[str, Sums] = {}
    inside = {province.province, *province.communes, *province.silent}
    with server.app():
        rows = db.session().execute(
            select(
                IndicatorCell.code,
                IndicatorCell.place_code,
                IndicatorCell.numerator,
                IndicatorCell.denominator,
            ).where(
                IndicatorCell.project_id == PROJECT,
                IndicatorCell.period == str(YEAR),
                IndicatorCell.split == "",
            )
        )
        for code, place, above, below in rows:
            if place.partition("-")[0] in inside:
                found.setdefault(code, {})[place] = (above, below)
    return found


def prove(server: Server, communes: int, size: Size, *, seed: int = 1, processes: int = 2) -> Outcome:
    """Send a province to a new server, work everything out, and compare."""
    began = time.monotonic()
    province = open_server(server, communes=communes, size=size, seed=seed)
    sent = send_all(server, province, processes=processes)
    took, began = time.monotonic() - began, time.monotonic()
    with server.app():
        cells = Figures(moment).everything()
    seconds = time.monotonic() - began
    pools = pools_of(province)
    found = cells_of(server, province)
    return Outcome(sent, took, cells, seconds, pools, list(differences(found, pools)))


def main() -> int:
    """Run it; 1 if anything differs."""
    given = argparse.ArgumentParser()
    given.add_argument("--communes", type=int, default=166)
    given.add_argument("--villages", type=int, default=12)
    given.add_argument("--households", type=int, default=150)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--postgresql", action="store_true")
    said = given.parse_args()
    size = Size(said.villages, said.households)
    with _server(postgresql=said.postgresql) as server:
        outcome = prove(server, said.communes, size, seed=said.seed)
    pools, wrong = outcome.pools, outcome.wrong
    print("\n".join(wrong[:_SHOWN]))
    people = sum(len(home.members) for pool in pools for home in pool.last)
    places = 1 + len(pools) + sum(len(pool.commune.villages) for pool in pools)
    print(f"{outcome.sent} forms sent in {outcome.sending:.0f} s")
    print(f"{outcome.cells} cells worked out in {outcome.working:.0f} s")
    print(f"{len(CLAIMS)} indicators, {places} places, {people} people: {len(wrong)} figures differ")
    return 1 if wrong else 0


@contextmanager
def _server(*, postgresql: bool) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        if not postgresql:
            yield Server(home)
            return
        with fresh_postgresql() as url:
            yield Server(home, url)


if __name__ == "__main__":
    sys.exit(main())
