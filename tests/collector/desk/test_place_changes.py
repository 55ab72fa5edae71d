"""The map changed step by step: what moves along is seen first, follows, and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy import select

from collector.accounts.permissions import REVIEWER
from collector.actions import place_changes
from collector.actions.accounts import NewPhone, create_app_user
from storage.database import db, transaction
from storage.models import AppUser, Assignment, Audit, Campaign, PlaceChange
from tests.asked import answered
from tests.collector.desk.reader import Field, Reader
from tests.collector.openrosa.lists import map_planted
from tests.collector.openrosa.sending import Volunteer
from tests.collector.test_place_operations import ROUND
from tests.office import NOW, Office
from tests.tree import FOREIGN, HERE, HERE_VILLAGE, PROVINCE, THERE, THERE_VILLAGE

DAY = "2026-07-01"
MERGE = {"kind": "merge", "codes": THERE, "target": HERE, "name": "", "on": DAY, "basis": "NQ 12"}


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator, on the small map: a record, an officer, a phone and a campaign in each commune."""
    map_planted(office)
    volunteer = Volunteer(office, form=office.publish(ROUND))
    for number, place in enumerate((HERE_VILLAGE, THERE_VILLAGE, THERE)):
        xml = answered("rounds", "1", f"<place>{place}</place>", instance_id=f"uuid:{number}")
        assert volunteer.post(xml).status_code == 201
    office.session_token("canbo", REVIEWER)
    with office.app.app_context(), transaction() as session:
        session.scalars(select(Assignment).where(Assignment.role == REVIEWER)).one().place_code = THERE
        phones = {"Máy xã": (THERE,), "Máy hai xã": (HERE, THERE), "Máy thôn": (THERE_VILLAGE,)}
        for name, codes in phones.items():
            create_app_user(session, NewPhone(1, name, place_codes=codes), office.parts.vault, now=NOW)
        session.add(
            Campaign(
                project_id=1,
                key="",
                name="Đợt 6 tháng",
                place_code=THERE,
                period_from=date(2026, 1, 1),
                period_to=date(2026, 6, 30),
                opens_on=date(2026, 6, 1),
                due_on=date(2026, 7, 15),
                created_at=NOW,
            )
        )
    return Reader(office)


def tied(office: Office) -> Mapping[str, object]:
    """Where the officer, the phones and the campaign are."""
    with office.app.app_context():
        session = db.session()
        officers = session.scalars(select(Assignment.place_code).where(Assignment.role == REVIEWER)).all()
        phones = {one.actor.display_name: one.place_codes for one in session.scalars(select(AppUser))}
        campaign = session.scalars(select(Campaign.place_code)).one()
        session.rollback()
    return {"officers": list(officers), "campaign": campaign} | {
        name: codes for name, codes in phones.items() if name.startswith("Máy")
    }


BEFORE = {
    "officers": [THERE],
    "campaign": THERE,
    "Máy xã": [THERE],
    "Máy hai xã": [HERE, THERE],
    "Máy thôn": [THERE_VILLAGE],
}
AFTER = BEFORE | {"officers": [HERE], "campaign": HERE, "Máy xã": [HERE], "Máy hai xã": [HERE]}


def test_the_steps_lead_from_what_happens_to_done_and_back(office: Office, reader: Reader) -> None:
    kinds = reader.page(f"/places/{HERE}/change").links("//main//ul//a")
    assert [link.rpartition("=")[2] for link in kinds] == [
        "merge",
        "split",
        "move",
        "rename",
        "open",
        "close",
    ]
    asked = reader.page(f"/places/{HERE}/change?kind=merge")
    assert [one.get("value") for one in asked.find("//input[@name='codes']")] == [THERE]
    found = reader.page(f"/places/{HERE}/change?kind=merge&find={FOREIGN.lower()}")
    assert [one.get("value") for one in found.find("//input[@name='codes']")] == [THERE]
    seen = reader.refused(f"/places/{HERE}/change", MERGE, status=200)
    moving = dict(zip(seen.texts("//dl//dt"), seen.texts("//dl//dd"), strict=True))
    assert moving == {
        "records go along": "2",
        "accounts follow": "1",
        "phones follow": "2",
        "open campaigns follow": "1",
    }
    assert "canbo" in seen.main
    assert tied(office) == BEFORE
    done = reader.send(f"/places/{HERE}/change", MERGE | {"sure": "1", "people": "1"})
    assert "Done." in done.main
    assert "NQ 12" in done.main
    assert tied(office) == AFTER
    assert "Taken back" in reader.send(str(done.find("//main//form")[0].get("action")), {}).main
    assert tied(office) == BEFORE


