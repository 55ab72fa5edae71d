"""Every page of the desk in a real browser, on a phone and on an office's screen: what all of them keep."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests import axe, screens
from tests.collector.walk.free import FREE
from tests.collector.walk.routes import CUT, NAMED
from tests.collector.walk.test_walk import ways
from tests.collector.walk.world import ADMIN, World, build, person
from tests.live import Live, serving
from tests.office import ADMIN_PASSWORD, Office
from tests.screens import DESK, PHONE, office_screen

pytestmark = pytest.mark.browser

MAIN = (
    "desk.home.index",
    "desk.campaigns.index",
    "desk.campaigns.show",
    "desk.records.index",
    "desk.records.show",
    "desk.findings.index",
    "desk.findings.show",
    "desk.indicators.index",
    "desk.indicators.show",
    "desk.surveys.index",
    "desk.surveys.show",
    "desk.places.index",
    "desk.phones.index",
    "desk.lists.show",
    "desk.account.show",
)
"""What axe looks at; the others are made of the same pieces."""

PAPER = frozenset({"desk.sheets.show", "desk.questionnaires.paper", "desk.questionnaires.paper_draft"})
"""Sheets of paper shown on a screen: they are as wide as paper."""

FIVE = (
    "desk.home.index",
    "desk.campaigns.show",
    "desk.records.index",
    "desk.findings.index",
    "desk.indicators.index",
)
"""What `make lighthouse` measures, too."""

MOST_BYTES, MOST_REQUESTS = 100_000, 4

_UNGUARDED = """[...document.querySelectorAll("form[method=post i]")]
  .filter((form) => !form.elements.csrf_token?.value || new URL(form.action).origin !== location.origin)
  .map((form) => form.outerHTML.slice(0, 300))"""


class Seen(NamedTuple):
    """A page there is: where it is, and which."""

    endpoint: str
    path: str


@pytest.fixture(scope="module")
def world(screen_office: Office) -> World:
    """An office with some of everything."""
    return build(screen_office)


@pytest.fixture(scope="module")
def live(world: World) -> Iterator[Live]:
    """The office's server, on a port."""
    with serving(world.office) as served:
        yield served


@pytest.fixture(scope="module")
def pages(world: World) -> list[Seen]:
    """Every page the administrator can open."""
    admin = person(world, ADMIN)
    ids = world.there | {"token": "none"}
    found = []
    for endpoint in (*NAMED, *CUT, *FREE):
        if not endpoint.startswith("desk."):
            continue
        for method, path in ways(world, endpoint, ids):
            if method != "GET":
                continue
            answer = admin.ask(method, path)
            if answer.status_code == HTTPStatus.OK and answer.mimetype == "text/html":
                found.append(Seen(endpoint, path))
    return found


@pytest.mark.timeout(600)
def test_every_page_keeps_what_all_pages_keep(chromium: Browser, live: Live, pages: list[Seen]) -> None:
    """Opened once on a phone, then looked at on the office's screen: sizes are the sheet's work alone."""
    assert len(pages) > 40
    assert set(MAIN) - {one.endpoint for one in pages} == set()
    wrong: list[str] = []
    with office_screen(chromium, live.address, PHONE) as page:
        for endpoint, path in pages:
            if endpoint in PAPER:
                continue
            answer = page.goto(path)
            if answer is None or answer.status != HTTPStatus.OK:
                wrong.append(f"{path}: {answer and answer.status}")
                continue
            said = [*page.evaluate(_UNGUARDED), *_seen(page, endpoint, PHONE), *_seen(page, endpoint, DESK)]
            wrong += [f"{path}: {one}" for one in said]
        assert not wrong, "\n".join(wrong)


def _seen(page: Page, endpoint: str, size: ViewportSize) -> list[str]:
    page.set_viewport_size(size)
    said = screens.faults(page)
    if endpoint in MAIN:
        screens.shot(page, endpoint.removeprefix("desk.").replace(".", "-"))
        said += axe.faults(page, axe.EVERYTHING if size is PHONE else axe.LAID_OUT)
        page.emulate_media(color_scheme="dark")
        said += [f"in the dark: {one}" for one in axe.faults(page, axe.LAID_OUT)]
        page.emulate_media(color_scheme="light")
    return [f"{size['width']} wide: {one}" for one in said]


def test_a_first_load_is_small(chromium: Browser, live: Live, pages: list[Seen]) -> None:
    """As the browser counts: HTML, sheet, script; the sign in its tab is asked for beside them."""
    heavy = []
    with office_screen(chromium, live.address, PHONE) as page:
        state = page.context.storage_state()
    for endpoint, path in pages:
        if endpoint not in FIVE:
            continue
        context = chromium.new_context(base_url=live.address, viewport=PHONE, storage_state=state)
        page = context.new_page()
        sizes = _loaded(page, path)
        if sum(sizes) > MOST_BYTES or not 3 <= len(sizes) < MOST_REQUESTS:
            heavy.append((path, sizes))
        context.close()
    assert heavy == []


def _loaded(page: Page, path: str) -> list[float]:
    """The bytes of each answer a page was made of, heads and all; pictures inside the sheet are none."""
    sizes: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    page.goto(path)
    return [size for size in sizes if size]


def test_the_menu_opens_without_a_script_and_closes_as_people_expect(chromium: Browser, live: Live) -> None:
    context = chromium.new_context(base_url=live.address, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto("/lists")
    page.get_by_label("Tên đăng nhập").fill(ADMIN)
    page.get_by_label("Mật khẩu").fill(ADMIN_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
    menu = page.get_by_role("navigation", name="Trình đơn chính")
    expect(menu.get_by_role("link")).to_have_count(4)
    menu.get_by_text("Thêm", exact=True).click()
    here = menu.get_by_role("link", name="Danh sách")
    expect(here).to_have_attribute("aria-current", "page")
    context.close()
    with office_screen(chromium, live.address, PHONE) as page:
        menu = page.get_by_role("navigation")
        menu.get_by_text("Thêm", exact=True).click()
        expect(menu.get_by_role("link", name="Địa bàn")).to_be_visible()
        screens.shot(page, "menu-open")
        page.keyboard.press("Escape")
        expect(menu.get_by_role("link", name="Địa bàn")).to_be_hidden()
        page.set_viewport_size(DESK)
        expect(menu.get_by_role("link", name="Địa bàn")).to_be_visible()
