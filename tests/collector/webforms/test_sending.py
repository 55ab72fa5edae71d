"""Finished forms of browsers come in: once, byte for byte, and their receipts lead to them."""

from __future__ import annotations

from typing import cast

import pytest

from collector import parcels
from forms.receipts import number_of
from storage.database import db
from storage.models import Submission
from tests.collector.openrosa.sheets import sheet
from tests.collector.webforms.browser import (
    ASKS,
    PHOTO,
    Browser,
    house,
    instance,
    record,
    signed_in,
    told,
    with_link,
    with_phone,
)
from tests.kept import record as kept_record
from tests.kept import versions, xml_as_kept
from tests.office import Office


@pytest.fixture
def browser(office: Office) -> Browser:
    """A browser with the token of a phone, on a server that asks of houses."""
    office.publish(house())
    return with_phone(office)


def test_what_is_sent_is_kept_byte_for_byte_and_its_receipt_leads_to_it(browser: Browser) -> None:
    said = browser.send(record(1))
    kept = kept_record(browser.office, instance(1))
    assert said["instance_id"] == instance(1)
    assert number_of(said["receipt"]) == kept.id
    assert said["files_missing"] == []
    (version,) = versions(browser.office, kept.id)
    assert xml_as_kept(browser.office, version.id) == record(1)


def test_the_same_again_has_the_same_receipt_and_is_one_record(browser: Browser) -> None:
    first, again = browser.send(record(1)), browser.send(record(1))
    assert first == again
    with browser.office.app.app_context():
        assert db.session.query(Submission).count() == 1


def test_another_form_under_the_same_number_is_told_so(browser: Browser) -> None:
    browser.send(record(1))
    answer = browser.post(record(1, "Một người khác"))
    assert answer.status_code == 409
    assert told(answer)["message"]


def test_files_may_come_later_and_are_named_until_then(browser: Browser) -> None:
    assert browser.send(record(1, photo="a.jpg"))["files_missing"] == ["a.jpg"]
    assert browser.send(record(1, photo="a.jpg"), {"a.jpg": PHOTO})["files_missing"] == []


def test_too_much_is_refused_with_how_much_may_come(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("dict[str, int]", parcels.SUBMISSION), parcels.XML_PART, 400)
    answer = browser.post(record(1, "x" * 400))
    assert answer.status_code == 413
    assert answer.headers["X-OpenRosa-Accept-Content-Length"] == str(parcels.ACCEPTS)


def test_a_page_that_is_not_ours_sends_nothing_in_somebodys_name(office: Office) -> None:
    office.publish(house())
    browser = signed_in(office)
    assert browser.post(record(1), headers={}).status_code == 401
    assert browser.post(record(1), headers=ASKS).status_code == 201


def test_a_session_that_ended_is_said_in_a_way_a_page_can_read(office: Office) -> None:
    office.publish(house())
    answer = Browser(office, "me").post(record(1))
    assert (answer.status_code, answer.is_json) == (401, True)
    assert set(told(answer)) == {"code", "message", "details"}


def test_whoever_signed_in_meanwhile_sends_nothing_of_the_one_before(office: Office) -> None:
    office.publish(house())
    first, second = signed_in(office, "mot"), signed_in(office, "hai")
    number = str(first.shelf()["who"]["id"])
    assert second.post(record(1), headers={**ASKS, "X-Collector-Person": number}).status_code == 401
    assert first.post(record(1), headers={**ASKS, "X-Collector-Person": number}).status_code == 201


def test_a_withdrawn_token_and_a_foreign_project_open_nothing(browser: Browser) -> None:
    elsewhere = Browser(browser.office, browser.way, project=2)
    assert elsewhere.post(record(1)).status_code == 403
    stranger = Browser(browser.office, f"key/{'x' * 64}")
    answer = stranger.post(record(1))
    assert (answer.status_code, answer.is_json) == (403, True)


def test_a_closed_form_takes_nothing_new_and_confirms_what_it_has(office: Office) -> None:
    form = office.publish(house())
    browser, by_link = with_phone(office), with_link(office, form)
    browser.send(record(1))
    by_link.send(record(2))
    office.set_state(form, "closed")
    for one, number in ((browser, 1), (by_link, 2)):
        refused = one.post(record(number + 10))
        assert refused.status_code == 403
        assert "“Hộ”" in told(refused)["message"]
        assert one.post(record(number)).status_code == 201


def test_a_link_that_takes_one_answer_knows_the_browser_again(office: Office) -> None:
    browser = with_link(office, office.publish(house()), once=True)
    first = browser.send(record(1, photo="a.jpg"))
    assert browser.send(record(1, photo="a.jpg"), {"a.jpg": PHOTO})["receipt"] == first["receipt"]
    assert browser.post(record(2)).status_code == 403
    browser.device = "collector:2"
    assert browser.post(record(2)).status_code == 201


def test_a_phone_cut_to_one_form_sends_no_other(office: Office) -> None:
    office.publish(house())
    other = office.publish(sheet("other"))
    assert with_phone(office, only=(other,)).post(record(1)).status_code == 403
