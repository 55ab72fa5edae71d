"""What becomes slower as a survey grows, and what does not: the same asked of ten times as many records.

`python -m tests.proofs.growth [RECORDS …, 10000 100000] [--postgresql] [--figures]`. Households of the usual
size (`tests/proofs/household.py`) are laid straight into the tables, spread over 166 communes of 12 villages.
Then: a submission is taken, the newest page of the list is shown, a page of OData is read, and an account of
one commune exports its records. `--figures` also makes a province of as many households and lets one more be
counted (`tests/proofs/figures.py`). Milliseconds are the median of several, of the processor where the
database works in this process, by the clock beside PostgreSQL.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from collector.accounts.authentication import COOKIE
from collector.accounts.permissions import REVIEWER
from collector.actions.accounts import create_user, sign_in
from collector.clock import moment
from storage.database import db, transaction
from storage.models import Assignment, Form, Submission, SubmissionVersion
from storage.projection.catalogue import answer_tables
from storage.snapshot import snapshot
from tests.databases import empty_database
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office
from tests.proofs import figures, household, load
from tests.proofs.lists import lay_places, place_codes
from tests.proofs.odata import MEMBERS, row_of, write

_POOL, _AT_ONCE = 500, 2_000
_TIMES = 15
_COMMUNE = "00001"
_NUMBERED = (Submission, SubmissionVersion)
LIST = f"/surveys/{household.FORM_ID}/submissions"
RECORDS = f"/v1/projects/1/forms/{household.FORM_ID}.svc/Submissions"
ODATA = f"{RECORDS}?$top=250&$expand=*"
EXPORT = f"/v1/projects/1/forms/{household.FORM_ID}/submissions.csv.zip?attachments=false"
MOST = 2.0
"""Times as long at ten times the records that what should not grow may take."""


@dataclass
class Measured:
    """Milliseconds by what was asked, at one size; how many rows the commune's export had."""

    records: int
    took: dict[str, float] = field(default_factory=dict)
    exported: int = 0


class Laying:
    """Records with places straight into the tables: intake is measured beside them, not by making them."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._held = 0
        villages = [code for code, level, _parent in place_codes() if level == "village"]
        # One village of each commune after the other: any 166 records in a row are of 166 communes.
        self._villages = sorted(villages, key=lambda code: code.rpartition("-")[2])
        with snapshot() as session:
            self._tables = answer_tables(session, form.id, draft=False)
        chance = random.Random(7)  # noqa: S311 - the same rows every time
        self._pools = {
            path: [row_of(table, chance) for _ in range(_POOL)] for path, table in self._tables.items()
        }

    def lay(self, upto: int) -> None:
        """Add records until there are so many."""
        while self._held < upto:
            with transaction(noticed=False) as session:
                # What was sent meanwhile has numbers too.
                first = max(session.scalar(select(func.max(one.id))) or 0 for one in _NUMBERED) + 1
                some = range(first, first + min(_AT_ONCE, upto - self._held))
                session.execute(insert(Submission), [self._record(one) for one in some])
                session.execute(insert(SubmissionVersion), [self._version(one) for one in some])
                for path, table in self._tables.items():
                    write(session, table, self._rows(path, some))
            self._held += len(some)
        if db.engine.dialect.name == "postgresql":
            _settle()
        else:
            with transaction(noticed=False) as session:
                session.execute(text("ANALYZE"))

    def _record(self, one: int) -> dict[str, Any]:
        return {
            "id": one,
            "form_id": self._form.id,
            "draft": False,
            "instance_id": f"uuid:{one}",
            "form_version_id": self._form.current_id,
            "place_code": self._villages[one % len(self._villages)],
            "edits": 0,
            "files_expected": 0,
            "files_present": 0,
            "created_at": NOW + timedelta(seconds=one),
        }

    def _version(self, one: int) -> dict[str, Any]:
        return {
            "id": one,
            "submission_id": one,
            "form_id": self._form.id,
            "draft": False,
            "instance_id": f"uuid:{one}",
            "current": True,
            "form_version_id": self._form.current_id,
            "xml_sha256": f"{one:064x}",
            "xml_size": 0,
            "created_at": NOW + timedelta(seconds=one),
        }

    def _rows(self, path: str, some: range) -> Iterator[dict[str, Any]]:
        pool = self._pools[path]
        for one in some:
            key = f"uuid:{one}"
            if not path:
                yield {**pool[one % _POOL], "submission_id": one, "key": key}
                continue
            for seq in range(1, MEMBERS[one % len(MEMBERS)] + 1):
                keys = {"seq": seq, "ordinal": seq, "parent_key": key, "key": f"{key}{path}[{seq}]"}
                yield {**pool[(one * 7 + seq) % _POOL], "submission_id": one, **keys}


def _settle() -> None:
    """Let PostgreSQL do now what follows from laying so much at once, before anybody asks."""
    with transaction(noticed=False) as session:
        for name in (one.__tablename__ for one in _NUMBERED):
            numbers = text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")
            session.execute(numbers)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for work in ("VACUUM ANALYZE", "CHECKPOINT"):
            connection.execute(text(work))


class Asking:
    """Asks what is measured."""

    def __init__(self, office: Office, times: int) -> None:
        self._times = times
        with office.app.app_context():
            portable = db.engine.dialect.name == "sqlite"
            self._own = _officer()
        self._clock = time.process_time if portable else time.perf_counter
        self._dice = random.Random(3)  # noqa: S311 - the same households every time
        self._phone = office.phone().path
        self._client = office.client()
        signed = self._client.post("/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD})
        self._bearer = {"Authorization": f"Bearer {signed.get_json()['token']}"}
        self._desk = office.client()
        self._desk.set_cookie(COOKIE, office.session_token(ADMIN))

    def everything(self, records: int) -> Measured:
        """Each several times."""
        found = Measured(records)
        several: dict[str, Callable[[], object]] = {
            "a submission": self._send,
            "first page of the list": lambda: self.desk(LIST),
            "a page of OData (250)": lambda: self.program(ODATA),
            "a commune's export": self._export,
        }
        for name, work in several.items():
            work()
            found.took[name] = statistics.median(self._timed(work) for _ in range(self._times))
        found.exported = self._export()
        return found

    def _timed(self, work: Callable[[], object]) -> float:
        before = self._clock()
        work()
        return (self._clock() - before) * 1000

    def _send(self) -> None:
        body = load.multipart(household.answered(self._dice), {})
        kind = f"multipart/form-data; boundary={load.BOUNDARY.decode()}"
        headers = {"X-OpenRosa-Version": "1.0"}
        path = f"{self._phone}/submission"
        _sound(self._client.post(path, data=body, content_type=kind, headers=headers), 201)

    def desk(self, address: str) -> Any:
        """A page of the desk, as the administrator sees it."""
        return _sound(self._desk.get(address), 200)

    def program(self, address: str) -> Any:
        """What a program of the administrator's is answered."""
        return _sound(self._client.get(address, headers=self._bearer, buffered=True), 200)

    def officer(self, address: str) -> Any:
        """What an officer of one commune is answered."""
        return _sound(self._client.get(address, headers=self._own, buffered=True), 200)

    def _export(self) -> int:
        """How many households the export has."""
        answer = self.officer(EXPORT)
        with zipfile.ZipFile(BytesIO(answer.data)) as archive:
            return archive.read(f"{household.FORM_ID}.csv").count(b"\n") - 1


