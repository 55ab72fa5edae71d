r"""The form engine of the web forms alone in Chromium, opened with what the server would hand out.

    page = EnginePage(browser_page, address)
    page.open(definition_of(MARKDOWN), files={"villages.csv": "name,label\n…"})
    page.call("set", "/data/name", "Lò Thị Mai")
    page.call("finish")["xml"]

The harness in web/harness does the work; its README lists the calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Page

from forms.webform import FORM_SHEET, MODEL_SHEET, Sheets, transform
from forms.xlsform import convert

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'"
)
"""As strict as the page that people fill forms in."""


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_said: object) -> None:
        """Nothing: a test reports failures, not requests."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address a folder is served at."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
    finally:
        server.shutdown()
        server.server_close()


def definition_of(markdown: str, sheets: Sheets) -> dict[str, Any]:
    """What the server hands out for a workbook written as Markdown."""
    form = transform(convert(markdown.encode(), "form.md", form_id_fallback="f").xform, sheets)
    return {
        "form": form.form,
        "model": form.model,
        "languages": [list(pair) for pair in form.languages],
        "pages": form.pages,
    }


def sheets_in(folder: Path) -> Sheets:
    """The two sheets the build put there."""
    return Sheets(form=(folder / FORM_SHEET).read_bytes(), model=(folder / MODEL_SHEET).read_bytes())


class EnginePage:
    """The harness, opened in a page of Chromium."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def open(self, definition: Mapping[str, Any], **more: object) -> dict[str, Any]:
        """Open a form; `files`, `record`, `mode`, `language`, `session` as the harness takes them."""
        opened: dict[str, Any] = self.call("open", {"definition": dict(definition), **more})
        return opened

    def call(self, name: str, *values: object) -> Any:
        """What a function of the harness gives; Playwright's Error where it rejects."""
        return self.page.evaluate("([name, values]) => window.harness[name](...values)", [name, list(values)])
