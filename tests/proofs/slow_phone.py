"""A web form on a slow phone and a weak network: bytes and seconds of the first opening, the next, a record.

`python -m tests.proofs.slow_phone [folder]` (`make slow-phone`). Serves the demo survey (or a copy of a data
folder) as deployed, behind 1.6 Mbit/s and 300 ms there and back; Chromium's processor is slowed down six
times. Lighthouse looks at the page of the forms under the same profile. Exit status 1 if a promise is missed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select

from storage.database import db
from storage.models import Place
from storage.queries import forms
from tests.chromium import FLAGS, executable
from tests.collector.openrosa.lists import register
from tests.office import Office
from tests.proofs.lighthouse import measured, serving
from tests.proofs.wire_between import Network, between
from tests.screens import PHONE
from tests.web import pocket

SLOWER = 6
MOST_BYTES = 300_000
MOST_SECONDS = 5.0
NEXT_BYTES = 10_000
"""“Near zero” of the order: what asks whether anything is new."""
SURVEYS = {
    "f02_village_count": ("Phiếu rà soát người mù chữ", "reporter_name", MOST_BYTES),
    "f05_class_report": ("Phiếu chuyên cần và kết quả lớp", "reporter_name", None),
    "f01_hh_survey": ("Phiếu khảo sát nhu cầu học tập", "reporter_name", None),
}
"""A survey's title, as far as it is sure, its first question, and how much a short one may weigh."""
TIMES = 5
"""New phones of each survey; the seconds are the median of theirs, the bytes the most."""
SETTLED = 3.0
"""Seconds without a byte after which a phone has taken all it wants."""
PROFILE = {"rttMs": 300, "throughputKbps": 1_638, "cpuSlowdownMultiplier": SLOWER}


@dataclass(frozen=True)
class Line:
    """What one thing cost: bytes down and up, seconds until it could be used, and what it may cost."""

    name: str
    down: int
    up: int
    seconds: float
    most_bytes: int | None = None
    most_seconds: float | None = None

    @property
    def missed(self) -> bool:
        """Whether a promise is broken."""
        too_much = self.most_bytes is not None and self.down + self.up > self.most_bytes
        return too_much or (self.most_seconds is not None and self.seconds > self.most_seconds)

    def told(self) -> str:
        """A line of the table."""
        judged = "MISSED" if self.missed else "-"
        return f"{self.name:<64}{self.down:>10}{self.up:>9}{self.seconds:>8.1f}  {judged}"


def median(several: Sequence[Line]) -> Line:
    """What one thing costs the phone in the middle; how the others fared is said beside it."""
    seconds = sorted(one.seconds for one in several)
    down, up = max((one.down, one.up) for one in several)
    name = f"{several[0].name} ({seconds[0]:.1f} to {seconds[-1]:.1f})"
    return replace(several[0], name=name, down=down, up=up, seconds=statistics.median(seconds))


@contextmanager
def slow_browser(profile: Path, address: str) -> Iterator[BrowserContext]:
    """A phone with its profile on the disk, and every page of it slowed down."""
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable(),
            args=[*FLAGS, *as_root],
            base_url=address,
            viewport=PHONE,
            locale="vi-VN",
            geolocation={"latitude": 22.8233, "longitude": 104.9784, "accuracy": 6},
            permissions=["geolocation"],
        )
        context.set_default_timeout(120_000)
        yield context
        context.close()


def slowed(context: BrowserContext) -> Page:
    """A page of a processor six times as slow as this one."""
    page = context.pages[0] if context.pages else context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def settle(network: Network, page: Page) -> None:
    """Wait until nothing more passes."""
    before = -1
    while before != network.received + network.sent:
        before = network.received + network.sent
        page.wait_for_timeout(SETTLED * 1_000)


def stands(page: Page, selector: str, text: str = "") -> None:
    """Wait until such an element with such a text can be seen and used.

    Looks every 50 ms with next to no work: what the driver itself does to wait costs a slow phone more than
    the page does, and it looks once a second only.
    """
    page.wait_for_function(_STANDS, arg=[selector, text], polling=50)


_STANDS = """([selector, text]) => [...document.querySelectorAll(selector)].some(
    (one) => one.checkVisibility() && !one.disabled && !one.readOnly && one.textContent.includes(text))"""


def opened(page: Page, title: str, first: str) -> float:
    """Seconds from the touch on a form until its first question takes letters."""
    began = time.monotonic()
    page.get_by_role("link", name=title).last.click()
    stands(page, f"form.or [name$='/{first}']")
    return time.monotonic() - began


