"""What a phone without network keeps: over a closed browser, a dead server, a lost answer, a new version."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from storage.models import FormVersion, SubmissionVersion
from tests.collector.openrosa.lists import Register, register
from tests.kept import files, looking, xml_as_kept
from tests.live import Live, kill, serving
from tests.office import Office
from tests.registers import known
from tests.web.pocket import Pocket, fill, finish, photo, publish, queue, saved
from tests.web.test_front_end import program

HOMES = ("Hộ ông Páo", "Hộ bà Mỷ", "Hộ ông Sử")
PEOPLE = ("Giàng Páo", "Vừ Mỷ", "Lò Sử")


@pytest.fixture(scope="module")
def households(screen_office: Office) -> Register:
    """Three households known to the office, and the survey that asks after them."""
    program("build").ensure()
    made = register(screen_office, "ho_gd", "so_con")
    publish(screen_office)
    return made


@pytest.fixture(scope="module")
def members(households: Register) -> dict[str, str]:
    """The households by what they are called, in the list every phone has."""
    return {label: households.add(label) for label in HOMES}


@pytest.fixture(scope="module")
def live(screen_office: Office, members: dict[str, str]) -> Iterator[Live]:
    assert members  # what there is to choose is there before anybody comes
    with serving(screen_office) as served:
        yield served


@pytest.fixture
def folder() -> Iterator[Path]:
    """A profile is thousands of small files: it need not outlive the test."""
    made = Path(tempfile.mkdtemp())
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def pocket(chromium: Browser, live: Live, folder: Path) -> Pocket:
    return Pocket(chromium, folder / "profile", live.address)


def came(office: Office) -> dict[str, tuple[bytes, int, str]]:
    """What the server holds: by instance id the bytes, how many files it has, and the form's version."""
    with looking(office) as session:
        rows = session.execute(
            select(SubmissionVersion.instance_id, SubmissionVersion.id, FormVersion.version).join(
                FormVersion, FormVersion.id == SubmissionVersion.form_version_id
            )
        ).all()
    return {
        instance: (xml_as_kept(office, number), sum(map(bool, files(office, number).values())), version)
        for instance, number, version in rows
    }


def sent(page: Page) -> None:
    """Wait until nothing waits any more."""
    page.goto("/w/#/outbox")
    expect(page.get_by_text("Không còn phiếu nào chờ gửi.")).to_be_visible(timeout=90_000)


def test_three_forms_filled_without_network_outlive_the_browser_and_arrive_once(
    screen_office: Office, pocket: Pocket, folder: Path, members: dict[str, str]
) -> None:
    before, address = came(screen_office), f"/w/l/{screen_office.phone().token}"
    with pocket.open() as page:
        pocket.come(page, address)
        page.context.set_offline(True)
        for name, home in zip(PEOPLE, HOMES, strict=True):
            fill(page, name, household=home, photo=photo(folder))
            page.goto("/w/")
    with pocket.open(offline=True) as page:
        for children, name in enumerate(PEOPLE, 1):
            finish(page, name, children)
            expect(page.get_by_role("heading", name="Đã lưu, chờ gửi")).to_be_visible()
        waiting = queue(page)
        assert len(waiting) == 3
        assert came(screen_office) == before
        page.context.set_offline(False)
        sent(page)
    arrived = {number: one for number, one in came(screen_office).items() if number not in before}
    assert {number: xml.decode() for number, (xml, _several, _version) in arrived.items()} == waiting
    assert [several for _xml, several, _version in arrived.values()] == [1, 1, 1]
    for xml, _several, _version in arrived.values():
        assert b"<xa>2</xa>" in xml
        assert b"<vi_tri>22.8233 104.9784 " in xml
        assert xml.count(b"<nguoi>") == 2
    told = [known(screen_office, members[home], "ho_gd").data["so_con"] for home in HOMES]
    assert told == ["1", "2", "3"]


