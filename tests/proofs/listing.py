"""What the list of records costs over 300,000 households, beside the bare SQL that it needs.

    python -m tests.proofs.listing [--records 300000] [--postgresql] [--times 25]

Rows are laid straight into the tables of form f01. Each address of the page is asked for through the test
client, in turns with the SQL somebody would write by hand to the same end: who asks and what he may, the
form, his kept views, whether every record has its name; then the list's own, of which a second ratio is told:
the numbers of the lines in their order, how many there are (up to 10,001), the lines themselves. To put the
page itself together takes more than the SQL of what is in brackets, so that no ratio is asked of it. What is
compared is the median of processor time where the database works in this process, so that neighbours count
little; beside PostgreSQL it is the clock.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import html
from sqlalchemy import Engine, insert, select, text

from collector.accounts.authentication import COOKIE
from collector.accounts.secrets import fingerprint
from collector.clock import moment
from collector.desk.record_list import A_PAGE, COUNTED
from forms.naming import Naming
from forms.rows import Cell
from forms.vietnamese import folded
from storage.database import db, transaction
from storage.models import Actor, AuditReading, Form, Place, RecordName, Submission, SubmissionVersion
from storage.projection.catalogue import answer_tables
from storage.snapshot import snapshot
from tests.databases import fresh_postgresql
from tests.office import ADMIN, Office
from tests.proofs.odata import NOW, row_of, write

MOST = 2.0
"""Times the bare SQL that a page may take."""

_F01 = Path("xlsforms/f01_hh_survey/f01_hh_survey.xlsx")
_WARM = 12
_AT_ONCE = 2_000
_POOL = 500
_PLACES = 200
_FAMILIES = ("Giàng", "Vừ", "Sùng", "Lò", "Thào", "Lầu", "Mùa", "Cứ", "Hạng", "Nguyễn", "Đinh", "Quàng")
_MIDDLE = ("A", "Thị", "Văn", "Mí", "Seo", "Đức")
_GIVEN = ("Páo", "Mỷ", "Sử", "Dợ", "Chơ", "Ánh", "Đạt", "Pỉnh", "Vàng", "Tủa", "Lử", "Ấm", "Ích", "Xá")
_RARE = "Hoàng Thị Ỷ Lan"
_LIST = "/surveys/f01_hh_survey/submissions"

_AROUND = (
    """SELECT l.id, l.csrf, l.created_at, l.expires_at, l.last_used_at, a.id, a.display_name, r.role,
  r.project_id, r.form_id, r.place_code
FROM login_sessions l JOIN users u ON u.actor_id = l.actor_id JOIN actors a ON a.id = u.actor_id
LEFT JOIN assignments r ON r.actor_id = a.id
WHERE l.token_hash = '{token}' AND l.expires_at > '{now}'
  AND a.deleted_at IS NULL AND u.disabled_at IS NULL""",
    """SELECT f.* FROM forms f JOIN projects p ON p.id = f.project_id AND p.deleted_at IS NULL
WHERE f.project_id = 1 AND f.xml_form_id = 'f01_hh_survey' AND f.deleted_at IS NULL""",
    "SELECT * FROM record_views WHERE form_id = 1 AND (actor_id = 1 OR shared) AND deleted_at IS NULL",
)
_UNNAMED = """SELECT v.id FROM submission_versions v WHERE v.current AND NOT v.draft
AND v.id > (SELECT through FROM audit_readings WHERE source = 'record_names') AND (SELECT n.version_id
FROM record_names n WHERE n.submission_id = v.submission_id AND n.version_id = v.id) IS NULL
ORDER BY v.id LIMIT 1"""
_LINES = """
SELECT s.id, s.instance_id, v.instance_name, s.created_at, a.display_name, s.device_id, s.files_present,
  s.files_expected, (SELECT count(*) FROM findings f WHERE f.submission_id = s.id AND f.state = 'open'),
  s.edits, s.review_state, s.duplicate_of, p.name, q.name
FROM submissions s JOIN submission_versions v ON v.submission_id = s.id AND v.current
LEFT JOIN actors a ON a.id = s.submitter_id LEFT JOIN places p ON p.code = s.place_code
LEFT JOIN places q ON q.code = p.parent_code WHERE s.id IN ({numbers})"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page: its address, and by hand which records (`where`, over `s`), sorted how, how many before it.

    `source` is what the statement selects from, by default the records in the order of their receipt.
    """

    name: str
    address: str
    where: str = ""
    source: str = "submissions s"
    order: str = "s.id DESC"
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of a page, of all bare SQL and of the list's own, and whether both had the same lines."""

    name: str
    page: float
    bare: float
    own: float
    rows: int
    same: bool

    @property
    def ratio(self) -> float:
        """How many times the bare SQL the page takes."""
        return self.page / self.bare


