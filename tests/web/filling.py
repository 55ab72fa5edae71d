"""Web forms filled in a real Chromium as a phone's record was: the same steps, one after the other.

    with web_forms() as web:
        done = web.form(xform, media).fill(filled.trail)
        done.xml, done.files, done.refused, done.invalid

The engine is that of the app, opened by the harness; answers are given to its controls (replay.js).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from forms.webform import Sheets, transform
from tests.chromium import FLAGS, executable
from tests.javarosa.attachments import content
from tests.javarosa.engine import DEVICE, Step
from tests.web.engine_page import EnginePage, serving, sheets_in
from tests.xlsforms.filling import FIGURES, key
from tests.xlsforms.surveys import LISTS, media

ROOT = Path(__file__).parents[2]
REPLAY = Path(__file__).with_name("replay.js")
PHONE: Mapping[str, Any] = {
    "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
    "viewport": {"width": 360, "height": 640},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": (
        "Mozilla/5.0 (Linux; Android 12; SM-A035F) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/150.0.0.0 Mobile Safari/537.36"
    ),
}
"""A cheap phone in Viet Nam, in the zone the phone's engine is in."""


_COMMUNE = {"name": key(41), "label": "Xã Lũng Cú – 2026", "commune_code": "00715", "report_year": "2026"}


def beside(form_id: str) -> dict[str, bytes]:
    """All files a survey reads, as on a phone of Lũng Cú."""
    figures = {**_COMMUNE, "period": "y", "as_of": "2026-11-10", **FIGURES}
    households = [{**row, "recheck_by": ""} for row in LISTS["households.csv"]]
    return media(form_id, commune_figures=[figures], households=households)


@dataclass(frozen=True)
class Done:
    """A finished record of the web form.

    `refused`: steps that could not be done, with the reason; `begun`: questions of new rows that began with
    another default and were given the phone's; `invalid`: questions whose answers were not
    accepted when the record was finished; `complaints`: errors the page told its console.
    """

    xml: bytes
    files: dict[str, bytes]
    refused: list[str]
    begun: list[str]
    invalid: list[str]
    complaints: list[str]


@dataclass(frozen=True)
class WebForm:
    """A form as the server hands it out, with its files."""

    page: EnginePage
    definition: Mapping[str, Any]
    files: Mapping[str, str]

    def open(self) -> None:
        """A new record, by the person whose phone the engine's is. Raises playwright's Error."""
        self.page.open(self.definition, files=dict(self.files), session=dict(DEVICE))

    def fill(self, trail: Iterable[Step]) -> Done:
        """A new record with those steps done, finished."""
        self.page.complaints.clear()
        self.open()
        steps = [{"did": one.did, "ref": one.ref, "value": one.value} for one in trail]
        told = self.page.page.evaluate("(steps) => replay(steps)", steps)
        checked = self.page.call("check")
        made = self.page.call("finish")
        return Done(
            xml=made["xml"].encode(),
            files={name: content(name, of=made["instanceId"]) for name in made["files"]},
            refused=[f"{one['ref']} {one['why']}" for one in told["refused"]],
            begun=told["begun"],
            invalid=list(dict.fromkeys(str(path) for path in checked["refused"])),
            complaints=list(self.page.complaints),
        )


@dataclass
class WebForms:
    """The harness in a page of a phone's size."""

    page: EnginePage
    sheets: Sheets
    _forms: dict[bytes, WebForm] = field(default_factory=dict)

    def form(self, xform: bytes, media: Mapping[str, bytes]) -> WebForm:
        """A form made for the browser; `media` are its lists by file name."""
        if xform not in self._forms:
            made = transform(xform, self.sheets)
            definition = {
                "form": made.form,
                "model": made.model,
                "languages": [list(pair) for pair in made.languages],
                "pages": made.pages,
            }
            lists = {name: data.decode() for name, data in media.items() if name.endswith(".csv")}
            self._forms[xform] = WebForm(self.page, definition, lists)
        return self._forms[xform]


def built() -> tuple[Path, Path]:
    """The folders of the harness and of the two sheets, built if need be. Raises CannotBuild."""
    build = _build()
    build.ensure(harness=True)
    build.ensure()
    return build.HARNESS, build.BUILT / "transform"


def _build() -> ModuleType:
    """web/build.py, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("web_build", ROOT / "web" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def web_forms(browser: Browser | None = None, folders: tuple[Path, Path] | None = None) -> Iterator[WebForms]:
    """The engine of the web forms, in `browser` or in one of its own; `folders` as `built` gives them."""
    harness, sheets = folders or built()
    with _browser(browser) as chromium, serving(harness) as address:
        context = chromium.new_context(**PHONE)
        page = EnginePage(context.new_page(), address)
        page.page.evaluate(f"() => {{ {REPLAY.read_text(encoding='utf-8')} }}")
        yield WebForms(page, sheets_in(sheets))
        context.close()


@contextmanager
def _browser(browser: Browser | None) -> Iterator[Browser]:
    if browser is not None:
        yield browser
        return
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, "--no-sandbox"])
        yield started
        started.close()
