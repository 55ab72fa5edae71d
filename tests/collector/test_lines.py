"""Lines that somebody only holds open keep nobody else from being answered."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests

from collector.lines import HEAD_WITHIN, LONGEST_HEAD, SHORT_BODY, PatientWorker, is_whole
from collector.serving import THREADS
from tests.live import Live, serving
from tests.office import Office
from tests.proofs import load

HEAD = b"POST /signin HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"", False),
        (b"G", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (HEAD + b"Content-Length: 4\r\n\r\nab", False),
        (HEAD + b"content-length:4 \r\n\r\nabcd", True),
        # A body that has what looks like a header in it.
        (HEAD + b"\r\n\r\nContent-Length: 9\r\n\r\n", True),
        (HEAD + f"Content-Length: {SHORT_BODY}\r\n\r\n".encode(), False),
        (HEAD + f"Content-Length: {SHORT_BODY + 1}\r\n\r\n".encode(), True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", True),
        # A client that waits to be told that it may go on.
        (HEAD + b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n", True),
        (HEAD + b"Content-Length: none\r\n\r\n", True),
        (b"x" * (LONGEST_HEAD - 1), False),
        (b"x" * LONGEST_HEAD, True),
    ],
)
def test_a_thread_begins_when_a_request_is_there(data: bytes, *, whole: bool) -> None:
    assert is_whole(data) == whole
    assert is_whole(bytearray(data)) == whole


@pytest.fixture(scope="module")
def live(screen_office: Office) -> Iterator[Live]:
    with serving(screen_office) as live:
        yield live


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"G",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
        HEAD + b"Content-Length: 100\r\n\r\na",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nG",
    ],
)
def test_lines_that_say_nothing_more_keep_nobody_waiting(live: Live, said: bytes) -> None:
    several = [live.connect() for _ in range(2 * THREADS)]
    for one in several:
        one.sendall(said)
    try:
        assert requests.get(f"{live.address}/healthz", timeout=HEAD_WITHIN / 2).text == "ok\n"
    finally:
        for one in several:
            one.close()


def test_a_request_that_comes_in_pieces_is_answered_as_one(live: Live) -> None:
    body = load.multipart(b"<data id='x'/>", {})
    request = load.post("/v1/key/unknown/projects/1/submission", body)
    line = live.connect()
    for at in range(0, len(request), 97):
        line.sendall(request[at : at + 97])
    assert _status(line) == 403
    # The same line goes on, with two requests at once.
    line.sendall(load.get("/healthz") * 2)
    with line.makefile("rb") as answers:
        heads = [head for head in iter(answers.readline, b"ok\n") if head.startswith(b"HTTP/1.1 ")]
        heads += [head for head in iter(answers.readline, b"ok\n") if head.startswith(b"HTTP/1.1 ")]
    assert [head.split()[1] for head in heads] == [b"200", b"200"]
    line.close()


def test_who_expects_to_be_told_is_told(live: Live) -> None:
    line = live.connect()
    line.sendall(
        b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    )
    assert _status(line) == 100
    line.sendall(b"{}")
    assert _status(line) == 400
    line.close()


def _status(line: socket.socket) -> int:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(1)
        assert piece, data
        data += piece
    status = int(data.split()[1])
    found = data.lower().partition(b"content-length:")[2].split(b"\r\n")[0].strip()
    left = int(found or 0)
    while left:
        left -= len(line.recv(left))
    return status


def test_a_worker_tells_its_parent_that_it_lives_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, told, seconds = (
        PatientWorker.__new__(PatientWorker),
        list[float](),
        iter((5.0, 5.4, 6.0, 6.9, 7.1)),
    )
    now = [0.0]
    worker.tmp = SimpleNamespace(notify=lambda: told.append(now[0]))
    monkeypatch.setattr("collector.lines.time.monotonic", lambda: now[0])
    for now[0] in seconds:
        worker.notify()
    assert told == [5.0, 6.0, 7.1]
