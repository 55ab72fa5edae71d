"""A weak mobile network between a phone and a server: so slow, so far away, and every byte counted.

What the browser's own throttle leaves out, the requests of its service worker, passes through here too.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PIECE = 4_096


@dataclass
class Network:
    """`down` and `up` in bytes a second, `delay` in seconds each way; `received` and `sent` count bytes."""

    down: float = 1_600_000 / 8
    up: float = 750_000 / 8
    delay: float = 0.150
    received: int = 0
    sent: int = 0
    address: str = ""
    _free: dict[str, float] = field(default_factory=lambda: {"down": 0.0, "up": 0.0})

    def taken(self) -> tuple[int, int]:
        """Bytes received and sent since this was asked last."""
        found = self.received, self.sent
        self.received = self.sent = 0
        return found

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        """Hand on what comes, each piece when the network would have carried it."""
        loop, rate = asyncio.get_running_loop(), getattr(self, way)
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while (due := await waiting.get())[1]:
                await asyncio.sleep(max(0.0, due[0] - loop.time()))
                writer.write(due[1])
                await writer.drain()
            writer.close()

        delivering = asyncio.create_task(deliver())
        while piece := await reader.read(_PIECE):
            # All connections share one line.
            self._free[way] = max(self._free[way], loop.time()) + len(piece) / rate
            await waiting.put((self._free[way] + self.delay, piece))
            if way == "down":
                self.received += len(piece)
            else:
                self.sent += len(piece)
        await waiting.put((0.0, b""))
        await delivering

    async def _serve(self, port: int, ready: threading.Event, stop: asyncio.Event) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # The handshake of a connection goes there and back once.
            await asyncio.sleep(2 * self.delay)
            try:
                there, back = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(self._pass(reader, back, "up"), self._pass(there, writer, "down"))
            except OSError:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stop.wait()
        server.close()


@contextmanager
def between(port: int) -> Iterator[Network]:
    """Such a network in front of a server on this port of this machine."""
    network, ready = Network(), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(network._serve(port, ready, stop)), daemon=True
    )
    thread.start()
    ready.wait()
    yield network
    loop.call_soon_threadsafe(stop.set)
    thread.join(5)
