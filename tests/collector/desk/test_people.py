"""People on the desk: from a spreadsheet to paper, found again, told what came back to them."""

from __future__ import annotations

import io
import re

import pytest

from collector.accounts.permissions import MANAGER
from collector.actions.accounts import create_user, sign_in
from collector.clock import moment
from storage.database import db, transaction
from storage.models import AppUser, Assignment
from storage.queries import volunteers as queries
from tests.asked import answered, asked
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import book, settle
from tests.office import ADMIN_PASSWORD, NOW, GivenPhone, Office
from tests.phone import Phone, PhoneComplains, in_process

PEOPLE = (
    ("Lò Thị Mỷ", "0912345678", "Đoàn Thanh niên", "", "08926-001", ""),
    ("Giàng A Páo", "0387654321", "Hội Nông dân", "", "08926-002; 08926-003", ""),
    ("Vừ Thị Dợ", "", "Hội Phụ nữ", "", "08953-001", ""),
)


@pytest.fixture
def settled(office: Office) -> Office:
    """A server with places."""
    settle(office)
    return office


@pytest.fixture
def reader(settled: Office) -> Reader:
    """The administrator at the desk."""
    return Reader(settled)


def look(reader: Reader, data: bytes, name: str = "ds.xlsx", status: int = 200) -> Page:
    response = reader.post("/volunteers", {"file": (io.BytesIO(data), name)})
    assert response.status_code == status, response.text
    return Page(response)


def bring(reader: Reader, *rows: tuple[str, ...]) -> Page:
    """Send a list, look at it, enter it; the page of the batch."""
    [field] = look(reader, book(*rows)).find("//input[@name='ticket']")
    return reader.send("/volunteers/enter", {"ticket": str(field.get("value"))})


def number_of(office: Office, name: str) -> int:
    with office.app.app_context():
        [line] = [one for one in queries.phone_lines(db.session(), 1) if one.name == name]
        return line.actor_id


def address(page: Page) -> str:
    [field] = page.find("//input[@id='url']")
    return str(field.get("value"))


def test_a_list_is_looked_at_before_anybody_is_entered(settled: Office, reader: Reader) -> None:
    seen = look(reader, book(*PEOPLE))
    assert "3 people can be entered" in seen.main
    assert "Bản Pho Mới, Xã Mường Lai" in seen.main
    assert reader.page("/phones").find("//tbody/tr") == []
    [ticket] = [str(field.get("value")) for field in seen.find("//input[@name='ticket']")]
    made = reader.send("/volunteers/enter", {"ticket": ticket})
    assert "3 people entered" in made.main
    # An impatient finger makes nobody twice.
    again = reader.send("/volunteers/enter", {"ticket": ticket})
    assert again.main == made.main
    assert len(reader.page("/phones").find("//tbody/tr")) == 3
    assert number_of(settled, "Lò Thị Mỷ")


def test_a_wrong_list_enters_nobody_and_says_where(reader: Reader) -> None:
    seen = look(reader, book(*PEOPLE, ("Sùng A Chu", "12", "", "Mường Lai", "Nà Tông 9", "f99")), status=400)
    assert "3 things are wrong, so nobody was entered" in seen.main
    rows = [row.text_content().split() for row in seen.find("(//table[.//th='What to do'])[1]//tbody/tr")]
    assert {row[0] for row in rows} == {"5"}
    assert "Did you mean: “Thôn Nà Tông”?" in seen.main
    assert reader.page("/phones").find("//tbody/tr") == []


@pytest.mark.parametrize(
    ("data", "said"), [(b"nonsense", "neither an Excel"), (b"PK\x03\x04", "cannot be opened")]
)
def test_what_is_no_list_is_told_apart(reader: Reader, data: bytes, said: str) -> None:
    assert said in look(reader, data, status=400).main


def test_nobody_enters_what_another_looked_at(settled: Office, reader: Reader) -> None:
    [field] = look(reader, book(*PEOPLE)).find("//input[@name='ticket']")
    other = Reader(settled, "truong.phong", MANAGER)
    for ticket in (str(field.get("value")), "x", ""):
        assert other.post("/volunteers/enter", {"ticket": ticket}).status_code == 400


