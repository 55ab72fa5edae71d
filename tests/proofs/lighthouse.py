"""The five main pages as Lighthouse sees them on a simulated slow phone, served as deployed.

`python -m tests.proofs.lighthouse [folder]` (`make lighthouse`). Starts a server with the demo survey (or on
a copy of a data folder with `COLLECTOR_ADMIN_PASSWORD` in the environment), signs in, measures each page five
times with a fresh browser, and holds the medians against what the desk promises; exit status 1 if missed.

Knows: Lighthouse, installed by npm beside `tests/lighthouse/measure.mjs`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import requests

from tests.chromium import FLAGS, executable
from tests.office import ADMIN, ADMIN_PASSWORD
from tests.proofs.running import Running

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "tests" / "lighthouse"
TOOLS = ROOT / "build" / "lighthouse"
RUNS = 5
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
MOST = {"bytes": 100_000, "requests": 4}
SURVEY = "f01_hh_survey"
_PATIENCE = 900.0
"""Seconds the first start may take on a machine with other work: it makes eleven surveys and 240 records."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_CAMPAIGN = re.compile(r'href="(/campaigns/\d+)"')

Runs = Sequence[Mapping[str, Any]]


@contextmanager
def serving(folder: Path | None) -> Iterator[Running]:
    """A server with something on every page."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "home"
        if folder is None:
            home.mkdir()
        else:
            shutil.copytree(folder, home)
        server = Running(home)
        process = server.begin("serve", "--demo")
        until = time.monotonic() + _PATIENCE
        try:
            while not _answers(server.address):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(home.with_name("home.log").read_text(errors="replace")[-4000:])
                time.sleep(0.5)
            yield server
        finally:
            server.kill()


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def signed_in(address: str) -> requests.Session:
    """A browser's cookies after signing in."""
    browser = requests.Session()
    password = os.environ.get("COLLECTOR_ADMIN_PASSWORD", ADMIN_PASSWORD)
    fields = {"csrf_token": _token(browser, f"{address}/signin"), "username": ADMIN, "password": password}
    browser.post(f"{address}/signin", data=fields, timeout=60).raise_for_status()
    return browser


def main_pages(browser: requests.Session, address: str) -> dict[str, str]:
    """The five pages by name. Makes the campaigns of the calendar where there is none."""
    for _ in range(2):
        listed = browser.get(f"{address}/campaigns", timeout=60).text
        if found := _CAMPAIGN.search(listed):
            break
        fields = {"csrf_token": _token(browser, f"{address}/campaigns"), "year": time.strftime("%Y")}
        browser.post(f"{address}/campaigns/calendar", data=fields, timeout=60).raise_for_status()
    else:
        raise RuntimeError("no campaign could be made")
    return {
        "today": f"{address}/",
        "campaign": address + found[1],
        "records": f"{address}/surveys/{SURVEY}/submissions",
        "findings": f"{address}/findings",
        "indicators": f"{address}/indicators",
    }


def _token(browser: requests.Session, address: str) -> str:
    found = _TOKEN.search(browser.get(address, timeout=60).text)
    if found is None:
        raise RuntimeError(f"no form at {address}")
    return found[1]


def measured(
    pages: Mapping[str, str],
    cookie: str,
    runs: int = RUNS,
    *,
    throttling: Mapping[str, int] | None = None,
    moves: bool = False,
) -> dict[str, Runs]:
    """What Lighthouse says of each page, run by run.

    `throttling`: another phone and network than Lighthouse's own; `moves`: a page's script may change its
    address.
    """
    node = shutil.which("node") or sys.exit(
        "Node is missing. Install it with: sudo apt-get install -y nodejs npm"
    )
    shutil.copy(SOURCES / "measure.mjs", TOOLS)
    flags = ["--headless=new", *FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    order = {"chrome": executable(), "flags": flags, "cookie": cookie, "runs": runs, "pages": dict(pages)}
    order |= {"throttling": dict(throttling or {}), "moves": moves}
    path = TOOLS / "order.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    try:
        done = subprocess.run([node, "measure.mjs", path.name], cwd=TOOLS, check=True, stdout=subprocess.PIPE)
    finally:
        path.unlink()
    found: dict[str, Runs] = json.loads(done.stdout)
    return found


def missed(runs: Runs) -> list[str]:
    """What the medians of a page's runs fall short of."""
    least = [name for name, limit in LEAST.items() if _median(runs, name) < limit]
    return least + [name for name, limit in MOST.items() if _median(runs, name) > limit]


def _median(runs: Runs, name: str) -> float:
    return median(float(one[name]) for one in runs)


def table(found: Mapping[str, Runs]) -> str:
    """The medians, a line a page."""
    heads = {
        "performance": 12,
        "accessibility": 14,
        "best-practices": 15,
        "bytes": 8,
        "requests": 9,
        "paint": 7,
    }
    lines = ["page        " + "".join(f"{name:>{width}}" for name, width in heads.items()) + "  missed"]
    for page, runs in found.items():
        figures = "".join(f"{_median(runs, name):>{width}.0f}" for name, width in heads.items())
        lines.append(f"{page:<12}{figures}  {', '.join(missed(runs)) or '-'}")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, judge."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with serving(folder) as server:
        address = server.address
        browser = signed_in(address)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        found = measured(main_pages(browser, address), cookie)
    print(table(found))
    for page, runs in found.items():
        for fault in sorted({fault for run in runs for fault in run["faults"]}):
            print(f"{page}: {fault}")
    return 1 if any(missed(runs) for runs in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
