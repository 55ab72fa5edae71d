"""`collector doctor`: what is wrong with a server, where, and what to do."""

from __future__ import annotations

import json
import resource
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from collector.actions import auditing
from collector.actions.doctor import Patient, glance
from collector.actions.examined import certificate, database, machine, setting, software, work
from collector.actions.examined.shape import shape
from collector.clock import moment
from collector.commands.doctor import doctor
from storage.auditing import sealing
from storage.database import db, transaction
from storage.models import BackupRun, Blob, FigureMark
from storage.portable_engine import Engine, engine_of
from storage.problems import StoreFailed
from storage.queries import health
from tests.kept import looking
from tests.office import NOW, Office

WELL = Engine("PostgreSQL", "17.1", is_old=False, encoding="UTF8", loses=(), room=97)


@pytest.fixture
def office_at_work(office: Office) -> Office:
    """A server whose worker was just seen, with a log of some length."""
    office.phone()
    with office.app.app_context():
        auditing.beat(moment())
        auditing.keep_up(moment())
    return office


@pytest.fixture(scope="module")
def server(kept_office: Office) -> Office:
    return kept_office


@pytest.fixture
def patient(server: Office) -> Iterator[Patient]:
    """The server, as examinations are handed it."""
    with looking(server) as session:
        yield Patient(session, server.parts.blobs, server.settings, moment(), {})


def examined(office: Office, *arguments: str) -> Result:
    """The command, run beside a server."""
    return CliRunner().invoke(doctor, arguments, env=office.environment)


