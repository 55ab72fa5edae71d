"""The map on the desk: found, seen with its history, changed and changed back; villages from a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from collector.accounts.permissions import REVIEWER, VIEWER
from collector.actions.village_import import take_back_unfinished
from collector.clock import moment
from storage.database import db, transaction
from storage.models import Batch, Place
from storage.places.operations import changes_of
from storage.queries import places
from tests.collector.desk.reader import Field, Reader
from tests.copies import KINDS, fresh_database
from tests.country import settled
from tests.office import Office

HEAD = "Mã xã,Tên thôn/bản"


@pytest.fixture(params=KINDS)
def office(request: pytest.FixtureRequest, tmp_path: Path, shelf: Path) -> Iterator[Office]:
    """An office that knows the map."""
    with fresh_database(request.param, tmp_path, shelf, settled) as url:
        made = Office(tmp_path / "home", url)
        yield made
        made.close()


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator at its desk."""
    return Reader(office)


def day() -> str:
    return (moment() - timedelta(days=1)).date().isoformat()


def test_a_place_is_found_without_accents(reader: Reader) -> None:
    assert "Thành phố Hà Nội" in reader.page("/places").main
    found = reader.page("/places?q=lo+lo+chai")
    assert "Thôn Lô Lô Chải" in found.main
    assert "Xã Lũng Cú, Tuyên Quang" in found.main
    assert "No place was found" in reader.page("/places?q=zzz").main
    assert "Thôn Lô Lô Chải" not in reader.page("/places?q=lo+lo+chai&under=38").main


def test_a_unit_that_ended_is_found_by_the_name_people_still_say(reader: Reader) -> None:
    found = reader.page("/places?q=xa+vo+diem")
    assert found.texts("//table[caption='Units that exist no more']/tbody/tr/td[2]") == ["Xã Bằng Hành"]
    district = reader.page("/places?q=huyen+bac+quang")
    assert "No place was found" not in district.main
    assert "Huyện Bắc Quang" in district.main
    inside = "/places?q=xa+vo+diem&under="
    assert "exist no more" in reader.page(f"{inside}08").main
    assert "exist no more" not in reader.page(f"{inside}38").main


def test_a_place_tells_what_its_code_was(reader: Reader) -> None:
    shown = reader.page("/places/01153")
    assert "Thị trấn Việt Quang" in shown.main
    assert "Huyện Bắc Quang" in shown.main
    assert "Nghị quyết 1684/NQ-UBTVQH15" in shown.main
    ended = reader.page("/places/01159")
    assert "Xã Tân Quang" in ended.main
    assert "ended on" in ended.main


def test_a_merge_is_seen_before_it_is_done_and_can_be_taken_back(office: Office, reader: Reader) -> None:
    asked = {"kind": "merge", "codes": "01156", "target": "00715", "name": "", "on": day(), "basis": "NQ 1"}
    seen = reader.refused("/places/00715/change", asked, status=200)
    assert "What would change" in seen.main
    assert "Thôn Bình Long" in seen.main
    assert "ends" in seen.main
    assert "Thôn Bình Long" not in reader.page("/places/00715").main
    done = reader.send("/places/00715/change", {**asked, "sure": "1"})
    assert "Done." in done.main
    assert "NQ 1" in done.main
    # The unit the others went into has the way back too.
    merged = reader.page("/places/00715")
    assert "Thôn Bình Long" in merged.main
    assert "Legal basis" in merged.main
    with office.app.app_context():
        number = changes_of(db.session())[0].id
    assert "Taken back" in reader.send(f"/places/changes/{number}/undo", {}).main
    assert "Thôn Bình Long" not in reader.page("/places/00715").main


def test_a_village_is_added_renamed_and_closed_by_hand(reader: Reader) -> None:
    added = {"kind": "open", "code": "00715-005", "target": "00715", "level": "village", "name": "Thôn Mới"}
    reader.send("/places/00715/change", {**added, "on": day(), "sure": "1"})
    assert "00715-006" in str(reader.page("/places/00715/change?kind=open").source)
    reader.send("/places/00715-005/change", {"kind": "rename", "name": "Thôn Cũ", "on": day(), "sure": "1"})
    assert "Thôn Cũ" in reader.page("/places/00715").main
    today = moment().date().isoformat()
    reader.send("/places/00715-005/change", {"kind": "close", "on": today, "sure": "1"})
    assert "Thôn Cũ" not in reader.page("/places/00715").main


