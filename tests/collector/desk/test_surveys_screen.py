"""A survey's pages in a browser: a workbook sent, read, compared, published; a file put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.collector.desk.test_surveys import SCHOOLS, form
from tests.live import Live, serving
from tests.office import Office
from tests.screens import DESK, PHONE, SIZES, office_screen, shot

pytestmark = pytest.mark.browser

TITLE = "Phiếu hộ"


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    screen_office.publish(form(), media={"schools.csv": SCHOOLS.encode()})
    with serving(screen_office) as served:
        yield served


def send(page: Page, folder: Path, text: str) -> None:
    """Choose a workbook and send it."""
    book = folder / "ho.md"
    book.write_text(text, encoding="utf-8")
    page.get_by_label("Mẫu phiếu", exact=True).set_input_files(book)
    page.get_by_role("button", name="Gửi và kiểm tra").click()


def test_a_workbook_becomes_a_version_on_a_phone(chromium: Browser, live: Live, tmp_path: Path) -> None:
    with office_screen(chromium, live.address, PHONE) as page:
        page.goto("/upload?form=ho")
        send(page, tmp_path, form(version="2", age="text", no="Không phải"))
        # Sent by the script, which goes on to the draft by itself; the form engine takes its time.
        page.wait_for_url("**/surveys/ho/draft")
        expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
        shot(page, "survey-draft")
        page.get_by_role("link", name="Xem thay đổi và phát hành").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Phát hành “{TITLE}”?")
        expect(page.get_by_text("Câu trả lời đã thu chuyển thành chữ")).to_be_visible()
        shot(page, "survey-publish")
        page.get_by_role("button", name="Phát hành cho điện thoại").click()
        expect(page.get_by_text("Đã phát hành.")).to_be_visible()
        shot(page, "survey")


def test_a_form_is_read_and_printed(chromium: Browser, live: Live) -> None:
    with office_screen(chromium, live.address, PHONE) as page:
        for size in SIZES:
            page.set_viewport_size(size)
            page.goto("/surveys/ho/preview")
            expect(page.get_by_text("Chỉ hỏi khi: câu 2 (Hộ nghèo?) là “Có”")).to_be_visible()
            shot(page, "survey-preview")
        page.get_by_role("link", name="Tiếng Anh").click()
        expect(page.get_by_text("Name of the head")).to_be_visible()
        page.goto("/surveys/ho/paper")
        expect(page.get_by_role("button", name="In")).to_be_visible()
        shot(page, "survey-paper")
        page.emulate_media(media="print")
        expect(page.get_by_role("button", name="In")).to_be_hidden()
        expect(page.locator(".question").first).to_have_css("break-inside", "avoid")


def test_a_file_goes_and_comes_back(chromium: Browser, live: Live, tmp_path: Path) -> None:
    with office_screen(chromium, live.address, DESK) as page:
        page.goto("/surveys/ho")
        page.get_by_text("Gửi hoặc thay tệp", exact=True).first.click()
        other = tmp_path / "schools.csv"
        other.write_text("name,label\n", encoding="utf-8")
        page.locator("input[type=file]").set_input_files(other)
        page.get_by_role("button", name="Gửi tệp").click()
        expect(page.get_by_text("Đã nhận: schools.csv.")).to_be_visible()
        expect(page.get_by_text("0 dòng, 2 cột")).to_be_visible()
        page.get_by_role("button", name="Hoàn tác").click()
        expect(page.get_by_text("2 dòng, 2 cột")).to_be_visible()
        page.get_by_role("link", name="schools.csv").click()
        expect(page.get_by_role("cell", name="Trường Pá Mỳ")).to_be_visible()
        shot(page, "survey-file")
