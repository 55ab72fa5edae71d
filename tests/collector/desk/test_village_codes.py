"""Codes of villages: a whole commune in one go, PINs on paper only, withdrawn together; receipts found."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.actions import village_codes
from collector.actions.accounts import create_user
from forms.receipts import receipt
from storage.database import db, transaction
from storage.models import AppUser, Assignment, Audit
from storage.queries import actors
from tests.collector.desk.reader import Field, Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import settle
from tests.collector.v1.program import filled, simple
from tests.office import ADMIN_PASSWORD, NOW, GivenPhone, Office

MUONG_LAI, TAN_LINH = "08926", "08953"
PIN = re.compile(r"PIN\s*(\d{3}) (\d{3})")


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator at the desk, with two communes on the map and a survey."""
    settle(office)
    office.publish(simple(), filename="simple.xml")
    return Reader(office)


def held(office: Office) -> dict[str, AppUser]:
    """The accesses of villages, by village."""
    with office.app.app_context():
        return {one.village: one for one in db.session.query(AppUser).all() if one.village is not None}


def look(reader: Reader, commune: str = MUONG_LAI, **fields: str) -> Page:
    """The preview of codes for all villages of a commune."""
    response = reader.post("/village-codes/look", {"commune": commune, "all": "1", "forms": "all", **fields})
    assert response.status_code == 200, response.text
    return Page(response)


def made(reader: Reader, commune: str = MUONG_LAI) -> Page:
    """Codes made for all villages of a commune; the page it leads to."""
    [ticket] = look(reader, commune).find("//input[@name='ticket']")
    return reader.send("/village-codes", {"ticket": str(ticket.get("value"))})


def states(reader: Reader, commune: str = MUONG_LAI) -> dict[str, str]:
    """What the list says of each village."""
    rows = reader.page(f"/village-codes?commune={commune}").find("//main//tbody/tr[.//input]")
    found = {}
    for row in rows:
        [name] = [str(box.get("aria-label")) for box in row.xpath(".//input")]
        found[name] = " ".join(row.xpath(".//span[contains(@class,'pill')]")[0].text_content().split())
    return found


def sheet(reader: Reader, phones: list[str], how: str = "missing") -> str:
    """The words of a printed sheet."""
    response = reader.post("/village-codes/sheet", {"phone": phones, "pins": how, "per": "8"})
    assert response.status_code == 200
    return Page(response).text


def test_all_villages_of_a_commune_get_a_code_in_one_go(office: Office, reader: Reader) -> None:
    assert set(states(reader).values()) == {"no code yet"}
    preview = look(reader)
    assert "3 villages get a code." in preview.main
    assert "Each may fill in every survey, also later ones" in preview.main
    assert held(office) == {}, "nothing is made by looking"
    page = made(reader)
    assert "3 codes made" in page.main
    found = held(office)
    assert {code: one.place_codes for code, one in found.items()} == {
        code: [code] for code in ("08926-001", "08926-002", "08926-003")
    }
    assert {one.actor.display_name for one in found.values()} == {"Thôn Nà Tông", "Bản Pho", "Bản Pho Mới"}
    assert len({one.short_code for one in found.values()}) == 3
    assert all(set(one.short_code or "") <= set(village_codes.LETTERS) for one in found.values())
    assert [one.pin_hash for one in found.values()] == [None] * 3
    assert list(states(reader).values()) == ["not printed yet"] * 3


def test_chosen_villages_for_chosen_surveys(office: Office, reader: Reader) -> None:
    other = office.publish(simple().replace(b'id="simple"', b'id="other"'), filename="other.xml")
    fields = {"commune": MUONG_LAI, "village": "08926-002", "forms": "some", "form": str(other.id)}
    page = Page(reader.post("/village-codes/look", fields))
    assert "1 village gets a code." in page.main
    [ticket] = page.find("//input[@name='ticket']")
    for _ in range(2):  # an impatient finger
        reader.send("/village-codes", {"ticket": str(ticket.get("value"))})
    [one] = held(office).values()
    assert (one.village, one.all_forms) == ("08926-002", False)
    with office.app.app_context():
        assert actors.form_ids_of(db.session(), one.actor_id) == {other.id}
    left = look(reader)
    assert "2 villages get a code." in left.main
    assert "1 village keeps the one it has." in left.main


