"""Backups on the page of settings: for the server's keeper alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from collector.accounts.permissions import MANAGER
from collector.clock import moment
from storage.database import db, transaction
from storage.models import Audit, BackupRun
from tests.collector.desk.reader import Page, Reader
from tests.office import Office

ASK = "/settings/backup"


@pytest.fixture
def office(kept_office: Office, tmp_path: Path) -> Office:
    """A server that is backed up into a folder."""
    object.__setattr__(kept_office.settings, "backup_url", str(tmp_path / "usb"))
    with kept_office.app.app_context(), transaction() as session:
        session.execute(delete(BackupRun))
    return kept_office


def made(office: Office, days: int, **more: object) -> None:
    now = moment() - timedelta(days=days)
    said = {
        "state": "done",
        "asked": "time",
        "asked_at": now,
        "started_at": now,
        "ended_at": now,
        "place": "/usb",
    }
    with office.app.app_context(), transaction() as session:
        session.add(BackupRun(**(said | {"size": 2_000_000, "new_size": 5_000} | more)))


def shown(reader: Reader) -> str:
    return " ".join(Page(reader.get("/settings")).find("//section[@aria-labelledby='backup']")[0].itertext())


def test_the_keeper_sees_the_last_backup_and_asks_for_one(office: Office) -> None:
    reader = Reader(office, language="vi")
    made(office, 0)
    page = shown(reader)
    assert "2 MB" in page
    assert "/usb" in page
    assert "02:30" in page
    assert reader.post(ASK, {}).status_code == 303
    assert "nửa phút" in shown(reader)
    # Asked for twice is one.
    reader.post(ASK, {})
    with office.app.app_context():
        assert [one.state for one in db.session().scalars(select(BackupRun))] == ["done", "waiting"]
        assert "backup.ask" in set(db.session().scalars(select(Audit.action)))


def test_what_is_wrong_is_said(office: Office) -> None:
    reader = Reader(office, language="vi")
    assert "Chưa có bản sao lưu nào" in shown(reader)
    made(office, 3, missing=2)
    assert "cũ hơn hai ngày" in shown(reader)
    made(office, 0, state="failed", problem="The place is full.")
    assert "The place is full." in shown(reader)
    object.__setattr__(office.settings, "backup_url", None)
    with office.app.app_context(), transaction() as session:
        session.execute(delete(BackupRun))
    assert "COLLECTOR_BACKUP_URL" in shown(reader)
    assert reader.post(ASK, {}).status_code == 409


def test_nobody_else_may(office: Office) -> None:
    reader = Reader(office, "so", MANAGER)
    assert Page(reader.get("/settings")).find("//section[@aria-labelledby='backup']") == []
    assert reader.post(ASK, {}).status_code == 403
