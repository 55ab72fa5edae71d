"""A village head's phone: a browser with a profile that is closed and opened again; a survey of everything.

What a person fills is filled as a person does; what the phone keeps is read from its own stores.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.chromium import FLAGS, executable
from tests.office import Office
from tests.screens import PHONE

FORM = """
| survey |
| | type | name | label | choice_filter | save_to | parameters |
| | text | nguoi_ke | Người kể | | | |
| | select_one_from_file tinh.csv | tinh | Tỉnh | | | |
| | select_one_from_file xa.csv | xa | Xã | tinh = ${tinh} | | |
| | select_one_from_file ho_gd.csv | ho | Hộ | | | |
| | geopoint | vi_tri | Nhà ở đâu | | | |
| | image | anh | Ảnh nhà | | | max-pixels=1024 |
| | integer | so_con | Số con | | so_con | |
| | begin_repeat | nguoi | Từng người | | | |
| | text | ten | Họ tên | | | |
| | end_repeat | | | | | |
| settings |
| | form_title | form_id | version | instance_name |
| | Phiếu đủ thứ | du_thu | 1 | concat('Nhà ', ${nguoi_ke}) |
| entities |
| | list_name | entity_id |
| | ho_gd | ${ho} |
"""
MEDIA = {
    "tinh.csv": "name,label\n08,Tuyên Quang\n02,Lào Cai\n".encode(),
    "xa.csv": "name,label,tinh\n1,Xã Lũng Cú,08\n2,Xã Đồng Văn,08\n3,Phường Sa Pa,02\n".encode(),
}


@dataclass
class Pocket:
    """A phone with its profile on the disk; `context` is the browser while it is open."""

    chromium: Browser
    profile: Path
    address: str
    context: BrowserContext | None = None

    @contextmanager
    def open(self, *, offline: bool = False) -> Iterator[Page]:
        """Start the browser, and close it for good at the end: what is not on the disk then is gone."""
        as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        context = self.chromium.browser_type.launch_persistent_context(
            self.profile,
            executable_path=executable(),
            args=[*FLAGS, *as_root],
            base_url=self.address,
            viewport=PHONE,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            geolocation={"latitude": 22.8233, "longitude": 104.9784, "accuracy": 6},
            permissions=["geolocation"],
        )
        context.set_default_timeout(60_000)
        context.set_offline(offline)
        self.context = context
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            self.context = None
            context.close()

    def come(self, page: Page, address: str, title: str = "Phiếu đủ thứ") -> None:
        """Come in by an address, and wait until the forms and the page itself are on the phone."""
        page.goto(address)
        expect(page.get_by_role("link", name=title)).to_be_visible()
        expect(page.get_by_text("Chưa tải xong")).to_have_count(0)
        page.evaluate("navigator.serviceWorker.ready")


def fill(page: Page, name: str, *, household: str, photo: Path | None, province: str = "Tuyên Quang") -> None:
    """Every question of the form; the last of them is left for later."""
    page.get_by_role("link", name="Phiếu đủ thứ").last.click()
    page.get_by_label("Người kể").fill(name)
    page.get_by_role("radio", name=province).check()
    page.get_by_role("radio", name="Xã Đồng Văn").check()
    page.get_by_role("radio", name=household).check()
    page.get_by_role("button", name="Lấy vị trí").click()
    expect(page.get_by_text("22,8233").or_(page.get_by_text("22.8233")).first).to_be_visible()
    if photo is not None:
        page.locator("input[type=file]").last.set_input_files(photo)
        expect(page.locator("img[src^='blob:']").last).to_be_visible()
    for place, person in enumerate(("Giàng A Páo", "Vừ Thị Mỷ")):
        if place:
            page.get_by_role("button", name="Thêm").click()
        # Rows that are done fold themselves up.
        page.get_by_role("textbox", name="Họ tên").last.fill(person)
    saved(page)


def saved(page: Page) -> None:
    """Wait until the phone says that it keeps what was answered."""
    expect(page.get_by_text("Đã lưu trên máy")).to_be_visible()


def finish(page: Page, name: str, children: int) -> None:
    """Go on with a form that was left, answer what is missing, and be done with it."""
    page.goto("/w/")
    page.get_by_role("link", name=f"Nhà {name}").click()
    expect(page.get_by_label("Người kể")).to_have_value(name)
    page.get_by_role("textbox", name="Số con").fill(str(children))
    page.get_by_role("button", name="Xong, gửi phiếu").click()


_QUEUE = """() => new Promise((done, fail) => {
  const asked = indexedDB.open("collector");
  asked.onerror = () => fail(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => {
      asked.result.close();
      done(Object.fromEntries(all.result.map((one) => [one.instanceId, one.xml])));
    };
  };
})"""


def queue(page: Page) -> dict[str, str]:
    """What waits on the phone: instance id to XML."""
    found: dict[str, str] = page.evaluate(_QUEUE)
    return found


def photo(folder: Path, name: str = "nha.jpg", side: int = 1200) -> Path:
    """A picture as a phone takes it."""
    from PIL import Image

    held = io.BytesIO()
    Image.effect_noise((side, side * 3 // 4), 60).convert("RGB").save(held, "JPEG", quality=90)
    path = folder / name
    path.write_bytes(held.getvalue())
    return path


def publish(office: Office, *, version: str = "1") -> None:
    """The survey with its lists; a later version asks nothing else."""
    office.publish(FORM.replace("| du_thu | 1 |", f"| du_thu | {version} |"), media=MEDIA)
