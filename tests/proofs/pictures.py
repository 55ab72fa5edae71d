"""The pictures of docs/field-guide.vi.md, taken of a running server with made-up people.

`python -m tests.proofs.pictures [folder, docs/pictures]` (`make field-guide-pictures`). Starts a server of
its own with the demo survey, does at its desk what the guide describes, and photographs the pages: those of
a phone at 360 x 640, those of an office at 1280 x 800. No picture of ODK Collect itself: it needs Android.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import FLAGS, executable
from tests.proofs.running import Running

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
OFFICE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 640}
PAPER = {"width": 794, "height": 1123}  # A4 at 96 dots an inch

COMMUNE, NEIGHBOUR = "00715", "00721"
NUMBER = "0912345678"
REASON = "Thiếu bà nội, người thứ 5 của hộ. Hỏi lại gia đình rồi bổ sung."
RIGHT = """Họ và tên,Số điện thoại,Tổ chức,Xã,"Thôn, bản",Mẫu phiếu
Vàng Thị Mỷ,0987001001,Đoàn Thanh niên,Lũng Cú,Lô Lô Chải; Thèn Pả,
Sùng Mí Páo,0987001002,Đoàn Thanh niên,Lũng Cú,Séo Lủng,f01_hh_survey
Dình Thị Say,0987001003,Hội Phụ nữ,Lũng Cú,Tả Giao Khâu,f01_hh_survey
Lầu Mí Nô,0987001004,Trưởng thôn,Lũng Cú,Thèn Pả,f02_village_count
"""
WRONG = """Họ và tên,Số điện thoại,Tổ chức,Xã,"Thôn, bản",Mẫu phiếu
Vàng Thị Mỷ,0987001001,Đoàn Thanh niên,Lũng Cú,Lô Lô Chải,
Sùng Mí Páo,01687001002,Đoàn Thanh niên,Lũng Cú,Séo Lủng,f01_hh_survey
Dình Thị Say,0987001003,Hội Phụ nữ,Lũng Cú,Tả Dao Khâu,f01_hh_survey
Lầu Mí Nô,0987001004,Trưởng thôn,Lũng Cú,Thèn Pả,f20
"""
_PATIENCE = 600.0
"""Seconds the first start may take on a machine with other work: it makes eleven surveys and 240 records."""


class _Office(Running):
    """A server that believes to stand on the internet: codes and sheets show an address as they should."""

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "COLLECTOR_PUBLIC_URL": "https://khaosat.example.vn"}


@contextmanager
def _open_office() -> Iterator[str]:
    """The address of a server with the demo survey in it."""
    with tempfile.TemporaryDirectory() as folder:
        office = _Office(Path(folder) / "home", workers=1)
        office.home.mkdir()
        server = office.begin("serve", "--demo")
        until = time.monotonic() + _PATIENCE
        try:
            while not _answers(office.address):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(office.home.with_name("home.log").read_text(errors="replace")[-4000:])
                time.sleep(0.5)
            yield office.address
        finally:
            office.kill()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


class Camera:
    """A window on the desk, signed in, and the folder its pictures go to."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder
        self._browser = browser
        self.desk = self.window(OFFICE)
        self.open("/signin")
        self.desk.fill("#username", "admin")
        self.desk.fill("#password", "mat khau dai 10")
        self.press("button.main")

    def window(self, size: dict[str, int]) -> Page:
        """Another person's window, with nobody signed in."""
        context = self._browser.new_context(
            base_url=self.address,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": size["width"], "height": size["height"]},
        )
        context.set_default_timeout(60_000)
        return context.new_page()

    def open(self, path: str) -> Page:
        """Go to an address of the desk."""
        self.desk.goto(path)
        return self.desk

    def press(self, selector: str, page: Page | None = None) -> None:
        """Press what leads to another page, and wait until that is there as a whole."""
        window = page or self.desk
        with window.expect_navigation():
            window.click(selector)

    def take(self, name: str, page: Page | None = None) -> None:
        """Photograph what the window shows."""
        (page or self.desk).screenshot(path=self.folder / f"{name}.png", animations="disabled")