def test_a_file_is_taken_back_as_a_whole(settled: Office, reader: Reader) -> None:
    made = bring(reader, *PEOPLE)
    [undo] = [str(one.get("action")) for one in made.find("//form[contains(@action, '/undo')]")]
    form = settled.publish(asked("house", "1", "head age:int"), filename="house.xml")
    shown = reader.page(f"/phones/{number_of(settled, 'Lò Thị Mỷ')}")
    token = re.sub(r".*/key/([^/]+)/.*", r"\1", address(shown))
    given = GivenPhone(number_of(settled, "Lò Thị Mỷ"), token, f"/v1/key/{token}/projects/1")
    Volunteer(settled, given, form=form).send(answered("house", "1", "<head>A</head>", instance_id="uuid:1"))
    told = reader.send(undo)
    assert "2 people were taken back." in told.main
    assert "1 person has sent records and keeps the access." in told.main
    assert len(reader.page("/phones").find("//tbody/tr")) == 1
    assert "taken back already" in reader.refused(undo, status=409).main


SEARCHES = {
    "q=lo thi my": ["Lò Thị Mỷ"],
    "q=LÒ": ["Lò Thị Mỷ"],
    "q=0387": ["Giàng A Páo"],
    "q=ban pho": ["Vừ Thị Dợ", "Giàng A Páo"],
    "q=tan linh": ["Vừ Thị Dợ"],
    "q=08926-003": ["Giàng A Páo"],
    "place=08926": ["Giàng A Páo", "Lò Thị Mỷ"],
    "place=08": ["Vừ Thị Dợ", "Giàng A Páo", "Lò Thị Mỷ"],
    "org=Hội Phụ nữ": ["Vừ Thị Dợ"],
    "state=seen": [],
    "state=never&q=pao": ["Giàng A Páo"],
    "state=withdrawn": [],
    "q=nobody": [],
}


def test_people_are_found_by_what_is_remembered_of_them(reader: Reader) -> None:
    bring(reader, *PEOPLE)
    found = {query: reader.page(f"/phones?{query}").texts("//tbody/tr/td[1]//a") for query in SEARCHES}
    assert found == SEARCHES


def test_a_long_list_comes_in_pages(reader: Reader) -> None:
    bring(reader, *[(f"Người {n:03}", "", "", "", "08926-001", "") for n in range(120)])
    first = reader.page("/phones")
    assert "120 people, page 1 of 3" in first.main
    assert first.texts("//tbody/tr/td[1]//a")[0] == "Người 119"
    last = reader.page("/phones?page=3")
    assert len(last.texts("//tbody/tr/td[1]//a")) == 20
    assert reader.page("/phones?page=99").find("//tbody/tr") == []


@pytest.mark.parametrize("per", [1, 4, 8])
def test_codes_are_printed_with_pins_that_work(settled: Office, reader: Reader, per: int) -> None:
    bring(reader, *PEOPLE)
    plain = Page(reader.post("/phones/sheet", {"all": "1", "per": str(per)}))
    assert (plain.texts("//article//h2"), plain.find("//*[@class='pin']")) == (
        ["Vừ Thị Dợ", "Giàng A Páo", "Lò Thị Mỷ"],
        [],
    )
    assert plain.find("//body")[0].get("class") == f"per{per}"
    assert len(plain.find("//article//*[name()='svg']")) == 3
    chosen = [str(number_of(settled, name)) for name in ("Lò Thị Mỷ", "Vừ Thị Dợ")]
    with_pins = Page(reader.post("/phones/sheet", {"phone": chosen, "pins": "1", "per": str(per)}))
    # Who has no phone number could not use a PIN and gets none.
    [pin] = with_pins.texts("//p[@class='pin']/strong")
    mine = Page(Reader(settled, "").post("/qr", {"phone": "0912 345 678", "pin": pin.replace(" ", "")}))
    assert "Lò Thị Mỷ" in mine.main
    assert reader.get("/phones/sheet?all=1&pins=1").text.count('class="pin"') == 0


