"""A campaign in a browser: names copied, the map and the keys lead from commune to commune, paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from collector.actions import campaigns
from collector.actions.accounts import NewPhone, create_app_user
from storage.database import transaction
from tests import tree
from tests.collector.desk.test_campaigns import DATES, LATE
from tests.collector.test_campaigns import COUNT, send, wanted
from tests.live import Live, serving
from tests.office import NOW, Office
from tests.screens import DESK, PHONE, look, office_screen, shot
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    """Two communes, one village of which has sent late."""
    with screen_office.app.app_context():
        screen_office.publish(COUNT)
        with transaction() as session:
            tree.plant(session)
            campaigns.create(session, 1, wanted(name="Rà soát 2025", **DATES), now=NOW)
            phone = NewPhone(1, "Giàng A Páo", None, (OTHER_VILLAGE,), phone="0912345678")
            create_app_user(session, phone, screen_office.parts.vault, now=NOW)
        send(screen_office, HERE_VILLAGE, received=LATE, reported=date(2025, 8, 20))
    with serving(screen_office) as served:
        yield served


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_an_officer_asks_who_has_not_sent(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto("/campaigns/1")
        look(page, "Rà soát 2025", picture="campaign")
        copy = page.get_by_role("button", name="Sao chép tên nơi chưa gửi của Xã Lũng Cú")
        copy.click()
        expect(copy).to_have_text("Đã chép")
        page.get_by_text("Tìm, lọc, sắp xếp").click()
        page.get_by_role("searchbox").focus()
        page.keyboard.press("Control+V")
        expect(page.get_by_role("searchbox")).to_have_value(re.compile("Xã Lũng Cú: .*Thôn Thèn Pả"))
        page.get_by_text("Tin để gửi qua Zalo").click()
        expect(page.get_by_label("Tin nhắc")).to_have_value(re.compile("Xã Lũng Cú"))
        page.locator("svg.places a", has=page.locator("title", has_text="Xã Lũng Cú")).click()
        look(page, "Xã Lũng Cú", picture="campaign-commune")
        expect(page.get_by_role("link", name="0912345678")).to_be_visible()
        page.keyboard.press("n")
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Xã Lũng Cú")
        page.keyboard.press("p")
        expect(page.get_by_role("heading", level=1)).to_have_text("Xã Lũng Cú")


def test_paper_shows_the_table_and_the_map_alone(chromium: Browser, live: Live) -> None:
    with office_screen(chromium, live.address, DESK) as page:
        page.goto("/campaigns/1")
        page.emulate_media(media="print")
        expect(page.get_by_text("Tin để gửi qua Zalo")).to_be_hidden()
        expect(page.locator("table.boarded")).to_be_visible()
        expect(page.locator(f"svg.places a[href*='{HERE}']")).to_be_visible()
        shot(page, "campaign-paper")
        page.emulate_media(media="screen")
        page.goto("/campaigns/1/edit")
        look(page, "Sửa đợt báo cáo", picture="campaign-edit")
        page.goto("/places/outlines")
        look(page, "Ranh giới trên bản đồ", picture="outlines")
