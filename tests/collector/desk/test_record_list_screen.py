"""The list of records as it is used: searched, narrowed, sorted, leafed through with the keyboard, kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.collector.desk.cleaning import FORM, household
from tests.collector.openrosa.sending import Volunteer
from tests.live import Live, serving
from tests.office import Office
from tests.screens import DESK, PHONE, look, office_screen

pytestmark = pytest.mark.browser

LIST = "/surveys/ho/submissions"


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    volunteer = Volunteer(screen_office, form=screen_office.publish(FORM))
    for number, head in enumerate(("Giàng A Páo", "Lò Thị Pỉnh", "Giàng Thị Mỷ"), start=1):
        volunteer.send(household(number, head, poor=str(1 + number % 2), rooms=str(number)))
    with serving(screen_office) as made:
        yield made


def names(page: Page) -> list[str]:
    return page.locator("#list tbody td:first-child a").all_inner_texts()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_officer_finds_a_household(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto(LIST)
        look(page, "Phiếu", picture="record-list")
        page.keyboard.press("/")
        page.keyboard.type("giang")
        page.keyboard.press("Enter")
        expect(page.locator("#count")).to_have_text("2 phiếu")
        page.get_by_text("Lọc theo câu hỏi bất kỳ").click()
        page.get_by_label("Câu hỏi").select_option(label="Hộ nghèo")
        page.get_by_role("button", name="Lọc theo câu này").click()
        look(page, "Phiếu", picture="record-list-condition")
        page.get_by_label("Trả lời").select_option(label="Không")
        page.get_by_role("button", name="Thêm điều kiện").click()
        expect(page.locator("#count")).to_have_text("2 phiếu")
        page.get_by_label("Bỏ điều kiện").click()
        look(page, "Phiếu", picture="record-list-narrowed")
        page.get_by_role("link", name="Lưu danh sách này").click()
        page.get_by_label("Lưu danh sách đang xem").fill("Họ Giàng")
        look(page, "Danh sách đã lưu", picture="record-views")
        page.get_by_role("button", name="Lưu danh sách").click()
        expect(page.get_by_role("link", name="Họ Giàng").first).to_have_attribute("aria-current", "page")


def test_the_keyboard_moves_ticks_and_opens(chromium: Browser, live: Live) -> None:
    with office_screen(chromium, live.address, DESK) as page:
        page.goto(f"{LIST}?sort=name")
        assert names(page) == ["Giàng A Páo", "Giàng Thị Mỷ", "Lò Thị Pỉnh"]
        for key in ("j", "x", "ArrowDown", "ArrowDown", "k", "x"):
            page.keyboard.press(key)
        expect(page.locator("#ticked")).to_have_text("Đã đánh dấu 2 phiếu")
        page.locator("#all").check()
        expect(page.locator("#ticked")).to_have_text("Đã đánh dấu 3 phiếu")
        page.keyboard.press("?")
        expect(page.locator("#keys dl")).to_be_visible()
        page.locator("#list tbody a").first.focus()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Giàng Thị Mỷ")
