"""Files somebody asks for are made by the worker: the same everywhere, followed, given up, forgotten."""

from __future__ import annotations

import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from collector.accounts.secrets import Vault
from collector.actions import extract_making
from collector.actions.apart import Apart
from collector.actions.extracts import GAVE_UP, KEPT_DAYS, STALE, Making, Means, forget_files, is_waiting
from collector.actions.releases import Wanted, record_spec
from collector.clock import moment
from collector.saying import say_in
from storage.database import transaction
from storage.models import Blob, Extract, ExtractFile, Form, Submission
from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer
from tests.copies import KINDS, fresh_database
from tests.kept import looking
from tests.office import Office, opened

NOW = datetime(2026, 8, 21, 2, 0, tzinfo=UTC)
ASKED = (
    "name:string day:date n:int weight:decimal where:geopoint langs:select member*/who:string member*/age:int"
)
ANSWERS = {
    "uuid:b": (
        "<name>Lò Văn Ón</name><day>2026-08-01</day><n>5</n><weight>0.1</weight>"
        "<where>22.5 105.1 812.0 4.5</where><langs>x y</langs>"
        "<member><who>A</who><age>41</age></member><member><who>B</who><age>x</age></member>"
    ),
    "uuid:Z": "<name>Sùng, «Dợ»</name><n/><langs>y</langs><member><who/><age>3</age></member>",
    "uuid:a": "<name>=1+1</name>",
}


def _published(office: Office) -> Form:
    form = office.publish(asked("hộ", "1", ASKED, choices={"/langs": ["x", "y"]}), filename="form.xml")
    phone = Volunteer(office, form=form)
    for key, said in ANSWERS.items():
        phone.send(answered("hộ", "1", said, instance_id=key))
    with office.app.app_context(), transaction() as session:
        session.execute(update(Submission).values(created_at=NOW - timedelta(days=1)))
    return form


def _making(office: Office) -> Making:
    parts = office.parts
    return Making(Means(parts.blobs, parts.shelf, Vault("the same")), office.settings.home, lambda: NOW, "11")


def _ask(office: Office, form: Form | None, now: datetime = NOW, **wanted: Any) -> int:
    kind = "records" if form else "figures"
    defaults: dict[str, Any] = {"formats": ("csv",), "words": "labels", "protection": "none"}
    spec = record_spec(Wanted("", **{**defaults, **wanted}), form.xml_form_id) if form else wanted
    with office.app.app_context(), transaction() as session:
        extract = Extract(
            project_id=1,
            form_id=form.id if form else None,
            kind=kind,
            asked_by=office.admin_id,
            asked_at=now,
            spec=spec,
            places=[""],
            state="waiting",
        )
        session.add(extract)
        session.flush()
        return extract.id


def _make(office: Office, now: datetime = NOW) -> int:
    with office.app.app_context():
        return _making(office).make_next(now)


def _extract(office: Office, number: int) -> Extract | None:
    with looking(office) as session:
        found = session.get(Extract, number)
        session.expunge_all()
        return found


def _files(office: Office, number: int) -> dict[str, bytes]:
    with looking(office) as session:
        rows = session.scalars(select(ExtractFile).where(ExtractFile.extract_id == number)).all()
        names = {one.name: one.blob_sha256 for one in rows}
    found = {}
    for name, sha256 in names.items():
        with office.parts.blobs.open(sha256) as handle:
            found[name] = handle.read()
    return found


def _change(office: Office, number: int, **values: object) -> None:
    with office.app.app_context(), transaction() as session:
        session.execute(update(Extract).where(Extract.id == number).values(**values))


@contextmanager
def _office(kind: str, folder: Path, shelf: Path) -> Iterator[Office]:
    folder.mkdir()
    with fresh_database(kind, folder, shelf, opened) as url:
        made = Office(folder / "home", url)
        yield made
        made.close()


@pytest.mark.parametrize("protection", ["none", "pseudonyms"])
def test_both_databases_make_the_same_bytes(protection: str, tmp_path: Path, shelf: Path) -> None:
    formats = ("xlsx", "csv", "parquet", "dta", "geojson")
    made = []
    for kind in KINDS:
        with _office(kind, tmp_path / kind, shelf) as office:
            form = _published(office)
            number = _ask(office, form, formats=formats, protection=protection)
            assert _make(office) == 1
            extract = _extract(office, number)
            assert extract is not None
            assert (extract.state, extract.problem) == ("made", None)
            made.append((extract.digest, extract.manifest, _files(office, number)))
    assert made[0][0] == made[1][0]
    assert made[0][1] == made[1][1]
    assert sorted(made[0][2]) == sorted(made[1][2])
    assert [name for name in made[0][2] if made[0][2][name] != made[1][2][name]] == []
    assert len(made[0][2]) == len(formats)


@pytest.fixture(scope="module")
def form(kept_office: Office) -> Form:
    """Three records."""
    return _published(kept_office)


