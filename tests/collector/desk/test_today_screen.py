"""The first page in a real browser: a leader's morning on one screen, an officer's text for Zalo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from collector.accounts.permissions import REVIEWER, VIEWER
from collector.clock import moment
from tests.collector.desk.test_today import campaign, day, officer
from tests.collector.test_campaigns import a_province, send
from tests.live import Live, serving
from tests.office import ADMIN_PASSWORD, Office
from tests.screens import DESK, SIZES, look, screen, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    """A province two days before a deadline."""
    with screen_office.app.app_context():
        a_province(screen_office)
        campaign("Trưởng thôn, bản rà soát người mù chữ", 2)
        campaign("Báo cáo năm của xã", -5, "commune")
        send(screen_office, "00001-001", received=moment(), reported=day())
    officer(screen_office, "lanhdao", VIEWER, "08")
    officer(screen_office, "xa", REVIEWER)
    with serving(screen_office) as served:
        yield served


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_the_morning(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with screen(chromium, live.address, size) as page:
        sign_in(page, "lanhdao", ADMIN_PASSWORD)
        look(page, "Hôm nay", picture="today-leader")
        expect(page.locator(".tasks li").first).to_contain_text("3/4 nơi chưa nộp")
        if size == DESK:
            assert (
                page.evaluate("document.querySelector('.today').getBoundingClientRect().bottom")
                <= size["height"]
            )
    with screen(chromium, live.address, size) as page:
        sign_in(page, "xa", ADMIN_PASSWORD)
        page.get_by_text("Gửi qua Zalo").click()
        page.get_by_role("button", name="Chép tin nhắn").click()
        expect(page.get_by_role("button", name="Đã chép")).to_be_visible()
        look(page, "Hôm nay", picture="today-officer")
        picture = page.get_by_role("img", name="Ảnh bảng số liệu")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 1080)
