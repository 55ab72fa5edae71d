"""Whoever fills in forms in a browser: his home, the buttons that lead there, links anybody may fill by."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER, VIEWER
from collector.actions.accounts import create_user
from collector.clock import moment
from collector.desk.links import LONGEST_TEXT, text_for_zalo
from forms.values import HOME
from storage.database import db, transaction
from storage.models import Assignment, Audit, Campaign, CampaignForm, PublicLink
from storage.queries.forms import get_form
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import settle
from tests.collector.v1.program import filled, simple
from tests.office import ADMIN_PASSWORD, NOW, GivenPhone, Office

VILLAGE = "08926-001"


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator, with two communes on the map and two surveys."""
    settle(office)
    office.publish(simple(), filename="simple.xml")
    office.publish(simple().replace(b"simple", b"other").replace(b"Simple", b"Other"), filename="o.xml")
    return Reader(office)


def person(office: Office, name: str, role: int, place: str | None) -> Reader:
    """Somebody with that role in that place."""
    with office.app.app_context(), transaction() as session:
        user = create_user(session, name, ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=user.actor_id, role=role, project_id=1, place_code=place))
    return Reader(office, name)


def campaign(office: Office, name: str, place: str, days: int) -> None:
    """A campaign that asks for the first survey, due in so many days."""
    today = moment().astimezone(HOME).date()
    with office.app.app_context(), transaction() as session:
        made = Campaign(project_id=1, key=name, name=name, place_code=place, created_at=NOW)
        made.period_from = made.opens_on = today - timedelta(days=1)
        made.period_to = made.due_on = today + timedelta(days=days)
        session.add(made)
        session.flush()
        session.add(CampaignForm(campaign_id=made.id, xml_form_id="simple", unit="village"))


@pytest.mark.usefixtures("reader")
def test_a_village_head_finds_what_to_fill_in_and_until_when(office: Office) -> None:
    campaign(office, "Đợt của xã", "08926", 5)
    campaign(office, "Đợt xã bên", "08953", 2)
    form = office.publish(simple().replace(b"simple", b"over").replace(b"Simple", b"Over"), filename="c.xml")
    office.set_state(form, "closed")
    head = person(office, "truong.thon", DATA_COLLECTOR, VILLAGE)
    page = head.page("/")
    assert page.texts("//h1") == ["Forms to fill in"]
    assert "Thôn Nà Tông" in page.main
    assert page.texts("//main//li//strong") == ["Simple", "Other"], "what is due stands first"
    assert "5 days left" in page.main
    assert "Đợt xã bên" not in page.main
    assert "/w/" in page.links()


def test_who_may_fill_in_is_led_there_and_nobody_else(office: Office, reader: Reader) -> None:
    buttons = {path: "/w/" in reader.page(path).links() for path in ("/", "/surveys/simple")}
    assert buttons == dict.fromkeys(buttons, True)
    leader = person(office, "lanh.dao", VIEWER, None)
    assert [path for path in buttons if "/w/" in leader.page(path).links()] == []
    reader.send("/surveys/simple/state", {"state": "closed"})
    assert "/w/" not in reader.page("/surveys/simple").links()


SEARCHED = """
| survey |
| | type | name | label | appearance |
| | select_one thon | way | Đường vào thôn | search('thon') |
| choices |
| | list_name | name | label |
| | thon | ma | ten |
| settings |
| | form_id | version | form_title |
| | duong | 1 | Đường |
"""


def test_what_a_browser_cannot_do_is_said_by_question(office: Office, reader: Reader) -> None:
    office.publish(SEARCHED)
    office.draft(SEARCHED.replace("| duong | 1 |", "| duong | 2 |"))
    for path in ("/surveys/duong", "/surveys/duong/draft/publish"):
        [note] = reader.page(path).texts("//section[contains(@class,'lacks')]")
        assert "Đường vào thôn" in note, path
        assert "Use the app ODK Collect." in note, path
    assert [path for path in ("/surveys/duong", "/surveys/duong/draft") if _offers(reader, path)] == []
    assert "lacks" not in reader.page("/surveys/simple").source


def _offers(reader: Reader, path: str) -> bool:
    """Whether a page leads to filling in the browser."""
    return any(link.startswith("/w/") for link in reader.page(path).links())


# Links ----------------------------------------------------------------------------------------------


def link_of(office: Office) -> PublicLink:
    """The only link there is."""
    with office.app.app_context():
        return db.session.query(PublicLink).one()


def test_a_link_is_made_handed_on_counted_and_withdrawn(office: Office, reader: Reader) -> None:
    with office.app.app_context():
        form = get_form(db.session(), 1, "simple")
    assert "No link yet." in reader.page("/surveys/simple/links").main
    fields = {"name": "Họp Hội Phụ nữ", "places": VILLAGE, "how": "once"}
    shown = reader.send("/surveys/simple/links", fields)
    assert "once from each phone" in shown.main
    [text] = shown.texts("//textarea[@id='zalo']")
    [address] = re.findall(r"http://localhost/w/l/[A-Za-z0-9%]{64,}", text)
    assert len(text) <= LONGEST_TEXT
    assert "Phụ nữ" not in text
    [image] = [str(one.get("src")) for one in shown.find("//main//img")]
    assert b"<svg" in reader.get(image).data
    made = link_of(office)
    assert (made.once, made.place_codes) == (True, [VILLAGE])
    token = unquote(address.rpartition("/")[2])
    phone = GivenPhone(made.actor_id, token, f"/v1/key/{token}/projects/1")
    Volunteer(office, phone, form=form).send(filled("uuid:1", "Lan", 30))
    assert "1 record came by it" in reader.page(f"/surveys/simple/links/{made.actor_id}").main
    gone = reader.send(f"/surveys/simple/links/{made.actor_id}/revoke")
    assert "opens nothing any more" in gone.text
    assert link_of(office).token_hash is None
    assert reader.get(image).status_code == 404
    with office.app.app_context():
        several = db.session.query(Audit).filter(Audit.action.like("public_link.%")).order_by(Audit.id)
        assert [one.action for one in several] == ["public_link.create", "public_link.session.end"]


WRONG = (
    ({"name": "", "places": ""}, "Give the link a name"),
    ({"name": "Họp", "places": "Không Đâu"}, "There is no place"),
)


def test_what_is_wrong_with_a_link_is_said(reader: Reader) -> None:
    for fields, said in WRONG:
        assert said in reader.refused("/surveys/simple/links", fields).main


def test_whoever_works_in_a_commune_makes_links_for_it_only(office: Office, reader: Reader) -> None:
    manager = person(office, "xa", MANAGER, "08926")
    assert "Name the communes" in manager.refused("/surveys/simple/links", {"name": "Họp"}).main
    assert "no place" in manager.refused("/surveys/simple/links", {"name": "A", "places": "08953-001"}).main
    manager.send("/surveys/simple/links", {"name": "Họp thôn", "places": VILLAGE})
    assert "Họp thôn" in manager.page("/surveys/simple/links").main
    reader.send("/surveys/simple/links", {"name": "Cả tỉnh"})
    assert "Cả tỉnh" not in manager.page("/surveys/simple/links").main


def test_the_words_for_zalo_are_never_too_long(office: Office) -> None:
    address = "https://" + "so-lieu." * 10 + "vn/w/l/" + "a" * 64
    with office.app.test_request_context():
        texts = [text_for_zalo("Phiếu rà soát " * 40, address, once=once) for once in (True, False)]
    assert [address in text and len(text) <= LONGEST_TEXT for text in texts] == [True, True]
    assert texts[0] != texts[1]
