"""The web forms as a village head has them: come in, fill, lose the network, come back, see the receipt."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, expect

from collector.actions.instances import Archive
from tests import axe
from tests.collector.webforms.browser import signed_in
from tests.live import Live, serving
from tests.office import ADMIN_PASSWORD, GivenPhone, Office
from tests.screens import DESK, PHONE, faults, shot
from tests.web.test_front_end import program

FORM = """
| survey |
|  | type    | name | label      | required | constraint | constraint_message |
|  | text    | ten  | Tên chủ hộ | yes      |            |                    |
|  | integer | tuoi | Tuổi       |          | . < 120    | Tuổi phải dưới 120 |
|  | image   | anh  | Ảnh nhà    |          |            |                    |
| settings |
|  | form_title | form_id | version | instance_name          |
|  | Phiếu hộ   | ho      | 1       | concat('Hộ ', ${ten})  |
"""
PAGED = """
| survey |
|  | type | name | label   | required |
|  | text | a    | Câu một | yes      |
|  | text | b    | Câu hai |          |
| settings |
|  | form_title       | form_id | style |
|  | Phiếu từng trang | trang   | pages |
"""
KEPT = """async (store) => {
  const open = indexedDB.open("collector");
  const base = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const asked = base.transaction(store).objectStore(store).getAll();
  const found = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  base.close();
  return found.map(({ instanceId, xml }) => [instanceId, xml]);
}"""
NO_ROOM = """() => {
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
OK, NOT_SIGNED_IN = 200, 401
ZALO = "Mozilla/5.0 (Linux; Android 11; SM-A105F; wv) Chrome/120.0 Mobile Safari/537.36 Zalo android/12100"


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    program("build").ensure()
    for form in (FORM, PAGED):
        screen_office.publish(form)
    signed_in(screen_office)
    with serving(screen_office) as served:
        yield served


@pytest.fixture(scope="module")
def given(screen_office: Office) -> GivenPhone:
    return screen_office.phone()


@contextmanager
def phone(chromium: Browser, live: Live, agent: str | None = None) -> Iterator[BrowserContext]:
    """A cheap phone's browser with nothing in it; a page that breaks fails the test."""
    context = chromium.new_context(
        base_url=live.address,
        viewport=PHONE,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        user_agent=agent,
    )
    context.set_default_timeout(60_000)
    broken: list[str] = []
    context.on("weberror", lambda found: broken.append(str(found.error)))
    yield context
    context.close()
    assert broken == []


def come(context: BrowserContext, given: GivenPhone) -> Page:
    """Open the link, until the forms and the page itself are on the phone."""
    page = context.new_page()
    page.goto(f"/w/l/{given.token}")
    for title in ("Phiếu hộ", "Phiếu từng trang"):
        expect(page.get_by_role("link", name=title)).to_be_visible()
    expect(page.get_by_text("Chưa tải xong")).to_have_count(0)
    page.evaluate("navigator.serviceWorker.ready")
    return page


def begin(page: Page, name: str) -> None:
    """Begin a form and answer its first question."""
    page.get_by_role("link", name="Phiếu hộ").last.click()
    page.get_by_label("Tên chủ hộ").fill(name)
    expect(page.get_by_text("Đã lưu trên máy")).to_be_visible()


def send(page: Page, heading: str) -> None:
    """Finish the form; the next screen is called so."""
    page.get_by_role("button", name="Xong, gửi phiếu").click()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def seen(page: Page, picture: str) -> None:
    """See that the screen keeps what every page keeps, and keep a picture of it.

    Of an open form only that it fits: what its controls keep is held where they are made.
    """
    shot(page, f"web-{picture}")
    if page.locator("form.or").count():
        assert [fault for fault in faults(page) if "too wide" in fault] == []
    else:
        assert [*faults(page), *axe.faults(page)] == []


def test_a_form_is_filled_without_network_and_sent_when_it_is_back(
    chromium: Browser, live: Live, given: GivenPhone
) -> None:
    with phone(chromium, live) as context:
        page = come(context, given)
        seen(page, "home")
        context.set_offline(True)
        begin(page, "Sùng Thị Mỷ")
        seen(page, "fill")
        page.close()
        page = context.new_page()
        page.goto("/w/")
        page.get_by_role("link", name="Hộ Sùng Thị Mỷ").click()
        expect(page.get_by_label("Tên chủ hộ")).to_have_value("Sùng Thị Mỷ")
        page.get_by_role("textbox", name="Tuổi").fill("141")
        page.get_by_role("button", name="Xong, gửi phiếu").click()
        expect(page.get_by_text("Còn 1 câu cần sửa").first).to_be_visible()
        page.get_by_role("textbox", name="Tuổi").fill("41")
        send(page, "Đã lưu, chờ gửi")
        seen(page, "waiting")
        ((instance, xml),) = page.evaluate(KEPT, "outbox")
        record = f"{live.address}/w{given.path.removeprefix('/v1')}/sent/{instance}"
        assert requests.get(record, timeout=60).status_code == 404
        context.set_offline(False)
        expect(page.get_by_role("heading", name="Đã gửi", exact=True)).to_be_visible()
        receipt = page.locator(".receipt.large").inner_text()
        held = requests.get(record, timeout=60).json()
        assert (held["xml"], held["receipt"]) == (xml, receipt)
        assert page.evaluate(KEPT, "outbox") == []
        page.get_by_role("link", name="Đã gửi").click()
        expect(page.get_by_text(f"Biên nhận {receipt}")).to_be_visible()
        seen(page, "sent")


def test_after_a_session_ended_nothing_is_lost_and_it_goes_by_itself(chromium: Browser, live: Live) -> None:
    with phone(chromium, live) as context:
        page = context.new_page()
        page.goto("/w/")
        page.get_by_role("link", name="Đăng nhập").click()
        enter(page)
        expect(page.get_by_role("link", name="Phiếu từng trang")).to_be_visible()
        begin(page, "Vàng A Sử")
        context.clear_cookies()
        send(page, "Cần vào lại")
        seen(page, "signin")
        page.get_by_role("link", name="Đăng nhập").click()
        enter(page)
        page.get_by_role("link", name="Đã gửi").click()
        expect(page.get_by_text("Hộ Vàng A Sử")).to_be_visible()
        assert context.request.get("/w/me").status == OK
        page.goto("/w/#/leave")
        with page.expect_response("**/v1/sessions/current"):
            page.get_by_role("button", name="Rời").click()
        assert context.request.get("/w/me").status == NOT_SIGNED_IN


def enter(page: Page) -> None:
    """Sign in as the account of the village."""
    page.get_by_label("Tên đăng nhập").fill("thon")
    page.get_by_label("Mật khẩu").fill(ADMIN_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()


def test_a_draft_with_its_photo_goes_on_on_another_phone(
    chromium: Browser, live: Live, given: GivenPhone
) -> None:
    picture = BytesIO()
    Image.new("RGB", (64, 48), "#336699").save(picture, "JPEG")
    with phone(chromium, live) as context, phone(chromium, live) as other:
        page = come(context, given)
        begin(page, "Giàng A Páo")
        photo = FilePayload(name="nha.jpg", mimeType="image/jpeg", buffer=picture.getvalue())
        page.locator("input[type=file]").first.set_input_files(photo)
        page.get_by_role("button", name="Lưu cả lên máy chủ").click()
        code = page.locator(".code.large").inner_text()
        there = come(other, given)
        there.get_by_role("link", name="Điền tiếp phiếu từ máy khác").click()
        there.get_by_label("Mã của phiếu").fill(code.lower().replace("-", " "))
        there.get_by_role("button", name="Mở phiếu").click()
        expect(there.get_by_label("Tên chủ hộ")).to_have_value("Giàng A Páo")
        expect(there.locator(".form img").first).to_be_visible()
        seen(there, "resumed")
        send(there, "Đã gửi")


def test_where_there_is_no_room_it_is_said_and_a_file_saves_what_the_server_takes_in(
    chromium: Browser, live: Live, given: GivenPhone, tmp_path: Path
) -> None:
    with phone(chromium, live) as context:
        page = come(context, given)
        context.set_offline(True)
        begin(page, "Lò Văn Tơ")
        send(page, "Đã lưu, chờ gửi")
        page.get_by_role("button", name="Điền phiếu nữa").or_(
            page.get_by_role("link", name="Điền phiếu nữa")
        ).click()
        page.get_by_label("Tên chủ hộ").fill("Lò Thị Mây")
        expect(page.get_by_text("Đã lưu trên máy")).to_be_visible()
        page.evaluate(NO_ROOM)
        page.get_by_role("textbox", name="Tuổi").fill("30")
        expect(page.get_by_role("alert").get_by_text("Máy hết chỗ")).to_be_visible()
        seen(page, "full")
        half = download(page, tmp_path / "half.zip")
        page.goto("/w/#/outbox")
        page.reload()
        seen(page, "outbox")
        waiting = download(page, tmp_path / "waiting.zip")
    with zipfile.ZipFile(half) as found:
        assert found.testzip() is None
        (draft,) = (name for name in found.namelist() if name.endswith("draft.txt"))
        assert b"<tuoi>30</tuoi>" in found.read(draft)
    with Archive(waiting) as archive:
        (instance,) = archive.instances()
    assert instance.problem is None
    assert "Lò Văn Tơ".encode() in instance.xml


def download(page: Page, path: Path) -> Path:
    """Export to a file."""
    with page.expect_download() as given:
        page.get_by_role("button", name="Xuất ra tệp").click()
    given.value.save_as(path)
    return path


def test_a_form_that_is_still_on_its_way_opens_as_soon_as_it_is_here(
    chromium: Browser, live: Live, given: GivenPhone
) -> None:
    with phone(chromium, live) as context:
        held: list[Route] = []
        may_go = threading.Event()
        context.route(
            "**/definition", lambda route: route.continue_() if may_go.is_set() else held.append(route)
        )
        page = context.new_page()
        page.goto(f"/w/l/{given.token}")
        expect(page.get_by_text("Chưa tải xong")).to_have_count(2)
        page.get_by_role("link", name="Phiếu hộ").click()
        expect(page.get_by_text("Xin chờ")).to_be_visible()
        # The next form may be asked for only when this one is here: nothing is held from now on.
        may_go.set()
        for one in held:
            one.continue_()
        expect(page.get_by_label("Tên chủ hộ")).to_be_editable()


def test_one_page_at_a_time_and_the_way_out_of_zalo(chromium: Browser, live: Live, given: GivenPhone) -> None:
    with phone(chromium, live, ZALO) as context:
        page = come(context, given)
        way_out = page.get_by_role("link", name="Mở bằng Chrome").get_attribute("href") or ""
        assert way_out.startswith(f"intent://{live.address.removeprefix('http://')}/w/l/")
        assert given.token in way_out
        seen(page, "zalo")
        page.get_by_role("link", name="Phiếu từng trang").click()
        page.get_by_role("button", name="Tiếp", exact=True).click()
        expect(page.get_by_text("Câu này phải trả lời")).to_be_visible()
        page.get_by_label("Câu một").fill("một")
        page.get_by_role("button", name="Tiếp", exact=True).click()
        expect(page.get_by_label("Câu hai")).to_be_visible()
        page.set_viewport_size(DESK)
        seen(page, "page")
        page.set_viewport_size(PHONE)
        send(page, "Đã gửi")