def test_a_volunteer_gets_his_code_again_by_himself(settled: Office, reader: Reader) -> None:
    settled.publish(asked("house", "1", "head age:int"), filename="house.xml")
    bring(reader, *PEOPLE)
    number = number_of(settled, "Lò Thị Mỷ")
    shown = Page(reader.post(f"/phones/{number}/pin"))
    [pin] = shown.texts("//p[@class='secret']")
    stranger = Reader(settled, "")
    assert stranger.get("/qr").status_code == 200
    wrong = {
        stranger.refused("/qr", {"phone": phone, "pin": said}, status=403).main
        for phone, said in (("0912345678", "000"), ("0999999999", "000"), ("x", ""), ("", pin))
    }
    assert len(wrong) == 1, "an unknown number is answered as a wrong PIN is"
    page = Page(stranger.post("/qr", {"phone": "+84912345678", "pin": pin}))
    [url] = [str(field.get("value")) for field in page.find("//input[starts-with(@id, 'url')]")]
    assert list(Phone(url, session=in_process(settled.app)).sync()) == ["house"]
    [ticket] = [str(field.get("value")) for field in page.find("//input[@name='ticket']")]
    picture = stranger.post("/qr/picture", {"ticket": ticket})
    assert picture.data.startswith(b"\x89PNG")
    assert stranger.post("/qr/picture", {"ticket": "x"}).status_code == 400
    with settled.app.app_context():
        held = db.session.get_one(AppUser, number)
        assert pin.replace(" ", "") not in f"{held.pin_hash}"


def test_after_ten_wrong_pins_there_is_a_wait(settled: Office, reader: Reader) -> None:
    bring(reader, *PEOPLE)
    stranger = Reader(settled, "")
    for _ in range(10):
        stranger.refused("/qr", {"phone": "0912345678", "pin": "1"}, status=403)
    assert "Wait 15 minutes" in stranger.refused("/qr", {"phone": "0912345678", "pin": "1"}, status=429).main


def test_a_lost_phone_is_withdrawn_with_a_reason_and_given_again(settled: Office, reader: Reader) -> None:
    bring(reader, *PEOPLE)
    path = f"/phones/{number_of(settled, 'Lò Thị Mỷ')}"
    lost = address(reader.page(path))
    reader.send(f"{path}/revoke", {"reason": "phone lost"})
    with pytest.raises(PhoneComplains, match="403"):
        Phone(lost, session=in_process(settled.app)).sync()
    assert "phone lost" in reader.page(path).main
    assert reader.post(f"{path}/pin").status_code == 404
    again = address(reader.send(f"{path}/renew"))
    assert again != lost
    assert list(Phone(again, session=in_process(settled.app)).sync()) == []
    with pytest.raises(PhoneComplains, match="403"):
        Phone(lost, session=in_process(settled.app)).sync()


def test_number_organisation_and_places_can_be_changed(settled: Office, reader: Reader) -> None:
    bring(reader, *PEOPLE)
    path = f"/phones/{number_of(settled, 'Lò Thị Mỷ')}"
    changed = {"phone": "0987 654 321", "organisation": "Hội Phụ nữ", "places": "Nà Tông; 08953-002"}
    shown = reader.send(f"{path}/edit", changed)
    assert "Thôn Nà Tông, Xã Mường Lai" in shown.main
    assert "Thôn 1, Xã Tân Lĩnh" in shown.main
    assert "0987654321" in shown.main
    assert "no phone number" in reader.refused(f"{path}/edit", {**changed, "phone": "1"}).main
    assert "several places “Bản Pho”" in reader.refused(f"{path}/edit", {**changed, "places": "Bản Pho"}).main


def officer(office: Office, code: str) -> Reader:
    """A manager of one commune."""
    with office.app.app_context(), transaction() as session:
        made = create_user(session, "xa", ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=made.actor_id, role=MANAGER, project_id=1, place_code=code))
        token = sign_in(session, made, now=moment()).token
    reader = Reader(office, "")
    reader.client.set_cookie("collector_session", token)
    return reader


