"""Codes for the villages of a commune, from the list to the printed sheet, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.collector.peopled import COMMUNES, settle
from tests.collector.v1.program import simple
from tests.live import Live, serving
from tests.office import Office
from tests.screens import SIZES, look, office_screen

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    """Two communes, one for each size of screen, and a survey."""
    settle(screen_office)
    screen_office.publish(simple(), filename="simple.xml")
    with serving(screen_office) as served:
        yield served


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_a_commune_from_no_code_to_sheets_on_paper(chromium: Browser, live: Live, size: ViewportSize) -> None:
    _code, commune = COMMUNES[SIZES.index(size)]
    with office_screen(chromium, live.address, size) as page:
        page.goto("/village-codes")
        page.get_by_role("link", name=commune).first.click()
        look(page, "Mã thôn, bản", picture="village-codes")
        page.get_by_role("button", name="Cấp mã cho cả").click()
        look(page, "Cấp mã cho thôn, bản", picture="village-codes-look")
        page.get_by_role("button", name="Cấp ", exact=False).click()
        page.get_by_role("button", name="In tờ mã").click()
        expect(page.locator(".pin strong").first).to_be_visible()
        expect(page.locator(".address").first).to_contain_text("/w/v/")
        page.goto("/surveys/simple/links")
        look(page, "Đường dẫn điền phiếu", picture="links")
        page.get_by_role("textbox", name="Tên").fill(f"Họp {commune}")
        page.get_by_role("button", name="Tạo đường dẫn").click()
        look(page, f"Họp {commune}", picture="link")
