"""What was sent is shown to whoever sent it, who may change it until the office has judged it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from collector.accounts.permissions import REVIEWER
from collector.actions.approvals import Signed, lock
from storage.database import transaction
from storage.models import Form, Submission
from tests.collector.webforms.browser import (
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
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, PROVINCE, THERE, THERE_VILLAGE, plant


@pytest.fixture
def browser(office: Office) -> Browser:
    """A browser with the token of a phone that has sent a form with a photo."""
    office.publish(house())
    made = with_phone(office)
    made.send(record(1, photo="a.jpg"), {"a.jpg": PHOTO})
    return made


def judged(browser: Browser, state: str | None) -> None:
    number = kept_record(browser.office, instance(1)).id
    with browser.office.app.app_context(), transaction() as session:
        session.execute(update(Submission).where(Submission.id == number).values(review_state=state))


def test_it_is_shown_as_it_was_sent(browser: Browser) -> None:
    found = told(browser.get(f"sent/{instance(1)}"))
    assert found["xml"].encode() == record(1, photo="a.jpg")
    assert (found["form_id"], found["version"], found["review_state"]) == ("house", "1", None)
    assert found["receipt"] == browser.send(record(1, photo="a.jpg"))["receipt"]
    (file,) = found["files"]
    assert (file["name"], file["size"]) == ("a.jpg", len(PHOTO))
    assert browser.fetch(file["url"]) == PHOTO
    assert (found["may_edit"], found["why_not"]) == (True, None)


def test_files_that_have_not_come_are_named_apart(browser: Browser) -> None:
    browser.send(record(3, photo="b.jpg"))
    found = told(browser.get(f"sent/{instance(3)}"))
    assert (found["files"], found["files_missing"]) == ([], ["b.jpg"])
    assert browser.get(f"sent/{instance(3)}/files/b.jpg").status_code == 404


def test_a_change_keeps_number_receipt_and_files(browser: Browser) -> None:
    before = told(browser.get(f"sent/{instance(1)}"))
    after = browser.send(record(2, "Lò Văn Hoa", photo="a.jpg", replaces=1))
    assert (after["receipt"], after["files_missing"]) == (before["receipt"], [])
    for number in (1, 2):
        found = told(browser.get(f"sent/{instance(number)}"))
        assert found["instance_id"] == instance(2)
        assert "Lò Văn Hoa" in found["xml"]
    assert browser.send(record(2, "Lò Văn Hoa", photo="a.jpg", replaces=1)) == after


@pytest.mark.parametrize(("state", "may"), [("rejected", True), ("hasIssues", True), ("approved", False)])
def test_what_was_rejected_is_mended_and_what_was_approved_stands(
    browser: Browser, state: str, *, may: bool
) -> None:
    judged(browser, state)
    found = told(browser.get(f"sent/{instance(1)}"))
    assert (found["may_edit"], found["why_not"] is None) == (may, may)
    answer = browser.post(record(2, replaces=1))
    assert answer.status_code == (201 if may else 403)
    if not may:
        assert told(answer)["message"] == found["why_not"]


def test_a_change_that_was_taken_is_confirmed_after_the_record_was_approved(browser: Browser) -> None:
    first = browser.send(record(2, replaces=1))
    judged(browser, "approved")
    assert browser.send(record(2, replaces=1)) == first


def test_a_form_may_say_that_nothing_is_changed(office: Office) -> None:
    office.publish(house(settings="web_edit: no"))
    browser = with_phone(office)
    (form,) = browser.shelf()["forms"]
    assert form["edits"] is False
    browser.send(record(1))
    assert told(browser.get(f"sent/{instance(1)}"))["may_edit"] is False
    assert browser.post(record(2, replaces=1)).status_code == 403


def test_figures_that_are_locked_hold_their_records(office: Office) -> None:
    office.publish(house())
    with office.app.app_context(), transaction() as session:
        plant(session)
    browser = with_phone(office, places=(HERE_VILLAGE,))
    browser.send(record(1))
    with office.app.app_context(), transaction() as session:
        number = kept_record(office, instance(1)).id
        session.execute(
            update(Submission).where(Submission.id == number).values(reported_on=date(2026, 8, 3))
        )
        lock(session, Signed(1, THERE, "2026", office.admin_id, NOW), even_unconfirmed=True)
    assert told(browser.get(f"sent/{instance(1)}"))["may_edit"] is True
    with office.app.app_context(), transaction() as session:
        lock(session, Signed(1, PROVINCE, "2026", office.admin_id, NOW), even_unconfirmed=True)
    found = told(browser.get(f"sent/{instance(1)}"))
    assert found["may_edit"] is False
    assert "2026" in found["why_not"]
    assert browser.post(record(2, replaces=1)).status_code == 403


def test_nobody_sees_or_changes_what_others_sent(browser: Browser) -> None:
    office = browser.office
    link = with_link(office, _form(office))
    for other in (with_phone(office), signed_in(office), link):
        assert other.get(f"sent/{instance(1)}").status_code == 404
        assert other.get(f"sent/{instance(1)}/files/a.jpg").status_code == 404
        assert other.post(record(2, replaces=1)).status_code == 404


def test_who_sent_by_a_link_cannot_look_again(office: Office) -> None:
    link = with_link(office, office.publish(house()))
    link.send(record(1))
    assert link.get(f"sent/{instance(1)}").status_code == 404


def test_an_officer_sees_the_records_of_his_places(office: Office) -> None:
    office.publish(house())
    with office.app.app_context(), transaction() as session:
        plant(session)
    with_phone(office, places=(HERE_VILLAGE,)).send(record(1))
    with_phone(office, places=(THERE_VILLAGE,)).send(record(2))
    officer = signed_in(office, "canbo", REVIEWER, HERE)
    assert officer.get(f"sent/{instance(1)}").status_code == 200
    assert officer.get(f"sent/{instance(2)}").status_code == 404


def _form(office: Office) -> Form:
    return office.publish(house("2"))


def test_no_spelling_and_no_other_form_leads_past_an_approval(browser: Browser) -> None:
    judged(browser, "approved")
    hidden = (
        record(2, "Lò Văn Hoa", replaces=1)
        .replace(b"deprecatedID", b"depre\x01catedID")
        .replace(b"<head>", b"<head>\x01")
    )
    assert browser.post(hidden).status_code == 403
    # Another form's record may have the same id; that it was taken says nothing of this one.
    browser.office.publish(house().replace("| house |", "| barn |"))
    browser.send(record(2).replace(b'id="house"', b'id="barn"'))
    edit = record(2, "Lò Văn Hoa", replaces=1)
    assert browser.post(edit).status_code == 403
    assert told(browser.get(f"sent/{instance(1)}"))["instance_id"] == instance(1)


def test_answers_stay_in_no_cache(browser: Browser) -> None:
    for path in (f"sent/{instance(1)}", f"sent/{instance(1)}/files/a.jpg", "drafts"):
        with browser.get(path) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
