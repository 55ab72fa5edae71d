"""The plans PostgreSQL makes for what a large server is asked most, with what they really took.

    python -m tests.proofs.plans [RECORDS, 300000] [--whole]

Households are laid into 166 communes as for the proof of growth. Then the newest page of the list is asked
for, the same sorted by name, the newest records of one commune by its officer, a page of OData from the first
record and one from the middle, and a commune's export. PostgreSQL tells of each statement how it was done and
how long it took (`auto_explain`). Printed are the slowest; `--whole`: with their plans. A statement that
walks through a whole large table is a fault.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event

from collector.v1.odata_asking import token
from storage.database import db, transaction
from tests.databases import fresh_postgresql
from tests.office import Office
from tests.proofs import growth, household
from tests.proofs.lists import lay_places

_SHOWN = 3
_TELL = (
    "LOAD 'auto_explain'",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_analyze = on",
    "SET auto_explain.log_buffers = on",
    "SET auto_explain.log_level = notice",
    "SET client_min_messages = notice",
)
_PLAN = re.compile(r"duration: (?P<took>[\d.]+) ms  plan:\nQuery Text: (?P<said>.*)", re.DOTALL)
_WALK = re.compile(
    r"Seq Scan on (?P<table>\w+).*?\(actual time=.*? rows=(?P<rows>[\d.]+) loops=(?P<loops>\d+)"
)
_LEFT_OUT = re.compile(r"Rows Removed by Filter: (\d+)")


@dataclass(frozen=True)
class Plan:
    """A statement, the milliseconds it took to run alone, and how."""

    statement: str
    took: float
    lines: tuple[str, ...]

    def walks(self, many: int) -> list[str]:
        """The tables it walks through from end to end, of those with at least so many rows."""
        found = []
        for number, line in enumerate(self.lines):
            scan = _WALK.search(line)
            if scan is None:
                continue
            left_out = _LEFT_OUT.search(" ".join(self.lines[number + 1 : number + 4]))
            # Both are told for each time, and for each process that takes part.
            rows = float(scan["rows"]) + (int(left_out[1]) if left_out else 0)
            if rows * int(scan["loops"]) >= many:
                found.append(scan["table"])
        return found


class Explaining:
    """Hears from PostgreSQL how it did what this application's connections asked."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    def listen(self) -> None:
        """From now on, on the database of the application that is current."""
        event.listen(db.engine, "connect", self._connect)
        db.engine.dispose()

    def _connect(self, connection: Any, _record: object) -> None:
        connection.add_notice_handler(self._hear)
        with connection.cursor() as cursor:
            for sentence in _TELL:
                cursor.execute(sentence)
        connection.commit()

    def _hear(self, told: Any) -> None:
        found = _PLAN.match(told.message_primary or "")
        if found is not None:
            lines = found["said"].splitlines()
            begin = next(number for number, line in enumerate(lines) if "(cost=" in line)
            statement = " ".join(" ".join(lines[:begin]).split())
            self.plans.append(Plan(statement, float(found["took"]), tuple(lines[begin:])))


def prove(office: Office, records: int) -> dict[str, list[Plan]]:
    """By question, the plans of its statements, the slowest first."""
    form = office.publish(household.workbook())
    explaining = Explaining()
    with office.app.app_context():
        with transaction() as session:
            lay_places(session)
        growth.Laying(form).lay(records)
        explaining.listen()
    asking = growth.Asking(office, 1)
    deep = f"{growth.ODATA}&$skiptoken={quote(token('instanceId', f'uuid:{records // 2}'))}"
    questions: dict[str, Callable[[], object]] = {
        "list, newest first": lambda: asking.desk(growth.LIST),
        "list, sorted by name": lambda: asking.desk(f"{growth.LIST}?sort=name"),
        "list of a commune, newest first": lambda: asking.officer(f"{growth.RECORDS}?$top=50"),
        "OData, first page": lambda: asking.program(growth.ODATA),
        "OData, from the middle": lambda: asking.program(deep),
        "a commune's export": lambda: asking.officer(growth.EXPORT),
    }
    found = {}
    for name, work in questions.items():
        explaining.plans.clear()
        work()
        found[name] = sorted(explaining.plans, key=lambda one: -one.took)
    office.close()
    return found


def faults(found: dict[str, list[Plan]], many: int) -> list[str]:
    """What walks through a table of so many rows."""
    return [
        f"{name}: walks through {table}: {plan.statement}"
        for name, plans in found.items()
        for plan in plans
        for table in plan.walks(many)
    ]


def main() -> int:
    """Lay, ask, print; 1 where something walks through a whole large table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=300_000)
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        found = prove(Office(home, stack.enter_context(fresh_postgresql())), asked.records)
    for name, plans in found.items():
        print(f"{name}: {len(plans)} questions, {sum(one.took for one in plans):.1f} ms")
        for plan in plans[:_SHOWN]:
            print(f"  {plan.took:8.1f} ms  {plan.statement[:160]}")
            if asked.whole:
                print("\n".join(f"              {line}" for line in plan.lines))
    wrong = faults(found, asked.records // 2)
    print("\n".join(["", *wrong]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
