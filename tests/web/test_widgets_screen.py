"""Questions of our own in a browser of a phone's size: what a person does, what the record has then."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests import axe
from tests.web.engine_page import EnginePage, definition_of, serving, sheets_in
from tests.web.filling import PHONE, built
from tests.web.widget_form import workbook

pytestmark = pytest.mark.browser

HERE = {"latitude": 21.0285, "longitude": 105.8542, "accuracy": 42}


class Filling:
    """The form of all questions, open in the page."""

    def __init__(self, engine: EnginePage, definition: dict[str, Any]) -> None:
        self.engine = engine
        self.page = engine.page
        self.definition = definition

    def open(self, **more: object) -> None:
        """A new record; or one to look at."""
        self.engine.complaints.clear()
        self.engine.open(self.definition, **more)

    def question(self, label: str, nth: int = 0) -> Locator:
        """The question that begins with these words."""
        start = re.compile(rf"^\s*{label}\s*$")
        return (
            self.page
            .locator(".question")
            .filter(has=self.page.locator(".question-label.active", has_text=start))
            .nth(nth)
        )

    def answer(self, name: str) -> str | None:
        """What the record has for a question; None where it has no such element with text."""
        xml = self.engine.call("draft")["xml"]
        found = re.search(rf"<{name}>(.*?)</{name}>", xml)
        return found[1] if found else None

    def type(self, label: str, text: str) -> Locator:
        """Type into a question key by key, and leave it."""
        field = self.question(label).locator("input.ignore").first
        field.fill("")
        field.press_sequentially(text)
        field.blur()
        return field

    def press(self, label: str, button: str) -> None:
        """Press a button of a question."""
        self.question(label).get_by_role("button", name=button, exact=True).click()


@pytest.fixture(scope="module")
def engine(chromium: Browser) -> Iterator[tuple[EnginePage, dict[str, Any]]]:
    harness, sheets = built()
    with serving(harness) as address:
        context = chromium.new_context(**PHONE, permissions=["geolocation"], geolocation=cast("Any", HERE))
        context.set_default_timeout(4_000)
        # What the browser asks for by itself is no fault of the page.
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        yield EnginePage(context.new_page(), address), definition_of(workbook(), sheets_in(sheets))
        context.close()


@pytest.fixture
def form(engine: tuple[EnginePage, dict[str, Any]]) -> Iterator[Filling]:
    filling = Filling(*engine)
    filling.page.context.grant_permissions(["geolocation"])
    filling.page.context.set_geolocation(cast("Any", HERE))
    filling.page.emulate_media(media="screen", color_scheme="light")
    filling.open()
    yield filling
    assert filling.engine.complaints == []


def test_days_are_typed_as_people_write_them_and_kept_as_iso(form: Filling) -> None:
    field = form.type("Ngày sinh", "5031980")
    expect(field).to_have_value("05/03/1980")
    assert form.answer("ngay") == "1980-03-05"
    form.question("Ngày sinh").locator("input[type=date].ignore").fill("1981-12-31")
    expect(field).to_have_value("31/12/1981")
    assert form.answer("ngay") == "1981-12-31"
    form.type("Tháng", "31980")
    form.type("Năm", "1980")
    assert (form.answer("thang"), form.answer("nam")) == ("1980-03-01", "1980-01-01")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("30021980", "không có ngày 30"), ("050380", "bốn số"), ("0503", "Chưa đủ"), ("rằm", "âm")],
)
def test_what_is_no_day_is_refused_beside_the_question(form: Filling, typed: str, sentence: str) -> None:
    form.type("Ngày sinh", "05031980")
    field = form.type("Ngày sinh", typed)
    expect(form.question("Ngày sinh").locator(".invalid-value-msg")).to_contain_text(sentence)
    expect(field).to_have_attribute("aria-invalid", "true")
    assert form.answer("ngay") is None
    assert form.engine.call("check")["ok"] is False
    form.type("Ngày sinh", "05031980")
    expect(form.question("Ngày sinh").locator(".invalid-value-msg")).to_be_hidden()


def test_times_are_by_24_hours(form: Filling) -> None:
    form.type("Giờ", "1405")
    assert form.answer("gio") == "14:05:00.000+07:00"
    day, hour = form.question("Lúc").locator("input[type=text].ignore").all()
    day.press_sequentially("22112026")
    day.blur()
    expect(form.question("Lúc").locator(".invalid-value-msg")).to_contain_text("thiếu giờ")
    hour.press_sequentially("830")
    hour.blur()
    assert (form.answer("luc") or "").startswith("2026-11-22T08:30:00")


def test_numbers_take_a_comma_and_refuse_what_reads_two_ways(form: Filling) -> None:
    form.type("Diện tích", "2,5")
    form.type("Số người", "4")
    money = form.type("Thu nhập", "1500000")
    expect(money).to_have_value("1.500.000")
    assert (form.answer("dt"), form.answer("so"), form.answer("tien")) == ("2.5", "4", "1500000")
    form.type("Diện tích", "1.500")
    expect(form.question("Diện tích").locator(".invalid-value-msg")).to_contain_text("1500 hoặc 1,500")
    assert form.answer("dt") is None
    form.type("Số người", "31")
    expect(form.question("Số người").locator(".or-constraint-msg")).to_be_visible()


def test_a_text_says_how_much_room_is_left_and_digits_get_the_number_pad(form: Filling) -> None:
    form.question("Ghi chú").locator("textarea").fill("ba hộ")
    expect(form.question("Ghi chú").locator(".counter")).to_have_text("5/60 ký tự")
    expect(form.question("Số căn cước").locator("input")).to_have_attribute("inputmode", "numeric")


def test_a_place_is_watched_live_and_stops_by_itself_when_good(form: Filling) -> None:
    form.press("Vị trí nhà", "Lấy vị trí")
    place = form.question("Vị trí nhà")
    expect(place.locator(".digits")).to_have_text("± 42 m")
    expect(place.locator(".judgement")).to_contain_text("Còn lệch nhiều")
    form.press("Vị trí nhà", "Dùng vị trí này")
    assert form.answer("diem") == "21.0285 105.8542 0 42"
    form.press("Vị trí nhà", "Lấy lại")
    form.page.context.set_geolocation(cast("Any", {**HERE, "latitude": 21.03, "accuracy": 6}))
    expect(place.locator(".done")).to_contain_text("sai số 6 m")
    assert form.answer("diem") == "21.03 105.8542 0 6"
    form.press("Vị trí nhà", "Xóa")
    assert form.answer("diem") is None
    form.press("Vị trí nhà", "Hoàn tác")
    assert form.answer("diem") == "21.03 105.8542 0 6"


def test_a_place_is_good_at_the_metres_the_form_names(form: Filling) -> None:
    form.press("Vị trí ruộng", "Lấy vị trí")
    expect(form.question("Vị trí ruộng").locator(".done")).to_contain_text("sai số 42 m")
    assert form.answer("ruong") == "21.0285 105.8542 0 42"


def test_a_refused_place_says_what_helps_and_can_be_typed(form: Filling) -> None:
    form.page.context.clear_permissions()
    form.press("Vị trí nhà", "Lấy vị trí")
    expect(form.question("Vị trí nhà").get_by_role("alert")).to_contain_text("cho phép “Vị trí”")
    form.press("Vị trí nhà", "Nhập tay tọa độ")
    north, east = form.question("Vị trí nhà").locator("input[type=text].ignore").all()
    north.fill("105,8542")
    east.fill("21,0285")
    form.press("Vị trí nhà", "Dùng tọa độ này")
    expect(form.question("Vị trí nhà").get_by_role("alert")).to_contain_text("ghi ngược")
    north.fill("48,85")
    east.fill("2,35")
    form.press("Vị trí nhà", "Dùng tọa độ này")
    expect(form.question("Vị trí nhà").get_by_role("alert")).to_contain_text("ngoài Việt Nam")
    north.fill("21,0285")
    east.fill("105,8542")
    form.press("Vị trí nhà", "Dùng tọa độ này")
    assert form.answer("diem") == "21.0285 105.8542"


def test_an_area_is_walked_point_by_point(form: Filling) -> None:
    for step in range(3):
        form.page.context.set_geolocation(
            cast(
                "Any",
                {**HERE, "accuracy": 5, "latitude": 21 + step / 1000, "longitude": 105 + step**2 / 1000},
            )
        )
        form.press("Ranh giới", "Thêm điểm tại đây")
        expect(form.question("Ranh giới").locator(".points li")).to_have_count(step + 1)
        if step == 1:
            expect(form.question("Ranh giới").locator(".invalid-value-msg")).to_contain_text("thêm 1 điểm")
    assert form.answer("vung") == "21 105 0 5;21.001 105.001 0 5;21.002 105.004 0 5;21 105 0 5"
    form.press("Ranh giới", "Bỏ điểm cuối")
    assert form.answer("vung") == "21 105 0 5;21.001 105.001 0 5"


_PICTURE = """async () => {
  const canvas = new OffscreenCanvas(2000, 1000);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#c00"; pen.fillRect(0, 0, 1000, 1000);
  pen.fillStyle = "#00c"; pen.fillRect(1000, 0, 1000, 1000);
  const blob = await canvas.convertToBlob({type: "image/jpeg"});
  return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
}"""


def held_upright(jpeg: bytes) -> bytes:
    """The picture with the mark of a phone that was held upright: turn it by a quarter to the right."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def test_a_photo_is_made_small_upright_and_can_be_taken_back(form: Filling) -> None:
    photo = form.question("Ảnh nhà")
    form.page.evaluate("document.addEventListener('collector:before-leave', () => document.title = 'left')")
    with form.page.expect_file_chooser() as chooser:
        form.press("Ảnh nhà", "Chụp ảnh")
    assert form.page.title() == "left"
    taken = held_upright(base64.b64decode(form.page.evaluate(_PICTURE)))
    chooser.value.set_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": taken})
    expect(photo.locator("img.thumb")).to_be_visible()
    assert photo.locator("img.thumb").evaluate(
        "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    ) == [320, 640]
    name = form.answer("anh") or ""
    assert re.fullmatch(r"\d{13}\.jpg", name)
    files = form.engine.call("draft")["files"]
    assert list(files) == [name]
    assert files[name] < len(taken)
    form.press("Ảnh nhà", "Xóa")
    assert form.answer("anh") is None
    form.press("Ảnh nhà", "Hoàn tác")
    assert form.answer("anh") == name


def test_files_show_name_and_size_and_a_picture_that_is_none_is_refused(form: Filling) -> None:
    with form.page.expect_file_chooser() as chooser:
        form.press("Tệp kèm theo", "Chọn tệp")
    chooser.value.set_files({"name": "ds.csv", "mimeType": "text/csv", "buffer": b"x" * 2000})
    expect(form.question("Tệp kèm theo").locator(".facts")).to_contain_text("2 KB")
    with form.page.expect_file_chooser() as chooser:
        form.press("Ảnh nhà", "Chọn ảnh có sẵn")
    chooser.value.set_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(form.question("Ảnh nhà").locator(".invalid-value-msg")).to_contain_text("Không đọc được ảnh")


def test_a_signature_is_kept_after_each_stroke(form: Filling) -> None:
    form.press("Chữ ký", "Ký tên")
    canvas = form.question("Chữ ký").locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    form.page.mouse.move(box["x"] + 40, box["y"] + 40)
    form.page.mouse.down()
    form.page.mouse.move(box["x"] + 120, box["y"] + 70)
    form.page.mouse.up()
    form.press("Chữ ký", "Xong")
    expect(form.question("Chữ ký").locator("img.thumb")).to_be_visible()
    assert (form.answer("ky") or "").endswith(".png")


@pytest.mark.parametrize(
    ("label", "name"), [("Bản", "m2"), ("Bản bên", "m3")], ids=["minimal", "autocomplete"]
)
def test_a_long_list_is_searched_without_marks(form: Filling, label: str, name: str) -> None:
    question = form.question(label)
    question.locator(".face").click()
    expect(question.locator(".rows button")).to_have_count(60)
    question.get_by_role("searchbox").fill("muong lai")
    expect(question.locator(".rows button")).to_have_text(["Mường Lai", "Muồng Lái"])
    question.get_by_role("searchbox").press("Enter")
    assert form.answer(name) == "1"
    expect(question.locator(".face")).to_have_text("Mường Lai")
    expect(question.locator(".face")).to_be_focused()
    question.locator(".face").click()
    question.get_by_role("button", name="Bỏ chọn").click()
    assert form.answer(name) is None


def test_radio_buttons_are_searched_and_unpicked(form: Filling) -> None:
    question = form.question("Bản gốc")
    question.get_by_role("searchbox").fill("na kho")
    expect(question.locator(".option-wrapper > label:visible")).to_have_text(["Nà Khoang"])
    question.get_by_text("Nà Khoang").click()
    assert form.answer("m4") == "4"
    question.get_by_text("Nà Khoang").click()
    assert form.answer("m4") is None
    expect(form.question("Loại nhà").get_by_role("searchbox")).to_be_hidden()


def test_ranks_sliders_and_stars(form: Filling) -> None:
    form.press("Xếp hạng", "Bắt đầu xếp thứ tự")
    form.press("Xếp hạng", "Đưa “Lá” lên")
    assert form.answer("xep") == "sat la go"
    assert form.answer("muc") is None
    form.press("Mức", "Thêm")
    assert form.answer("muc") == "5"
    form.press("Mức", "Thêm")
    assert form.answer("muc") == "6"
    form.press("Sao", "4")
    assert form.answer("sao") == "4"
    form.press("Sao", "4")
    assert form.answer("sao") is None


def test_rows_of_a_repeat_have_names_fold_and_are_removed_after_a_question(form: Filling) -> None:
    page = form.page
    page.locator(".or-repeat input[name$=ho_ten]").fill("Lò Thị Mai")
    page.get_by_role("button", name="Thêm người trong hộ").click()
    first, second = page.locator(".or-repeat").all()
    expect(first.locator(".row-head")).to_have_text("1. Lò Thị Mai")
    expect(first.locator(".question").first).to_be_hidden()
    expect(second.locator(".question").first).to_be_visible()
    second.get_by_role("button", name="Xóa mục này").click()
    expect(second.get_by_role("alertdialog")).to_contain_text("Xóa “2. Người trong hộ”?")
    second.get_by_role("button", name="Giữ lại").click()
    assert page.locator(".or-repeat").count() == 2
    # A row with a fault opens by itself.
    assert form.engine.call("check")["ok"] is False
    second.get_by_role("button", name="Xóa mục này").click()
    second.get_by_role("alertdialog").get_by_role("button", name="Xóa").click()
    expect(page.locator(".or-repeat")).to_have_count(1)


def test_every_refusal_belongs_to_its_control(form: Filling) -> None:
    assert form.engine.call("check")["ok"] is False
    field = form.question("Ngày sinh").locator("input.ignore").first
    said = field.evaluate(
        "field => document.getElementById(field.getAttribute('aria-describedby')).textContent"
    )
    assert said == "Câu này phải trả lời."
    assert form.question("Ngày sinh").locator(".or-required-msg").is_visible()


_LOW = """() => [...document.querySelectorAll('button, input:not(.hide, .unseen), .option-wrapper > label')]
  .filter((one) => one.offsetParent && !one.matches('.option-wrapper > label *'))
  .filter((one) => one.getBoundingClientRect().height < 47)
  .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_and_reachable_and_no_wider_than_a_phone(form: Filling, scheme: str) -> None:
    form.press("Vị trí nhà", "Lấy vị trí")
    form.press("Chữ ký", "Ký tên")
    form.press("Xếp hạng", "Bắt đầu xếp thứ tự")
    form.question("Bản").locator(".face").click()
    form.engine.call("check")
    form.page.emulate_media(color_scheme=cast("Any", scheme))
    rules = axe.EVERYTHING if scheme == "light" else axe.LAID_OUT
    # The page around the form has the heading.
    faults = [one for one in axe.faults(form.page, rules) if not one.startswith("page-has-heading-one")]
    assert faults == []
    assert form.page.evaluate("document.documentElement.scrollWidth") == 360
    low = form.page.evaluate(_LOW)
    assert low == []


def test_a_record_to_look_at_has_answers_and_nothing_to_press_also_on_paper(form: Filling) -> None:
    form.page.locator("input[name$='/ten']").fill("Lò Thị Mai")
    form.type("Ngày sinh", "05031980")
    form.type("Diện tích", "2,5")
    form.question("Loại nhà").get_by_text("Gỗ").click()
    form.question("Bản").locator(".face").click()
    form.question("Bản").get_by_role("button", name="Muồng Lái").click()
    xml = form.engine.call("draft")["xml"]
    form.open(record={"xml": xml, "files": {}}, mode="view")
    expect(form.question("Ngày sinh").locator("input.ignore")).to_have_value("05/03/1980")
    expect(form.question("Loại nhà").locator(".option-wrapper > label:visible")).to_have_text(["Gỗ"])
    expect(form.question("Bản").locator(".face")).to_have_text("Muồng Lái")
    assert form.page.locator("button:enabled:visible").count() == 0
    form.page.emulate_media(media="print")
    assert form.page.locator("button:visible:not(.face):not(.row-head)").count() == 0
    expect(form.question("Diện tích").locator("input.ignore")).to_have_value("2,5")
