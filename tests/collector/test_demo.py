"""The made-up survey: it fills every page, comes out the same every time, and is what a phone would send."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import func, select

from collector.actions import measure
from collector.actions.accounts import check_password
from collector.actions.demo import FORM, Account, fill
from collector.actions.start import surveys_folder
from collector.app import create_app
from collector.clock import moment
from collector.demo.names import VALLEYS
from collector.demo.picture import png
from collector.demo.visit import Interviewer, Village, Visit, visit
from collector.demo.writing import submission
from collector.parts import KEY, Parts
from collector.settings import Settings
from forms import places
from forms.xform import read_schema
from forms.xlsform import convert
from storage.database import db, release_connections
from storage.models import AppUser, Finding, Submission, SubmissionFile, SubmissionVersion
from tests.begun import begun_server
from tests.copies import KINDS
from tests.javarosa.engine import Engine
from tests.office import surroundings

NOW = datetime(2026, 8, 28, 3, 30, tzinfo=UTC)
ADMIN_PASSWORD = "mat khau dai 10"
SIZE = 72

NOT_COMPARED = {"start", "end", "today", "deviceid", "username", "hh_uuid", "hh_id", "learner_uuid",
                "learner_id", "x_household_id", "hh_last_visit", "audit", "instanceID"}  # fmt: skip
"""What the engine makes anew for each record."""


@dataclass(frozen=True)
class Filled:
    """A server after `fill`, the accounts it made, and what its progress bar was told."""

    app: Flask
    parts: Parts
    accounts: tuple[Account, ...]
    told: list[tuple[int, int]]


@contextmanager
def served(kind: str, folder: Path, shelf: Path) -> Iterator[Filled]:
    """A server after `make demo`, on a small scale."""
    told: list[tuple[int, int]] = []
    with begun_server(kind, folder, shelf) as url:
        settings = Settings.from_environment({
            **surroundings(folder / "home", url),
            "COLLECTOR_ADMIN_PASSWORD": ADMIN_PASSWORD,
        })
        app = create_app(settings)
        parts: Parts = app.extensions[KEY]
        with app.app_context():
            accounts = fill(parts, now=NOW, progress=lambda *done: told.append(done), size=SIZE)
            db.session.remove()
        yield Filled(app, parts, accounts, told)
        with app.app_context():
            release_connections()


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> Iterator[Filled]:
    """One, once for all these tests."""
    with served("sqlite", tmp_path_factory.mktemp("demo"), shelf) as filled:
        yield filled


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> Iterator[Filled]:
    """Another one, made by itself."""
    with served("postgresql", tmp_path_factory.mktemp("demo"), shelf) as filled:
        yield filled


@pytest.fixture(params=KINDS)
def filled(request: pytest.FixtureRequest) -> Iterator[Filled]:
    """Each of them, with its database open."""
    found: Filled = request.getfixturevalue(f"on_{request.param}")
    with found.app.app_context():
        yield found
        db.session.remove()


def count(*where: object) -> int:
    """Records for which all of that holds."""
    return db.session().scalar(select(func.count(Submission.id)).where(*where)) or 0  # type: ignore[arg-type]


def test_no_page_is_empty(filled: Filled) -> None:
    session = db.session()
    assert count() == SIZE
    assert count(Submission.deleted_at.is_not(None)) == 1
    assert count(Submission.edits == 1, Submission.review_state == "edited") == 3
    assert count(Submission.files_present < Submission.files_expected) == 1
    assert count(Submission.review_state == "approved") > SIZE // 5
    assert count(Submission.review_state == "rejected") == 1
    assert count(Submission.review_state.is_(None)) > SIZE // 2
    assert session.scalar(select(func.count()).where(SubmissionFile.blob_sha256.is_not(None)))
    assert count(Submission.created_at >= NOW) == 0
    phones = session.scalars(select(AppUser)).all()
    assert sum(phone.last_used_at is not None for phone in phones) == 6
    assert sum(phone.token_hash is None for phone in phones) == 1
    assert filled.told == [(done, SIZE) for done in range(1, SIZE + 1)]


def test_only_what_is_meant_to_be_odd_is(filled: Filled) -> None:
    found = {(one.check, one.path) for one in db.session().scalars(select(Finding))}
    assert filled.accounts
    assert found == {
        ("value_unreadable", "/g_main/g_hh/hh_minutes_clc"),
        ("unknown_choice", "/g_main/g_hh/hh_power"),
        ("unknown_question", "/g_main/g_hh/hh_tivi"),
        # People who finished grade 3 to 5 and read no more: the rule asks for a second look at each.
        ("Q07", "/g_main/member/g_m2/m_grade_done"),
    }


def test_figures_have_something_to_count(filled: Filled) -> None:
    session = db.session()
    assert filled.accounts
    for code in ("households_surveyed", "household_illiterate_15_60", "household_illiterate_15_60_level2"):
        figures = measure.measure(measure.find(session, [1], code), measure.Wanted(level="commune"))
        assert len(figures.rows) == 3, code
        assert all((row.figure.numerator or 0) > 0 for row in figures.rows), code


def test_its_accounts_can_sign_in(filled: Filled) -> None:
    session = db.session()
    assert [one.role for one in filled.accounts] == ["manager", "reviewer", "viewer"]
    for one in filled.accounts:
        assert check_password(session, one.username, one.password).username == one.username


def test_a_server_that_holds_records_is_left_alone(filled: Filled) -> None:
    again = fill(filled.parts, now=NOW, progress=lambda _done, _total: pytest.fail("not again"))
    assert again == ()
    assert count() == SIZE


def test_the_same_survey_every_time(on_sqlite: Filled, on_postgresql: Filled) -> None:
    def kept(one: Filled) -> list[tuple[str, str]]:
        of = select(SubmissionVersion.instance_id, SubmissionVersion.xml_sha256)
        with one.app.app_context():
            rows = db.session().execute(of.order_by(SubmissionVersion.id)).all()
            db.session.remove()
        return [(instance, digest) for instance, digest in rows]

    assert len(kept(on_sqlite)) > SIZE
    assert kept(on_sqlite) == kept(on_postgresql)


def test_an_odd_answer_changes_nothing_else() -> None:
    plain, odd = (made(3, odd=odd) for odd in ({}, {"hh_minutes_clc": "khoảng 45"}))
    one, other = (submission(FORM, "1", each.answers).decode() for each in (plain, odd))
    assert "khoảng 45" in other
    assert len(set(one.split("><")) ^ set(other.split("><"))) == 2


def test_a_picture_is_a_png_like_no_other() -> None:
    several = {png(dice(number)) for number in range(20)}
    assert len(several) == 20
    assert all(one.startswith(b"\x89PNG\r\n\x1a\n") and len(one) < 20_000 for one in several)


def made(number: int, *, odd: dict[str, str] | None = None) -> Visit:
    """A visit of this year, in one of the villages."""
    listed = places.read_villages((surveys_folder() / "places" / "villages_demo.csv").read_bytes())
    place = listed[number % len(listed)]
    communes = {commune.code: commune.name for commune in places.communes("08")}
    valley = VALLEYS[place.parent]
    where = Village(
        place.attributes["uuid"], place.code, place.parent, communes[place.parent], "08", valley, 23.0, 105.0
    )
    began = datetime.combine(date(moment().year, 1, 1), time(9), UTC)
    return visit(dice(number), where, Interviewer("Ly Thị Chở", "doan_tn", "collect:x"), began, odd or {})


def dice(seed: int) -> random.Random:
    """Chance that comes out the same every time."""
    return random.Random(seed)  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def on_a_phone() -> Iterator[Callable[[Visit], etree._Element]]:
    """The survey on a phone: given the entered answers of a visit, the record its engine makes of them."""
    workbook = surveys_folder() / FORM / f"{FORM}.xlsx"
    xform = convert(workbook.read_bytes(), workbook.name).xform
    schema = read_schema(xform)
    communes = places.communes("08")
    listed = places.read_villages((surveys_folder() / "places" / "villages_demo.csv").read_bytes())
    media = {
        "provinces.csv": places.provinces_csv(places.provinces()),
        "communes.csv": places.communes_csv(communes),
        "villages.csv": places.villages_csv(communes, listed),
    }
    # Nobody was surveyed before.
    media |= {f"{name}.csv": b"name,label,__version\n" for name in ("households", "learners")}
    entered = [node.path for node in schema.questions if node.control]
    with Engine() as engine:
        form = engine.load(xform, media)

        def fill_in(one: Visit) -> etree._Element:
            answers = dict.fromkeys((f"/data{path}" for path in entered), None) | entries(one)
            return etree.fromstring(form.fill(1, answers=answers).xml)

        yield fill_in


def entries(one: Visit) -> dict[str, str]:
    """Every answer of a visit by the address the engine knows it under."""
    root = etree.fromstring(submission(FORM, "1", one.answers))
    tree = root.getroottree()
    return {tree.getpath(leaf): leaf.text for leaf in root.iter() if not len(leaf) and leaf.text}


@pytest.mark.java
@pytest.mark.parametrize("number", range(24))
def test_a_phone_works_out_the_same(on_a_phone: Callable[[Visit], etree._Element], number: int) -> None:
    one = made(number)
    told = comparable(on_a_phone(one))
    assert comparable(etree.fromstring(submission(FORM, "1", one.answers))) == told


def comparable(root: etree._Element) -> list[tuple[str, str]]:
    """Every element in order with its text, but for what is made anew each time."""
    names = ((str(leaf.tag).rpartition("}")[2], leaf) for leaf in root.iter())
    return [
        (name, (leaf.text or "").strip() if not len(leaf) else "")
        for name, leaf in names
        if name not in NOT_COMPARED
    ]
