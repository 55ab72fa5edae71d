"""A campaign on the desk: by commune and village, whom to ask, what to send on, changed with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from collector.actions import campaigns
from collector.actions.accounts import NewPhone, create_app_user
from storage.database import db, transaction
from storage.models import Assignment, Audit, Campaign, Place
from storage.queries import actors
from tests.collector.desk.reader import Page, Reader
from tests.collector.test_campaigns import a_province, send, wanted
from tests.office import NOW, Office

IN_TIME, LATE = datetime(2025, 9, 5, 16, 59, tzinfo=UTC), datetime(2025, 9, 5, 17, 0, tzinfo=UTC)
DATES = {
    "opens_on": date(2025, 8, 1),
    "due_on": date(2025, 9, 5),
    "period_from": date(2025, 8, 1),
    "period_to": date(2025, 10, 31),
}
OVER, RUNNING = 1, 2
"""The campaigns of the office: one whose last day is long ago, one that has time for ever."""


def made_up(office: Office) -> Office:
    """Of Xã Một one village in time and one late; of Xã Hai nothing, one of its names a formula."""
    with office.app.app_context():
        a_province(office)
        with transaction() as session:
            session.get_one(Place, "00002-002").name = "=Bản Dền"
            campaigns.create(session, 1, wanted(name="Rà soát 2025", **DATES), now=NOW)
            running = DATES | {"due_on": date(2099, 1, 1), "period_to": date(2099, 2, 1)}
            campaigns.create(session, 1, wanted(name="Còn lâu", key="far", **running), now=NOW)
            phone = NewPhone(1, "Giàng A Páo", None, ("00002-001",), phone="0912345678")
            create_app_user(session, phone, office.parts.vault, now=NOW)
        send(office, "00001-001", received=IN_TIME, reported=date(2025, 8, 20))
        send(office, "00001-002", received=LATE, reported=date(2025, 8, 20))
    return office


@pytest.fixture(scope="module")
def held(kept_office: Office) -> Office:
    """For all who only read."""
    return made_up(kept_office)


@pytest.fixture(scope="module")
def reader(held: Office) -> Reader:
    return Reader(held)


def rows(page: Page) -> dict[str, list[str]]:
    """The table of a page: its first column to those after it."""
    lines = page.find("//main//table/tbody/tr")
    found = [[" ".join(cell.text_content().split()) for cell in line.xpath("th|td")] for line in lines]
    return {line[0]: line[1:] for line in found}


def test_the_board_says_of_each_commune_how_it_stands(reader: Reader) -> None:
    found = rows(reader.page(f"/campaigns/{OVER}"))
    assert list(found) == ["Xã Hai", "Xã Một"]
    assert found["Xã Hai"][:5] == ["0/2", "0%", "0", "2", "nothing yet"]
    assert found["Xã Một"][:5] == ["2/2", "100%", "1", "0", "06/09/2025 00:00"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("only=late", ["Xã Một"]),
        ("only=missing", ["Xã Hai"]),
        ("q=XA+mot", ["Xã Một"]),
        ("sort=name", ["Xã Hai", "Xã Một"]),
        ("sort=last", ["Xã Hai", "Xã Một"]),
        ("sort=share", ["Xã Hai", "Xã Một"]),
        ("q=zzz", []),
        ("only=nonsense&sort=&form=none", ["Xã Hai", "Xã Một"]),
    ],
)
def test_the_board_is_narrowed_and_sorted(reader: Reader, query: str, names: list[str]) -> None:
    page = reader.page(f"/campaigns/{OVER}?{query}")
    assert list(rows(page)) == names
    assert names or "No commune is like this." in page.main


def test_names_are_ready_to_be_sent_on(reader: Reader) -> None:
    page = reader.page(f"/campaigns/{OVER}")
    (missing,) = page.find("//button[@aria-label='Copy who of Xã Hai has not sent']")
    assert (
        missing.get("data-text")
        == "Rà soát – Xã Hai: not yet received from Bản Cọ, =Bản Dền. Last day: 05/09/2025."
    )
    (late,) = page.find("//button[@aria-label='Copy who of Xã Một was late']")
    assert late.get("data-text") == "Rà soát – Xã Một: came after the last day (05/09/2025) from Bản Bó."
    assert page.texts("//textarea[@id='text-missing-1']") == [
        "Rà soát – not yet received (last day: 05/09/2025): Xã Hai: Bản Cọ, =Bản Dền"
    ]
    assert page.texts("//textarea[@id='text-late-1']") == [
        "Rà soát – came after the last day (05/09/2025): Xã Một: Bản Bó"
    ]


def test_the_reminder_fits_the_day(reader: Reader) -> None:
    (over,) = reader.page(f"/campaigns/{OVER}").texts("//textarea[@id='text-remind']")
    assert over.startswith("“Rà soát”: the last day, 05/09/2025, is over. Received: 2 of 4.")
    assert over.endswith("Please send at once what is missing: Xã Hai (2).")
    (early,) = reader.page(f"/campaigns/{RUNNING}").texts("//textarea[@id='text-remind']")
    assert early.endswith("days, on 01/01/2099. Received: 2 of 4. Still awaited: Xã Hai (2).")


def test_the_map_leads_to_each_commune_and_says_how_it_stands(reader: Reader) -> None:
    page = reader.page(f"/campaigns/{OVER}")
    looks = {one.get("href"): one.get("class") for one in page.find("//svg[contains(@class, 'places')]/a")}
    assert looks == {
        f"/campaigns/{OVER}/communes/00001": "look-fair",
        f"/campaigns/{OVER}/communes/00002": "look-bad",
    }
    assert "Xã Hai: 0/2, 2 not in yet" in page.texts("//svg//title")
    waiting = reader.page(f"/campaigns/{RUNNING}")
    assert {one.get("class") for one in waiting.find("//svg[contains(@class, 'places')]/a")} == {
        "look-good",
        "look-none",
    }


def test_a_commune_is_seen_village_by_village_with_who_reports_there(reader: Reader) -> None:
    page = reader.page(f"/campaigns/{OVER}/communes/00002")
    found = rows(page)
    assert found["Bản Cọ"] == ["missing", "", "", "Giàng A Páo 0912345678"]
    assert found["=Bản Dền"][-1] == "nobody has a phone for it"
    assert "tel:0912345678" in page.links()
    assert [one.get("data-key") for one in page.find("//nav//a[@data-key]")] == ["n"]
    first = reader.page(f"/campaigns/{OVER}/communes/00001")
    assert rows(first)["Bản Bó"][:3] == ["late", "06/09/2025 00:00", "1 record"]
    assert any("place=00001-002" in link for link in first.links())


def test_one_who_sees_no_phones_and_no_records_is_shown_neither(held: Office) -> None:
    page = Reader(held, "lanh-dao", VIEWER).page(f"/campaigns/{OVER}/communes/00002")
    assert "Giàng A Páo" not in page.source
    assert "0912345678" not in page.source
    assert not [link for link in page.links() if "submissions" in link]
    assert "missing" in rows(page)["Bản Cọ"]


def test_an_officer_sees_his_commune_and_no_other(held: Office) -> None:
    officer = Reader(held, "xa-mot", REVIEWER)
    with held.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, "xa-mot")
        assert user is not None
        session.execute(
            update(Assignment).where(Assignment.actor_id == user.actor_id).values(place_code="00001")
        )
    page = officer.page(f"/campaigns/{OVER}")
    assert list(rows(page)) == ["Xã Một"]
    assert "Xã Hai" not in page.source
    assert officer.get(f"/campaigns/{OVER}/communes/00002").status_code == 404
    assert "Bản Cọ" not in officer.get(f"/campaigns/{OVER}/board.csv").text


def test_the_table_holds_every_unit_and_no_formula(reader: Reader) -> None:
    answer = reader.get(f"/campaigns/{OVER}/board.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert f"campaign-{OVER}_count_" in answer.headers["Content-Disposition"]
    head, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:2] == ["Commune", "Code of the commune"]
    assert lines[0] == ["Xã Hai", "00002", "Bản Cọ", "00002-001", "missing", "0", "", ""]
    assert {line[2] for line in lines} == {"Bản Cọ", "'=Bản Dền", "Bản Áng", "Bản Bó"}
    assert "Xã Hai" not in reader.get(f"/campaigns/{OVER}/board.csv?only=late").text


def test_a_place_or_a_campaign_that_is_not_there(reader: Reader) -> None:
    reader.page(f"/campaigns/{OVER}/communes/99999", 404)
    reader.page("/campaigns/999/communes/00001", 404)
    reader.page("/campaigns/999/board.csv", 404)


@pytest.fixture
def changing(office: Office) -> Iterator[Reader]:
    with office.app.app_context():
        a_province(office)
        with transaction() as session:
            campaigns.create(session, 1, wanted(**DATES), now=NOW)
        send(office, "00001-001", received=LATE, reported=date(2025, 8, 20))
        yield Reader(office)


def test_a_campaign_is_changed_with_a_reason_that_is_kept(changing: Reader) -> None:
    assert rows(changing.page(f"/campaigns/{OVER}"))["Xã Một"][2] == "1"
    fields = {"name": "Rà soát  mới", "due_on": "2025-09-05", "grace_days": "3", "reason": "Sở gia hạn"}
    page = changing.send(f"/campaigns/{OVER}/edit", fields)
    assert page.texts("//h1") == ["Rà soát mới"]
    assert "3 days of grace" in page.main
    # What was late before lies within the grace now.
    assert rows(page)["Xã Một"][2] == "0"
    with transaction() as session:
        noted = session.scalars(select(Audit).where(Audit.action == "campaign.update")).one()
        assert noted.details == {
            "key": session.get_one(Campaign, OVER).key,
            "before": {"name": "Rà soát 2026", "due_on": "2025-09-05", "grace_days": 0},
        }
        assert noted.notes == "Sở gia hạn"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": " "}, "Write why the campaign is changed"),
        ({"due_on": "2025-07-01"}, "The last day has to be a day not before 01/08/2025"),
        ({"due_on": "ngày mai"}, "The last day has to be a day"),
        ({"grace_days": "61"}, "from 0 to 60"),
        ({"grace_days": "-1"}, "from 0 to 60"),
        ({"name": "  "}, "needs a name"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_what_was_typed_stays(
    held: Office, changed: dict[str, str], sentence: str
) -> None:
    fields = {"name": "Tên khác", "due_on": "2025-09-30", "grace_days": "2", "reason": "vì mưa lũ"} | changed
    page = Reader(held).refused(f"/campaigns/{OVER}/edit", fields)
    assert sentence in page.main
    assert page.find("//input[@id='due_on']")[0].get("value") == fields["due_on"]
    with held.app.app_context():
        assert db.session().get_one(Campaign, OVER).name == "Rà soát 2025"
        db.session.rollback()


def test_only_who_keeps_campaigns_changes_them(held: Office) -> None:
    officer = Reader(held, "can-bo", REVIEWER)
    assert officer.get(f"/campaigns/{OVER}/edit").status_code == 403
    assert "/edit" not in officer.page(f"/campaigns/{OVER}").source
    assert officer.post(f"/campaigns/{OVER}/edit", {"name": "x"}).status_code == 403


def test_ending_and_opening_again_is_noted(changing: Reader) -> None:
    assert "Open this campaign again" in changing.send(f"/campaigns/{OVER}/close").main
    assert "End this campaign" in changing.send(f"/campaigns/{OVER}/close").main
    with transaction() as session:
        actions = session.scalars(select(Audit.action).where(Audit.action.like("campaign.%"))).all()
    assert {"campaign.close", "campaign.open"} <= set(actions)


def test_who_keeps_one_commune_and_looks_at_all_is_told_only_of_its_own_volunteers(held: Office) -> None:
    officer = Reader(held, "hai-vai", VIEWER)
    with held.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, "hai-vai")
        assert user is not None
        session.add(Assignment(actor_id=user.actor_id, role=MANAGER, project_id=1, place_code="00001"))
    page = officer.page(f"/campaigns/{OVER}/communes/00002")
    assert "missing" in rows(page)["Bản Cọ"]
    assert "Giàng A Páo" not in page.source


@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "0001-01-01"])
def test_no_campaign_ends_after_all_days(held: Office, day: str) -> None:
    reader = Reader(held)
    fields = {"name": "Xa", "due_on": day, "grace_days": "0", "reason": "vì"}
    assert reader.post(f"/campaigns/{OVER}/edit", fields).status_code == 400
    new = {
        "name": "Xa",
        "opens_on": day,
        "due_on": day,
        "place": "00",
        "form": "count",
        "unit-count": "village",
    }
    assert reader.post("/campaigns/new", new).status_code == 400
    assert reader.post("/campaigns/calendar", {"year": str(int(day[:4]))}).status_code == 400
    assert reader.get(f"/campaigns/{OVER}").status_code == 200
