"""Outlines on the desk: looked at first, on every map once entered, taken back; bad files get a sentence."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from collector.accounts.permissions import MANAGER, VIEWER
from storage.cuts import within
from storage.database import db, transaction
from storage.models import Assignment, Audit, OutlineFile, PlaceOutline
from storage.queries import actors
from storage.queries.outlines import outlines_of
from storage.scope import Scope
from tests.collector.desk.reader import Field, Page, Reader, file
from tests.collector.test_campaigns import a_campaign, a_province
from tests.office import Office


@pytest.fixture
def reader(office: Office) -> Reader:
    with office.app.app_context():
        a_province(office)
        a_campaign()
    return Reader(office)


def only_in(office: Office, name: str, role: int, place: str) -> Reader:
    """Somebody whose role is held in one place."""
    made = Reader(office, name, role)
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, name)
        assert user is not None
        session.execute(
            update(Assignment).where(Assignment.actor_id == user.actor_id).values(place_code=place)
        )
    return made


def square(east: float) -> list[list[float]]:
    return [[east, 22.0], [east + 0.1, 22.0], [east + 0.1, 22.1], [east, 22.1], [east, 22.0]]


def areas(*named: tuple[object, float]) -> str:
    """A file of squares: what each is called, and how far east it lies."""
    features = [
        {
            "type": "Feature",
            "properties": {"ten_xa": name},
            "geometry": {"type": "Polygon", "coordinates": [square(east)]},
        }
        for name, east in named
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def look(reader: Reader, text: str, status: int = 200) -> Page:
    fields: dict[str, Field] = {
        "area": "08",
        "source": "Sở",
        "licence": "CC BY 4.0",
        "file": file("xa.geojson", text),
    }
    response = reader.post("/places/outlines", fields)
    assert response.status_code == status, response.text
    return Page(response)


def ticket_of(page: Page) -> str:
    """What the page of a file carries, to enter it."""
    return str(page.find("//input[@name='ticket']")[0].get("value"))


def kinds(reader: Reader) -> list[str]:
    """How the map of a campaign is drawn."""
    return [
        str(one.get("class"))
        for one in reader.page("/campaigns/1").find("//svg[contains(@class, 'places ')]")
    ]


def test_outlines_are_looked_at_entered_and_taken_back(reader: Reader, office: Office) -> None:
    page = look(reader, areas(("XA MOT", 105.0), ("xã hai", 105.1), ("Xã Lạ", 105.2)))
    assert "xa.geojson: 2 of 2 places have an outline." in page.main
    assert "Xã Lạ" in page.texts("//section[@aria-labelledby='strangers']")[0]
    with office.app.app_context():
        assert db.session().scalars(select(PlaceOutline)).all() == []
    ticket = ticket_of(page)
    assert kinds(reader) == ["places rows"]
    done = reader.send("/places/outlines/enter", {"ticket": ticket})
    assert "The outlines are on the maps now." in done.text
    assert "Sở · CC BY 4.0" in done.main
    assert kinds(reader) == ["places outlines"]
    assert reader.page("/campaigns/1").find("//svg//a/path[@class='land']")
    assert "taken back" in reader.send("/places/outlines/1/undo").main
    assert kinds(reader) == ["places rows"]
    again = reader.send("/places/outlines/1/undo")
    assert "There is no file of outlines 1 to be taken back." in again.text
    with office.app.app_context(), transaction() as session:
        noted = session.scalars(select(Audit.action).where(Audit.action.like("place.outline%"))).all()
        assert noted == ["place.outline", "place.outline_undo"]
        assert session.scalars(select(OutlineFile)).one().summary["unmatched"] == 1


def test_the_newest_file_counts_and_what_is_taken_back_uncovers_the_one_before(
    reader: Reader, office: Office
) -> None:
    for east in (105.0, 106.0):
        ticket = ticket_of(look(reader, areas(("Xã Một", east))))
        reader.send("/places/outlines/enter", {"ticket": ticket})
    assert east_of(office) == 106.05
    reader.send("/places/outlines/2/undo")
    assert east_of(office) == 105.05


def east_of(office: Office) -> float:
    """Where the outline in force of Xã Một has its middle."""
    with office.app.app_context():
        return round(outlines_of(db.session(), ["00001"])["00001"].middle.longitude, 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("xin chào", "it is not JSON."),
        (areas(("Xã Một", 12.0)), "12 degrees east, 22 degrees north is not in Viet Nam"),
        (areas(("Xã Lạ", 105.0)), "None of the 1 outlines belongs to a place of Tỉnh Tuyên Quang."),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_a_sentence(
    reader: Reader, text: str, sentence: str
) -> None:
    page = look(reader, text, 400)
    assert sentence in page.text.replace(".0 degrees", " degrees")
    assert page.find("//input[@id='source']")[0].get("value") == "Sở"


def test_no_file_and_a_ticket_of_somebody_else_are_refused(reader: Reader) -> None:
    assert "Choose a file first." in reader.refused("/places/outlines", {"area": "08"}).main
    assert reader.post("/places/outlines/enter", {"ticket": "made up"}).status_code == 400
    assert (
        reader.post("/places/outlines", {"area": "99", "file": file("x", areas(("a", 105)))}).status_code
        == 400
    )


@pytest.mark.usefixtures("reader")
def test_only_who_sees_the_whole_map_gives_it_outlines(office: Office) -> None:
    assert Reader(office, "so-gddt", MANAGER).get("/places/outlines").status_code == 200
    officer, leader = only_in(office, "xa", MANAGER, "00001"), Reader(office, "lanh-dao", VIEWER)
    for who in (officer, leader):
        assert who.get("/places/outlines").status_code == 403
        assert who.post("/places/outlines", {"file": file("x", "{}")}).status_code == 403
        assert who.post("/places/outlines/1/undo").status_code == 403


def test_outlines_of_places_one_does_not_see_are_not_given_to_him(reader: Reader, office: Office) -> None:
    ticket = ticket_of(look(reader, areas(("Xã Một", 105.0), ("Xã Hai", 105.1))))
    reader.send("/places/outlines/enter", {"ticket": ticket})
    page = only_in(office, "xa-mot", VIEWER, "00001").page("/campaigns/1")
    assert "Xã Hai" not in page.source
    with office.app.app_context(), within(Scope(("00001",))):
        assert set(outlines_of(db.session(), ["00001", "00002"])) == {"00001"}
