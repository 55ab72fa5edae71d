"""Forms begun in one browser are gone on with in another, by a code; nobody else sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from collector.accounts.sealing import PIECE
from collector.actions import sweep as files
from collector.actions import web_drafts
from collector.actions.form_trash import delete_form
from collector.actions.publish import Author
from collector.actions.purging import purge
from collector.clock import moment
from storage.database import db, transaction
from storage.models import Audit, Blob, WebDraft, WebForm
from storage.queries.forms import get_form
from tests.collector.webforms.browser import (
    PHOTO,
    Browser,
    house,
    record,
    signed_in,
    told,
    with_link,
    with_phone,
)
from tests.office import Office

SAID = {"form_id": "house", "version": "1", "title": "Hộ bà Mây", "saved_at": "2026-08-03T09:00:00+07:00"}
XML = record(1, "Lò Thị Mây", photo="a.jpg")
LARGE = bytes(range(256)) * (PIECE // 128)
"""Longer than a piece that is sealed by itself."""

NUMBER = "63f23882-4faa-4f40-b820-244891e7632b"
"""One that every process of a run names alike."""


@pytest.fixture
def browser(office: Office) -> Browser:
    """A browser with the token of a phone, on a server that asks of houses."""
    office.publish(house())
    return with_phone(office)


def saved(
    browser: Browser, uuid: str = "", files: dict[str, bytes] | None = None, **said: Any
) -> dict[str, Any]:
    answer = browser.put(uuid or str(uuid4()), {**SAID, **said}, XML, files)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = told(answer)
    return found


def opened(browser: Browser, code: str) -> TestResponse:
    return browser.get(f"drafts/{code}")


def test_a_draft_is_gone_on_with_by_its_code_with_its_files(browser: Browser) -> None:
    code = saved(browser, files={"a.jpg": LARGE})["code"]
    found = told(opened(Browser(browser.office, browser.way), code.lower().replace("-", " ")))
    assert (found["form_id"], found["version"], found["title"]) == ("house", "1", SAID["title"])
    assert found["xml"].encode() == XML
    (file,) = found["files"]
    assert (file["name"], file["size"]) == ("a.jpg", len(LARGE))
    assert browser.fetch(file["url"]) == LARGE


def stored(browser: Browser) -> set[str]:
    """What lies in the store and is known to the database."""
    names = {name for name, _written in browser.office.parts.blobs.names()}
    with browser.office.app.app_context():
        assert names == set(db.session.scalars(select(Blob.sha256)))
    return names


def test_it_is_saved_again_under_the_same_code(browser: Browser) -> None:
    uuid, before = str(uuid4()), stored(browser)
    first = saved(browser, uuid, {"a.jpg": PHOTO, "b.jpg": PHOTO})
    again = saved(browser, uuid, {"c.jpg": LARGE}, title="Hộ khác", keep=["a.jpg"])
    assert first["code"] == again["code"]
    assert [one["name"] for one in again["files"]] == ["a.jpg", "c.jpg"]
    (listed,) = told(browser.get("drafts"))
    assert listed == again
    assert len(stored(browser) - before) == 2


def test_only_who_saved_it_opens_it(browser: Browser) -> None:
    code = saved(browser)["code"]
    for other in (with_phone(browser.office), signed_in(browser.office)):
        assert told(other.get("drafts")) == []
        assert opened(other, code).status_code == 404
        assert other.delete(f"drafts/{uuid4()}").status_code == 204
    assert opened(browser, code).status_code == 200


def test_by_a_link_that_many_have_a_draft_is_found_by_its_code_alone(office: Office) -> None:
    browser = with_link(office, office.publish(house()))
    code = saved(browser)["code"]
    assert told(browser.get("drafts")) == []
    assert told(opened(browser, code))["xml"].encode() == XML


def test_who_guesses_codes_has_to_wait(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_drafts, "MOST_GUESSES", 2)
    assert [opened(browser, "AAAA-AAAA").status_code for _ in range(3)] == [404, 404, 429]


def test_the_database_and_the_store_tell_nothing_of_what_was_answered(browser: Browser) -> None:
    before = stored(browser)
    code = saved(browser, files={"a.jpg": PHOTO})["code"]
    (blob,) = stored(browser) - before
    with browser.office.app.app_context():
        row = db.session.execute(text("SELECT * FROM web_drafts")).one()
        said = " ".join(
            bytes(one).decode("latin-1") if isinstance(one, bytes | memoryview) else str(one) for one in row
        )
        with browser.office.parts.blobs.open(blob) as handle:
            kept = handle.read()
    assert "Mây" not in said
    assert code.replace("-", "") not in said
    assert PHOTO not in kept


def test_what_is_deleted_is_gone_with_its_files(browser: Browser) -> None:
    uuid, before = str(uuid4()), stored(browser)
    code = saved(browser, uuid, {"a.jpg": PHOTO})["code"]
    assert browser.delete(f"drafts/{uuid}").status_code == 204
    assert opened(browser, code).status_code == 404
    assert stored(browser) == before
    with browser.office.app.app_context():
        noted = [
            one.action for one in db.session.scalars(select(Audit)) if one.action.startswith("web_draft")
        ]
    assert noted == ["web_draft.create", "web_draft.delete"]


def test_after_a_month_it_is_forgotten_and_before_that_its_files_are_not_swept(browser: Browser) -> None:
    before = stored(browser)
    saved(browser, files={"a.jpg": PHOTO})
    blobs, now = browser.office.parts.blobs, moment()
    with browser.office.app.app_context():
        assert files.sweep(blobs, now=now + timedelta(days=29)) == 0
        assert web_drafts.sweep(blobs, now=now + timedelta(days=29)) == 0
        assert web_drafts.sweep(blobs, now=now + timedelta(days=31)) == 1
        assert db.session.scalar(select(func.count()).select_from(WebDraft)) == 0
    assert stored(browser) == before


def test_with_a_form_that_is_gone_for_good_its_drafts_go_too(browser: Browser) -> None:
    office, now = browser.office, moment()
    saved(browser, files={"a.jpg": PHOTO})
    with office.app.app_context():
        with transaction() as session:
            delete_form(session, get_form(session, 1, "house"), Author(office.admin_id, now))
        assert browser.get("drafts").json == []
        purge(office.parts.blobs, now + timedelta(days=1), now=now + timedelta(days=1))
        assert db.session.scalar(select(func.count()).select_from(WebDraft)) == 0
        assert db.session.scalar(select(func.count()).select_from(WebForm)) == 0
        assert files.sweep(office.parts.blobs, now=now + timedelta(days=9)) == 2
    assert stored(browser) == set()


def test_there_are_limits_that_say_what_to_do(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_drafts, "MOST", 1)
    first = str(uuid4())
    saved(browser, first)
    full = browser.put(str(uuid4()), SAID, XML)
    assert full.status_code == 409
    assert "1" in told(full)["message"]
    saved(browser, first)
    monkeypatch.setattr(web_drafts, "LARGEST", 10)
    assert browser.put(first, SAID, XML).status_code == 413


@pytest.mark.parametrize(
    ("uuid", "said"),
    [
        ("no-uuid", SAID),
        (NUMBER, {}),
        (NUMBER, {**SAID, "form_id": 5}),
        (NUMBER, {"form_id": ""}),
        (NUMBER, {**SAID, "keep": True}),
    ],
)
def test_what_is_no_draft_is_refused_with_a_sentence(
    browser: Browser, uuid: str, said: dict[str, Any]
) -> None:
    answer = browser.put(uuid, said, XML)
    assert answer.status_code == 400
    assert told(answer)["message"]


def test_a_draft_of_a_form_one_may_not_fill_is_refused(browser: Browser) -> None:
    office = browser.office
    other = office.publish(house().replace("| house |", "| barn |"))
    mine = with_phone(office, only=(other,))
    assert mine.put(str(uuid4()), SAID, XML).status_code == 403
    assert mine.put(str(uuid4()), {**SAID, "form_id": "none"}, XML).status_code == 404
