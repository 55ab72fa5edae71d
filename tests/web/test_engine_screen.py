"""The engine behind the web forms: what a record has when it was filled, saved, reopened, sent, mended."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.web.engine_page import EnginePage, definition_of, serving, sheets_in
from tests.web.filling import PHONE, built

pytestmark = pytest.mark.browser

FORM = """
| survey |
|  | type | name | label::Tiếng Việt (vi) | label::English (en) | relevant | constraint | required | calculation | choice_filter | default |
|  | start | start |  |  |  |  |  |  |  |  |
|  | end | end |  |  |  |  |  |  |  |  |
|  | today | today |  |  |  |  |  |  |  |  |
|  | deviceid | deviceid |  |  |  |  |  |  |  |  |
|  | username | username |  |  |  |  |  |  |  |  |
|  | phonenumber | phonenumber |  |  |  |  |  |  |  |  |
|  | text | name | Họ tên | Name |  | string-length(.) > 2 | yes |  |  |  |
|  | select_one yn | owns | Có nhà? | Owns a house? |  |  |  |  |  |  |
|  | integer | rooms | Số phòng | Rooms | ${owns} = 'yes' | . < 20 |  |  |  | 3 |
|  | calculate | twice |  |  |  |  |  | ${rooms} * 2 |  |  |
|  | calculate | size |  |  |  |  |  | if(${rooms} > 3, 'big', 'small') |  |  |
|  | select_one_from_file villages.csv | village | Thôn | Village |  |  |  |  | commune = '01' |  |
|  | calculate | said |  |  |  |  |  | pulldata('villages', 'label', 'name', ${village}) |  |  |
|  | calculate | sealed |  |  |  |  |  | digest(${name}, 'SHA-256', 'hex') |  |  |
|  | text | before | Lần trước | Last time |  |  |  |  |  | ${last-saved#name} |
|  | begin repeat | member | Người | Person |  |  |  |  |  |  |
|  | text | called | Tên | Name |  |  |  |  |  |  |
|  | end repeat |  |  |  |  |  |  |  |  |  |
|  | image | photo | Ảnh | Photo |  |  |  |  |  |  |
| choices |
|  | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
|  | yn | yes | Có | Yes |
|  | yn | no | Không | No |
| settings |
|  | form_id | version | instance_name | default_language |
|  | house | 7 | concat('Nhà ', ${name}) | Tiếng Việt (vi) |
"""  # noqa: E501 - a sheet, a row a line
PAGES = """
| survey |
|  | type | name | label | required |
|  | text | first | Một | yes |
|  | text | second | Hai |  |
| settings |
|  | form_id | style |
|  | paged | pages |
"""
HOUSES = """
| survey |
|  | type | name | label | calculation |
|  | integer | tuổi | Tuổi |  |
|  | calculate | gấp |  | ${tuổi} * 2 |
|  | begin repeat | hh | Hộ |  |
|  | integer | age | Tuổi chủ hộ |  |
|  | begin repeat | member | Người |  |
|  | text | called | Tên |  |
|  | calculate | older |  | ${age} + 1 |
|  | end repeat |  |  |  |
|  | end repeat |  |  |  |
|  | select_one_from_file villages.csv | village | Thôn |  |
|  | calculate | all |  | concat(instance('villages')/root/item[commune= '01' ]/label, ';', ${tuổi}) |
| settings |
|  | form_id |
|  | houses |
"""
FILES = {"villages.csv": 'name,label,commune\nv1,"Thôn 1, bản",01\nv2,Thôn 2,01\nv3,Thôn 3,02\n'}
SESSION = {"deviceid": "collector:0a1b", "username": "mai"}
PHOTO = {"base64": "/9j/4AAQ", "type": "image/jpeg"}
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00"
UUID = r"uuid:[0-9a-f-]{36}"


class House:
    """The form of a house, open in the page of a phone."""

    def __init__(self, engine: EnginePage, definition: dict[str, Any]) -> None:
        self.engine = engine
        self.page = engine.page
        self.definition = definition

    def open(self, **more: object) -> str:
        """The record's name."""
        opened = self.engine.open(self.definition, **{"files": FILES, "session": SESSION, **more})
        return str(opened["instanceId"])

    def fill(self, **answers: str) -> None:
        """Answer questions by name, in that order."""
        for name, value in answers.items():
            self.engine.call("set", f"/data/{name}", value)

    def draft(self) -> dict[str, Any]:
        """The record as it would be kept, as `open` takes it."""
        kept = self.engine.call("draft")
        return {"xml": kept["xml"], "files": dict.fromkeys(kept["files"], PHOTO)}

    def finish(self) -> str:
        """The record's bytes as text."""
        return str(self.engine.call("finish")["xml"])


@pytest.fixture(scope="module")
def engine(chromium: Browser) -> Iterator[EnginePage]:
    harness, _sheets = built()
    context = chromium.new_context(**PHONE)
    with serving(harness) as address:
        yield EnginePage(context.new_page(), address)
    context.close()


@pytest.fixture(scope="module")
def definitions() -> dict[str, dict[str, Any]]:
    sheets = sheets_in(built()[1])
    forms = {"house": FORM, "paged": PAGES, "houses": HOUSES}
    return {name: definition_of(form, sheets) for name, form in forms.items()}


@pytest.fixture
def house(engine: EnginePage, definitions: dict[str, dict[str, Any]]) -> House:
    engine.complaints.clear()
    return House(engine, definitions["house"])


def answer(xml: str, name: str) -> str | None:
    """What a record has for a question; None where it has no such element."""
    found = re.search(rf"<{name}(?:/>|>(.*?)</{name}>)", xml)
    return (found[1] or "") if found else None


def test_a_finished_record_has_the_bytes_collect_would_write(house: House) -> None:
    name = house.open()
    house.fill(name="Lò Thị Mai", owns="yes", rooms="5", village="v1")
    house.engine.call("addRepeat", "/data/member")
    house.engine.call("set", "/data/member/called", "Pao", 1)
    sealed = hashlib.sha256("Lò Thị Mai".encode()).hexdigest()
    assert re.fullmatch(
        r"<\?xml version='1.0' \?><data id=\"house\" version=\"7\">"
        rf"<start>{MOMENT}</start><end>{MOMENT}</end><today>\d{{4}}-\d\d-\d\d</today>"
        "<deviceid>collector:0a1b</deviceid><username>mai</username><phonenumber/>"
        "<name>Lò Thị Mai</name><owns>yes</owns><rooms>5</rooms><twice>10</twice><size>big</size>"
        f"<village>v1</village><said>Thôn 1, bản</said><sealed>{sealed}</sealed><before/>"
        "<member><called/></member><member><called>Pao</called></member><photo/>"
        f"<meta><instanceID>{name}</instanceID><instanceName>Nhà Lò Thị Mai</instanceName></meta></data>",
        house.finish(),
    )
    assert house.engine.complaints == []


def test_a_new_form_begins_with_what_the_last_one_said(house: House) -> None:
    before = (
        '<?xml version=\'1.0\' ?><data id="house" version="7" xmlns="http://example.org/house">'
        "<name>Lò Thị Mai</name></data>"
    )
    house.open(before=before)
    assert answer(house.draft()["xml"], "before") == "Lò Thị Mai"


def test_a_list_is_cut_by_the_form(house: House) -> None:
    house.open()
    assert house.engine.call("choices", "/data/village") == ["v1", "v2"]


def test_what_is_not_asked_is_not_sent_but_comes_back(house: House) -> None:
    house.open()
    house.fill(name="Mai", owns="yes", rooms="5")
    house.fill(owns="no")
    sent = house.finish()
    assert answer(sent, "rooms") is None
    # What cannot be worked out is blank, not NaN.
    assert (answer(sent, "twice"), answer(sent, "size")) == ("", "small")
    kept = house.draft()
    assert answer(kept["xml"], "rooms") == "5"
    house.open(record=kept)
    house.fill(owns="yes")
    assert (answer(house.finish(), "rooms"), answer(house.finish(), "twice")) == ("5", "10")


def test_what_is_worked_out_follows_the_rows_and_the_answers_it_rests_on(
    engine: EnginePage, definitions: dict[str, dict[str, Any]]
) -> None:
    houses = House(engine, definitions["houses"])
    houses.open()
    engine.call("addRepeat", "/data/hh")
    for entry, age in enumerate(("30", "50")):
        engine.call("set", "/data/hh/age", age, entry)
    assert re.findall("<older>(.*?)</older>", houses.draft()["xml"]) == ["31", "51"]
    # Somebody more in the first household: the second member of all is another one now.
    engine.call("addRepeat", "/data/hh/member", 0)
    assert re.findall("<older>(.*?)</older>", houses.draft()["xml"]) == ["31", "31", "51"]
    for age in ("7", "8"):
        engine.call("set", "/data/tuổi", age)
        kept = houses.draft()["xml"]
        assert (answer(kept, "gấp"), answer(kept, "all")) == (str(int(age) * 2), f"Thôn 1, bảnThôn 2;{age}")


def test_an_answer_that_hides_and_comes_back_by_itself_keeps_its_default(house: House) -> None:
    house.open()
    kept = house.draft()
    house.open(record=kept)
    house.fill(owns="yes")
    assert answer(house.draft()["xml"], "rooms") == "3"


def test_a_draft_has_what_is_still_being_typed_and_judges_it_later(house: House) -> None:
    house.open()
    field = house.page.locator('input[name="/data/name"]')
    field.press_sequentially("Lý")
    assert answer(house.draft()["xml"], "name") == "Lý"
    question = house.page.locator(".question", has=field)
    assert "invalid-constraint" not in (question.get_attribute("class") or "")
    field.blur()
    expect(question).to_have_class(re.compile("invalid-constraint"))


def test_a_draft_is_the_same_record_with_its_files(house: House) -> None:
    name = house.open()
    house.fill(name="Mai")
    house.engine.call("attach", "/data/photo", "nhà & vườn <1>.jpg", PHOTO)
    kept = house.draft()
    assert list(kept["files"]) == ["nhà & vườn <1>.jpg"]
    assert house.open(record=kept) == name
    assert house.draft()["files"] == kept["files"]


def test_a_sent_record_is_mended_under_a_new_name_with_its_files(house: House) -> None:
    house.open()
    house.fill(name="Mai")
    house.engine.call("attach", "/data/photo", "1.jpg", PHOTO)
    house.engine.call("attach", "/data/photo", "2.jpg", PHOTO)
    first = house.engine.call("finish")
    assert list(first["files"]) == ["2.jpg"]
    house.open(record={"xml": first["xml"], "files": {"2.jpg": PHOTO}}, mode="edit")
    house.fill(name="Pao")
    second = house.engine.call("finish")
    assert re.fullmatch(UUID, second["instanceId"])
    assert second["instanceId"] != first["instanceId"]
    assert second["deprecatedId"] == answer(second["xml"], "deprecatedID") == first["instanceId"]
    assert second["files"] == first["files"]
    assert answer(second["xml"], "start") == answer(first["xml"], "start")


def test_a_record_to_look_at_is_not_worked_out_anew_and_cannot_be_changed(house: House) -> None:
    house.open()
    house.fill(name="Mai", village="v2")
    sent = house.finish().replace("<said>Thôn 2</said>", "<said>Tên cũ</said>")
    house.open(record={"xml": sent, "files": {}}, mode="view", files={})
    shown = house.draft()["xml"]
    for name in ("said", "start", "end", "name", "village", "instanceID"):
        assert answer(shown, name) == answer(sent, name), name
    open_ones = (
        'form :is(input, select, textarea):not([readonly], [disabled], [type="hidden"], [hidden], .ignore)'
    )
    assert house.page.locator(open_ones).count() == 0
    assert house.page.locator(".add-repeat-btn").count() == 0


def test_a_form_whose_list_is_not_here_says_which(house: House) -> None:
    with pytest.raises(Error, match=r"Máy này chưa tải đủ phiếu: thiếu villages.csv"):
        house.open(files={})


def test_what_is_wrong_is_counted_and_shown(house: House) -> None:
    house.open()
    house.fill(owns="yes", rooms="21")
    checked = house.engine.call("check")
    assert checked == {"ok": False, "count": 2, "refused": ["/data/name", "/data/rooms"]}
    house.fill(name="Mai", rooms="2")
    assert house.engine.call("check")["ok"]


def test_another_language_is_shown_everywhere_and_changes_no_answer(house: House) -> None:
    house.open()
    house.fill(owns="yes")
    before = house.draft()["xml"]
    house.engine.call("setLanguage", "en")
    expect(house.page.locator(".question-label.active", has_text="Owns a house?")).to_be_visible()
    expect(house.page.locator('label:has(input[value="yes"]) .option-label.active')).to_have_text("Yes")
    assert house.draft()["xml"] == before
    assert house.engine.complaints == []


def test_pages_are_turned_when_they_are_filled(
    engine: EnginePage, definitions: dict[str, dict[str, Any]]
) -> None:
    assert engine.open(definitions["paged"])["pages"] == 2
    assert engine.call("next") is False
    engine.call("set", "/data/first", "x")
    assert engine.call("next") is True
    expect(engine.page.locator('input[name="/data/second"]')).to_be_attached()
    assert engine.call("next") is False
    assert engine.call("previous") is True
