"""The browser the page tests stand on."""

import pytest
from playwright.sync_api import Page


@pytest.mark.browser
def test_a_page_is_shown_in_vietnamese(page: Page) -> None:
    page.set_content('<button onclick="this.textContent = navigator.language">Gửi</button>')
    page.get_by_role("button", name="Gửi").click()
    assert page.get_by_role("button").inner_text() == "vi-VN"
