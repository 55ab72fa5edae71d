"""Pages as people see them: on a small phone and on an office's screen, and what every page keeps there.

Pictures of what was looked at, one per page and size, are kept if somebody made the folder `build/screens`:
each takes as long as looking at the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.office import ADMIN, ADMIN_PASSWORD

PHONE: ViewportSize = {"width": 360, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 800}
SIZES = (PHONE, DESK)

PICTURES = Path(__file__).parents[1] / "build" / "screens"

# A machine that runs other tests beside takes its time.
expect.set_options(timeout=30_000)

_FAULTS = """() => {
  const root = document.documentElement, all = (what) => [...document.querySelectorAll(what)];
  const told = (what, several) => several.map((one) => `${what}: ${one.outerHTML.slice(0, 200)}`);
  const tapped = "button, .button, summary, nav a, select, textarea, label.tick, input:not([type=hidden])";
  const wide = root.scrollWidth - root.clientWidth;
  return [
    ...["h1", "main"].filter((one) => all(one).length !== 1).map((one) => `${all(one).length} of ${one}`),
    ...(wide > 0 ? [`${wide} pixels too wide`] : []),
    ...(root.lang === "vi" ? [] : [`in the language ${root.lang}`]),
    ...told("without a name", all("input, select, textarea")
      .filter((field) => field.type !== "hidden" && !field.labels.length && !field.ariaLabel
        && !field.hasAttribute("aria-labelledby"))),
    // A tick counts with the words beside it.
    ...told("too low for a thumb", all(tapped)
      .filter((one) => one.checkVisibility() && !["radio", "checkbox"].includes(one.type))
      .filter((one) => one.getBoundingClientRect().height < 47.9)),
  ];
}"""


@contextmanager
def screen(
    browser: Browser, address: str, size: ViewportSize, *, name: str = "", password: str = ""
) -> Iterator[Page]:
    """A browser of that size, signed in if there is a name; what it complains of fails the test."""
    context = browser.new_context(base_url=address, viewport=size, locale="vi-VN")
    context.set_default_timeout(60_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    if name:
        sign_in(page, name, password)
    yield page
    context.close()
    assert not complaints, complaints


@contextmanager
def office_screen(browser: Browser, address: str, size: ViewportSize) -> Iterator[Page]:
    """The same, signed in as the office's administrator."""
    with screen(browser, address, size, name=ADMIN, password=ADMIN_PASSWORD) as page:
        yield page


def sign_in(page: Page, name: str, password: str) -> None:
    """Sign in by the form, as a person does."""
    page.goto("/signin")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()


def faults(page: Page) -> list[str]:
    """What every page keeps and this one does not.

    It fits, it is called something in Vietnamese, its fields have names, a thumb hits what is there to tap.
    """
    found: list[str] = page.evaluate(_FAULTS)
    return found


def look(page: Page, heading: str = "", *, picture: str = "") -> None:
    """See that a page keeps what every page keeps.

    `heading` is what it must be called; `picture` names the picture kept of it.
    """
    if heading:
        assert page.locator("h1").inner_text() == heading
    said = faults(page)
    assert not said, said
    if picture:
        shot(page, picture)


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if somebody wants any."""
    if PICTURES.is_dir():
        size = page.viewport_size or DESK
        page.screenshot(path=PICTURES / f"{name}-{size['width']}.png", full_page=True)