def _add_villages(camera: Camera) -> None:
    """Two villages nobody has visited yet; the place page and the page before a change are photographed."""
    for name in ("Thôn Cẳng Tẳng", "Thôn Sì Mần Khan"):
        page = camera.open(f"/places/{COMMUNE}")
        page.click("details:has(#open-name) > summary")
        page.fill("#open-name", name)
        camera.take("dia-ban")
        camera.press("details:has(#open-name) button")
        camera.press("button.main")
    page = camera.open(f"/places/{NEIGHBOUR}")
    page.click("details:has(#merge-codes) > summary")
    page.fill("#merge-codes", COMMUNE)
    page.fill("#merge-basis", "Nghị quyết (ví dụ)")
    camera.press("details:has(#merge-codes) button")
    camera.take("sap-nhap")


def _enter_volunteers(camera: Camera) -> None:
    """A file with mistakes, the same file corrected, and the codes on paper."""
    page = camera.desk
    for name, text in (("tinh-nguyen-vien-loi", WRONG), ("tinh-nguyen-vien", RIGHT)):
        camera.open("/volunteers")
        file = {"name": "tinh-nguyen-vien.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
        page.set_input_files("#file", file)  # type: ignore[arg-type]
        camera.press("main form button.main")
        camera.take(name)
    camera.press("main form button.main")
    number = page.url.rpartition("/")[2]
    camera.open("/phones")
    camera.take("dien-thoai")
    camera.open(f"/phones?batch={number}").check("[name=all]")
    page.check("[name=pins]")
    camera.press(".printing button")
    page.set_viewport_size({"width": PAPER["width"], "height": PAPER["height"]})
    page.emulate_media(media="print")
    camera.take("to-ma-qr")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": OFFICE["width"], "height": OFFICE["height"]})


def _send_back(camera: Camera) -> None:
    """A record goes back to its author, who sees it on the page where he fetches his code."""
    page = camera.open("/surveys/f01_hh_survey/submissions")
    sender = "Xã Lũng Cú: Đoàn xã – máy 1"
    camera.press(f"tr.open:has(td:text-is('{sender}')) a")
    page.click("details:has(#reason) > summary")
    page.fill("#reason", REASON)
    camera.press("details:has(#reason) button")
    page.goto("/sent-back")
    camera.press("ul.plain a")
    camera.take("tra-lai")
    page.goto(f"/phones?q={sender}")
    camera.press("tr.open a")
    page.click("details:has(#organisation) > summary")
    page.fill("#phone", NUMBER)
    camera.press("details:has(#organisation) button")
    camera.press("form[action$='/pin'] button")
    pin = page.inner_text(".secret").replace(" ", "")
    phone = camera.window(PHONE)
    phone.goto("/qr")
    phone.fill("#phone", NUMBER)
    phone.fill("#pin", pin)
    camera.take("trang-qr", phone)
    camera.press("button.main", phone)
    camera.take("trang-qr-tra-lai", phone)


def _remind(camera: Camera) -> None:
    """A round of which two villages have sent nothing."""
    page = camera.open("/campaigns/new")
    today = date.today()  # noqa: DTZ011 - the demo's records lie around the day it is made
    page.fill("#name", "Điều tra hộ gia đình")
    page.fill("#place", COMMUNE)
    page.fill("#opens_on", (today - timedelta(days=30)).isoformat())
    page.fill("#due_on", (today + timedelta(days=7)).isoformat())
    page.check("[value=f01_hh_survey]")
    camera.press("button.main")
    for summary in page.locator("main section details > summary").all():
        summary.click()
    camera.take("dot-bao-cao")


SCENES: tuple[Callable[[Camera], None], ...] = (_send_back, _add_villages, _enter_volunteers, _remind)


def main() -> None:
    """Take them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with _open_office() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=[*FLAGS, "--lang=vi-VN", *as_root]
        )
        camera = Camera(browser, address, folder)
        for scene in SCENES:
            scene(camera)
        browser.close()
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture.stat().st_size:>8} {picture.name}")


if __name__ == "__main__":
    main()
