"""Decisions on findings: what comes first, one after the other, the last one undone, two records joined."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from forms.checks.found import Found
from forms.places import COMMUNE
from storage.database import transaction
from storage.findings import queue
from storage.findings.reporting import report
from storage.models import Campaign, CampaignForm, Finding, Submission
from tests.collector.desk.reader import Page, Reader
from tests.collector.desk.test_findings import FORM, LIST, SENTENCES, form, number, officer, phone, send
from tests.collector.openrosa.sending import Volunteer
from tests.kept import looking, record
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, THERE, THERE_VILLAGE

__all__ = ["FORM", "form", "phone"]


def actions(page: Page, ending: str) -> str:
    """Where the form of a page that ends so leads."""
    return next(
        str(one.get("action")) for one in page.find("//form") if str(one.get("action")).endswith(ending)
    )


def undo(reader: Reader, page: Page) -> Page:
    """Take the last decision back, by the button the page offers."""
    return reader.send(actions(page, "/undo-last"))


def state(office: Office, one: int) -> tuple[str, str | None, int | None]:
    with looking(office) as session:
        found = session.get_one(Finding, one)
        return found.state, found.reason, found.owner_id


def test_a_reason_is_tapped_and_the_decision_undone(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    send(phone, "b", "40")
    reader, first = Reader(office), number(office, "crowded")
    following = reader.send(f"{LIST}/{first}/judge", {"verdict": "accepted", "why": "paper", "reason": ""})
    assert following.texts("//h2")[0] == "A woman alone?"
    assert state(office, first)[:2] == ("accepted", "Compared with the paper form: it is so")
    both = {"verdict": "accepted", "why": "rare", "reason": "ba đời"}
    assert "Kept as right" in following.main
    back = undo(reader, following)
    assert "Undone: it is as before." in back.main
    assert state(office, first) == ("open", None, None)
    assert back.find("//form[contains(@action, 'undo-last')]") == []
    reader.send(f"{LIST}/{first}/judge", both)
    assert state(office, first)[1] == "A rare case, but true: ba đời"
    # Whoever else answers in the meantime is not overruled.
    Reader(office, "so.gddt", 5).send(f"{LIST}/{first}/judge", {"verdict": "rejected"})
    assert "left as it is" in undo(reader, reader.page(LIST)).main
    assert state(office, first)[0] == "rejected"


def test_nothing_is_undone_after_a_while_or_twice(
    office: Office, phone: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(phone, "a", "1")
    reader, one = Reader(office), number(office, "alone")
    page = reader.send(f"{LIST}/{one}/judge", {"verdict": "rejected"})
    assert page.find("//button[@data-key='u']")
    monkeypatch.setattr("collector.desk.deciding.UNDONE_WITHIN", timedelta(seconds=-1))
    assert reader.page(LIST).find("//button[@data-key='u']") == []
    assert "nothing left to undo" in reader.send(actions(page, "/undo-last")).main
    assert state(office, one)[0] == "rejected"


def test_giving_and_sending_back_go_on_and_are_undone(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    send(phone, "b", "40")
    reader, first, second = Reader(office), number(office, "crowded"), number(office, "alone")
    given = reader.send(f"{LIST}/{first}/assign", {"to": str(office.admin_id)})
    assert given.texts("//h2")[0] == "A woman alone?"
    assert state(office, first)[2] == office.admin_id
    undo(reader, given)
    assert state(office, first)[2] is None
    sent = reader.send(f"{LIST}/{second}/send-back", {"reason": "Hỏi lại"})
    assert sent.texts("//h2")[0] == "40 people with Hộ b?"
    assert record(office, "uuid:a").review_state == "hasIssues"
    assert reader.page(LIST).texts(SENTENCES) == ["40 people with Hộ b?"]
    assert "1 thing to mend" in reader.page(LIST).texts("//h1")[0]
    undo(reader, sent)
    assert record(office, "uuid:a").review_state is None
    assert len(reader.page(LIST).texts(SENTENCES)) == 2
    empty = reader.send(f"{LIST}/{second}/send-back", {"reason": " "})
    assert empty.find("//p[@class='note bad']")


@pytest.fixture
def pair(office: Office, phone: Volunteer) -> int:
    """A finding that two households may be one."""
    send(phone, "a", "4")
    send(phone, "b", "5")
    found = Found("Q11", tuple(record(office, f"uuid:{one}").id for one in "ab"))
    with office.app.app_context():
        report(1, ("Q11",), [found], NOW)
    return number(office, "Q11")


def test_two_records_of_one_household_are_joined_from_the_finding(office: Office, pair: int) -> None:
    reader = Reader(office)
    page = reader.page(f"{LIST}/{pair}")
    assert page.texts("//section[@aria-labelledby='beside']/table//mark") == ["Hộ a", "Hộ b", "4", "5"]
    ticket = {"ticket": str(page.find("//input[@name='ticket']")[0].get("value"))}
    done = reader.send(f"{LIST}/{pair}/join", {**ticket, "keep": "other"})
    assert "Joined: one record stays." in done.main
    assert record(office, "uuid:a").duplicate_of == record(office, "uuid:b").id
    assert state(office, pair)[0] == "fixed"
    back = undo(reader, done)
    assert "Undone" in back.main
    assert (record(office, "uuid:a").duplicate_of, state(office, pair)[0]) == (None, "open")
    reader.send(f"{LIST}/{pair}/judge", {"verdict": "accepted", "why": "different"})
    assert state(office, pair)[:2] == ("accepted", "Two different ones, not the same")


def test_a_ticket_of_another_finding_joins_nothing(office: Office, phone: Volunteer, pair: int) -> None:
    send(phone, "c", "1")
    reader = Reader(office)
    ticket = str(reader.page(f"{LIST}/{pair}").find("//input[@name='ticket']")[0].get("value"))
    reader.send(f"{LIST}/{number(office, 'alone')}/join", {"ticket": ticket, "keep": "one"})
    assert reader.post(f"{LIST}/{pair}/join", {"ticket": "none"}).status_code == 400
    assert {record(office, f"uuid:{one}").duplicate_of for one in "abc"} == {None}


def campaign(due: date, place: str) -> Campaign:
    return Campaign(
        project_id=1, key=place, name="Đợt", place_code=place, period_from=date(2026, 1, 1),
        period_to=date(2026, 12, 31), opens_on=date(2026, 1, 1), due_on=due, created_at=NOW,
    )  # fmt: skip


def test_what_is_due_sooner_comes_first_among_equals(office: Office, phone: Volunteer) -> None:
    for name, village in (("a", HERE_VILLAGE), ("b", THERE_VILLAGE), ("c", "")):
        send(phone, name, "1", village=village)
    send(phone, "d", "40")
    with office.app.app_context(), transaction() as session:
        for one in session.scalars(select(Submission)):
            one.reported_on = date(2026, 8, 3)
        for due, place in ((date(2026, 12, 1), HERE), (date(2026, 11, 1), THERE)):
            made = campaign(due, place)
            session.add(made)
            session.flush()
            session.add(CampaignForm(campaign_id=made.id, xml_form_id="ho", unit=COMMUNE))
    with looking(office) as session:
        lines = queue.listing(session, queue.Asked(1))
        told = [(line.instance_id, line.due) for line in lines]
        around = queue.beside(session, queue.Asked(1), lines[1].finding)
        numbers = [line.finding.id for line in lines]
        assert queue.numbers(session, queue.Asked(1)) == numbers
        places = queue.tally(session, queue.Asked(1)).places
    assert list(dict.fromkeys(told)) == [
        ("uuid:d", date(2026, 12, 1)),
        ("uuid:b", date(2026, 11, 1)),
        ("uuid:a", date(2026, 12, 1)),
        ("uuid:c", None),
    ]
    assert around == (numbers[0], numbers[2])
    assert [(code, count) for code, _name, count in places] == [("", 2), (HERE, 2), (THERE, 1)]


def test_an_officer_decides_nothing_elsewhere(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1", village=THERE_VILLAGE)
    xa, one = officer(office), number(office, "alone")
    for way, fields in (("send-back", {"reason": "x"}), ("assign", {"to": ""})):
        assert xa.post(f"{LIST}/{one}/{way}", fields).status_code == 404
    assert state(office, one)[0] == "open"
