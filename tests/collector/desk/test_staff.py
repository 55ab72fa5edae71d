"""People at work, files to take away and settings, as those see them who may."""

from __future__ import annotations

import io
import zipfile

import pytest

from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from storage.database import db, transaction
from storage.models import AppUser, Batch, Submission
from storage.queries import actors
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import settle
from tests.collector.v1.program import filled, simple
from tests.collector.v1.shared import account
from tests.office import NOW, GivenPhone, Office

HERE, THERE = "08926", "08953"
FORMULA = '=HYPERLINK("x")'


@pytest.fixture(scope="module")
def phones(kept_office: Office) -> dict[str, GivenPhone]:
    """Two communes, a phone in each, one in both; records of the first two."""
    office = kept_office
    settle(office)
    form = office.publish(simple(), filename="simple.xml")
    given = {
        "here": office.phone("Lò Thị Mỷ", places=("08926-001",)),
        "there": office.phone("Giàng A Páo", places=("08953-001",)),
        "idle": office.phone("Vừ Thị An", places=("08926-002",)),
    }
    for place, name, several in (("08926-001", "here", range(3)), ("08953-001", "there", range(3, 5))):
        volunteer = Volunteer(office, given[name], form=form)
        for number in several:
            volunteer.send(filled(f"uuid:{number}", FORMULA if number == 0 else f"Người {number}", 30))
        with office.app.app_context(), transaction() as session:
            mine = session.query(Submission).filter_by(submitter_id=given[name].actor_id)
            mine.update({"place_code": place})
    account(office, "xa.lai", REVIEWER, place=HERE)
    account(office, "quanly.lai", MANAGER, place=HERE)
    return given


@pytest.fixture(scope="module")
def office(kept_office: Office, phones: dict[str, GivenPhone]) -> Office:
    assert phones
    return kept_office


def token_of(office: Office, given: GivenPhone) -> bytes | None:
    with office.app.app_context():
        return db.session().get_one(AppUser, given.actor_id).token_sealed


def test_people_have_one_entrance_with_what_each_may(office: Office) -> None:
    links = Reader(office).page("/people").links("//main//h2/a")
    assert {"/accounts", "/phones", "/volunteers", "/interviewers"} <= set(links)
    officer = Reader(office, "xa.lai").page("/people").links("//main//h2/a")
    assert "/interviewers" in officer
    assert "/accounts" not in officer
    assert "/phones" not in officer


def test_interviewers_stand_by_given_name_with_what_they_sent(
    office: Office, phones: dict[str, GivenPhone]
) -> None:
    page = Reader(office).page("/interviewers")
    names = [row.xpath("./td[1]/a")[0].text_content() for row in page.find("//tbody/tr")]
    assert names == ["Vừ Thị An", "Lò Thị Mỷ", "Giàng A Páo"]
    cells = [row.xpath("./td[2]")[0].text_content().strip() for row in page.find("//tbody/tr")]
    assert cells == ["0", "3", "2"]
    # Nothing on the page sorts people by what they did.
    assert not [link for link in page.links("//th//a") if link]
    sheet = Reader(office).page(f"/interviewers/{phones['here'].actor_id}")
    assert "Thôn Nà Tông" in sheet.main
    assert any(link.endswith("uuid%3A1") for link in sheet.links())


def test_an_officer_sees_the_interviewers_of_his_commune_only(
    office: Office, phones: dict[str, GivenPhone]
) -> None:
    officer = Reader(office, "xa.lai")
    shown = officer.page("/interviewers").main
    assert "Lò Thị Mỷ" in shown
    assert "Giàng A Páo" not in shown
    assert officer.get(f"/interviewers/{phones['here'].actor_id}").status_code == 200
    assert officer.get(f"/interviewers/{phones['there'].actor_id}").status_code == 404
    assert "Nobody was found" in officer.page("/interviewers?q=giang a pao").main


def test_many_phones_are_withdrawn_after_a_look_and_given_back_as_they_were(
    office: Office, phones: dict[str, GivenPhone]
) -> None:
    reader, before = Reader(office), token_of(office, phones["here"])
    ticked = [str(phones[name].actor_id) for name in ("here", "idle")]
    seen = Page(reader.post("/phones/many", {"phone": ticked}))
    assert "2 phones can then neither send nor get forms" in seen.main
    assert token_of(office, phones["here"]) == before
    done = reader.send("/phones/withdraw", {"phone": ticked, "reason": "phone lost"})
    assert "The access of 2 phones was withdrawn" in done.main
    assert "phone lost" in done.main
    assert office.client().get(f"{phones['here'].path}/formList").status_code == 403
    [undo] = [str(one.get("action")) for one in done.find("//form[contains(@action, '/undo')]")]
    # One got a new code meanwhile: that stays.
    reader.send(f"/phones/{phones['idle'].actor_id}/renew")
    renewed = token_of(office, phones["idle"])
    assert "1 phone has access again" in reader.send(undo).main
    assert office.client().get(f"{phones['here'].path}/formList").status_code == 200
    assert token_of(office, phones["idle"]) == renewed