def test_what_is_made_is_whole_and_named_in_ascii(kept_office: Office, form: Form) -> None:
    number = _ask(kept_office, form, formats=("xlsx", "csv"))
    _make(kept_office)
    extract, files = _extract(kept_office, number), _files(kept_office, number)
    assert extract is not None
    assert sorted(files) == ["ho_2026-08-21.csv.zip", "ho_2026-08-21.xlsx"]
    assert extract.expires_at == NOW + timedelta(days=KEPT_DAYS)
    assert extract.done == extract.total > 0
    assert extract.manifest is not None
    assert [(one["name"], one["rows"]) for one in extract.manifest["tables"]] == [("ho", 3), ("member", 3)]
    book = load_workbook(BytesIO(files["ho_2026-08-21.xlsx"]), read_only=True)
    assert book.sheetnames[1] == "member"
    with zipfile.ZipFile(BytesIO(files["ho_2026-08-21.csv.zip"])) as archive:
        text = archive.read("ho.csv").decode("utf-8-sig")
    assert [line.partition(",")[0].strip('"') for line in text.splitlines()[1:]] == [
        "uuid:Z",
        "uuid:a",
        "uuid:b",
    ]
    assert not (kept_office.settings.home / "extracts" / str(number)).exists()


def test_one_row_for_each_record_where_it_is_asked(kept_office: Office, form: Form) -> None:
    number = _ask(kept_office, form, shape="wide")
    _make(kept_office)
    extract = _extract(kept_office, number)
    assert extract is not None
    assert extract.manifest is not None
    assert [(one["name"], one["rows"]) for one in extract.manifest["tables"]] == [("ho", 3)]


def test_a_worker_that_was_killed_leaves_work_that_is_begun_again_three_times_at_most(
    kept_office: Office, form: Form
) -> None:
    number = _ask(kept_office, form)
    _change(kept_office, number, state="making", beat_at=NOW, manifest={"tries": 2})
    assert _make(kept_office) == 0
    later = NOW + STALE + timedelta(seconds=1)
    assert _make(kept_office, later) == 1
    extract = _extract(kept_office, number)
    assert extract is not None
    assert extract.state == "made"
    number = _ask(kept_office, form)
    _change(kept_office, number, state="making", beat_at=NOW, manifest={"tries": 3})
    assert _make(kept_office, later) == 0
    extract = _extract(kept_office, number)
    assert extract is not None
    assert (extract.state, extract.problem) == ("failed", say_in("vi")(GAVE_UP).format(tries=3))


def test_what_a_stop_of_the_server_interrupts_is_begun_again_at_once(
    kept_office: Office, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _ask(kept_office, form)
    with monkeypatch.context() as stopped:
        stopped.setattr(extract_making, "lay", lambda *_: sys.exit(0))
        with pytest.raises(SystemExit):
            _make(kept_office)
    extract = _extract(kept_office, number)
    assert extract is not None
    assert (extract.state, extract.beat_at, extract.manifest) == ("waiting", None, None)
    assert _make(kept_office) == 1


def test_the_worker_has_files_made_by_a_process_of_its_own(
    kept_office: Office, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in kept_office.environment.items():
        monkeypatch.setenv(name, value)
    apart, number = Apart(), _ask(kept_office, form, moment())
    with kept_office.app.app_context():
        assert apart.look(moment()) == 1
        assert apart.look(moment()) == 0
    try:
        for _ in range(600):
            extract = _extract(kept_office, number)
            if extract is not None and extract.state == "made":
                break
            time.sleep(0.1)
        assert _files(kept_office, number)
        with kept_office.app.app_context():
            assert not is_waiting(moment())
    finally:
        apart.stop()


def test_what_cannot_be_made_says_why(kept_office: Office, form: Form) -> None:
    number = _ask(kept_office, form)
    _change(kept_office, number, form_id=None)
    assert _make(kept_office) == 1
    extract = _extract(kept_office, number)
    assert extract is not None
    assert extract.state == "failed"
    assert "hộ" in (extract.problem or "")
    assert extract.expires_at is not None


def test_files_are_forgotten_in_time_with_their_bytes(kept_office: Office, form: Form) -> None:
    number = _ask(kept_office, form, language="en")
    _make(kept_office)
    [name] = _files(kept_office, number)
    with kept_office.app.app_context():
        forget_files(NOW + timedelta(days=KEPT_DAYS) - timedelta(seconds=1))
        assert _extract(kept_office, number) is not None
    with looking(kept_office) as session:
        held = session.scalar(select(ExtractFile.blob_sha256).where(ExtractFile.extract_id == number))
    with kept_office.app.app_context():
        assert forget_files(NOW + timedelta(days=KEPT_DAYS)) >= 1
    with looking(kept_office) as session:
        left = session.scalar(select(func.count()).select_from(Blob).where(Blob.sha256 == held))
    assert (name, _extract(kept_office, number), left) == ("ho_2026-08-21.csv.zip", None, 0)