def test_people_stay_where_they_were_if_that_is_asked_for(office: Office, reader: Reader) -> None:
    reader.send(f"/places/{HERE}/change", MERGE | {"sure": "1"})
    assert tied(office) == BEFORE
    ended = reader.page(f"/places/{THERE}")
    assert "Still tied to this unit" in ended.main
    assert "canbo" in ended.main


def test_what_moved_people_is_noted(office: Office, reader: Reader) -> None:
    reader.send(f"/places/{HERE}/change", MERGE | {"sure": "1", "people": "1"})
    with office.app.app_context():
        actions = db.session.scalars(select(Audit.action).order_by(Audit.id)).all()
        db.session.remove()
    assert {"place.change", "user.assignment.delete", "user.assignment.create", "field_key.update"} <= set(
        actions
    )


def test_a_commune_is_divided_by_saying_where_each_village_goes(reader: Reader) -> None:
    form = reader.page(f"/places/{HERE}/change?kind=split")
    assert len(form.find("//select[starts-with(@name, 'to-')]")) == 2
    asked: dict[str, Field] = {
        "kind": "split", "on": DAY, "basis": "NQ 13", "parts": "2", "part_code": ["00715", "00716"],
        "part_name": ["Xã Lũng Cú", "Xã Mới"], f"to-{HERE_VILLAGE}": "2", "to-00715-002": "1",
    }  # fmt: skip
    seen = reader.refused(f"/places/{HERE}/change", asked, status=200)
    assert "Xã Mới" in seen.main
    assert [one.get("value") for one in seen.find("//input[@name='part_code']")] == ["00715", "00716"]
    reader.send(f"/places/{HERE}/change", asked | {"sure": "1"})
    assert "Thôn Lô Lô Chải" in reader.page("/places/00716").main
    assert "Thôn Lô Lô Chải" not in "".join(reader.page(f"/places/{HERE}").texts("//table[1]"))


def test_a_wrong_form_keeps_what_was_typed(reader: Reader) -> None:
    page = reader.refused(f"/places/{HERE}/change", MERGE | {"codes": "99999"})
    assert "99999" in page.texts("//p[@role='alert']")[0]
    assert page.find("//input[@name='basis']")[0].get("value") == "NQ 12"
    ended = reader.page("/places/00718/change")
    assert "This unit has ended." in ended.main


def test_many_records_follow_while_the_page_tells_how_far_they_are(
    office: Office, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.desk.place_changes.AT_ONCE", 0)
    done = reader.send(f"/places/{HERE}/change", MERGE | {"sure": "1", "people": "1"})
    assert "the records are still following" in done.main
    assert "0 of 1" in done.main
    with office.app.app_context():
        number = db.session.scalars(select(PlaceChange.id).order_by(PlaceChange.id.desc())).first()
        db.session.remove()
        assert place_changes.finish_interrupted(NOW) == 1
        assert place_changes.finish_interrupted(NOW) == 0
    response = reader.get(f"/places/changes/{number}")
    assert "Refresh" not in response.headers
    assert "Done." in response.text


def test_the_tree_opens_level_by_level_and_counts(reader: Reader) -> None:
    page = reader.page("/places?open=")
    assert page.texts("//a[@class='leaf']") == ["Tuyên Quang"]
    province = reader.page(f"/places?open={PROVINCE}")
    assert province.texts("//a[@class='leaf']") == ["Tuyên Quang", "Xã Lũng Cú", f"Xã {FOREIGN}"]
    assert "2 records 3 volunteers" in " ".join(province.texts(f"//li[@id='p-{THERE}']//span"))
    commune = reader.page(f"/places?open={HERE}")
    assert "Thôn Lô Lô Chải" in commune.texts("//a[@class='leaf']")
    place = reader.page(f"/places/{PROVINCE}")
    assert place.texts("//dl/div/dd") == ["3", "0", "3"]
