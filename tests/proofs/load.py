"""Clients that cost little: raw sockets kept open, requests built beforehand, answers only counted."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

BOUNDARY = b"6f1c7c0e-2f0f-4b0e-9d39-1f6f2a7f7a51"


def multipart(xml: bytes, files: dict[str, bytes]) -> bytes:
    """The body of a submission, as OkHttp writes it."""
    pieces = [
        b"--"
        + BOUNDARY
        + b'\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="Ho.xml"\r\n'
        b"Content-Type: text/xml\r\n\r\n" + xml + b"\r\n"
    ]
    for name, data in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n'.encode()
        pieces.append(
            b"--" + BOUNDARY + b"\r\n" + head + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n"
        )
    return b"".join(pieces) + b"--" + BOUNDARY + b"--\r\n"


def post(path: str, body: bytes) -> bytes:
    """A whole POST request."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-OpenRosa-Version: 1.0\r\n"
        f"User-Agent: org.odk.collect.android/v2026.3 Dalvik/2.1.0\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    """A whole GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-OpenRosa-Version: 1.0\r\n\r\n".encode()


class Line:
    """A connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def ask(self, request: bytes) -> int:
        """Send a request, read the whole answer, and give its status."""
        self._socket.sendall(request)
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, body = self._held.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            chunk = self._socket.recv(262144)
            if not chunk:
                raise ConnectionError("cut short")
            body += chunk
        self._held = body[length:]
        return int(head[9:12])

    def _more(self) -> None:
        chunk = self._socket.recv(262144)
        if not chunk:
            raise ConnectionError("closed")
        self._held += chunk

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@dataclass
class Run:
    """What a load did: seconds it took, and the milliseconds of every request."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        """The milliseconds that `share` of the requests stay under."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run(port: int, requests: list[bytes], clients: int, *, expected: int) -> Run:
    """Send all `requests` by so many clients at once."""
    result = Run()
    supply = _shared(requests)
    lock = threading.Lock()

    def client() -> None:
        line = Line(port)
        took: list[float] = []
        refused = 0
        for request in supply():
            before = time.perf_counter()
            refused += line.ask(request) != expected
            took.append((time.perf_counter() - before) * 1000)
        line.close()
        with lock:
            result.milliseconds += took
            result.refused += refused

    threads = [threading.Thread(target=client) for _ in range(clients)]
    before = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - before
    return result


def _shared(requests: list[bytes]) -> Callable[[], Iterator[bytes]]:
    source = iter(requests)
    lock = threading.Lock()

    def take() -> Iterator[bytes]:
        while True:
            with lock:
                some = list(islice(source, 1))
            if not some:
                return
            yield some[0]

    return take