def test_nobody_withdraws_a_phone_outside_of_his_places(
    office: Office, phones: dict[str, GivenPhone]
) -> None:
    manager, elsewhere = Reader(office, "quanly.lai"), str(phones["there"].actor_id)
    assert manager.post("/phones/many", {"phone": elsewhere}).status_code == 400
    manager.post("/phones/withdraw", {"phone": elsewhere})
    assert token_of(office, phones["there"]) is not None
    assert Reader(office, "xa.lai").post("/phones/withdraw", {"phone": elsewhere}).status_code == 403


def test_after_a_day_a_withdrawn_phone_does_not_come_back_by_itself(
    office: Office, phones: dict[str, GivenPhone]
) -> None:
    reader = Reader(office)
    done = reader.send("/phones/withdraw", {"phone": str(phones["idle"].actor_id)})
    [undo] = [str(one.get("action")) for one in done.find("//form[contains(@action, '/undo')]")]
    with office.app.app_context(), transaction() as session:
        session.query(Batch).filter_by(kind="withdrawal").update({"created_at": NOW})
    assert "more than 24 hours" in reader.send(undo).main
    with office.app.app_context():
        phone = actors.get_app_user(db.session(), 1, phones["idle"].actor_id)
        assert phone is not None
        assert phone.token_hash is None
    reader.send(f"/phones/{phones['idle'].actor_id}/renew")


def test_records_are_taken_away_for_excel_and_cut_to_places(office: Office) -> None:
    admin, officer = Reader(office), Reader(office, "xa.lai")
    page = admin.page("/downloads")
    assert "No names, no birth dates" in page.main
    assert "5 records" in page.main
    assert page.texts("//select[@name='place']/option")[1:] == ["Xã Mường Lai", "Xã Tân Lĩnh"]
    assert "3 records" in officer.page("/downloads").main
    whole = admin.get("/downloads/file?file=csv:simple").data.decode()
    assert whole.startswith("\ufeff")
    assert "uuid:4" in whole
    assert f",'{FORMULA[:6]}" in whole.replace('"', "")
    part = officer.get("/downloads/file?file=csv:simple").data.decode()
    assert "uuid:0" in part
    assert "uuid:4" not in part
    there = admin.get("/downloads/file?file=csv:simple&place=08953-001").data.decode()
    assert "uuid:4" in there
    assert "uuid:0" not in there
    assert "uuid:" not in admin.get("/downloads/file?file=csv:simple&to=2020-01-01").data.decode()
    with zipfile.ZipFile(io.BytesIO(admin.get("/downloads/file?file=zip:simple&photos=1").data)) as packed:
        assert "simple.csv" in packed.namelist()
    assert admin.get("/downloads/file?file=csv:nothing").status_code == 404
    assert admin.get("/downloads/file?file=exe:simple").status_code == 404
    assert "Nơi lạ" in Page(admin.get("/downloads/file?file=csv:simple&place=Nơi lạ")).main
    assert "form.submission.export" in admin.get("/log.csv").data.decode()


def test_a_leader_takes_figures_away_and_no_records(office: Office) -> None:
    leader = Reader(office, "lanh.dao", VIEWER)
    page = leader.page("/downloads")
    assert "/figures.csv" in {str(one.get("formaction")) for one in page.find("//button")}
    assert "CSV" in page.main
    assert "names, birth dates" not in page.main
    assert leader.get("/downloads/file?file=csv:simple").status_code == 403


def test_settings_show_each_what_he_may_and_the_server_to_its_keeper(office: Office) -> None:
    admin = Reader(office).page("/settings")
    assert {"/decisions", "/webhooks", "/log", "/trash", "/account/keys"} <= set(admin.links())
    for fact in ("Database", "Disk", "It never was at work", "HTTPS", "Backup"):
        assert fact in admin.main
    secrets = (office.settings.database_url, str(office.settings.home))
    assert not [one for one in secrets if one in admin.source]
    officer = Reader(office, "xa.lai").page("/settings")
    assert "/account/keys" in officer.links()
    assert not {"/decisions", "/webhooks", "/log", "/trash"} & set(officer.links())
    assert "Database" not in officer.main


def test_the_log_is_asked_for_by_person(office: Office, phones: dict[str, GivenPhone]) -> None:
    assert phones
    reader = Reader(office)
    shown = reader.page("/log?who=lo thi my").main
    assert "Lò Thị Mỷ" in shown
    assert "Giàng A Páo" not in shown
    assert "Nothing was done that fits" in reader.page("/log?who=khong ai ca").main
    assert "uuid:4" not in reader.get("/log.csv?who=lo thi my").data.decode()


def test_the_log_of_a_commune_names_nobody_of_another(office: Office) -> None:
    account(office, "xa.khac", REVIEWER, place=THERE)
    account(office, "xa.lai.2", REVIEWER, place=HERE)
    found = Reader(office, "quanly.lai").page("/log?who=xa").source
    assert "xa.lai.2" in found
    assert "xa.khac" not in found
    assert "xa.khac" in Reader(office).page("/log?who=xa").source
