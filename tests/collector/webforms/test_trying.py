"""A draft tried out in a browser: its form comes, what is sent counts nowhere, and it ends with the draft."""

from __future__ import annotations

import pytest

from collector.actions.publish import publish
from storage.database import transaction
from storage.models import Form
from tests.collector.desk.reader import Reader
from tests.collector.webforms.browser import Browser, house, record, told
from tests.office import Office


@pytest.fixture
def trying(office: Office) -> Browser:
    """A browser with the token of a draft beside a published version."""
    form = office.publish(house())
    office.draft(house("2"))
    return Browser(office, f"test/{office.draft_token(form)}")


def test_the_draft_comes_and_what_is_sent_is_a_test_record(trying: Browser) -> None:
    office = trying.office
    token = trying.way.partition("/")[2]
    came = told(office.client().get(f"/w/key/{token}"))
    assert came is not None
    assert (came["kind"], came["form"], came["project"]["id"]) == ("test", "house", 1)
    shelf = told(trying.get("shelf"))
    assert shelf is not None
    assert shelf["who"]["id"] == came["id"]
    [form] = shelf["forms"]
    assert (form["id"], form["version"], form["state"], form["edits"]) == ("house", "2", "open", False)
    definition = told(trying.client.get(form["definition"]))
    assert definition is not None
    assert "Chủ hộ" in definition["form"]
    said = trying.send(record(1, version="2"))
    assert said["files_missing"] == []
    reader = Reader(office)
    assert "1 test record received" in reader.page("/surveys/house/draft").main
    assert "No record here." in reader.page("/surveys/house/submissions").main


def test_the_desk_leads_to_it(trying: Browser) -> None:
    token = trying.way.partition("/")[2]
    links = [link for link in Reader(trying.office).page("/surveys/house/draft").links() if "/w/" in link]
    assert links == [f"/w/l/{token}"]


def test_it_opens_nothing_else_and_ends_with_the_draft(trying: Browser) -> None:
    office = trying.office
    token = trying.way.partition("/")[2]
    assert office.client().get(f"/w/key/{token}/projects/1/shelf").status_code == 403
    assert trying.get("forms/other/versions/2/definition").status_code == 404
    assert trying.get("sent/uuid:1").status_code == 404
    with office.app.app_context(), transaction() as session:
        form = session.query(Form).one()
        publish(session, form, office.author)
    assert trying.get("shelf").status_code == 404
    assert office.client().get(f"/w/key/{token}").status_code == 403