def test_two_officers_do_the_same_commune_at_the_same_moment(office: Office, reader: Reader) -> None:
    tickets = [str(look(reader).find("//input[@name='ticket']")[0].get("value")) for _ in range(2)]
    both = [(reader if number == 0 else Reader(office), ticket) for number, ticket in enumerate(tickets)]
    with ThreadPoolExecutor(2) as two:
        answers = two.map(lambda one: one[0].post("/village-codes", {"ticket": one[1]}), both)
        assert [answer.status_code for answer in answers] == [303, 303]
    with office.app.app_context():
        assert db.session.query(AppUser).filter(AppUser.village.is_not(None)).count() == 3


def test_a_pin_stands_on_the_sheet_and_opens(office: Office, reader: Reader) -> None:
    made(reader)
    numbers = [str(one.actor_id) for one in held(office).values()]
    printed = sheet(reader, numbers)
    found = PIN.findall(printed)
    assert len(found) == 3
    for one in held(office).values():
        assert f"localhost/w/v/{one.short_code}" in printed
    assert "Xã Mường Lai" in printed
    assert "Thêm vào màn hình chính" in printed
    assert set(states(reader).values()) == {"never opened"}
    # Printed again, a village keeps its PIN, and nobody can read it any more.
    assert PIN.findall(sheet(reader, numbers)) == []
    before = {one.actor_id: one.pin_hash for one in held(office).values()}
    [again] = PIN.findall(sheet(reader, numbers[:1], "every"))
    now = {one.actor_id: one.pin_hash for one in held(office).values()}
    assert [number for number in now if now[number] != before[number]] == [int(numbers[0])]
    [code] = [one.short_code for one in held(office).values() if str(one.actor_id) == numbers[0]]
    wrong = f"{(int(''.join(again)) + 1) % 10**6:06}"
    tried = {pin: office.client().post(f"/w/v/{code}", json={"pin": pin}) for pin in ("".join(again), wrong)}
    assert [answer.status_code == 200 for answer in tried.values()] == [True, False]
    with office.app.app_context():
        assert db.session.query(Audit).filter_by(action="field_key.update").count() == 4
    pages = [f"/village-codes?commune={MUONG_LAI}", f"/village-codes.csv?commune={MUONG_LAI}"]
    pages.append(f"/phones/{numbers[0]}")
    assert [path for path in pages if "".join(again) in reader.get(path).text.replace(" ", "")] == []


def test_the_list_for_excel_has_addresses_and_no_pins(office: Office, reader: Reader) -> None:
    made(reader)
    lines = reader.get(f"/village-codes.csv?commune={MUONG_LAI}").data.decode("utf-8-sig").splitlines()
    codes = {one.village: one.short_code for one in held(office).values()}
    assert len(lines) == 4
    assert "PIN" not in lines[0]
    [row] = [line for line in lines if "Nà Tông" in line]
    assert f"http://localhost/w/v/{codes['08926-001']}" in row
    assert "not printed yet" in row


def test_what_nobody_has_opened_is_withdrawn_together(office: Office, reader: Reader) -> None:
    page = made(reader)
    [form] = [str(one.get("action")) for one in page.find("//form") if "undo" in str(one.get("action"))]
    used = held(office)["08926-001"]
    with office.app.app_context(), transaction() as session:
        session.get_one(AppUser, used.actor_id).last_used_at = NOW
    undone = reader.send(form)
    assert "2 codes were withdrawn." in undone.main
    assert "1 was opened already and keeps working." in undone.main
    assert states(reader) == {
        "Thôn Nà Tông": states(reader)["Thôn Nà Tông"],
        "Bản Pho": "no code yet",
        "Bản Pho Mới": "no code yet",
    }
    assert states(reader)["Thôn Nà Tông"] == "opened"
    # They may have codes again, others than those on the paper that was thrown away.
    before = {one.short_code for one in held(office).values()}
    made(reader)
    living = [one for one in held(office).values() if one.token_hash is not None]
    assert len(living) == 3
    assert len({one.short_code for one in living} - before) == 2


