"""What the browser engine's own transformer makes of our forms, kept for the quick tests to compare with.

    python -m tests.proofs.web_goldens [--package FOLDER]

Runs the browser build of npm's enketo-transformer once in headless Chromium over every survey and every
small form of `tests/forms/webform/tricky.py`, and writes what it makes into `tests/forms/webform/goldens`.
To be run again when the version of the transformer changes, or the forms do.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.chromium import FLAGS, executable
from tests.forms.webform.goldens import FOLDER
from tests.forms.webform.tricky import cases
from tests.xlsforms.surveys import SURVEYS, converted

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "build" / "web" / "node_modules" / "enketo-transformer"
HOST = "http://goldens.example"

_MAKE = """async (xform) => {
  const { transform } = await import("/transformer.js");
  try {
    const made = await transform({ xform, media: {} });
    const read = new DOMParser().parseFromString(made.form, "text/html");
    return { form: new XMLSerializer().serializeToString(read.querySelector("form")), model: made.model };
  } catch (error) {
    return { error: String(error) };
  }
}"""


def made(page: Page, forms: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Each form with what the transformer makes of it: `form` as XHTML and `model`, or `error`."""
    return {
        name: {"xform": xform.decode(), **page.evaluate(_MAKE, xform.decode())}
        for name, xform in forms.items()
    }


def write(name: str, goldens: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep goldens; the same ones give the same bytes."""
    said = json.dumps(goldens, ensure_ascii=False, indent=0, sort_keys=True).encode()
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(said, 9, mtime=0))


def main() -> None:
    """Make and write all goldens."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--package", type=Path, default=PACKAGE, help="the unpacked npm package")
    package = asked.parse_args().package
    version = json.loads((package / "package.json").read_text())["version"]
    module = (package / "dist" / "enketo-transformer" / "web" / "transformer.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        browser = playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, *as_root])
        page = browser.new_page()
        page.route(f"{HOST}/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        page.route(
            f"{HOST}/transformer.js", lambda route: route.fulfill(body=module, content_type="text/javascript")
        )
        page.goto(f"{HOST}/")
        surveys = made(page, {name: converted(name).xform for name in SURVEYS})
        small = made(page, cases())
        browser.close()
    for name, golden in surveys.items():
        write(name, {name: golden})
    write("tricky", small)
    given_up = [f"{name}: {one['error']}" for name, one in {**surveys, **small}.items() if "error" in one]
    print(f"enketo-transformer {version}: {len(surveys)} surveys, {len(small)} small forms")
    print("\n".join(["given up:", *given_up] if given_up else []), end="")
    sys.exit(1 if given_up else 0)


if __name__ == "__main__":
    main()