def _sound(answer: Any, wanted: int) -> Any:
    if answer.status_code != wanted or not answer.data:
        raise RuntimeError(f"{answer.status_code}: {answer.text[:500]}")
    return answer


def _officer() -> dict[str, str]:
    """How an officer of one commune proves who asks."""
    with transaction() as session:
        made = create_user(session, "commune", ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=made.actor_id, role=REVIEWER, project_id=1, place_code=_COMMUNE))
        session.flush()
        return {"Authorization": f"Bearer {sign_in(session, made, now=moment()).token}"}


def prove(office: Office, sizes: list[int], times: int = _TIMES) -> list[Measured]:
    """The same asked at each size, smallest first, each so many times."""
    form = office.publish(household.workbook())
    found = []
    with office.app.app_context():
        with transaction() as session:
            lay_places(session)
        laying = Laying(form)
    asking = Asking(office, times)
    for records in sorted(sizes):
        with office.app.app_context():
            laying.lay(records)
        # Asked outside, as by callers: inside, one request would find what another left in its context.
        found.append(asking.everything(records))
        print(found[-1], flush=True)
    office.close()
    return found


def main() -> None:
    """Measure, print, and exit with 1 where something grew that should not."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("records", nargs="*", type=int, default=[10_000, 100_000])
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--figures", action="store_true")
    told = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(empty_database(folder, postgresql=told.postgresql))
        several = prove(Office(folder / "home", url), told.records)
    print(f"| | {' | '.join(f'{one.records:,}' for one in several)} | growth |")
    print(f"|---|{'---|' * len(several)}---|")
    grown = {name: several[-1].took[name] / several[0].took[name] for name in several[0].took}
    for name, growth in grown.items():
        print(f"| {name} | {' | '.join(f'{one.took[name]:.1f} ms' for one in several)} | {growth:.2f} |")
    print(f"records in the commune's export: {', '.join(str(one.exported) for one in several)}")
    if told.figures:
        for records in sorted(told.records):
            _print_figures(records, postgresql=told.postgresql)
    sys.exit(any(growth > MOST for name, growth in grown.items() if "export" not in name))


def _print_figures(records: int, *, postgresql: bool) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(empty_database(folder, postgresql=postgresql))
        found = figures.measure(folder / "home", url, records)
    print(
        f"{records:,} households: one more is counted after {found.one_more:.2f} s, "
        f"all of them in {found.rebuild:.0f} s"
    )


if __name__ == "__main__":
    main()
