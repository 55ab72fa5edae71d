"""A line that breaks at any byte: of what is sent, or of what is answered."""

from __future__ import annotations

import random
import socket
import struct
from urllib.parse import urlsplit

from tests.phone_upload import Upload

_RESET = struct.pack("ii", 1, 0)
_ANSWER = 700
"""Bytes an answer to a submission has, about."""


def request_of(address: str, upload: Upload) -> bytes:
    """The whole request with which a phone at `address` sends `upload`."""
    parts = urlsplit(address)
    body = upload.read()
    head = (
        f"POST {parts.path}/submission?deviceID=collect%3Acut HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"X-OpenRosa-Version: 1.0\r\nContent-Type: {upload.content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def cut(address: str, upload: Upload, dice: random.Random) -> None:
    """Send, and break off: half the time within the request, else within the answer.

    Raises OSError where the server breaks off first.
    """
    parts = urlsplit(address)
    whole = request_of(address, upload)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as line:
        if dice.random() < 0.5:
            line.sendall(whole[: dice.randrange(len(whole))])
        else:
            line.sendall(whole)
            heard = dice.choice((0, dice.randrange(1, _ANSWER)))
            if heard:
                line.recv(heard)
        if dice.random() < 0.5:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