def test_a_commune_sees_and_gives_only_its_own(settled: Office, reader: Reader) -> None:
    bring(reader, *PEOPLE)
    own = officer(settled, "08926")
    assert own.page("/phones").texts("//tbody/tr/td[1]//a") == ["Giàng A Páo", "Lò Thị Mỷ"]
    foreign = number_of(settled, "Vừ Thị Dợ")
    for path in (f"/phones/{foreign}", f"/phones/{foreign}/qr.svg"):
        assert own.get(path).status_code == 404
    for path in ("pin", "renew", "revoke", "edit"):
        assert own.post(f"/phones/{foreign}/{path}").status_code == 404
    assert own.post("/phones/sheet", {"phone": str(foreign), "pins": "1"}).text.count("<article") == 0
    refused = look(own, book(("A", "", "", "", "08953-001", "")), status=400)
    assert "no place “08953-001”" in refused.main or "outside the places of your account" in refused.main
    assert "1 person entered" in bring(own, ("Má A Lử", "", "", "", "08926-001", "")).main


FORM = asked("house", "1", "head age:int", submission='<submission odk:client-editable="true"/>')


def test_a_record_is_sent_back_corrected_and_found_among_the_answered(
    settled: Office, reader: Reader
) -> None:
    form = settled.publish(FORM, filename="house.xml")
    given = settled.phone("Lò Thị Mỷ")
    volunteer = Volunteer(settled, given, form=form)
    for number in (1, 2):
        volunteer.send(
            answered("house", "1", f"<head>H{number}</head><age>4</age>", instance_id=f"uuid:{number}")
        )
    told = reader.send("/surveys/house/send-back", {"record": ["uuid:1", "uuid:2"], "reason": "Tuổi chủ hộ?"})
    assert "2 records are sent back." in told.main
    [letter] = told.texts("//textarea")
    assert "Lò Thị Mỷ" in letter
    assert letter.count("→ Tuổi chủ hộ?") == 2
    assert "/qr" in letter
    assert (
        reader.page("/surveys/house/submissions").texts("//tbody//*[@class='pill bad']") == ["sent back"] * 2
    )
    assert "Tuổi chủ hộ?" in reader.page(f"/phones/{given.actor_id}").main
    assert "waiting for a correction" in reader.page("/surveys/house/submissions/uuid:1").main
    volunteer.send(
        answered("house", "1", "<head>H1</head><age>41</age>", instance_id="uuid:9", replaces="uuid:1")
    )
    assert len(reader.page("/sent-back").find("//main//li")) == 1
    answered_page = reader.page("/sent-back?answered=1")
    assert len(answered_page.find("//tbody/tr")) == 1
    assert "Sent back and answered" in reader.page("/surveys/house/submissions/uuid:1").main
    [settle_] = [
        str(one.get("action"))
        for one in reader.page("/sent-back").find("//form[contains(@action, 'settle')]")
    ]
    reader.send(settle_)
    assert "settled without a correction" in reader.page("/sent-back?answered=1").main


def test_a_record_is_not_sent_back_without_a_reason(settled: Office, reader: Reader) -> None:
    form = settled.publish(FORM, filename="house.xml")
    Volunteer(settled, form=form).send(answered("house", "1", "<head>H</head>", instance_id="uuid:1"))
    assert (
        "Say what has to be corrected"
        in reader.send("/surveys/house/send-back", {"record": "uuid:1", "reason": " "}).text
    )
    assert "Tick at least one record" in reader.send("/surveys/house/send-back", {"reason": "x"}).text
    assert reader.post("/surveys/house/send-back", {"record": "uuid:x", "reason": "x"}).status_code == 404
    assert "No record here" in reader.page("/sent-back").main


def test_a_volunteer_sees_what_came_back_when_he_fetches_his_code(settled: Office, reader: Reader) -> None:
    form = settled.publish(FORM, filename="house.xml")
    bring(reader, *PEOPLE)
    number = number_of(settled, "Lò Thị Mỷ")
    token = re.sub(r".*/key/([^/]+)/.*", r"\1", address(reader.page(f"/phones/{number}")))
    given = GivenPhone(number, token, f"/v1/key/{token}/projects/1")
    Volunteer(settled, given, form=form).send(answered("house", "1", "<head>H</head>", instance_id="uuid:1"))
    reader.send("/surveys/house/send-back", {"record": "uuid:1", "reason": "Thiếu tuổi"})
    [pin] = Page(reader.post(f"/phones/{number}/pin")).texts("//p[@class='secret']")
    page = Page(Reader(settled, "").post("/qr", {"phone": "0912345678", "pin": pin.replace(" ", "")}))
    assert "Thiếu tuổi" in page.main
