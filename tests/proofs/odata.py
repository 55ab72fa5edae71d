"""What a page of OData costs in a form of 100,000 households, and whether that grows with the form.

    python -m tests.proofs.odata [--records 100000] [--postgresql] [--explain]

Rows are laid straight into the tables of form f01. Every address is asked for through the test client, at a
tenth of the records and at all of them; beside each time stand the plain select of the same rows in the same
run, and how much it grew. What is compared is processor time where the database works in this process, so
that neighbours count little; beside PostgreSQL it is the clock. `--explain` shows how keys are found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Engine, event, insert, select, text

from collector.v1.odata_asking import token
from forms.rows import Cell
from storage.database import db, transaction
from storage.models import Form, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.snapshot import snapshot
from tests.databases import fresh_postgresql
from tests.office import ADMIN, ADMIN_PASSWORD, Office

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
MEMBERS = (3, 4, 4, 5, 5, 5, 4, 3, 6, 4)
PAGE = 250
MOST_GROWTH = 2.0
_POOL = 500
"""Different rows that are made up; all others are like one of them."""

_AT_ONCE = 2_000
_TIMES = 9
_F01 = Path("xlsforms/f01_hh_survey/f01_hh_survey.xlsx")
_REPEAT = "/g_main/member"
_SERVICE = "/v1/projects/1/forms/f01_hh_survey.svc"


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of an address, also by the clock, and of the plain select of its `rows`."""

    name: str
    page: float
    clock: float
    plain: float
    rows: int


def main(given: Sequence[str] | None = None) -> int:
    """Measure; 1 where a page takes more than twice as long in a form ten times as large."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--explain", action="store_true")
    asked = parser.parse_args(given)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(fresh_postgresql()) if asked.postgresql else f"sqlite:///{home / 'c.db'}"
        small, large = prove(Office(home / "home", url), asked.records, explain=asked.explain)
    slow = False
    print(f"{'page of 250':34} {'rows':>5} {'ms':>8} {'clock':>8} {'plain':>8} {'ratio':>6} {'growth':>6}")
    for before, after in zip(small, large, strict=True):
        grown = after.page / before.page
        slow |= not after.name.startswith("(") and grown > MOST_GROWTH
        ratio = after.page / after.plain
        times = f"{after.page:8.1f} {after.clock:8.1f} {after.plain:8.2f}"
        print(f"{after.name:34} {after.rows:5} {times} {ratio:6.1f} {grown:6.2f}")
    return int(slow)


def prove(
    office: Office, records: int, *, explain: bool = False, times: int = _TIMES
) -> tuple[list[Measured], list[Measured]]:
    """Every page at a tenth of the records and at all of them, each asked for so many times."""
    form = office.publish(_F01.read_bytes(), filename=_F01.name)
    with office.app.app_context():
        laying = _Laying(form)
        laying.lay(records // 10)
    # Asked outside, as by callers: inside, one request would find what another left in its context.
    small = _Measuring(office, records // 10, times).everything()
    with office.app.app_context():
        laying.lay(records)
    measuring = _Measuring(office, records, times)
    large = measuring.everything()
    if explain:
        measuring.explain()
    office.close()
    return small, large


class _Laying:
    """Records straight into the tables: the cost of intake is measured elsewhere."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._number = 0
        with snapshot() as session:
            self._tables = answer_tables(session, form.id, draft=False)
        chance = random.Random(7)  # noqa: S311 - the same rows every time
        self._pools = {
            path: [row_of(table, chance) for _ in range(_POOL)] for path, table in self._tables.items()
        }

    def lay(self, upto: int) -> None:
        while self._number < upto:
            records = range(self._number + 1, min(self._number + _AT_ONCE, upto) + 1)
            with transaction(noticed=False) as session:
                session.execute(insert(Submission), [self._record(one) for one in records])
                for path, table in self._tables.items():
                    if table.parent in {None, ""}:
                        write(session, table, self._rows(path, records))
            self._number = records[-1]
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()

    def _record(self, one: int) -> dict[str, Any]:
        return {
            "id": one,
            "form_id": self._form.id,
            "draft": False,
            "instance_id": f"uuid:{one}",
            "form_version_id": self._form.current_id,
            "place_code": None,
            "edits": 0,
            "files_expected": 0,
            "files_present": 0,
            "created_at": NOW + timedelta(seconds=one),
        }

    def _rows(self, path: str, records: range) -> Iterator[dict[str, Any]]:
        pool = self._pools[path]
        for one in records:
            key = f"uuid:{one}"
            if not path:
                yield {**pool[one % _POOL], "submission_id": one, "key": key}
                continue
            for seq in range(1, MEMBERS[one % len(MEMBERS)] + 1):
                keys = {"seq": seq, "ordinal": seq, "parent_key": key, "key": f"{key}{path}[{seq}]"}
                yield {**pool[(one * 7 + seq) % _POOL], "submission_id": one, **keys}


def write(session: Any, table: AnswerTable, rows: Iterator[dict[str, Any]]) -> None:
    made = list(rows)
    for piece in table.pieces:
        named = {column.name for column in piece.c}
        session.execute(insert(piece), [{name: row[name] for name in row if name in named} for row in made])