def test_what_cannot_be_done_is_said(reader: Reader) -> None:
    refused = reader.refused("/places/00715/change", {"kind": "close", "on": day()})
    assert "cannot be closed while 4 places lie in it" in refused.main


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("role", [REVIEWER, VIEWER])
def test_others_look_and_change_nothing(office: Office, role: int) -> None:
    token = office.session_token("xa", role)
    client = office.client()
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/places?search=lung+cu", headers=headers).status_code == 200
    assert client.get("/places/villages", headers=headers).status_code in {302, 303, 401, 403}


def send_list(reader: Reader, text: str, expect: int = 200) -> str:
    found: dict[str, Field] = {"file": (BytesIO(text.encode()), "thon.csv")}
    return reader.refused("/places/villages", found, status=expect).source


def test_a_list_is_looked_at_entered_and_taken_back(office: Office, reader: Reader) -> None:
    page = send_list(reader, f"{HEAD}\n00715,Th«n B¶n Pho\n01156,Th«n M­êng Lµi\n")
    assert "TCVN3" in page
    assert "Thôn Bản Pho" in page
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket
    entered = reader.send("/places/villages/enter", {"ticket": ticket[1]})
    assert "thon.csv" in entered.main
    with office.app.app_context():
        found = places.find(db.session(), "muong lai", level="village")
        assert [(place.code, place.name) for place in found] == [("01156-005", "Thôn Mường Lài")]
        db.session.remove()
    reader.send("/places/villages/1/undo", {})
    with office.app.app_context():
        assert db.session.get(Place, "01156-005") is None


def test_a_list_that_a_stop_left_half_entered_is_taken_back(office: Office, reader: Reader) -> None:
    ticket = re.search(r'name="ticket" value="([^"]+)"', send_list(reader, f"{HEAD}\n01156,Thôn Mới\n"))
    assert ticket
    reader.send("/places/villages/enter", {"ticket": ticket[1]})
    with office.app.app_context():
        with transaction() as session:
            batch = session.get_one(Batch, 1)
            batch.summary = {**batch.summary, "done": False}
        assert take_back_unfinished(moment()) == 0
        assert db.session.get(Place, "01156-005") is not None
        assert take_back_unfinished(moment() + timedelta(hours=1)) == 1
        db.session.remove()
        assert db.session.get(Place, "01156-005") is None
        assert take_back_unfinished(moment() + timedelta(hours=1)) == 0


def test_a_new_code_with_a_known_name_may_mean_the_same_village(office: Office, reader: Reader) -> None:
    head, row = "Mã xã,Tên thôn/bản,Mã thôn", "00715,Thôn Lô Lô Chải,00715-077"
    page = send_list(reader, f"{head}\n{row}\n")
    assert "Row 2: “Thôn Lô Lô Chải” is the same village" in " ".join(page.split())
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket
    reader.send("/places/villages/enter", {"ticket": ticket[1], "same": "2"})
    with office.app.app_context():
        assert db.session.get(Place, "00715-077") is None
        db.session.remove()
    reader.send("/places/villages/enter", {"ticket": ticket[1]})
    with office.app.app_context():
        assert db.session.get(Place, "00715-077") is not None


def test_a_wrong_list_enters_nothing(reader: Reader) -> None:
    page = send_list(reader, f"{HEAD}\n00715,Thôn A\n99999,Thôn B\n", expect=400)
    assert "The commune 99999 is not in force" in page
    assert 'name="ticket"' not in page


@pytest.mark.usefixtures("reader")
def test_programs_find_places(office: Office) -> None:
    client, token = office.client(), office.session_token()
    headers = {"Authorization": f"Bearer {token}"}

    def ask(query: str) -> list[dict[str, object]]:
        answer = client.get(f"/api/places{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return list(answer.get_json())

    assert [one["code"] for one in ask("?search=lung+cu")] == ["00715"]
    assert len(ask("")) == 34
    assert {one["name"] for one in ask("?under=034&on=2024-12-31")} >= {"Thị trấn Việt Quang", "Xã Tân Lập"}
    assert ask("?search=lo+lo&under=38") == []
    assert client.get("/api/places?level=hamlet", headers=headers).status_code == 400
    assert client.get("/api/places?on=yesterday", headers=headers).status_code == 400
