"""A made-up province, its figures worked out whole, and one more household until every figure shows it.

Run with `make figures-proof`. Answers go straight into the tables, so only figures are measured. Beside the
rebuild stands the least that could be done: the same sums, each table asked in one plain question for
each way it is split. `--households 3000` for a look, `--postgresql` for the other database.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from collector.actions.figures import Figures, plan_of
from collector.actions.start import start
from collector.app import create_app
from collector.parts import KEY, Parts
from collector.settings import Settings
from forms.expressions.tree import answers, gathered
from forms.place_tree import Span, Unit
from forms.rows import Cell
from storage.cells import writing
from storage.cells.marks import mark_records
from storage.cells.plan import FormGround, Plan, formulas
from storage.cells.scans import ANYWHERE, question
from storage.database import release_connections, transaction
from storage.models import IndicatorCell, Place, Submission, SubmissionVersion
from storage.places.loading import enter
from storage.projection.tables import AnswerTable
from storage.snapshot import snapshot
from tests.databases import fresh_postgresql
from tests.office import surroundings

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PROVINCE = "38"
PER_COMMUNE = 12
HOUSEHOLD_FORM = "f01_hh_survey"
MEMBERS = (3, 4, 4, 5, 5, 5, 4, 3, 6, 4)
AT_ONCE = 2000
POOL = 3000
"""Different households that are made up; all others are like one of them."""

OTHERS = ("f02_village_count", "f03_clc_profile", "f09_commune_annual", "f10_clc_rating", "f06_activity_log")
MOST_RATIO, MOST_SECONDS = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of a whole rebuild, of the plain questions, and until one more household showed everywhere."""

    rebuild: float
    plain: float
    one_more: float
    cells: int
    longest_write: float


