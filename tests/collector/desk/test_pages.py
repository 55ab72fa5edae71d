"""The pages in a real browser, 360 pixels wide: from the first sign-in to the figure a record makes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from collector.actions.figures import Figures
from collector.clock import moment
from tests.collector.openrosa.sending import JPEG
from tests.live import Live, serving
from tests.office import ADMIN, ADMIN_PASSWORD, Office
from tests.phone import Phone
from tests.screens import PHONE, look, screen, sign_in

pytestmark = pytest.mark.browser

SHEETS: dict[str, list[list[str]]] = {
    "survey": [
        ["type", "name", "label::Tiếng Việt (vi)", "unit"],
        ["text", "head", "Chủ hộ", ""],
        ["select_one sex", "sex", "Giới tính", ""],
        ["text", "village", "Thôn", "place"],
        ["image", "photo", "Ảnh nhà", ""],
        ["geopoint", "gps", "Vị trí", ""],
    ],
    "choices": [["list_name", "name", "label::Tiếng Việt (vi)"], ["sex", "1", "Nam"], ["sex", "2", "Nữ"]],
    "settings": [["form_title", "form_id", "version"], ["Phiếu hộ gia đình vùng cao", "ho_dan", "1"]],
    "indicators": [
        ["code", "label::Tiếng Việt (vi)", "numerator", "denominator", "unit", "factor", "disaggregate"],
        ["women", "Tỷ lệ chủ hộ là nữ", "${sex} = '2'", "true()", "%", "100", "sex"],
    ],
}

A_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000"
    "01f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def workbook() -> bytes:
    """The form as an office writes it in Excel."""
    book = openpyxl.Workbook()
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book["Sheet"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def record(number: int, sex: str) -> bytes:
    """A filled form."""
    meta = f"<instanceID>uuid:{number}</instanceID><instanceName>Hộ {number}</instanceName>"
    return f"""<data id="ho_dan" version="1">
    <head>Lò Văn {number}</head><sex>{sex}</sex><village>08-1</village><photo>{number}.png</photo>
    <gps>22.8034 104.9784 850.0 4.8</gps><meta>{meta}</meta></data>""".encode()


@pytest.fixture
def live(office: Office) -> Iterator[Live]:
    """The office's server, on a port."""
    with serving(office) as served:
        yield served


@pytest.fixture
def small(chromium: Browser, live: Live) -> Iterator[Page]:
    """A small phone's browser, signed in."""
    with screen(chromium, live.address, PHONE) as page:
        page.goto("/")
        look(page, "Đăng nhập")
        sign_in(page, ADMIN, ADMIN_PASSWORD)
        yield page


def publish(page: Page, folder: Path) -> None:
    look(page, "Hôm nay")
    page.get_by_role("link", name="Đưa mẫu phiếu lên").click()
    look(page, "Đưa mẫu phiếu lên")
    book = folder / "ho_dan.xlsx"
    book.write_bytes(workbook())
    page.get_by_label("Mẫu phiếu").set_input_files(book)
    page.get_by_role("button", name="Gửi và kiểm tra").click()
    page.wait_for_url("**/surveys/ho_dan/draft")
    look(page, "Phiếu hộ gia đình vùng cao")
    page.get_by_role("link", name="Phát hành cho điện thoại").click()
    look(page, "Phát hành “Phiếu hộ gia đình vùng cao”?")
    page.get_by_role("button", name="Phát hành cho điện thoại").click()
    page.wait_for_url("**/surveys/ho_dan")
    assert page.get_by_text("Đã phát hành.").is_visible()
    look(page, "Phiếu hộ gia đình vùng cao")


def give_a_phone(page: Page) -> Phone:
    page.get_by_role("navigation").get_by_text("Thêm", exact=True).click()
    page.get_by_role("navigation").get_by_role("link", name="Nhân lực").click()
    look(page, "Nhân lực")
    page.get_by_role("main").get_by_role("link", name="Điện thoại").click()
    look(page, "Điện thoại")
    page.get_by_label("Tên", exact=True).fill("Chị Mỷ")
    page.get_by_role("button", name="Tạo mã QR").click()
    page.wait_for_url("**/phones/*")
    look(page, "Chị Mỷ")
    code = page.get_by_role("img", name="Mã QR của điện thoại")
    assert code.evaluate("(image) => image.complete && image.naturalWidth > 100")
    page.get_by_text("Không quét được mã").click()
    return Phone(page.get_by_label("Địa chỉ cho Collect").input_value())


def read_a_record(page: Page) -> None:
    page.goto("/surveys/ho_dan")
    page.get_by_role("link", name="Xem các phiếu").click()
    look(page, "Phiếu")
    page.get_by_role("link", name="Hộ 2").click()
    look(page, "Hộ 2")
    assert page.get_by_text("Nữ", exact=True).is_visible()
    expect(page.locator(".spot input")).to_have_value("22.803400, 104.978400")
    photo = page.get_by_role("img", name="Ảnh: Ảnh nhà")
    photo.scroll_into_view_if_needed()
    expect(page.locator(".thumb img")).not_to_have_js_property("naturalWidth", 0)
    photo.click()
    expect(page.get_by_role("dialog").get_by_role("img")).not_to_have_js_property("naturalWidth", 0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def read_the_figure(page: Page, office: Office) -> None:
    with office.app.app_context():
        Figures(moment).look(moment())
    page.goto(f"/indicators?area=all&period={moment().year}")
    look(page, f"Chỉ tiêu: Cả nước, năm {moment().year}")
    page.get_by_role("link", name="Tỷ lệ chủ hộ là nữ").click()
    look(page, "Tỷ lệ chủ hộ là nữ")
    assert page.get_by_text("33,3 %").first.is_visible()
    assert page.locator("dl.figures dd").all_inner_texts()[:2] == ["1", "3"]


def test_from_the_first_sign_in_to_the_figure(small: Page, office: Office, tmp_path: Path) -> None:
    publish(small, tmp_path)
    phone = give_a_phone(small)
    assert list(phone.sync()) == ["ho_dan"]
    for number, sex in ((1, "1"), (2, "2"), (3, "1")):
        phone.send(record(number, sex), {f"{number}.png": A_PICTURE}, title="Phiếu hộ")
    read_a_record(small)
    read_the_figure(small, office)


def test_every_page_reads_without_a_script(office: Office, live: Live, chromium: Browser) -> None:
    office.publish(workbook(), filename="ho_dan.xlsx")
    phone = Phone(f"{live.address}{office.phone().path}")
    phone.send(record(1, "2"), {"1.png": JPEG}, title="Phiếu hộ")
    context = chromium.new_context(base_url=live.address, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto("/surveys/ho_dan/submissions/uuid:1")
    page.get_by_label("Tên đăng nhập").fill(ADMIN)
    page.get_by_label("Mật khẩu").fill(ADMIN_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Hộ 1"
    assert not page.get_by_role("button", name="In", exact=True).is_visible()
    page.get_by_text("Xóa phiếu").first.click()
    page.get_by_role("button", name="Xóa phiếu").click()
    page.get_by_role("button", name="Khôi phục").click()
    expect(page.get_by_text("Đã khôi phục phiếu.")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("Also show what the form worked out")).to_be_visible()
    context.close()


def test_a_keyboard_reaches_the_content_first(small: Page) -> None:
    look(small, "Hôm nay")
    small.keyboard.press("Tab")
    assert small.evaluate("document.activeElement.className") == "skip"
    assert small.get_by_text("Đến nội dung chính").is_visible()
    small.keyboard.press("Enter")
    assert small.url.endswith("#main")
