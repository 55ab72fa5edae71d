"""Figures and places in a real browser, as a leader and an officer use them, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.collector.desk.test_indicators import worked_out
from tests.live import Live, serving
from tests.office import Office
from tests.screens import SIZES, look, office_screen
from tests.tree import FOREIGN, HERE, HERE_VILLAGE, PROVINCE, THERE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    """Two communes with figures, on a port."""
    worked_out(screen_office)
    with serving(screen_office) as served:
        yield served


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_a_leader_goes_from_a_number_to_what_it_rests_on_and_compares(
    chromium: Browser, live: Live, size: ViewportSize
) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto(f"/indicators/women_share?area={PROVINCE}&period=2026")
        look(page, "women_share", picture="indicator")
        page.locator(".figure.big a").click()
        expect(page.get_by_text("chỉ lấy khi Tuổi ≥ 15").first).to_be_visible()
        look(page, "women_share", picture="figure")
        page.get_by_role("link", name="Danh sách mẫu số").click()
        expect(page.locator("tbody tr")).to_have_count(4)
        page.goto(f"/indicators/people?area={PROVINCE}&period=2026#places")
        for box in page.locator("input[name=place]").all():
            box.check()
        page.get_by_role("button", name="So sánh các đơn vị đã đánh dấu").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("So sánh các đơn vị")
        expect(page.locator(".chips li")).to_have_count(2)
        look(page, picture="compare-places")
        page.goto(f"/indicators/compare/periods?area={PROVINCE}&period=2026")
        look(page, "Kỳ này và các kỳ trước", picture="compare-periods")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_an_officer_opens_the_tree_merges_two_communes_and_takes_it_back(
    chromium: Browser, live: Live, size: ViewportSize
) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto("/places?open=")
        page.get_by_role("link", name="Mở Tuyên Quang").click()
        page.get_by_role("link", name="Mở Xã Lũng Cú").click()
        expect(page.locator(f"#p-{HERE_VILLAGE}")).to_be_visible()
        look(page, "Địa bàn", picture="places")
        page.locator(f"#p-{HERE} > .row .leaf").click()
        look(page, "Xã Lũng Cú", picture="place")
        page.get_by_role("link", name="Thay đổi địa bàn").click()
        look(page, picture="place-kinds")
        page.get_by_role("link", name="Nhập với đơn vị khác").click()
        page.get_by_label(f"Xã {FOREIGN}").check()
        page.get_by_label("Căn cứ pháp lý").fill("NQ 12")
        look(page, picture="place-merge")
        page.get_by_role("button", name="Xem trước thay đổi").click()
        expect(page.get_by_text("phiếu đi theo")).to_be_visible()
        look(page, picture="place-preview")
        page.get_by_role("button", name="Ghi vào danh mục địa bàn").click()
        expect(page.get_by_text("Đã xong.")).to_be_visible()
        look(page, picture="place-done")
        page.get_by_role("button", name="Thu lại").click()
        expect(page.get_by_role("button", name="Thu lại")).to_have_count(0)
        page.goto(f"/places/{THERE}")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Xã {FOREIGN}")
        expect(page.get_by_text("hết hiệu lực")).to_have_count(0)
