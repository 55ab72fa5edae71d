"""A phone on a bad line: requests are cut off, or their answers never heard, and it sends again."""

from __future__ import annotations

import random
import socket
import struct
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from tests.phone import Phone, PhoneComplains
from tests.phone_upload import Upload
from tests.proofs.homes import Sending
from tests.proofs.senders import requests_of

_AT_ONCE = 0.3
"""Share of cut requests that are sent again at once, as OkHttp does on its own, maybe beside the first."""
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Told:
    """What the phone learnt: an HTTP status (0 = none), a sentence ("" = all went well), lines lost."""

    status: int = 0
    sentence: str = ""
    dropped: int = 0


@dataclass
class Line:
    """The way from one phone to the server; `address` is what Collect was set up with."""

    address: str
    phone: Phone = field(init=False)
    _session: requests.Session = field(init=False, default_factory=requests.Session)
    _silent: list[socket.socket] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Set the phone up."""
        self.phone = Phone(self.address, session=self._session)

    def sync(self) -> Told:
        """Match exactly; trouble is told and changes nothing on the phone."""
        try:
            self.phone.sync()
        except (PhoneComplains, requests.RequestException) as trouble:
            return _told(trouble)
        return Told(status=200)

    def send(self, sending: Sending, dice: random.Random, *, dropped: float) -> Told:
        """Request after request, from the first; each loses its line with the chance `dropped`."""
        self._hang_up()
        lost = 0
        try:
            self.phone.head_submission()
            for number, make in enumerate(requests_of(sending)):
                sending.begun.add(number)
                if dice.random() < dropped:
                    self._lose(make(), dice)
                    lost += 1
                    if dice.random() >= _AT_ONCE:
                        return Told(dropped=lost)
                self.phone.post(make())
                sending.answered.add(number)
        except (PhoneComplains, requests.RequestException) as trouble:
            told = _told(trouble)
            told.dropped = lost
            return told
        return Told(status=201, dropped=lost)

    def close(self) -> None:
        """The phone is switched off."""
        self._hang_up()
        self._session.close()

    def _lose(self, upload: Upload, dice: random.Random) -> None:
        """Send a request over a line that breaks: inside the body, or when the answer is on its way."""
        parts = urlsplit(self.address)
        body = upload.read()
        head = (
            f"POST {parts.path}/submission?deviceID=collect%3Asoak HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"X-OpenRosa-Version: 1.0\r\nContent-Type: {upload.content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        line = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60)
        kind = dice.choice(("whole", "cut", "silent"))
        line.sendall(head + (body if kind == "whole" else body[: dice.randrange(len(body))]))
        if kind == "silent":
            # A phone that went out of reach says no goodbye.
            self._silent.append(line)
            return
        time.sleep(dice.choice((0.0, 0.0, 0.01, 0.05)))
        if dice.random() < 0.5:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        line.close()

    def _hang_up(self) -> None:
        for line in self._silent:
            line.close()
        self._silent.clear()


def _told(trouble: PhoneComplains | requests.RequestException) -> Told:
    status = trouble.status if isinstance(trouble, PhoneComplains) else 0
    return Told(status, f"{type(trouble).__name__}: {trouble}")