def row_of(table: AnswerTable, chance: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for number, asked in enumerate(table.questions.values()):
        if asked.cell is Cell.INT:
            made[asked.name] = chance.randint(0, 80)
        elif asked.cell is Cell.DECIMAL:
            made[asked.name] = chance.randint(0, 9999) / 10
        elif asked.cell is Cell.DATE:
            made[asked.name] = date(2026, 1, 1) + timedelta(days=chance.randint(0, 300))
        elif asked.cell is Cell.TEXT and number % 4:
            made[asked.name] = chance.choice(("1", "2", "3", "1 2", "Giàng Thị Mỷ", ""))
    return made


class _Measuring:
    """Asks for pages, and for the rows in them plainly."""

    def __init__(self, office: Office, records: int, times: int) -> None:
        self._records = records
        self._times = times
        self._client = office.client()
        signed = self._client.post("/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD})
        self._headers = {"Authorization": f"Bearer {signed.get_json()['token']}"}
        with office.app.app_context(), snapshot() as session:
            form_id = session.scalars(select(Form.id).where(Form.xml_form_id == "f01_hh_survey")).one()
            self._tables = answer_tables(session, form_id, draft=False)
            self._engine = db.engine
        self._ages = self._integer(self._tables[_REPEAT])
        self._number = self._integer(self._tables[""])

    def _integer(self, table: AnswerTable) -> str:
        """How a filter writes the first whole number of a table."""
        found = next(path for path, one in table.questions.items() if one.cell is Cell.INT)
        return found[len(table.path) + 1 :]

    @property
    def pages(self) -> dict[str, str]:
        """What is asked for: name to address. Those in brackets read the whole form to answer."""
        deep = f"uuid:{self._records // 10}"
        low = f"$top={PAGE}&$filter="
        member = "Submissions.g_main.member"
        return {
            "records": f"Submissions?$top={PAGE}",
            "records with their repeats": f"Submissions?$top={PAGE}&$expand=*",
            "five fields of them": f"Submissions?$top={PAGE}&$select=__id,__system,meta,{self._number}",
            "rows of a repeat": f"{member}?$top={PAGE}",
            "records, deep": f"Submissions?$top={PAGE}&$skiptoken={quote(token('instanceId', deep))}",
            "rows of a repeat, deep": f"{member}?$top={PAGE}&$skiptoken="
            + quote(token("repeatId", f"{deep}{_REPEAT}[2]")),
            "records by a field": f"Submissions?{low}{self._number} ge 60",
            "rows of a repeat by a field": f"{member}?{low}{self._ages} lt 15",
            "records by their date": f"Submissions?{low}__system/submissionDate ge 2026-11-20",
            "(records sorted by a field)": f"Submissions?$top={PAGE}&$orderby={self._number} desc",
            "(records that nobody has)": f"Submissions?{low}{self._number} eq 9999",
            "(the count of all records)": "Submissions?$top=0&$count=true",
            "(the count of all rows)": f"{member}?$top=0&$count=true",
        }

    def everything(self) -> list[Measured]:
        return [self._measured(name, address) for name, address in self.pages.items()]

    def _measured(self, name: str, address: str) -> Measured:
        rows = len(orjson.loads(self._page(address))["value"])
        page, clock = self._quickest(partial(self._page, address))
        repeat, expanded, deep = "member" in address, "expand" in address, "skiptoken" in address
        plain, plain_clock = self._quickest(
            partial(self._plainly, rows, repeat=repeat, expanded=expanded, deep=deep)
        )
        if self._engine.dialect.name == "sqlite":
            return Measured(name, page, clock, plain, rows)
        return Measured(name, clock, clock, plain_clock, rows)

    def _page(self, address: str) -> bytes:
        answer = self._client.get(f"{_SERVICE}/{address}", headers=self._headers, buffered=True)
        data: bytes = answer.data
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return data

    def _plainly(self, rows: int, *, repeat: bool, expanded: bool, deep: bool) -> None:
        """As many rows as the page has, whole, by their key."""
        newest = self._records // 10 if deep else self._records
        oldest = newest - (rows // 4 if repeat else rows)
        for table in self._tables.values():
            if expanded or bool(table.path) == repeat:
                for piece in table.pieces:
                    found = select(piece).where(piece.c.submission_id.between(oldest + 1, newest))
                    sql = str(found.compile(self._engine, compile_kwargs={"literal_binds": True}))
                    with self._engine.connect() as connection:
                        connection.exec_driver_sql(sql).fetchall()

    def _quickest(self, work: Callable[[], object]) -> tuple[float, float]:
        """Milliseconds of the quickest of several runs, of the processor and by the clock.

        Whoever else uses the machine only makes it slower.
        """
        took, clock = [], []
        for _ in range(self._times):
            before, clock_before = time.process_time(), time.perf_counter()
            work()
            took.append((time.process_time() - before) * 1000)
            clock.append((time.perf_counter() - clock_before) * 1000)
        return min(took), min(clock)

    def explain(self) -> None:
        """How the database finds the keys of each page."""
        for name, address in self.pages.items():
            with _statements(self._engine) as said:
                self._page(address)
            print(f"\n{name}: {address}")
            for statement, values in said:
                if "d1_" in statement or "count(" in statement or "ORDER BY submissions.id" in statement:
                    print("\n".join(f"    {line}" for line in _plan(self._engine, statement, values)))


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        said.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _plan(engine: Engine, statement: str, values: Any) -> list[str]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return [
                str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            ]
        return [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]


if __name__ == "__main__":
    sys.exit(main())
