"""The page as a program on the phone: it can be installed, and a new version of it never costs an answer."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from collector.webforms import shell
from tests.office import GivenPhone, Office
from tests.web.pocket import Pocket
from tests.web.test_front_end import program

FORM = """
| survey |
| | type | name | label |
| | text | chu_ho | Tên chủ hộ |
| settings |
| | form_title | form_id | version | instance_name |
| | Phiếu hộ | ho | 1 | concat('Hộ ', ${chu_ho}) |
"""
PREFIX, NEXT = "collector-shell-", "the-next"
VERSIONS = f"caches.keys().then((names) => names.filter((name) => name.startsWith('{PREFIX}')))"
LOOK_FOR_NEW = "navigator.serviceWorker.getRegistration('/w/').then((one) => one.update()).then(() => true)"
IN_USE = """(wanted) => new Promise((done) => {
  const line = new MessageChannel();
  line.port1.onmessage = (event) => done(event.data === wanted);
  navigator.serviceWorker.controller?.postMessage("version", [line.port2]);
  setTimeout(() => done(false), 500);
})"""
WAITS = "navigator.serviceWorker.getRegistration('/w/').then((one) => one.waiting !== null)"


@pytest.fixture(scope="module")
def given(screen_office: Office) -> GivenPhone:
    program("build").ensure()
    screen_office.publish(FORM)
    return screen_office.phone()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page's files as this server has them: a copy that may be replaced by a new version."""
    copied = tmp_path / "built"
    shutil.copytree(shell.BUILT, copied)
    monkeypatch.setattr(shell, "BUILT", copied)
    return copied


@pytest.fixture
def pocket(chromium: Browser, screen_office: Office, built: Path, tmp_path: Path) -> Iterator[Pocket]:
    assert built.is_dir()
    server = make_server("127.0.0.1", 0, screen_office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Pocket(chromium, tmp_path / "profile", f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()


def replace(built: Path, version: str) -> None:
    """Put another version of the page in place of this one."""
    worker = built / "sw.js"
    text = worker.read_text(encoding="utf-8")
    assert version in text
    worker.write_text(text.replace(version, NEXT), encoding="utf-8")
    for beside in built.glob("sw.js.*"):
        beside.unlink()


def test_a_phone_offers_to_install_it(pocket: Pocket, given: GivenPhone) -> None:
    with pocket.open() as page:
        pocket.come(page, f"/w/l/{given.token}", "Phiếu hộ")
        asking = page.context.new_cdp_session(page)
        assert asking.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        found = asking.send("Page.getAppManifest")
        assert found["errors"] == []
        said = json.loads(found["data"])
        assert (said["start_url"], said["scope"], said["display"]) == ("/w/", "/w/", "standalone")


def test_a_new_version_waits_until_no_form_is_open_and_takes_no_answer_with_it(
    pocket: Pocket, given: GivenPhone, built: Path
) -> None:
    with pocket.open() as page:
        pocket.come(page, f"/w/l/{given.token}", "Phiếu hộ")
        page.get_by_role("link", name="Phiếu hộ").last.click()
        page.get_by_label("Tên chủ hộ").fill("Sùng A Chứ")
        expect(page.get_by_text("Đã lưu trên máy")).to_be_visible()
        [before] = page.evaluate(VERSIONS)
        replace(built, before.removeprefix(PREFIX))
        assert page.evaluate(LOOK_FOR_NEW)
        page.wait_for_function(WAITS)
        # It is there and waits; the form stays open as it was.
        assert sorted(page.evaluate(VERSIONS)) == sorted([before, PREFIX + NEXT])
        expect(page.get_by_label("Tên chủ hộ")).to_have_value("Sùng A Chứ")
    with pocket.open() as page:
        page.goto("/w/")
        expect(page.get_by_role("link", name="Hộ Sùng A Chứ")).to_be_visible()
        page.wait_for_function(IN_USE, arg=NEXT)
        page.get_by_role("link", name="Hộ Sùng A Chứ").click()
        expect(page.get_by_label("Tên chủ hộ")).to_have_value("Sùng A Chứ")
