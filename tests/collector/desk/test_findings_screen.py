"""A morning of mending in a browser: a record and its photo, findings decided by keys, two joined."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect
from sqlalchemy import select

from forms.checks.found import Found
from storage.database import transaction
from storage.findings.reporting import OPEN, report
from storage.models import Finding
from tests.collector.openrosa.sending import Volunteer
from tests.kept import record
from tests.live import Live, serving
from tests.office import NOW, Office
from tests.screens import DESK, PHONE, look, office_screen, shot

pytestmark = pytest.mark.browser

FORM = """
| survey |
| | type | name | label |
| | begin_group | house | Nhà |
| | text | head | Chủ hộ |
| | image | photo | Ảnh nhà |
| | image | paper | Ảnh sổ |
| | geopoint | where | Vị trí |
| | end_group | | |
| | begin_group | people | Nhân khẩu |
| | integer | n | Số người |
| | end_group | | |
| | begin_repeat | member | Người |
| | text | name | Tên |
| | end_repeat | | |
| | begin_group | more | Khác |
| | text | note | Ghi chú |
| | end_group | | |
| settings |
| | form_title | form_id | version | instance_name |
| | Hộ gia đình | ho | 1 | ${head} |
| checks |
| | code | severity | constraint | message |
| | crowded | error | ${n} < 20 | Hộ có ${n} người? |
| | alone | | ${n} != 1 | Một mình? |
"""
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763689c3a0b00030b01bd9d8f3a6f0000000049454e44ae426082"
)
RECORD = "/surveys/ho/submissions/uuid:a"


def sent(name: str, n: int) -> bytes:
    return f"""<data id="ho" version="1"><house><head>{name}</head><photo>{name}.png</photo>
    <paper>{name}2.png</paper><where>23.3396 105.3171 1400 5</where></house><people><n>{n}</n></people>
    <member><name>Mỷ</name></member><member><name>Sử</name></member><more><note>Nhà trên dốc</note></more>
    <meta><instanceID>uuid:{name}</instanceID><instanceName>Hộ {name}</instanceName></meta></data>""".encode()


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    """Four households; two of them resemble each other."""
    volunteer = Volunteer(screen_office, form=screen_office.publish(FORM))
    for name, n in (("a", 40), ("b", 1), ("c", 4), ("d", 5)):
        volunteer.send(sent(name, n), {f"{name}.png": PICTURE, f"{name}2.png": PICTURE})
    twice = Found("Q11", tuple(record(screen_office, f"uuid:{one}").id for one in "cd"))
    with screen_office.app.app_context():
        report(1, ("Q11",), [twice], NOW)
    with serving(screen_office) as served:
        yield served


@pytest.fixture(autouse=True)
def untouched(screen_office: Office) -> None:
    """Every finding is open again, whatever the other screen or the server's own night said."""
    with screen_office.app.app_context(), transaction() as session:
        for one in session.scalars(select(Finding)):
            one.state, one.reason = OPEN, None


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_record_is_read_and_one_row_more_corrected(
    chromium: Browser, live: Live, size: ViewportSize
) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto(RECORD)
        look(page, "Hộ a", picture="record")
        page.get_by_text("Đi tới phần của phiếu").click()
        page.get_by_role("link", name="Nhân khẩu").click()
        expect(page).to_have_url(re.compile("#part-people$"))
        page.locator("a[data-photo]").first.click()
        dialog = page.locator("dialog[open]")
        expect(dialog).to_contain_text("Ảnh nhà (1/2)")
        page.keyboard.press("ArrowRight")
        expect(dialog).to_contain_text("Ảnh sổ (2/2)")
        dialog.get_by_role("button", name="Phóng to").click()
        expect(dialog.locator(".by2")).to_be_visible()
        shot(page, "record-photo")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        page.keyboard.press("e")
        page.get_by_role("button", name="Thêm dòng: Người").click()
        expect(page.locator(":focus")).to_have_attribute("name", "answer:/member[3]|/member/name")
        look(page, "Sửa câu trả lời", picture="record-correct")
        page.keyboard.type("Dợ")
        page.locator("#reason").select_option("asked")
        page.get_by_role("button", name="Lưu sửa đổi").click()
        expect(page.locator("details.instance")).to_have_count(3)
        look(page, "Hộ a", picture="record-corrected")
        page.get_by_role("button", name="Hoàn tác lần sửa này").click()
        expect(page.locator("details.instance")).to_have_count(2)
        page.emulate_media(media="print")
        shot(page, "record-print")


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_findings_are_decided_by_keys_and_taps(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto("/findings")
        look(page, picture="findings")
        page.get_by_role("link", name="Bắt đầu từ việc đầu tiên").click()
        expect(page.locator("#what")).to_have_text("Hộ có 40 người?")
        look(page, picture="finding")
        page.keyboard.press("?")
        expect(page.locator(".keys li").first).to_be_visible()
        page.keyboard.press("a")
        expect(page.locator(":focus")).to_have_attribute("name", "why")
        page.keyboard.press("Enter")
        expect(page.locator("#what")).to_have_text("Một mình?")
        page.keyboard.press("u")
        expect(page.locator("#what")).to_have_text("Hộ có 40 người?")
        page.keyboard.press("n")
        expect(page.locator("#what")).to_have_text("Một mình?")
        page.keyboard.press("s")
        expect(page.get_by_label("Cần sửa gì")).to_have_value(re.compile("Một mình"))


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_two_records_are_joined_with_one_tap(chromium: Browser, live: Live, size: ViewportSize) -> None:
    with office_screen(chromium, live.address, size) as page:
        page.goto("/findings?check=Q11")
        page.get_by_role("link", name="Bắt đầu từ việc đầu tiên").click()
        look(page, picture="finding-twice")
        page.get_by_role("button", name="Giữ phiếu A").click()
        page.get_by_role("button", name="Hoàn tác").click()
        expect(page.get_by_role("button", name="Giữ phiếu B")).to_be_visible()
