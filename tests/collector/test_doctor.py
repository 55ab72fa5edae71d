"""`collector doctor`: what is wrong with a server, where, and what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from collector.actions import auditing
from collector.clock import moment
from collector.commands.doctor import doctor
from storage.auditing import sealing
from storage.database import db, transaction
from storage.models import Blob
from storage.queries import health
from tests.office import Office


@pytest.fixture
def office_at_work(office: Office) -> Office:
    """A server whose worker was just seen, with a log of some length."""
    office.phone()
    with office.app.app_context():
        auditing.beat(moment())
        auditing.keep_up(moment())
    return office


def examined(office: Office, *arguments: str) -> Result:
    """The command, run beside a server."""
    own = {
        "COLLECTOR_HOME": str(office.settings.home),
        "COLLECTOR_DATABASE_URL": office.settings.database_url,
    }
    return CliRunner().invoke(doctor, arguments, env=own)


def test_a_server_that_is_well_is_said_to_be_so(office_at_work: Office) -> None:
    told = examined(office_at_work)
    assert told.exit_code == 0, told.output
    for about in ("Database", "Files", "Disk", "Clock", "Worker", "Submissions", "Webhooks", "Log"):
        assert f"  ok  {about}:" in told.output


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
    assert told.output.count("→") == 3
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


def test_a_server_without_a_database_is_told_in_words(tmp_path: object) -> None:
    own = {"COLLECTOR_HOME": f"{tmp_path}", "COLLECTOR_DATABASE_URL": None}
    told = CliRunner().invoke(doctor, [], env=own)
    assert told.exit_code == 1
    assert "collector migrate" in told.output
