"""A line to a server that can be cut and mended: for what has to stand it when another server is away."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Relay:
    """Passes on whatever comes at `port` to another port of this machine."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._open()

    def cut(self) -> None:
        """Break every line; who calls is refused."""
        for one in (self._door, *self._ends):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._ends.clear()

    def mend(self) -> None:
        """Answer again."""
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._open()

    def _open(self) -> None:
        threading.Thread(target=self._answer, args=(self._door,), daemon=True).start()

    def _answer(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _address = door.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [here, there]
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(address: str) -> Iterator[tuple[Relay, str]]:
    """A line to `http://127.0.0.1:port`, and the address of its near end."""
    relay = Relay(int(address.rpartition(":")[2]))
    try:
        yield relay, f"http://127.0.0.1:{relay.port}"
    finally:
        relay.cut()
