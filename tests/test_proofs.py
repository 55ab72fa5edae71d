"""Small samples of the proofs that `make kill-proof`, `make soak` and `make javarosa-proof` run at full size.

And proofs of the proofs: what is broken on purpose is found.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import db
from tests.begun import begun_server
from tests.databases import fresh_postgresql
from tests.javarosa.engine import Answer, Filled
from tests.kept import lying, spoil, stored_files
from tests.office import Office
from tests.phone import Phone, in_process
from tests.proofs import (
    datasets,
    entity_race,
    growth,
    homes,
    javarosa,
    kill,
    listing,
    odata,
    plans,
    planted,
    soak,
)
from tests.proofs.homes import Habits, Sending
from tests.proofs.province.made import Size
from tests.proofs.provincial import Server
from tests.proofs.told import csv_faults, rows_told, table_faults
from tests.proofs.wholeness import Books

HOST = "http://collect.example"


def test_or_56_48_killed_with_all_its_processes_the_server_keeps_what_it_acknowledged(
    tmp_path: Path, begun_url: str
) -> None:
    outcome = kill.prove(tmp_path, rounds=1, phones=4, seed=1, database_url=begun_url)
    assert outcome.faults == []
    assert outcome.acknowledged > 0
    assert outcome.records > 0


def test_or_98_phones_on_bad_lines_lose_and_double_nothing(tmp_path: Path, begun_url: str) -> None:
    day = soak.Day(phones=3, quarters=10, seconds=0.5, dropped=0.4, send=0.8, shipped=False)
    outcome = soak.prove(tmp_path, day, begun_url)
    assert outcome.faults == []
    assert outcome.syncs == 30
    assert outcome.drops > 0
    assert outcome.versions == 1
    assert outcome.media == 1


def test_an_entity_made_and_changed_offline_ends_at_version_two(tmp_path: Path, begun_url: str) -> None:
    outcome = entity_race.prove(tmp_path, rounds=3, pairs=2, database_url=begun_url)
    assert outcome.faults == []
    assert (outcome.rounds, outcome.entities) == (3, 6)


def test_every_page_of_odata_is_full_however_large_the_form(tmp_path: Path) -> None:
    small, large = odata.prove(Office(tmp_path, f"sqlite:///{tmp_path / 'c.db'}"), 300, times=1)
    members = sum(odata.MEMBERS) * 3
    assert [one.rows for one in small[:4]] == [30, 30, 30, members]
    assert [one.rows for one in large[:4]] == [250] * 4
    assert [one.rows for one in large[-3:]] == [0] * 3


def test_the_list_shows_what_bare_sql_finds(tmp_path: Path, database_url: str) -> None:
    several = listing.prove(Office(tmp_path, database_url), 400, times=1)
    assert [(one.name, one.same) for one in several if not one.same] == []
    assert [one.rows for one in several] == [5, 0, 50, 20, 0, 50, 50, 50, 50]


def test_what_is_asked_of_more_records_is_asked_of_them_all(tmp_path: Path, database_url: str) -> None:
    fewer, more = growth.prove(Office(tmp_path, database_url), [332, 996], times=1)
    assert (fewer.exported, more.exported) == (2, 6)
    assert fewer.took.keys() == more.took.keys()


def test_postgresql_tells_how_it_did_what_it_was_asked_and_a_walk_through_a_table_is_seen(
    tmp_path: Path,
) -> None:
    with fresh_postgresql() as url:
        found = plans.prove(Office(tmp_path, url), 400)
    asked = [one for several in found.values() for one in several]
    assert all(found.values())
    assert all("(cost=" in one.lines[0] and "(cost=" not in one.statement for one in asked)
    # With so few records it walks.
    assert any("walks through" in fault for fault in plans.faults(found, 400))
    scan = "->  Parallel Seq Scan on submissions  (cost=0..9 rows=9) (actual time=0.1..2.0 rows=100 loops=3)"
    together = plans.Plan("SELECT", 1.0, (scan, "      Rows Removed by Filter: 900"))
    assert (together.walks(3_000), together.walks(3_001)) == (["submissions"], [])


def test_every_figure_of_a_province_that_knows_its_own_comes_out_the_same(
    tmp_path: Path, shelf: Path
) -> None:
    with begun_server("sqlite", tmp_path, shelf) as url:
        server = Server(tmp_path / "home", url)
        outcome = planted.prove(server, 2, Size(villages=2, households=4), processes=1)
    assert outcome.sent > 40
    assert outcome.wrong == []


@pytest.mark.java
def test_households_of_the_phones_own_engine_come_out_as_they_were_answered(
    tmp_path: Path, begun_url: str
) -> None:
    office = Office(tmp_path / "home", begun_url)
    with ExitStack() as stack:
        stack.callback(office.close)
        sessions = [stack.enter_context(in_process(office.app)) for _ in range(2)]
        outcome = javarosa.prove(office, HOST, (sessions[0], sessions[1]), 5)
    assert outcome.faults == []
    assert outcome.answers > 300
    assert outcome.rows > 10


# What is broken is found ----------------------------------------------------------------------------


def kept_homes(office: Office) -> list[Sending]:
    """Three households of members with pictures, one of them edited, sent and acknowledged."""
    office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
    dice = random.Random(3)  # noqa: S311 - the same every time
    sent: list[Sending] = []
    habits = Habits(picture=2_000, long_text=0)
    with in_process(office.app) as session:
        phone = Phone(HOST + office.phone().path, session=session)
        while len(sent) < 3:
            made = homes.filled(dice, 1, habits=habits)
            if len(made.sizes) > 1 and made.xml.count(b"<member>") > 1 and b"<course>" in made.xml:
                sent.append(made)
        sent.append(homes.filled(dice, 1, replaces=sent[0], habits=habits))
        for made in sent:
            made.begun = made.answered = set(range(len(made.requests)))
            phone.send(made.xml, made.files(), title=homes.TITLE, limit=made.limit)
    return sent


@pytest.fixture(scope="module")
def homes_kept(kept_office: Office) -> list[Sending]:
    return kept_homes(kept_office)


def faults(office: Office, sent: list[Sending], damage: str = "") -> list[str]:
    """What is found wrong, also while `damage` is done; afterwards everything is as it was."""
    with office.app.app_context():
        if damage:
            names = db.session.execute(text("SELECT path, name FROM form_tables")).all()
            tables = {path.rpartition("/")[2] or "root": name for path, name in names}
            db.session.execute(text(damage.format(**tables)))
        books = Books(db.session(), office.parts.blobs, homes.FORM_ID)
        found = books.compare(sent).faults + books.strays(known={one.instance_id for one in sent})
        found += books.blob_faults(set())
        db.session.remove()
    return found


DAMAGES = {
    "UPDATE submission_versions SET xml = (SELECT xml FROM submission_versions WHERE id = 2) WHERE id = 3": (
        "other bytes than were sent"
    ),
    "UPDATE submission_versions SET current = false WHERE id = 2": "a record without a current version",
    "UPDATE submissions SET files_present = files_present - 1 WHERE id = 2": "files counted wrongly",
    "UPDATE submissions SET edits = edits + 1 WHERE id = 2": "edits that are not as many as versions",
    "UPDATE submission_files SET blob_sha256 = NULL WHERE version_id = 3": "was acknowledged",
    "DELETE FROM submission_files WHERE version_id = 3": "awaits []",
    "DELETE FROM {root} WHERE submission_id = 2": "a record without its row",
    "UPDATE {root} SET blank = 'q1' WHERE submission_id = 2": "differ from a fresh reading",
    "DELETE FROM {member} WHERE submission_id = 2": "without the row around them",
    "UPDATE {member} SET key = 'x' WHERE submission_id = 3 AND seq = 1": "differ from a fresh reading",
    "UPDATE {course} SET submission_id = 99 WHERE submission_id = 2": "rows of no record",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_is_found(kept_office: Office, homes_kept: list[Sending], damage: str) -> None:
    assert faults(kept_office, homes_kept) == []
    found = faults(kept_office, homes_kept, damage)
    assert any(DAMAGES[damage] in fault for fault in found), found


def lose(office: Office, name: str) -> None:
    office.parts.blobs.delete(name)


def change(office: Office, name: str) -> None:
    spoil(office, name, lying(office, name)[:-1] + b"?")


@pytest.mark.parametrize("damage", [lose, change])
def test_a_damaged_file_is_found(office: Office, damage: Callable[[Office, str], None]) -> None:
    sent = kept_homes(office)
    for name in stored_files(office):
        if lying(office, name) == sent[1].file(next(iter(sent[1].sizes))):
            damage(office, name)
    found = faults(office, sent)
    assert any("has other bytes than were sent" in fault for fault in found), found
    assert any(fault.startswith("blob ") for fault in found), found


def test_a_lost_record_and_one_nobody_sent_are_found(office: Office) -> None:
    sent = kept_homes(office)
    other = replace(sent[1], instance_id="uuid:other")
    assert faults(office, [*sent, other]) == ["uuid:other: acknowledged and lost"]
    assert faults(office, sent[:-1])[-1] == f"nobody sent {sent[-1].instance_id}"


def answered(*answers: Answer) -> Filled:
    return Filled(b"<data/>", answers, (), "uuid:1", "", (), ())


ANSWERS = (
    Answer("/data/name", "string", "Lò Thị Hà", ""),
    Answer("/data/member[1]/g/age", "int", "7", ""),
    Answer("/data/member[1]/g/income", "decimal", None, ""),
    Answer("/data/place", "geopoint", "21.5 104.25 800.5 4.0", ""),
)
ROOT: dict[str, object] = {
    "key": "uuid:1", "blank": set(), "/name": "Lò Thị Hà", "/note": None, "/place": "21.5 104.25 800.5 4.0",
    "/place_lat": 21.5, "/place_lon": 104.25, "/place_alt": 800.5, "/place_acc": 4.0,
}  # fmt: skip
MEMBER: dict[str, object] = {
    "key": "uuid:1/member[1]",
    "blank": {"/member/g/income"},
    "/member/g/age": 7,
    "/member/g/income": None,
}


def test_rows_that_say_what_was_answered_are_right() -> None:
    assert table_faults(rows_told(answered(*ANSWERS)), {"": [ROOT], "/member": [MEMBER]}) == []


@pytest.mark.parametrize(
    ("root", "member"),
    [
        ({**ROOT, "/name": "Lò Thị Hạ"}, [MEMBER]),
        ({**ROOT, "/note": "x"}, [MEMBER]),
        ({**ROOT, "/place_lat": 21.0}, [MEMBER]),
        (ROOT, [{**MEMBER, "/member/g/age": "7"}]),
        (ROOT, [{**MEMBER, "blank": set()}]),
        (ROOT, []),
        (ROOT, [MEMBER, {**MEMBER, "key": "uuid:1/member[2]"}]),
    ],
)
def test_rows_that_say_something_else_are_found(
    root: dict[str, object], member: list[dict[str, object]]
) -> None:
    assert len(table_faults(rows_told(answered(*ANSWERS)), {"": [root], "/member": member})) == 1


def test_lines_that_say_something_else_are_found() -> None:
    told = rows_told(answered(*ANSWERS))
    point = {"place-Latitude": "21.5", "place-Longitude": "104.25", "place-Altitude": "800.5"}
    root = {"KEY": "uuid:1", "name": "Lò Thị Hà", **point, "place-Accuracy": "4.0", "note": ""}
    member = {"g-age": "7", "g-income": ""}
    lines = {"uuid:1": root, "uuid:1/member[1]": member}
    assert csv_faults(told, lines) == []
    assert csv_faults(told, {**lines, "uuid:1": {**root, "note": "x"}}) == ["uuid:1 note: 'x', not answered"]
    assert csv_faults(told, {"uuid:1": root}) == ["uuid:1/member[1]: no line"]
    assert len(csv_faults(told, {**lines, "uuid:1/member[1]": {"g-age": "7.0", "g-income": ""}})) == 1


def test_every_household_reaches_the_file_however_many_there_are(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'c.db'}"
    datasets.fill(tmp_path, url, 60)
    made = datasets.made(tmp_path, url, "parquet")
    rows = [datasets.one(tmp_path, url, "bare-parquet")["rows"], made["rows"]]
    assert made["megabytes"] > 0
    assert rows == [60 + 6 * sum(datasets.MEMBERS)] * 2