def test_a_server_that_is_well_is_said_to_be_so(
    office_at_work: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Databases of tests need not survive a power cut.
    monkeypatch.setattr(database, "engine_of", lambda session: replace(engine_of(session), loses=()))
    told = examined(office_at_work, "--json")
    assert told.exit_code == 0, told.output
    several = {one["about"]: one["state"] for one in json.loads(told.output)}
    for about in ("Database", "Files", "Disk", "Clock", "Worker", "Submissions", "Webhooks", "Log", "Key"):
        assert several[about] == "ok", about
    assert several["Backup"] == "note"
    assert "bad" not in several.values()


def test_each_thing_that_is_wrong_is_named_with_what_to_do(office_at_work: Office) -> None:
    office = office_at_work
    with office.app.app_context():
        with transaction() as session:
            session.add(Blob(sha256="0" * 64, size=1, created_at=moment()))
            health.beat(session, "worker", moment() - timedelta(hours=1))
        with transaction() as session:
            if session.connection().dialect.name == "sqlite":
                session.execute(text("DROP TRIGGER audits_last"))
            else:
                session.execute(text("ALTER TABLE audits DISABLE TRIGGER USER"))
            session.execute(
                text(
                    "UPDATE audits SET action = 'x'"
                    " WHERE id = (SELECT audit_id FROM audit_seals WHERE position = 2)"
                )
            )
    told = examined(office)
    assert told.exit_code == 1
    assert "missing: 000" in told.output
    assert "last at work" in told.output
    assert "position 2" in told.output
    assert told.output.count("!!") == told.output.count("!! ") >= 3
    only = examined(office, "--audit")
    assert (only.exit_code, only.output.count("→")) == (1, 1)


def test_an_end_that_was_noted_down_tells_whether_the_log_was_cut(office_at_work: Office) -> None:
    with office_at_work.app.app_context():
        last = sealing.head(db.session())
        assert last is not None
    noted = f"{last.position}:{last.hash}"
    assert examined(office_at_work, "--audit", "--end", noted).exit_code == 0
    assert "does not hold" in examined(office_at_work, "--audit", "--end", f"{last.position + 5}:x").output
    assert examined(office_at_work, "--audit", "--end", "nonsense").exit_code == 1


def test_a_server_without_a_database_is_told_in_words(tmp_path: Path) -> None:
    own = {"COLLECTOR_HOME": f"{tmp_path}", "COLLECTOR_DATABASE_URL": None}
    told = CliRunner().invoke(doctor, [], env=own)
    assert told.exit_code == 1
    assert "it is empty" in told.output
    assert "collector migrate" in told.output


def test_a_database_of_another_program_is_told_by_its_step(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'other.db'}")

    def said(*sentences: str) -> str:
        with engine.begin() as connection:
            for one in sentences:
                connection.execute(text(one))
        return str(getattr(shape(engine), "told", ""))

    assert said() == "it is empty."
    assert "no program of ours" in said("CREATE TABLE forms (id int)")
    note = "CREATE TABLE alembic_version (version_num text)"
    assert "step 0003" in said(note, "INSERT INTO alembic_version VALUES ('0003')")
    assert "newer program" in said("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()


@pytest.mark.parametrize(
    ("found", "state", "word"),
    [
        (WELL, "ok", "17.1"),
        (replace(WELL, loses=("fsync",)), "bad", "fsync"),
        (replace(WELL, encoding="LATIN1"), "bad", "LATIN1"),
        (replace(WELL, room=50), "note", "90"),
        (replace(WELL, version="9.6", is_old=True), "note", "older"),
    ],
)
def test_a_database_that_may_lose_something_is_named(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, found: Engine, state: str, word: str
) -> None:
    monkeypatch.setattr(database, "engine_of", lambda _session: found)
    told = database.engine(patient)
    assert (told.state, word in told.told) == (state, True)


def test_what_a_database_says_of_itself_is_understood(patient: Patient) -> None:
    found = engine_of(patient.session)
    assert found.encoding == "UTF8"
    assert not found.is_old
    # As tests set them up, for speed.
    if found.kind == "PostgreSQL":
        assert "fsync" in found.loses
        assert (found.room or 0) > 10
    else:
        assert (found.kind, found.loses, found.room) == ("SQLite", ("synchronous",), None)


@pytest.mark.parametrize(
    ("settings", "counted", "notes"),
    [
        ({}, {}, set()),
        ({"public_url": "https://khaosat.example.vn"}, {}, set()),
        ({"public_url": "http://khaosat.example.vn"}, {}, {"Address"}),
        ({"host": "0.0.0.0"}, {}, {"Address"}),  # noqa: S104 - as phones of the same network need it
        ({}, {"collector_strange_proxies": 3.0}, {"Proxies"}),
        ({"proxy_count": 1}, {"collector_strange_proxies": 3.0}, set()),
        ({"proxy_count": 1}, {"collector_missing_proxies": 3.0}, {"Proxies"}),
    ],
)
def test_settings_that_do_not_fit_are_named(
    patient: Patient, settings: dict[str, Any], counted: Mapping[str, float], notes: set[str]
) -> None:
    changed = replace(patient, settings=replace(patient.settings, **settings), counted=counted)
    assert {one.about for one in setting.settings(changed) if one.state != "ok"} == notes


def test_a_key_that_others_read_is_named(patient: Patient, tmp_path: Path) -> None:
    here = replace(patient, settings=replace(patient.settings, home=tmp_path))
    key = tmp_path / "secret_key"
    key.touch(0o640)
    assert next(setting.settings(here)).state == "bad"
    key.chmod(0o600)
    assert next(setting.settings(here)).state == "ok"


def test_a_clock_that_went_back_is_noticed(server: Office, patient: Patient) -> None:
    with server.app.app_context(), transaction() as session:
        health.beat(session, work.WORKER, moment() + timedelta(days=365))
    patient.session.rollback()
    assert "went back" in machine.clock(patient).told
    # One that was at work in a year says nothing of today.
    assert work.worker(patient).state == "bad"
    with server.app.app_context(), transaction() as session:
        health.beat(session, work.WORKER, moment())
    patient.session.rollback()
    assert work.worker(patient).state == "ok"


def test_figures_that_stand_still_are_noticed(server: Office, patient: Patient) -> None:
    assert work.figures(patient).state == "ok"
    with server.app.app_context(), transaction() as session:
        session.add(FigureMark(project_id=1, source="places"))
        health.beat(session, health.MARKS, moment() - timedelta(hours=2))
    patient.session.rollback()
    assert work.figures(patient).state == "bad"
    with server.app.app_context(), transaction() as session:
        session.query(FigureMark).delete()


def test_an_old_backup_is_noticed_and_one_of_tomorrow(server: Office, patient: Patient) -> None:
    for age, state in ((timedelta(hours=3), "ok"), (timedelta(days=3), "bad"), (-timedelta(days=1), "bad")):
        with server.app.app_context(), transaction() as session:
            session.query(BackupRun).delete()
            session.add(BackupRun(state="done", asked="time", asked_at=NOW, ended_at=moment() - age))
        patient.session.rollback()
        assert work.backups(patient).state == state
    with server.app.app_context(), transaction() as session:
        session.query(BackupRun).delete()


class Away:
    """A store of files whose disk or bucket is gone."""

    def prove(self) -> None:
        """Nothing can be written."""
        raise StoreFailed


def test_a_store_that_takes_nothing_is_noticed(patient: Patient) -> None:
    assert machine.store(patient).state == "ok"
    away: Any = Away()
    assert machine.store(replace(patient, blobs=away)).state == "bad"


def test_what_the_machine_lacks_is_named(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.memory(patient).state == "ok"
    monkeypatch.setattr(machine, "_MEMORY", 1 << 40)
    assert machine.memory(patient).state == "note"
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, 1024))
    assert machine.open_files(patient).state == "note"


def test_packages_are_held_against_the_list(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    assert software.packages(lock).state == "ok"
    lock.write_text("flask==0.0.1 \\\n    --hash=sha256:ab\nwinonly==1 ; sys_platform == 'win32' \\\n")
    found = software.packages(lock)
    assert (found.state, "flask" in found.told, "winonly" in found.told) == ("note", True, False)
    assert software.packages().state == "ok"


def test_a_certificate_is_looked_at_where_there_is_one(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(url: str | None, ends: object) -> str:
        def ended(_host: str, _port: int) -> datetime:
            if isinstance(ends, Exception):
                raise ends
            assert isinstance(ends, datetime)
            return ends

        monkeypatch.setattr(certificate, "_ends", ended)
        return certificate.certificate(
            replace(patient, settings=replace(patient.settings, public_url=url))
        ).state

    soon = datetime.now(UTC) + timedelta(days=3)
    untrusted = ssl.SSLCertVerificationError("self-signed certificate")
    untrusted.verify_message = "self-signed certificate"
    assert at(None, soon) == "ok"
    assert at("https://khaosat.example.vn", soon) == "bad"
    assert at("https://khaosat.example.vn", soon + timedelta(days=60)) == "ok"
    assert at("https://khaosat.example.vn", untrusted) == "bad"
    assert at("https://khaosat.example.vn", socket.gaierror()) == "ok"


def test_a_page_tells_the_same_in_passing(patient: Patient) -> None:
    told = {one.about for one in glance(patient)}
    assert {"Database server", "Store of files", "Figures", "Backup", "Key", "Web forms"} <= told