def main(given: Sequence[str] | None = None) -> int:
    """Measure; 1 where a page takes more than twice the bare SQL, or shows other records."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args(given)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(fresh_postgresql()) if asked.postgresql else f"sqlite:///{home / 'c.db'}"
        several = prove(Office(home / "home", url), asked.records, asked.times)
    print(f"{'page':28} {'rows':>5} {'page ms':>8} {'bare ms':>8} {'ratio':>6} {'own ms':>8} {'ratio':>6}")
    for one in several:
        times = f"{one.page:8.1f} {one.bare:8.1f} {one.ratio:6.2f} {one.own:8.1f} {one.page / one.own:6.2f}"
        print(f"{one.name:28} {one.rows:5} {times}{'' if one.same else '  OTHER RECORDS'}")
    slow = any(one.ratio > MOST for one in several if not one.name.startswith("("))
    return int(slow or not all(one.same for one in several))


def prove(office: Office, records: int, times: int) -> list[Measured]:
    """Every page, asked for so many times in turns with its bare SQL."""
    form = office.publish(_F01.read_bytes(), filename=_F01.name)
    with office.app.app_context():
        laying = _Laying(form)
        laying.lay(records)
        engine, asked = db.engine, laying.pages(records)
    client = office.client()
    token = office.session_token(ADMIN, None)
    client.set_cookie(COOKIE, token)
    around = [one.format(token=fingerprint(token), now=moment().isoformat(" ")) for one in _AROUND]
    # As the server does before it serves: what was loaded is not looked through for garbage again.
    gc.collect()
    gc.freeze()
    # Asked outside, as by callers: inside, one request would find what another left in its context.
    measured = [_measured(client, engine, one, around, times) for one in asked]
    gc.unfreeze()
    office.close()
    return measured


class _Laying:
    """Records with names and places straight into the tables: the cost of intake is measured elsewhere."""

    def __init__(self, form: Form) -> None:
        self._form_id, self._version_id = form.id, form.current_id
        self._chance = random.Random(7)  # noqa: S311 - the same rows every time
        with snapshot() as session:
            tables = answer_tables(session, form.id, draft=False)
            self._root = tables[""]
            self._codes = list(session.scalars(select(Place.code).order_by(Place.code.desc()).limit(_PLACES)))
            self._actor = session.scalars(select(Actor.id).order_by(Actor.id).limit(1)).one()
        self._pool = [row_of(self._root, self._chance) for _ in range(_POOL)]
        self._number = next(one for one in self._root.questions.values() if one.cell is Cell.INT)

    def lay(self, records: int) -> None:
        for start in range(1, records + 1, _AT_ONCE):
            some = range(start, min(start + _AT_ONCE, records + 1))
            with transaction(noticed=False) as session:
                named = {one: self._name(one, records) for one in some}
                session.execute(insert(Submission), [self._record(one) for one in some])
                session.execute(insert(SubmissionVersion), [self._version(one, named[one]) for one in some])
                session.execute(insert(RecordName), [self._called(one, named[one]) for one in some])
                rows = (
                    {**self._pool[one % _POOL], "submission_id": one, "key": f"uuid:{one}"} for one in some
                )
                write(session, self._root, rows)
        with transaction(noticed=False) as session:
            session.merge(AuditReading(source="record_names", through=records))
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()

    def _name(self, one: int, records: int) -> str:
        if one % max(records // 20, 1) == 1:
            return _RARE
        pick = self._chance.choice
        return f"{pick(_FAMILIES)} {pick(_MIDDLE)} {pick(_GIVEN)}"

    def _record(self, one: int) -> dict[str, Any]:
        return {
            "id": one,
            "form_id": self._form_id,
            "draft": False,
            "instance_id": f"uuid:{one}",
            "form_version_id": self._version_id,
            "submitter_id": self._actor,
            "place_code": self._codes[one % len(self._codes)] if self._codes else None,
            "review_state": (None, None, None, "approved", "hasIssues")[one % 5],
            "edits": 0,
            "files_expected": 0,
            "files_present": 0,
            "created_at": NOW + timedelta(seconds=one),
        }

    def _version(self, one: int, name: str) -> dict[str, Any]:
        return {
            "id": one,
            "submission_id": one,
            "form_id": self._form_id,
            "draft": False,
            "instance_id": f"uuid:{one}",
            "current": True,
            "instance_name": name,
            "form_version_id": self._version_id,
            "xml_sha256": f"{one:064x}",
            "xml_size": 0,
            "created_at": NOW + timedelta(seconds=one),
        }

    def _called(self, one: int, name: str) -> dict[str, Any]:
        return {
            "submission_id": one,
            "form_id": self._form_id,
            "version_id": one,
            "name_key": Naming().key(name, name),
            "searched": Naming.text(name, []),
        }

    def pages(self, records: int) -> list[Asked]:
        """What is asked for."""
        column, path = self._number.name, self._number.path
        answers = self._root.pieces[self._number.piece].name
        has = f"EXISTS (SELECT 1 FROM {answers} d WHERE d.submission_id = s.id AND d.{column} {{}})"
        finds = "EXISTS (SELECT 1 FROM record_names n WHERE n.submission_id = s.id AND {})"
        place = "instr" if db.engine.dialect.name == "sqlite" else "strpos"
        words = " AND ".join(f"{place}(n.searched, ' {word}') > 0" for word in folded(_RARE).split())
        deep = min(1_000, records // A_PAGE // 2)
        by_name = "record_names n CROSS JOIN submissions s"
        mine = f"s.id = n.submission_id AND n.form_id = {self._form_id}"
        by_place = (
            "submissions s LEFT JOIN places p ON p.code = s.place_code "
            "LEFT JOIN places q ON q.code = p.parent_code AND p.level = 'village'"
        )
        tree = (
            "coalesce(q.sort_key, p.sort_key) NULLS LAST, coalesce(q.code, p.code), "
            "CASE WHEN q.code IS NULL THEN '' ELSE p.sort_key END, s.id"
        )
        return [
            Asked("filter by a number (some)", f"?where={path}~gt~78", has.format("> 78")),
            Asked("filter by a number (none)", f"?where={path}~is~9999", has.format("= 9999")),
            Asked("(filter by state)", "?state=hasIssues", "s.review_state = 'hasIssues'"),
            Asked("search (rare)", f"?q={_RARE}", finds.format(words)),
            Asked("search (nobody)", "?q=khong+co+ai", finds.format(f"{place}(n.searched, ' khong') > 0")),
            Asked("sort by name", "?sort=name", mine, by_name, "n.name_key, n.submission_id"),
            Asked("sort by place", "?sort=place", "", by_place, tree),
            Asked("page 1,000", f"?page={deep}", skip=(deep - 1) * A_PAGE),
            Asked(
                "page 1,000 by name",
                f"?sort=name&page={deep}",
                mine,
                by_name,
                "n.name_key, n.submission_id",
                (deep - 1) * A_PAGE,
            ),
        ]


def _measured(client: Any, engine: Engine, asked: Asked, around: Sequence[str], times: int) -> Measured:
    warm = min(times, _WARM)
    spent: list[tuple[float, float, float]] = []
    shown = found = ""
    # In turns, so that a neighbour who comes or goes is there for all; the first only warm up, as long as
    # it takes until the database has made its plans.
    for _ in range(times + warm):
        page, shown = _timed(engine, lambda: _page(client, asked.address))
        bare, found = _timed(engine, lambda: _bare(engine, asked, around))
        own, found = _timed(engine, lambda: _bare(engine, asked, ()))
        spent.append((page, bare, own))
    page, bare, own = (statistics.median(part) for part in zip(*spent[warm:], strict=True))
    listed = html.document_fromstring(shown).xpath("//table//tbody/tr//input[@name='record']/@value")
    return Measured(asked.name, page, bare, own, len(listed), ",".join(map(str, listed)) == found)


def _timed(engine: Engine, work: Callable[[], str]) -> tuple[float, str]:
    clock = time.process_time if engine.dialect.name == "sqlite" else time.perf_counter
    start = clock()
    said = work()
    return (clock() - start) * 1000, said


def _page(client: Any, address: str) -> str:
    answer = client.get(_LIST + address)
    if answer.status_code != 200:
        raise RuntimeError(answer.text)
    return str(answer.text)


def _bare(engine: Engine, asked: Asked, around: Sequence[str]) -> str:
    """The ids of the records somebody would find by hand, in order; before them what is asked `around`."""
    live = "s.form_id = 1 AND s.draft = false AND s.deleted_at IS NULL"
    where = f"{live} AND {asked.where}" if asked.where else live
    with engine.connect() as connection:
        named = around and ("?q=" in asked.address or "sort=name" in asked.address)
        for one in (*around, _UNNAMED) if named else around:
            if not connection.exec_driver_sql(one).all() and one in around[:2]:
                raise RuntimeError(one)
        keys = (
            f"SELECT s.id FROM {asked.source} WHERE {where} ORDER BY {asked.order} "
            f"LIMIT {A_PAGE + 1} OFFSET {asked.skip}"
        )
        numbers = [row[0] for row in connection.exec_driver_sql(keys)]
        if (len(numbers) > A_PAGE or asked.skip) and asked.skip < COUNTED:
            inner = asked.source if asked.order.startswith("n.") else "submissions s"
            count = f"SELECT count(*) FROM (SELECT 1 FROM {inner} WHERE {where} LIMIT {COUNTED + 1}) c"
            connection.exec_driver_sql(count).scalar()
        if not numbers:
            return ""
        lines = _LINES.format(numbers=",".join(map(str, numbers[:A_PAGE])))
        ids = {row[0]: row[1] for row in connection.exec_driver_sql(lines)}
    return ",".join(ids[number] for number in numbers[:A_PAGE])


if __name__ == "__main__":
    sys.exit(main())
