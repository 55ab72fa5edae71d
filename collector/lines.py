"""A thread is taken by a request that has arrived, never by a line that somebody only holds open.

Why: sixteen threads of a process answer all phones. Gunicorn gives each new line one of them for up to five
seconds, and for as long as it likes to one that has sent a single byte: 32 silent lines, and nobody is
answered any more. Here the loop that waits for all lines at once collects what they send, and hands a line
to a thread when its request is there: the head, and a body as short as most forms are. Longer bodies are
read by the thread, with a bound to how long it waits, and to how slowly they may come.
Knows: gunicorn's threaded worker, of the version in the lock.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_WITHIN: Final = 60.0
"""Seconds in which a request's head has to come: a phone's over the weakest line takes a few."""
SILENT: Final = 60.0
"""Seconds a line may say nothing in the middle of a body."""
GRACE, SLOWEST = 120.0, 200.0
"""Seconds after which a body has to have come at this rate, in bytes a second: below the weakest phone's."""
UNHEARD: Final = 120_000
"""Milliseconds after which a line is given up that takes nothing of its answer."""
LONGEST_HEAD: Final = 400 * 1024
"""Bytes collected of a head; gunicorn then says that it is too long."""
SHORT_BODY: Final = 64 * 1024
"""Bytes of a body that is collected before a thread takes it."""
_PIECE = 64 * 1024
_END = b"\r\n\r\n"
_EXPECTS = re.compile(rb"\r\nexpect:", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)


# Gunicorn's types hold for all protocols it speaks; here is one of them.
_Conn: Any = TConn
_Worker: Any = ThreadWorker


def is_whole(data: bytes | bytearray) -> bool:
    """Whether a thread may begin: the head is there, and all of a short body; or it is too long to wait."""
    end = data.find(_END)
    if end < 0:
        return len(data) >= LONGEST_HEAD
    found = _LENGTH.search(data, 0, end + 2)
    # Whoever expects a word before he sends the body has to hear it first.
    if found is None or _EXPECTS.search(data, 0, end):
        return True
    length = int(found[1])
    return length > SHORT_BODY or len(data) - end - len(_END) >= length


class Line(_Conn):  # type: ignore[misc]
    """A connection, and what came over it before a thread took it."""

    def __init__(self, *several: Any) -> None:
        super().__init__(*several)
        self.came = bytearray()
        self._received, self._began = 0, 0.0
        if sys.platform == "linux":
            with suppress(OSError):
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD)

    def collect(self) -> bool:
        """Take what is there without waiting; returns whether the line lives."""
        try:
            piece = self.sock.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        self.came += piece
        return bool(piece)

    def init(self) -> None:
        """Called by the thread that takes the line: it finds what came so far, and reads on with patience."""
        fresh = not self.initialized
        super().init()
        if fresh:
            self._bound(self.parser.unreader)
        self._received, self._began = 0, time.monotonic()
        if self.came:
            self.parser.unreader.unread(bytes(self.came))
            self.came.clear()

    def _bound(self, unreader: Any) -> None:
        """Give up waiting for the line where it would be waited for without end."""
        read = unreader.chunk

        def chunk(size_hint: int | None = None) -> bytes:
            spent = time.monotonic() - self._began
            if spent > GRACE and self._received < (spent - GRACE) * SLOWEST:
                return b""
            own = self.sock.gettimeout()
            if own is None:
                self.sock.settimeout(SILENT)
            try:
                piece: bytes = read(size_hint)
            except TimeoutError:
                # As if it had been cut: whoever reads the body knows what that means.
                return b""
            finally:
                if own is None:
                    self.sock.settimeout(None)
            self._received += len(piece)
            return piece

        unreader.chunk = chunk


class PatientWorker(_Worker):  # type: ignore[misc]
    """Gunicorn's threaded worker, whose loop collects requests before threads take them."""

    _notified = 0.0

    def notify(self) -> None:
        """Tell the parent that the loop turns: once a second, though it turns several times a request."""
        now = time.monotonic()
        if now - self._notified >= 1.0:
            self._notified = now
            super().notify()

    def accept(self, listener: socket.socket) -> None:
        """Take a new line; most have their request with them."""
        try:
            came, client = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        line = Line(self.cfg, came, client, listener.getsockname())
        line.data_ready = True
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        self._go_on(line)

    def on_client_socket_readable(self, conn: Line, client: socket.socket) -> None:
        """The next request begins on a line that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._go_on(conn)

    def on_pending_socket_readable(self, conn: Line, client: socket.socket) -> None:
        """More of a request has come."""
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._go_on(conn, until=conn.timeout)

    def enqueue_req(self, conn: Line) -> None:
        """Hand a line to a thread; one that brought a part of its next request along waits for the rest."""
        if conn.initialized and not conn.came:
            conn.came += conn.parser.unreader.take_buffered()
            if not is_whole(conn.came):
                conn.sock.settimeout(0.0)
                self._wait(conn, None)
                return
        super().enqueue_req(conn)

    def _go_on(self, line: Line, until: float | None = None) -> None:
        """Collect what is there; then it is a thread's turn, or the line waits for more."""
        if not line.collect():
            self._drop(line)
        elif line.came and is_whole(line.came):
            self.enqueue_req(line)
        else:
            self._wait(line, until)

    def _wait(self, line: Line, until: float | None) -> None:
        # A body may take its time, for it takes no thread; only silence ends it.
        has_head = _END in line.came
        line.timeout = time.monotonic() + SILENT if has_head else until or time.monotonic() + HEAD_WITHIN
        self.pending_conns.append(line)
        self.poller.register(line.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, line))

    def murder_pending(self) -> None:
        """Drop the lines whose request did not come in time."""
        now = time.monotonic()
        late = [line for line in self.pending_conns if line.timeout <= now]
        for line in late:
            self._forget(self.pending_conns, line)

    def _make_room(self) -> None:
        """As many lines as there may be: the one goes that has been silent for longest."""
        for several in (self.pending_conns, self.keepalived_conns):
            if several:
                self._forget(several, several[0])
                return

    def _forget(self, several: deque[Line], line: Line) -> None:
        several.remove(line)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(line.sock)
        self._drop(line)

    def _drop(self, line: Line) -> None:
        self.nr_conns -= 1
        line.close()
