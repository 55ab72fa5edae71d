"""What programs wait for in a form of 100,000 households, beside the least that must be done and the peer.

`python -m tests.proofs.wire [--records 100000] [--postgresql]`. The rows are those of `tests.proofs.odata`.
Each address is asked for through the test client; beside it stand the plain select of as many rows in the
same run, and what ODK Central took on the same machine when nothing else was at work (August 2026). Where it
says “not possible”, Central refuses the question.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from storage.database import db
from storage.projection.tables import AnswerTable
from tests.databases import fresh_postgresql
from tests.office import Office
from tests.proofs import odata

ARCHIVE = "/v1/projects/1/forms/f01_hh_survey/submissions.csv.zip"
PEER = {
    "records with their repeats": "510 ms",
    "rows of a repeat": "26–68 s (central#1621)",
    "records by a field": "not possible",
    "rows of a repeat by a field": "not possible",
}
"""Page of 250 to what Central takes."""

PEER_ARCHIVE = 0.73
"""Seconds Central takes for a thousand records of the CSV archive: 73 s for 100,000."""


@dataclass(frozen=True)
class Line:
    """Milliseconds of one question and of its floor; what the peer takes, in words."""

    name: str
    took: float
    floor: float
    peer: str


def prove(office: Office, records: int) -> list[Line]:
    """Fill a form and ask everything."""
    form = office.publish(odata._F01.read_bytes(), filename=odata._F01.name)
    with office.app.app_context():
        odata._Laying(form).lay(records)
        measuring = odata._Measuring(office, records, odata._TIMES)
        pages = [measuring._measured(name, measuring.pages[name]) for name in PEER]
        found = [Line(one.name, one.page, one.plain, PEER[one.name]) for one in pages]
        took = _milliseconds(lambda: _archive(measuring._client, measuring._headers))
        floor = _milliseconds(lambda: _plain_csv(measuring._tables.values()))
    office.close()
    peer = f"{PEER_ARCHIVE * records / 1000:.0f} s"
    return [*found, Line(f"CSV archive of {records} records", took, floor, peer)]


def _milliseconds(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return (time.perf_counter() - before) * 1000


def _archive(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.get(ARCHIVE, headers=headers)
    size = sum(len(piece) for piece in answer.response)
    answer.close()
    if answer.status_code != 200 or size < 1000:
        raise RuntimeError(f"the archive answers {answer.status_code} with {size} bytes")


def _plain_csv(tables: Iterable[AnswerTable]) -> None:
    """Every row of every table through csv.writer, unpacked and forgotten."""
    for table in tables:
        for piece in table.pieces:
            with db.engine.connect().execution_options(stream_results=True) as connection:
                for rows in connection.exec_driver_sql(f"SELECT * FROM {piece.name}").partitions(5_000):
                    csv.writer(io.StringIO()).writerows(rows)


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args(given)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(fresh_postgresql()) if asked.postgresql else f"sqlite:///{home / 'c.db'}"
        lines = prove(Office(home / "home", url), asked.records)
    print(f"| page of {odata.PAGE} of {asked.records} | Collector | floor | ratio | Central |")
    print("|---|---|---|---|---|")
    for one in lines:
        ratio = one.took / one.floor
        print(f"| {one.name} | {one.took:.0f} ms | {one.floor:.1f} ms | {ratio:.1f} | {one.peer} |")


if __name__ == "__main__":
    main()
