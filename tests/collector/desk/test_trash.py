"""The trash: what lies there, put back, thrown away again, gone for good."""

from __future__ import annotations

import pytest

from collector.accounts.permissions import MANAGER, REVIEWER
from storage.database import db
from storage.models import Audit
from storage.queries import trash
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.office import Office

HERE = "/surveys/simple/submissions"


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    form = kept_office.publish(simple(), filename="simple.xml")
    volunteer = Volunteer(kept_office, form=form)
    for number in range(4):
        volunteer.send(filled(f"uuid:{number}", f"Người {number}", 30))
    reader = Reader(kept_office)
    reader.send("/lists", {"name": "lop"})
    return kept_office


def things(reader: Reader, kind: str = "records") -> dict[str, str]:
    """What lies there, by the words beside it."""
    rows = reader.page(f"/trash?kind={kind}").find("//tbody/tr")
    return {
        " ".join(row.text_content().split()): str(row.xpath(".//input[@name='thing']")[0].get("value"))
        for row in rows
    }


def throw(reader: Reader, *numbers: int) -> list[str]:
    for number in numbers:
        reader.send(f"{HERE}/uuid:{number}/delete")
    return list(things(reader).values())


def test_what_was_deleted_says_by_whom_and_how_long_it_stays(office: Office) -> None:
    reader = Reader(office)
    assert "Nothing lies here" in reader.page("/trash").main
    [name] = throw(reader, 0)
    [said] = things(reader)
    assert "uuid:0" in said
    assert "admin" in said
    assert said.endswith((" 29", " 30"))
    done = Page(reader.post("/trash/restore", {"thing": name}))
    assert "1 thing was put back" in done.main
    assert things(reader) == {}
    assert reader.page(f"{HERE}/uuid:0").status == 200


def test_several_are_put_back_and_thrown_away_again(office: Office) -> None:
    reader = Reader(office)
    names = throw(reader, 0, 1, 2)
    done = Page(reader.post("/trash/restore", {"thing": names}))
    [ticket] = [str(one.get("value")) for one in done.find("//input[@name='ticket']")]
    assert things(reader) == {}
    undone = Page(reader.post("/trash/undo", {"ticket": ticket}))
    assert "3 things lie in the trash again" in undone.main
    assert set(things(reader).values()) == set(names)
    # Another's page, or a made-up one, undoes nothing.
    assert Reader(office, "khac", MANAGER).post("/trash/undo", {"ticket": ticket}).status_code == 403
    assert reader.post("/trash/undo", {"ticket": "x"}).status_code == 400
    assert "Tick what" in Page(reader.post("/trash/restore")).main
    reader.post("/trash/restore", {"thing": names})


def test_a_survey_comes_back_with_its_records_unless_another_has_its_id(office: Office) -> None:
    reader = Reader(office)
    program = {"Authorization": f"Bearer {office.session_token()}"}
    assert office.client().delete("/v1/projects/1/forms/simple", headers=program).status_code == 200
    [(said, name)] = things(reader, "forms").items()
    assert "4 records" in said
    assert "1 thing was put back" in Page(reader.post("/trash/restore", {"thing": name})).main
    assert reader.page(f"{HERE}/uuid:3").status == 200


def test_gone_for_good_only_by_an_administrator_who_types_the_name(office: Office) -> None:
    reader, manager = Reader(office), Reader(office, "quan.ly", MANAGER)
    [name] = throw(reader, 3)
    assert "Delete for good" not in manager.page("/trash").main
    assert manager.post("/trash/purge", {"thing": name, "typed": "uuid:3"}).status_code == 403
    asked = Page(reader.post("/trash/purge", {"thing": name}))
    [typed] = asked.texts("//*[@class='typed-name']")
    assert Page(reader.post("/trash/purge", {"thing": name, "typed": "sai"})).status == 400
    assert list(things(reader).values()) == [name]
    assert (
        "1 thing is gone for good" in Page(reader.post("/trash/purge", {"thing": name, "typed": typed})).main
    )
    assert things(reader) == {}
    reader.page(f"{HERE}/uuid:3", 404)
    with office.app.app_context():
        [noted] = [one for one in db.session.query(Audit) if one.action == "submission.purge"]
        assert noted.actor_id == office.admin_id
    # What does not lie deleted cannot be named.
    live = trash_number(office, "uuid:1")
    assert Page(reader.post("/trash/purge", {"thing": f"records:{live}", "typed": "uuid:1"})).status == 400
    assert reader.page(f"{HERE}/uuid:1").status == 200


def trash_number(office: Office, instance_id: str) -> int:
    reader = Reader(office)
    reader.send(f"{HERE}/{instance_id}/delete")
    with office.app.app_context():
        [one] = [one for one in trash.records(db.session(), 1, limit=9) if one.key == instance_id]
    reader.post("/trash/restore", {"thing": f"records:{one.number}"})
    return one.number


def test_who_puts_nothing_back_sees_no_trash(office: Office) -> None:
    officer = Reader(office, "can.bo", REVIEWER)
    assert officer.get("/trash").status_code == 403
    assert officer.post("/trash/restore", {"thing": "records:1"}).status_code == 403
