"""Accounts, phones, the trash, downloads and settings in a real browser, on a phone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import settle
from tests.collector.v1.program import filled, simple
from tests.live import Live, serving
from tests.office import Office
from tests.screens import SIZES, look, office_screen

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    """A commune with phones, records, and one of them deleted for each size of screen."""
    settle(screen_office)
    form = screen_office.publish(simple(), filename="simple.xml")
    volunteer = Volunteer(screen_office, screen_office.phone("Lò Thị Mỷ", places=("08926-001",)), form=form)
    for number in range(4):
        volunteer.send(filled(f"uuid:{number}", f"Người {number}", 30))
    for size in SIZES:
        screen_office.phone(f"Máy mất {size['width']}", places=("08926-002",))
    reader = Reader(screen_office)
    for number, _size in enumerate(SIZES):
        reader.send(f"/surveys/simple/submissions/uuid:{number}/delete")
    with serving(screen_office) as served:
        yield served


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_staff_from_a_new_account_to_a_lost_phone(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto("/people")
        look(page, "Nhân lực", picture="people")
        page.get_by_role("main").get_by_role("link", name="Tài khoản").click()
        look(page, "Tài khoản", picture="accounts")
        page.get_by_role("link", name="Mở tài khoản").click()
        page.get_by_label("Họ tên hoặc đơn vị").fill("UBND xã Mường Lai")
        page.get_by_label("Tên đăng nhập").fill(f"xa.muonglai{size['width']}")
        page.get_by_role("radio", name="Cán bộ kiểm tra").check()
        page.get_by_role("textbox", name="Địa bàn").fill("Mường Lai")
        look(page, "Mở tài khoản", picture="account-new")
        page.get_by_role("button", name="Mở tài khoản").click()
        expect(page.locator(".handed .secret")).to_be_visible()
        look(page, "UBND xã Mường Lai", picture="account")
        page.get_by_role("button", name="Khóa tài khoản").click()
        expect(page.get_by_role("button", name="Mở lại")).to_be_visible()
        _lost(page, f"Máy mất {size['width']}")
        page.goto("/interviewers")
        look(page, "Người điều tra", picture="interviewers")
        page.get_by_role("link", name="Lò Thị Mỷ").click()
        look(page, "Lò Thị Mỷ", picture="interviewer")


def _lost(page: Page, name: str) -> None:
    """A phone is lost, and turns up again."""
    page.goto("/phones")
    look(page, "Điện thoại", picture="phones")
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Mất máy: thu hồi ngay").click()
    look(page, "Đã thu hồi", picture="withdrawn")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_role("status")).to_contain_text("dùng lại được")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_what_was_deleted_comes_back_and_files_are_taken_away(
    chromium: Browser, live: Live, size: ViewportSize
) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto("/trash")
        look(page, "Thùng rác", picture="trash")
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Xóa hẳn…").click()
        look(page, "Xóa hẳn", picture="trash-purge")
        page.get_by_role("link", name="Thôi, giữ nguyên").click()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Khôi phục").click()
        expect(page.get_by_role("status")).to_contain_text("Đã khôi phục 1 mục")
        page.get_by_role("button", name="Hoàn tác").click()
        expect(page.get_by_role("status")).to_contain_text("trở lại thùng rác")
        page.goto("/downloads")
        look(page, "Tải về", picture="downloads")
        with page.expect_download() as taken:
            page.get_by_role("button", name="CSV").first.click()
        assert taken.value.suggested_filename.startswith("figures-1_")
        page.get_by_role("button", name="Tạo tệp").click()
        page.wait_for_url(re.compile(r"/downloads/\d+$"))
        page.goto("/settings")
        look(page, "Thiết lập", picture="settings")
        page.get_by_role("link", name="Nhật ký").click()
        look(page, "Nhật ký", picture="log")
