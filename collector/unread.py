"""A refusal reaches who is refused: what he is still sending is read to its end and thrown away.

Why: a client that is in the middle of a long body does not listen. Answered and hung up on, it sees a
broken line instead of the reason: a phone tries again for ever, a program does not sign in again.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Protocol

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from collector.bodies import arriving

MOST = 256 * 1024 * 1024
"""Bytes; more than phones put into one request, and who sends more has to live with a broken line."""
LONGEST = 60.0
"""Seconds for all of it."""
_PAUSE = 10.0
"""Seconds between two pieces; a line that was silent for long before is not waited for again."""
_CHUNK = 64 * 1024


class _Socket(Protocol):
    def settimeout(self, seconds: float) -> None: ...


def install(app: Flask) -> None:
    """Read what is left of every request's body before it is answered."""
    app.after_request(_read_on)


def _read_on(response: Response) -> Response:
    length = request.content_length or 0
    if not length and "Transfer-Encoding" not in request.headers:
        return response
    until = time.monotonic() + LONGEST
    left = MOST
    _set_patience()
    # If the line goes dead, nobody is there to hear the answer.
    with suppress(HTTPException), arriving():
        while length <= MOST and left > 0 and time.monotonic() < until:
            chunk = request.stream.read(_CHUNK)
            if not chunk:
                break
            left -= len(chunk)
    return response


def _set_patience() -> None:
    socket: _Socket | None = request.environ.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(_PAUSE)
