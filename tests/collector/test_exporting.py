"""Files and feeds that are made while they are sent: so many at once, given back however they end."""

from __future__ import annotations

import inspect
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType

import pytest
import requests
from flask import stream_with_context

from collector.accounts.authentication import COOKIE
from collector.accounts.permissions import REVIEWER
from collector.exporting import LONG
from collector.problems import ServerExports, TooManyExports
from collector.serving import THREADS
from collector.turns import MOST_HERE, Turns
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.live import PATIENCE, Live, serving
from tests.office import Office

FORM = "/v1/projects/1/forms/simple"
TABLE = f"{FORM}/submissions.csv"
ARCHIVE, FEED = f"{TABLE}.zip", f"{FORM}.svc/Submissions"
ONE_THING = {"v1_maps.record", "v1_maps.record_version", "v1_maps.entity", "api_figures.records"}
"""What looks as if it were sent in pieces and is short."""


def test_turns_are_one_accounts_on_the_machine_and_all_of_a_process(tmp_path: Path) -> None:
    """Two processes share the folder."""
    here, there = Turns(tmp_path / "turns", 2, 3), Turns(tmp_path / "turns", 2, 3)
    first, second = here.take(1), there.take(1)
    for one in (here, there):
        with pytest.raises(TooManyExports):
            one.take(1)
    first()
    first()
    third = here.take(1)
    with pytest.raises(TooManyExports):
        there.take(1)
    second()
    third()
    for actor in (2, 2, 3):
        here.take(actor)
    with pytest.raises(ServerExports):
        here.take(4)
    there.take(4)()


def test_a_disk_that_takes_no_more_files_keeps_nobody_from_reading(tmp_path: Path) -> None:
    (tmp_path / "turns").write_text("no folder")
    turns = Turns(tmp_path / "turns", 1, 2)
    ends = [turns.take(1), turns.take(1)]
    with pytest.raises(ServerExports):
        turns.take(1)
    ends.pop()()
    turns.take(1)()


def test_phones_always_find_threads() -> None:
    assert THREADS - MOST_HERE >= 4


def test_refusals_and_what_is_known_already_keep_no_turn(office: Office) -> None:
    volunteer = Volunteer(office, form=office.publish(simple(), filename="form.xml"))
    volunteer.send(filled("uuid:1", "Mai", 31))
    client, headers = office.client(), {"Authorization": f"Bearer {office.session_token()}"}

    def status(path: str, method: str = "GET", **more: str) -> int:
        return client.open(path, method=method, headers=headers | more, buffered=True).status_code

    tag = client.get(ARCHIVE, headers=headers, buffered=True).headers["ETag"]
    for _ in range(office.settings.exports_at_once + 1):
        assert status(ARCHIVE, **{"If-None-Match": tag}) == 304
        assert status(f"{FEED}?$filter=nothing eq 1") == 501
        assert status("/v1/projects/1/forms/none/submissions.csv") == 404
        assert status(ARCHIVE, "HEAD") == status(FEED) == 200


LETTERS = "x" * 1_500_000
"""Ten answers like this are more than lines hold."""


@pytest.fixture(scope="module")
def slow_line(screen_office: Office) -> Iterator[Live]:
    """A server of two processes that lets each account fetch two files at once."""
    volunteer = Volunteer(screen_office, form=screen_office.publish(simple(), filename="form.xml"))
    for number in range(10):
        volunteer.send(filled(f"uuid:{number}", LETTERS, 31))
    with serving(screen_office, workers=2, COLLECTOR_EXPORTS_AT_ONCE="2") as live:
        yield live


@contextmanager
def fetching(live: Live, token: str) -> Iterator[None]:
    """Somebody begins to fetch the table, and takes its first letters and goes away."""
    with live.connect() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"GET {TABLE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(12) == b"HTTP/1.1 200"
        yield


def test_whoever_opens_twenty_exports_is_told_to_wait_and_nobody_else(
    screen_office: Office, slow_line: Live
) -> None:
    mine = screen_office.session_token()
    other = screen_office.session_token("mai", REVIEWER)

    def ask(path: str, token: str, **more: str) -> requests.Response:
        proof = {"Authorization": f"Bearer {token}"} if token else {}
        headers = proof | {"Accept-Language": "en"} | more
        return requests.get(slow_line.address + path, headers=headers, timeout=PATIENCE)

    with fetching(slow_line, mine), fetching(slow_line, mine):
        # Whichever of the two processes is asked.
        refused = [ask(path, mine) for path in (TABLE, ARCHIVE, FEED, TABLE)]
        assert {(one.status_code, one.headers["Retry-After"]) for one in refused} == {(429, "20")}
        assert refused[0].json() == {
            "message": "You are fetching 2 files or feeds at once, which is as many as one account may. Wait "
            "until one of them has come, then ask again.",
            "code": 429.1,
            "details": {"count": 2},
        }
        page = ask("/downloads/file?file=csv:simple", "", Cookie=f"{COOKIE}={mine}; collector_language=vi")
        assert page.status_code == 429
        assert "Bạn đang tải 2 tệp hoặc luồng dữ liệu cùng một lúc" in page.text
        # What is short goes on, and so does everybody else.
        assert ask("/v1/projects/1/forms/simple", mine).status_code == 200
        assert ask(TABLE, other).status_code == 200
    # They went away in the middle.
    until = time.monotonic() + PATIENCE
    while (answer := ask(TABLE, mine)).status_code == 429:
        assert time.monotonic() < until
    assert answer.text.count(LETTERS) == 10
    with fetching(slow_line, mine):
        assert ask(FEED, mine).status_code == 200


def test_every_answer_that_is_sent_in_pieces_takes_a_turn(office: Office) -> None:
    found = {endpoint for endpoint, view in office.app.view_functions.items() if _streams(view, set())}
    assert found - LONG == ONE_THING
    assert set(office.app.view_functions) >= LONG


def _streams(view: object, seen: set[object]) -> bool:
    """Whether a function of a door sends piece by piece, or calls one there that does."""
    if view is stream_with_context:
        return True
    of = inspect.unwrap(view) if callable(view) else view
    if not isinstance(of, FunctionType) or of in seen or not of.__module__.startswith("collector."):
        return False
    if of.__module__.split(".")[1] not in {"v1", "api", "desk"}:
        return False
    seen.add(of)
    held = [one.cell_contents for one in of.__closure__ or ()]
    return any(_streams(one, seen) for one in (*map(of.__globals__.get, _names(of.__code__)), *held))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _names(one)