def test_what_was_typed_in_the_last_moment_is_there_after_a_reload(
    screen_office: Office, pocket: Pocket
) -> None:
    with pocket.open() as page:
        pocket.come(page, f"/w/l/{screen_office.phone().token}")
        page.get_by_role("link", name="Phiếu đủ thứ").click()
        page.get_by_label("Người kể").fill("Thào Ích")
        saved(page)
        page.get_by_role("textbox", name="Số con").fill("3")
        page.reload()
        page.goto("/w/")
        page.get_by_role("link", name="Nhà Thào Ích").click()
        expect(page.get_by_role("textbox", name="Số con")).to_have_value("3")


@pytest.mark.usefixtures("members")
def test_a_server_that_dies_in_the_middle_gets_the_form_once_when_it_is_back(
    chromium: Browser, screen_office: Office, folder: Path
) -> None:
    before = came(screen_office)
    with serving(screen_office) as first:
        port = int(first.address.rpartition(":")[2])
        pocket = Pocket(chromium, folder / "profile", first.address)
        with pocket.open() as page:
            pocket.come(page, f"/w/l/{screen_office.phone().token}")
            fill(page, "Hạng Dơ", household=HOMES[0], photo=photo(folder))
            cut = page.context.new_cdp_session(page)
            cut.send("Network.enable")
            slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
            cut.send("Network.emulateNetworkConditions", slow)
            with page.expect_request(lambda asked: asked.method == "POST" and "/submission" in asked.url):
                finish(page, "Hạng Dơ", 4)
            kill(first)
            assert came(screen_office) == before
            cut.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
            waiting = queue(page)
            assert len(waiting) == 1
            with serving(screen_office, port=port):
                page.goto("/w/#/outbox")
                page.get_by_role("button", name="Gửi ngay").click()
                sent(page)
    arrived = {number: one for number, one in came(screen_office).items() if number not in before}
    assert {number: xml.decode() for number, (xml, _several, _version) in arrived.items()} == waiting
    assert [several for _xml, several, _version in arrived.values()] == [1]


def test_an_answer_that_was_lost_on_the_way_makes_no_second_record(
    screen_office: Office, pocket: Pocket
) -> None:
    before, lost = came(screen_office), []

    def lose(route: Route) -> None:
        # The server has the form; the phone never hears of it.
        lost.append(route.fetch().status)
        route.abort()

    with pocket.open() as page:
        pocket.come(page, f"/w/l/{screen_office.phone().token}")
        fill(page, "Thào Chơ", household=HOMES[0], photo=None)
        page.context.route("**/submission?*", lose, times=1)
        finish(page, "Thào Chơ", 2)
        expect(page.get_by_role("heading", name="Đã lưu, chờ gửi")).to_be_visible()
        page.goto("/w/#/outbox")
        page.get_by_role("button", name="Gửi ngay").click()
        sent(page)
    assert lost == [201]
    assert len(came(screen_office).keys() - before.keys()) == 1


def test_a_form_begun_before_a_new_version_is_sent_as_it_was_begun(
    screen_office: Office, pocket: Pocket
) -> None:
    before, address = came(screen_office), f"/w/l/{screen_office.phone().token}"
    with pocket.open() as page:
        pocket.come(page, address)
        fill(page, "Mùa Tủa", household=HOMES[2], photo=None)
    publish(screen_office, version="2")
    with pocket.open() as page:
        with page.expect_response("**/versions/2/definition*"):
            page.goto("/w/")
        expect(page.get_by_text("Đã cập nhật lúc")).to_be_visible()
        expect(page.get_by_text("Có bản mới, đang tải")).to_have_count(0)
        finish(page, "Mùa Tủa", 6)
        sent(page)
        page.goto("/w/")
        fill(page, "Cứ Lử", household=HOMES[2], photo=None)
        finish(page, "Cứ Lử", 7)
        sent(page)
    versions = [one[2] for number, one in came(screen_office).items() if number not in before]
    assert sorted(versions) == ["1", "2"]
