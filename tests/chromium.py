"""A browser to look at pages with: Debian's Chromium, driven by Playwright.

Why: Playwright's own browsers are downloads of their own; Debian's is kept up by Debian. The shell is
Chromium without windows and bubbles, pages of their own that cost more than the page looked at; Chromium
itself does too.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

__all__ = ["chromium", "page", "window"]  # what tests/conftest.py hands to every test

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing but the page under test may be asked for.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "Chromium is missing. Install it with: sudo apt-get install -y chromium-headless-shell fonts-liberation"
)
PHONE = {"width": 360, "height": 740}  # CSS pixels of a cheap Android phone


def executable() -> str:
    """Where Chromium is; fails the test with the line that installs it."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found if found is not None else pytest.fail(MISSING)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser a process, with an empty profile."""
    # Chromium's sandbox needs a user other than root.
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, *as_root])
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A person's window: cookies and storage of its own, Vietnamese, in Viet Nam's time."""
    context = chromium.new_context(
        locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Page:
    """An empty page in a person's window."""
    return window.new_page()