def main(given: Sequence[str] | None = None) -> int:
    """Measure; 1 where the rebuild takes more than three times as long, or a household more than 2 s."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args(given)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(fresh_postgresql()) if asked.postgresql else f"sqlite:///{home / 'c.db'}"
        found = measure(home, url, asked.households)
    ratio = found.rebuild / found.plain
    print(
        f"{asked.households} households: {found.cells} cells in {found.rebuild:.1f} s, the same sums plainly "
        f"in {found.plain:.1f} s (ratio {ratio:.2f}); one more household shows after {found.one_more:.2f} s; "
        f"longest write {found.longest_write * 1000:.0f} ms"
    )
    return 0 if ratio <= MOST_RATIO and found.one_more <= MOST_SECONDS else 1


def measure(home: Path, url: str, households: int) -> Measured:
    """Make the province in a new server, and measure."""
    settings = Settings.from_environment(surroundings(home, url))
    app = create_app(settings)
    with app.app_context():
        parts: Parts = app.extensions[KEY]
        start(settings, parts.vault, parts.blobs, now=NOW)
        village = _filled(households)
        _known()
        found = _measured(village)
        release_connections()
    return found


def _measured(village: str) -> Measured:
    figures = Figures(lambda: NOW)
    writes = _Stopwatch()
    with writes:
        before = time.perf_counter()
        figures.everything(_tell)
        rebuild = time.perf_counter() - before
    plain = _plainly()
    with snapshot() as session:
        plan = plan_of(session, 1)
    _add(plan.forms[HOUSEHOLD_FORM], [village], 1, _read(plan))
    before = time.perf_counter()
    figures.look(NOW)
    one_more = time.perf_counter() - before
    with snapshot() as session:
        cells = session.scalar(select(func.count()).select_from(IndicatorCell)) or 0
    return Measured(rebuild, plain, one_more, cells, writes.longest)


class _Stopwatch:
    """How long the longest transaction took that wrote cells."""

    longest = 0.0

    def __enter__(self) -> None:
        self._write = writing.write

        def watched(changes: Any, session: Any, now: datetime) -> None:
            before = time.perf_counter()
            self._write(changes, session, now)
            self.longest = max(self.longest, time.perf_counter() - before)

        writing.write = watched

    def __exit__(self, *_reason: object) -> None:
        writing.write = self._write


def _plainly() -> float:
    """The same sums, of each table and way to split it in one question; for each period where it must be."""
    with snapshot() as session:
        plan = plan_of(session, 1)
    before = time.perf_counter()
    with snapshot() as session:
        for scan in plan.scans:
            query = question(plan, scan, where=ANYWHERE)
            if query is None:
                continue
            for first, last in _spans(periodic=scan.periodic):
                began = time.perf_counter()
                rows = session.connection().execute(query, {"first": first, "last": last}).all()
                took = time.perf_counter() - began
                if took > 1:
                    what = f"{scan.source.name}{scan.source.path} by {scan.by and scan.by.name}"
                    print(f"  {what}: {len(scan.columns)} sums, {len(rows)} rows, {took:.1f} s")
    return time.perf_counter() - before


def _spans(*, periodic: bool) -> Iterator[tuple[date, date]]:
    yield date(2026, 1, 1), date(2026, 12, 31)
    if periodic:
        yield date(2025, 9, 1), date(2026, 8, 31)


def _tell(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{of}", end="", file=sys.stderr)


# The province ------------------------------------------------------------------------------------------


def _filled(households: int) -> str:
    """Villages, households and the other forms; returns the code of one of the villages."""
    with transaction() as session:
        communes = session.scalars(
            select(Place.code).where(Place.parent_code == PROVINCE, Place.valid_to.is_(None))
        ).all()
    villages = []
    for commune in communes:
        units = [
            Unit(
                f"{commune}-{number:03}",
                (Span("village", f"Thôn {number}", commune, date(2025, 7, 1)),),
                None,
            )
            for number in range(1, PER_COMMUNE + 1)
        ]
        with transaction() as session:
            enter(session, units, now=NOW)
        villages += [unit.code for unit in units]
    with snapshot() as session:
        plan = plan_of(session, 1)
    read = _read(plan)
    _add(plan.forms[HOUSEHOLD_FORM], villages, households, read)
    for form_id in OTHERS:
        if form_id in plan.forms:
            per_village = form_id == "f02_village_count"
            _add(
                plan.forms[form_id],
                villages if per_village else list(communes),
                len(villages) if per_village else 400,
                read,
            )
    return villages[0]


def _known() -> None:
    """What is laid in minutes here comes in over weeks: a database has looked at its tables long before."""
    with transaction(noticed=False) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))


def _read(plan: Plan) -> dict[str, set[str]]:
    """By form: the questions that figures read."""
    found: dict[str, set[str]] = {}
    for scan in plan.scans:
        mine = found.setdefault(scan.source.name, set())
        for column in scan.columns:
            for formula in formulas(column.measure):
                mine |= {one.path for one in answers(formula.tree)}
                mine |= {one.answer.path for one in gathered(formula.tree) if one.answer is not None}
        if scan.by is not None and scan.by.answer is not None:
            mine.add(scan.by.answer.path)
    return found


def _add(ground: FormGround, places: Sequence[str], number: int, read: dict[str, set[str]]) -> None:
    """So many records of a form, in these places one after the other, with what figures read of it."""
    chance = random.Random(7)  # noqa: S311 - the same province every time
    wanted = read.get(ground.xml_form_id, set())
    pools = {
        path: [_row(table, wanted, chance) for _ in range(POOL)] for path, table in ground.tables.items()
    }
    with snapshot() as session:
        first = (session.scalar(select(func.max(Submission.id))) or 0) + 1
        version = session.execute(select(SubmissionVersion.form_version_id).limit(1)).scalar()
        version = version or _version(session, ground)
    for begin in range(0, number, AT_ONCE):
        records = range(first + begin, first + min(begin + AT_ONCE, number))
        with transaction(noticed=False) as session:
            _records(session, ground, version, records, places)
            for path, table in ground.tables.items():
                if not table.parent:
                    _answers(session, table, pools[path], records)
    if number == 1:
        with transaction(noticed=False) as session:
            mark_records(session, ground.form_id, [(places[0], date(2026, 8, 3))])


def _version(session: Any, ground: FormGround) -> int:
    from storage.models import Form

    return int(session.scalars(select(Form.current_id).where(Form.id == ground.form_id)).one())


def _records(session: Any, ground: FormGround, version: int, records: range, places: Sequence[str]) -> None:
    rows = [
        {
            "id": one,
            "form_id": ground.form_id,
            "draft": False,
            "instance_id": f"uuid:{one}",
            "form_version_id": version,
            "place_sent": places[one % len(places)],
            "place_code": places[one % len(places)],
            "reported_on": date(2026, 7 + one % 2, 1 + one % 28),
            "edits": 0,
            "files_expected": 0,
            "files_present": 0,
            "created_at": NOW - timedelta(seconds=one),
        }
        for one in records
    ]
    session.execute(insert(Submission), rows)


def _answers(session: Any, table: AnswerTable, pool: list[dict[str, Any]], records: range) -> None:
    rows: list[dict[str, Any]] = []
    for one in records:
        if not table.path:
            rows.append({"submission_id": one, "key": f"uuid:{one}", **pool[one % POOL]})
            continue
        for seq in range(1, MEMBERS[one % len(MEMBERS)] + 1):
            keys = {"seq": seq, "ordinal": seq, "parent_key": f"uuid:{one}", "key": f"uuid:{one}/{seq}"}
            rows.append({"submission_id": one, **keys, **pool[(one * 7 + seq) % POOL]})
    for number, piece in enumerate(table.pieces):
        named = {column.name for column in piece.c}
        several = [{name: value for name, value in row.items() if name in named} for row in rows]
        if several:
            session.execute(insert(piece), several)
        del number


def _row(table: AnswerTable, wanted: set[str], chance: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, asked in table.questions.items():
        if path not in wanted:
            continue
        if asked.cell is Cell.INT:
            made[asked.name] = chance.randint(0, 80)
        elif asked.cell is Cell.DECIMAL:
            made[asked.name] = chance.randint(0, 9999) / 10
        elif asked.cell is Cell.TEXT:
            made[asked.name] = chance.choice(("0", "1", "2", "3", "1 2", ""))
    return made


if __name__ == "__main__":
    sys.exit(main())