def survey(folder: Path, network: Network, token: str, asked: tuple[str, str, int | None]) -> list[Line]:
    """First opening and the next of one form, by a phone that has only this one."""
    title, first, most = asked
    with slow_browser(folder, network.address) as context:
        page = slowed(context)
        network.taken()
        began = time.monotonic()
        page.goto(f"/w/l/{token}")
        stands(page, "a", title)
        listed = time.monotonic() - began
        filled = opened(page, title, first)
        settle(network, page)
        lines = [Line(f"{title}: first opening", *network.taken(), listed + filled, most)]
        lines.append(Line("  until the list of forms stands", 0, 0, listed, None, MOST_SECONDS))
        lines.append(Line("  from the list to the first question", 0, 0, filled, None, MOST_SECONDS))
    with slow_browser(folder, network.address) as context:
        page = slowed(context)
        began = time.monotonic()
        page.goto("/w/")
        stands(page, "a", title)
        listed = time.monotonic() - began
        filled = opened(page, title, first)
        settle(network, page)
        lines.append(
            Line(f"{title}: the next day", *network.taken(), listed + filled, NEXT_BYTES, MOST_SECONDS)
        )
    return lines


def record(folder: Path, network: Network, token: str) -> list[Line]:
    """What a filled form of nine questions, two of them repeated, takes to be sent, its receipt included."""
    with slow_browser(folder, network.address) as context:
        page = slowed(context)
        page.goto(f"/w/l/{token}")
        expect(page.get_by_role("link", name="Phiếu đủ thứ")).to_be_visible()
        settle(network, page)
        network.taken()
        pocket.fill(page, "Giàng A Páo", household="Nhà Giàng", photo=None)
        settle(network, page)
        network.taken()
        began = time.monotonic()
        page.get_by_role("textbox", name="Số con").fill("3")
        page.get_by_role("button", name="Xong, gửi phiếu").click()
        expect(page.get_by_text("biên nhận").first).to_be_visible()
        took = time.monotonic() - began
        settle(network, page)
        return [Line("a filled form is sent, receipt and new lists", *network.taken(), took)]


def measured_lines(office: Office, port: int, folder: Path) -> list[Line]:
    """What a phone pays for each survey, and for sending one form."""
    lines = []
    with between(port) as network:
        for form_id, asked in SURVEYS.items():
            with office.app.app_context():
                form = forms.get_form(db.session(), 1, form_id)
            phone = office.phone(f"Máy chậm {form_id}", only=(form,), places=(_commune(office),))
            several = [
                survey(folder / f"{form_id}-{turn}", network, phone.token, asked) for turn in range(TIMES)
            ]
            lines += [median(one) for one in zip(*several, strict=True)]
        return [*lines, *record(folder / "record", network, _asked_everything(office))]


def lighthouse_is_content(office: Office, port: int) -> bool:
    """What Lighthouse says of the page of forms, printed; whether it finds nothing in anybody's way."""
    pages = {"forms": f"http://127.0.0.1:{port}/w/l/{office.phone('Lighthouse').token}"}
    [runs] = measured(pages, "", throttling=PROFILE, moves=True).values()
    seen = {name: min(run[name] for run in runs) for name in ("performance", "accessibility")}
    print(f"Lighthouse, CPU ×{SLOWER}, 1.6 Mbit/s, 300 ms, worst of {len(runs)}: {seen}")
    return bool(seen["accessibility"] >= 100)


def _commune(office: Office) -> str:
    """A commune with villages."""
    with office.app.app_context():
        query = select(Place.parent_code).where(Place.level == "village").order_by(Place.parent_code).limit(1)
        return db.session().scalars(query).one() or ""


def _asked_everything(office: Office) -> str:
    """The token of a phone with a form that asks a bit of everything, and one household to choose."""
    households = register(office, "ho_gd", "so_con")
    form = office.publish(pocket.FORM, media=pocket.MEDIA)
    households.add("Nhà Giàng")
    return office.phone("Máy chậm", only=(form,)).token


def main() -> int:
    """Measure, print, judge."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with serving(folder) as server, tempfile.TemporaryDirectory() as temporary:
        office, port = server.office(), urlsplit(server.address).port or 80
        lines = measured_lines(office, port, Path(temporary))
        print(f"{'':<64}{'down':>10}{'up':>9}{'seconds':>8}")
        print(*(line.told() for line in lines), sep="\n", flush=True)
        content = lighthouse_is_content(office, port)
    return 1 if any(line.missed for line in lines) or not content else 0


if __name__ == "__main__":
    sys.exit(main())
