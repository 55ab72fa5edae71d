"""A campaign in a browser: names copied, the map and the keys lead from commune to commune, paper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.collector.desk.test_campaigns import OVER, made_up
from tests.live import Live, serving
from tests.office import Office
from tests.screens import DESK, SIZES, look, office_screen, shot

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    made_up(screen_office)
    with serving(screen_office) as served:
        yield served


@pytest.mark.parametrize("size", SIZES)
def test_an_officer_asks_who_has_not_sent(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto(f"/campaigns/{OVER}")
        look(page, "Rà soát 2025", picture="campaign")
        copy = page.get_by_role("button", name="Sao chép tên nơi chưa gửi của Xã Hai")
        copy.click()
        expect(copy).to_have_text("Đã sao chép")
        page.get_by_text("Tin để gửi qua Zalo").click()
        expect(page.get_by_label("Tin nhắc")).to_have_value(re.compile("Xã Hai"))
        page.locator("svg.places a", has=page.locator("title", has_text="Xã Hai")).click()
        look(page, "Xã Hai", picture="campaign-commune")
        expect(page.get_by_role("link", name="0912345678")).to_be_visible()


def test_keys_lead_from_commune_to_commune(chromium: Browser, live: Live) -> None:
    with office_screen(chromium, live.address, DESK) as page:
        page.goto(f"/campaigns/{OVER}/communes/00002")
        page.keyboard.press("n")
        expect(page.get_by_role("heading", level=1)).to_have_text("Xã Một")
        page.keyboard.press("p")
        expect(page.get_by_role("heading", level=1)).to_have_text("Xã Hai")


def test_paper_shows_the_table_and_the_map_alone(chromium: Browser, live: Live) -> None:
    with office_screen(chromium, live.address, DESK) as page:
        page.goto(f"/campaigns/{OVER}")
        page.emulate_media(media="print")
        expect(page.get_by_text("Tin để gửi qua Zalo")).to_be_hidden()
        expect(page.locator("table.boarded")).to_be_visible()
        expect(page.locator("svg.places")).to_be_visible()
        shot(page, "campaign-paper")


def test_a_change_asks_for_its_reason(chromium: Browser, live: Live) -> None:
    with office_screen(chromium, live.address, DESK) as page:
        page.goto(f"/campaigns/{OVER}/edit")
        look(page, "Sửa đợt báo cáo", picture="campaign-edit")
        page.goto("/places/outlines")
        look(page, "Ranh giới trên bản đồ", picture="outlines")
