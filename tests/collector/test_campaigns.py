"""A campaign knows what is due from whom, and who has sent: in time, late, not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from collector.actions import campaigns
from collector.actions.campaigns import NewCampaign, State
from collector.actions.start import surveys_folder
from storage.database import db, transaction
from storage.models import Campaign, CampaignForm, Form, Place, PlacePath, Submission
from storage.problems import CampaignUnusable, PlaceUnknown
from storage.queries.campaigns import forms_of
from tests.asked import answered
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.collector.v1.program import Program
from tests.office import Office

COUNT = """
| survey |
| | type    | name         | label        |
| | text    | village_code | Mã thôn, bản |
| | integer | illiterate   | Số người     |
| settings |
| | form_id | form_title | version |
| | count   | Rà soát    | 1       |
"""
OPENS, DUE = date(2026, 8, 1), date(2026, 9, 5)
IN_TIME = datetime(2026, 9, 5, 16, 59, tzinfo=UTC)
LATE = datetime(2026, 9, 5, 17, 0, tzinfo=UTC)


def test_a_deadline_ends_with_its_day_in_viet_nam(office: Office) -> None:
    with office.app.app_context():
        a_province(office)
        number = a_campaign()
        send(office, "00001-001", received=IN_TIME)
        send(office, "00001-002", received=LATE)
        before = standing(number, now=IN_TIME)
        after = standing(number, now=LATE)
    assert before == {
        "Bản Áng": State.RECEIVED,
        "Bản Bó": State.LATE,
        "Bản Cọ": State.WAITING,
        "Bản Dền": State.WAITING,
    }
    assert after["Bản Cọ"] is State.MISSING


def test_only_what_counts_is_received(office: Office) -> None:
    with office.app.app_context():
        a_province(office)
        number = a_campaign()
        send(office, "00001-001", received=IN_TIME, state="rejected")
        send(office, "00001-002", received=IN_TIME, deleted=True)
        send(office, "00002-001", received=IN_TIME, reported=date(2025, 8, 9))
        send(office, None, received=IN_TIME)
        assert set(standing(number, now=IN_TIME).values()) == {State.WAITING}


def test_a_village_that_is_no_unit_of_today_or_was_none_then_is_not_expected(office: Office) -> None:
    with office.app.app_context():
        a_province(office)
        with transaction() as session:
            session.get_one(Place, "00002-001").valid_to = date(2026, 7, 31)
            # What is closed meanwhile counts with what it became, where its records are by now.
            session.get_one(Place, "00002-002").valid_to = date(2026, 8, 31)
            session.get_one(Place, "00001-002").valid_from = date(2026, 11, 1)
        names = standing(a_campaign(), now=IN_TIME)
    assert set(names) == {"Bản Áng"}


def test_communes_with_most_to_come_stand_first(office: Office) -> None:
    with office.app.app_context():
        a_province(office)
        number = a_campaign()
        send(office, "00001-001", received=IN_TIME)
        session = db.session()
        (board,) = campaigns.boards(session, session.get_one(Campaign, number), now=IN_TIME)
        told = [(name, tally.arrived, tally.expected) for _code, name, tally in board.communes]
    assert told == [("Xã Hai", 0, 2), ("Xã Một", 1, 2)]
    assert (board.expected, board.arrived, board.of(State.WAITING)) == (4, 1, 3)


def test_a_commune_has_reported_once_one_of_its_villages_has(office: Office) -> None:
    with office.app.app_context():
        a_province(office)
        number = a_campaign(unit="commune")
        send(office, "00001-001", received=IN_TIME)
        send(office, "00001-002", received=IN_TIME)
        assert standing(number, now=IN_TIME) == {"Xã Một": State.RECEIVED, "Xã Hai": State.WAITING}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"forms": {}}, "forms"),
        ({"due_on": date(2026, 7, 1)}, "due_on"),
        ({"period_to": date(2020, 1, 1)}, "period_to"),
        ({"forms": {"count": "moon"}}, "unit"),
    ],
)
def test_a_campaign_that_cannot_be(office: Office, changes: dict[str, object], field: str) -> None:
    with office.app.app_context():
        a_province(office)
        with pytest.raises(CampaignUnusable) as refused, transaction() as session:
            campaigns.create(session, 1, wanted(**changes), now=IN_TIME)
    assert refused.value.details == {"field": field}


def test_a_campaign_in_no_place(office: Office) -> None:
    with office.app.app_context(), pytest.raises(PlaceUnknown), transaction() as session:
        campaigns.create(session, 1, wanted(place_code="99"), now=IN_TIME)


CALENDAR = """\
id,kind,province,title_vi,level,forms,units,opens,due,recurrence,source
f02,proposal,*,Rà soát người mù chữ,village,f02_village_count,village,08-01,09-05,yearly,
bq,deadline,08,Báo cáo năm,commune,f09_commune_annual f03_clc_profile,commune centre,11-01,12-09,yearly,V.11
lc,deadline,12,Tỉnh khác,commune,f09_commune_annual,commune,11-01,12-09,yearly,
term,deadline,*,Học kỳ I,centre,f05_class_report,class,12-15,01-09,school_year,
once,milestone,08,Thành lập,commune,f09_commune_annual,commune,2025-09-01,2025-12-30,once,
next,milestone,08,Mốc 2026,commune,f01_hh_survey,household,2026-11-01,2026-12-31,once,
idle,cycle,*,Hội nghị,province,f10_clc_rating,centre,,,yearly,
"""


def test_the_calendar_of_a_year(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(CALENDAR)
    entries = campaigns.read_calendar(path)
    with office.app.app_context():
        a_province(office)
        with transaction() as session:
            made = campaigns.load_calendar(session, 1, entries, year=2026, province="08", now=IN_TIME)
            told = {one.key: (one.opens_on, one.due_on, one.period_from, one.period_to) for one in made}
            names = [one.name for one in made]
            units = {
                one.key: {ask.xml_form_id: ask.unit for ask in forms_of(session, one.id)} for one in made
            }
        with transaction() as session:
            assert not campaigns.load_calendar(session, 1, entries, year=2026, province="08", now=IN_TIME)
    assert names == [
        "Rà soát người mù chữ (2026)",
        "Báo cáo năm (2026)",
        "Học kỳ I (2026)",
        "Mốc 2026 (2026)",
    ]
    assert told == {
        "f02": (date(2026, 8, 1), date(2026, 9, 5), date(2026, 8, 1), date(2026, 11, 4)),
        "bq": (date(2026, 11, 1), date(2026, 12, 9), date(2026, 1, 1), date(2026, 12, 31)),
        "term": (date(2025, 12, 15), date(2026, 1, 9), date(2025, 12, 15), date(2026, 3, 10)),
        "next": (date(2026, 11, 1), date(2026, 12, 31), date(2026, 11, 1), date(2027, 3, 1)),
    }
    assert units == {
        "f02": {"f02_village_count": "village"},
        "bq": {"f03_clc_profile": "centre", "f09_commune_annual": "commune"},
        "term": {"f05_class_report": "commune"},
        "next": {"f01_hh_survey": "village"},
    }


def test_the_calendar_of_the_programme_can_be_loaded_for_every_pilot_province(office: Office) -> None:
    entries = campaigns.read_calendar(surveys_folder() / "programme" / "calendar.csv")
    with office.app.app_context():
        a_province(office)
        with transaction() as session:
            made = campaigns.load_calendar(session, 1, entries, year=2026, province="08", now=IN_TIME)
            due = {one.key: one.due_on for one in made}
    assert due["moet_province_to_ministry"] == date(2026, 12, 19)
    assert due["cycle_village_count"] == date(2026, 9, 5)
    assert "lc_units_to_doet" not in due


def test_a_row_of_a_calendar_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(CALENDAR.replace("12-15,01-09", "12-15,ngày mai"))
    with pytest.raises(CampaignUnusable) as refused:
        campaigns.read_calendar(path)
    assert refused.value.details == {"field": "term"}


def test_who_has_not_sent_is_told_to_programs_and_on_a_page(office: Office) -> None:
    with office.app.app_context():
        a_province(office)
        number = a_campaign()
        send(office, "00001-001", received=IN_TIME)
    program = Program(office)
    told = program.get(f"/api/projects/1/campaigns/{number}")
    assert told["name"] == "Rà soát 2026"
    (form,) = told["forms"]
    assert (form["expected"], form["received"], form["late"]) == (4, 1, 0)
    assert [one["name"] for one in form["units"] if not one["records"]] == ["Bản Bó", "Bản Cọ", "Bản Dền"]
    assert [one["id"] for one in program.get("/api/projects/1/campaigns")] == [number]
    assert program.ask("GET", "/api/projects/1/campaigns/999").status_code == 404
    page = Reader(office).get(f"/campaigns/{number}")
    assert "Bản Cọ, Bản Dền" in page.text


def wanted(**changes: object) -> NewCampaign:
    fields: dict[str, object] = {
        "name": "Rà soát 2026",
        "place_code": "08",
        "opens_on": OPENS,
        "due_on": DUE,
        "period_from": OPENS,
        "period_to": date(2026, 10, 31),
        "forms": {"count": "village"},
    }
    return NewCampaign(**(fields | changes))  # type: ignore[arg-type]


def a_campaign(unit: str = "village") -> int:
    with transaction() as session:
        return campaigns.create(session, 1, wanted(forms={"count": unit}), now=IN_TIME).id


def a_province(office: Office) -> None:
    """Tuyên Quang with two communes of two villages each; the first has one that is not on the list yet."""
    office.publish(COUNT)
    tree = [
        ("08", "province", "Tỉnh Tuyên Quang", None),
        ("00001", "commune", "Xã Một", "08"),
        ("00002", "commune", "Xã Hai", "08"),
        ("00001-000", "village", "Chưa có trong danh sách", "00001"),
        ("00001-001", "village", "Bản Áng", "00001"),
        ("00001-002", "village", "Bản Bó", "00001"),
        ("00002-001", "village", "Bản Cọ", "00002"),
        ("00002-002", "village", "Bản Dền", "00002"),
    ]
    with transaction() as session:
        above: dict[str, list[str]] = {}
        for code, level, name, parent in tree:
            session.add(Place(code=code, level=level, name=name, parent_code=parent, sort_key=name))
            session.flush()
            above[code] = [code, *above.get(parent or "", [])]
            for depth, ancestor in enumerate(above[code]):
                session.add(PlacePath(ancestor=ancestor, descendant=code, depth=depth))


def send(
    office: Office,
    code: str | None,
    *,
    received: datetime,
    reported: date = date(2026, 8, 20),
    state: str | None = None,
    deleted: bool = False,
) -> None:
    """A record of a village as the server keeps it."""
    form, instance = db.session().query(Form).one(), new_id()
    xml = answered("count", "1", f"<village_code>{code or ''}</village_code>", instance_id=instance)
    assert Volunteer(office, form=form).post(xml).status_code == 201
    with transaction() as session:
        one = session.query(Submission).filter_by(instance_id=instance).one()
        one.place_code, one.reported_on, one.review_state = code, reported, state
        one.created_at = received
        one.deleted_at = received if deleted else None


def standing(number: int, *, now: datetime) -> dict[str, State]:
    """What is told of each unit, by name."""
    session = db.session()
    session.expire_all()
    campaign = session.get_one(Campaign, number)
    assert session.query(CampaignForm).filter_by(campaign_id=number).count() == 1
    (board,) = campaigns.boards(session, campaign, now=now)
    return {line.unit.name: line.state for line in board.lines}
