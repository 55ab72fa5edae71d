"""The pages of the log and of webhooks."""

from __future__ import annotations

import csv
import io

import pytest

from collector.accounts.permissions import MANAGER, REVIEWER
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.office import Office


@pytest.fixture
def reader(office: Office) -> Reader:
    """An administrator at a server that has a form and a record."""
    Volunteer(office, form=office.publish(simple(), filename="simple.xml")).send(filled("uuid:1", "Lan", 3))
    return Reader(office)


def test_the_log_says_what_was_done_by_whom(office: Office, reader: Reader) -> None:
    page = reader.page("/log")
    assert "Record: made" in page.main
    assert "uuid:1" in page.main
    assert "uuid:1" not in reader.page("/log?action=form").main
    assert "uuid:1" not in reader.page("/log?to=2020-01-01").main
    reader.page("/log?from=31/12&page=0&action=nothing")
    rows = list(csv.DictReader(io.StringIO(reader.get("/log.csv").data.decode("utf-8-sig"))))
    assert [row["action"] for row in rows if row["record"] == "uuid:1"] == ["submission.create"]
    for role, status in ((MANAGER, 200), (REVIEWER, 403)):
        office.session_token(f"nguoi-{role}", role)
        assert Reader(office, f"nguoi-{role}").get("/log").status_code == status


def test_a_webhook_is_made_tried_paused_and_deleted(reader: Reader) -> None:
    made = reader.post("/webhooks", {"url": "http://127.0.0.1:9/hook", "event": "new"})
    assert "X-Collector-Signature" in made.text
    again = reader.page("/webhooks").main
    assert "http://127.0.0.1:9/hook" in again
    assert "X-Collector-Signature" not in again
    assert "own network" in reader.send("/webhooks/1/test").text
    assert "paused" in reader.send("/webhooks/1/pause").main
    assert "127.0.0.1:9" not in reader.send("/webhooks/1/delete").main
    reader.refused("/webhooks", {"url": "nonsense"})