def test_one_that_was_withdrawn_gets_another(office: Office, reader: Reader) -> None:
    made(reader)
    old = held(office)["08926-001"]
    reader.send("/phones/withdraw", {"phone": str(old.actor_id), "reason": "đổi trưởng thôn"})
    assert states(reader)["Thôn Nà Tông"] == "withdrawn"
    made(reader)
    fresh = held(office)["08926-001"]
    assert fresh.actor_id != old.actor_id
    assert states(reader)["Thôn Nà Tông"] == "not printed yet"


def test_a_commune_is_looked_for(reader: Reader) -> None:
    offered = reader.page("/village-codes")
    assert [link for link in offered.links() if "commune=08953" in link]
    assert "Thôn 1" in reader.page("/village-codes?q=08953").main
    assert "No commune was found." in reader.page("/village-codes?q=ha+noi").main
    assert "Tick at least one village" in reader.refused("/village-codes/look", {"commune": TAN_LINH}).main


def test_a_manager_of_one_commune_sees_and_makes_only_its_own(office: Office, reader: Reader) -> None:
    made(reader, TAN_LINH)
    with office.app.app_context(), transaction() as session:
        for name, role in (("xa", MANAGER), ("kiem", REVIEWER)):
            user = create_user(session, name, ADMIN_PASSWORD, now=NOW)
            session.add(Assignment(actor_id=user.actor_id, role=role, project_id=1, place_code=MUONG_LAI))
    xa = Reader(office, "xa")
    assert "Thôn Nà Tông" in xa.page("/village-codes").main, "his one commune stands there at once"
    assert "Tân Lĩnh" not in xa.page("/village-codes?commune=08953").main
    fields: dict[str, Field] = {"commune": TAN_LINH, "village": ["08953-001", "08926-001"], "forms": "all"}
    page = Page(xa.post("/village-codes/look", fields))
    assert "1 village gets a code." in page.main
    theirs = held(office)["08953-001"].actor_id
    assert "0 sheets" in sheet(xa, [str(theirs)])
    assert Reader(office, "kiem").get("/village-codes").status_code == 403


def test_the_page_of_a_village_shows_its_address_and_a_new_pin(office: Office, reader: Reader) -> None:
    made(reader)
    one = held(office)["08926-001"]
    page = reader.page(f"/phones/{one.actor_id}")
    assert f"/w/v/{one.short_code}" in page.main
    assert "This village has no PIN yet" in page.main
    shown = reader.post(f"/phones/{one.actor_id}/pin")
    assert shown.status_code == 200
    [pin] = Page(shown).texts("//p[@class='secret']")
    assert re.fullmatch(r"\d{3} \d{3}", pin)


# Receipts -------------------------------------------------------------------------------------------


def test_a_receipt_leads_to_its_record(office: Office, reader: Reader) -> None:
    form = office.publish(simple("2"), filename="simple.xml")
    phone: GivenPhone = office.phone()
    volunteer = Volunteer(office, phone, form=form)
    for number, name in enumerate(("Lan", "Mỷ", "Páo")):
        volunteer.send(filled(f"uuid:{number}", name, 30, version="2"))
    record = reader.page("/surveys/simple/submissions/uuid:1")
    [number] = re.findall(r"receipt (\d{6}-\d)", record.main)
    there = reader.get(f"/receipts?q={number}")
    assert (there.status_code, there.headers["Location"]) == (303, "/surveys/simple/submissions/uuid%3A1")
    listed = reader.page(f"/surveys/simple/submissions?q={number}")
    found = {link.partition("?")[0].rpartition("/")[2] for link in listed.links("//tbody//a")}
    assert found == {"uuid%3A1"}
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert "is no receipt number" in Page(reader.get(f"/receipts?q={wrong}")).main
    nobodys = reader.get(f"/receipts?q={receipt(999999)}")
    assert (nobodys.status_code, "No record of your places" in Page(nobodys).main) == (404, True)
