"""The process above all others of `collector serve`: it holds the port and changes what serves at it.

Why: a new version has to be loaded by new processes, and while they load somebody has to hold the door.
This one knows as little as possible, so that it need not change with the version: it starts a **shift** (the
web processes under gunicorn, `collector.serving`) and the worker beside it. At SIGHUP it starts another
shift; only when every process of that one answers is the old one told to end what it has begun. A shift that
does not start leaves everything as it was.
"""

from __future__ import annotations

import errno
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from collector.problems import AddressTaken, AddressUnusable
from collector.settings import Settings

log = logging.getLogger(__name__)

STOPS_WITHIN = 30.0
"""Seconds that requests have to end when the server is stopped."""
_HURRY = 5.0
_LOOKS_EVERY = 1.0
_WORKER_AGAIN = 5.0
"""Seconds before a worker that ended by itself is started again."""
_HEEDED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD)


def reserve(settings: Settings) -> socket.socket:
    """The socket to serve at; nobody is let in yet. Raises AddressTaken, AddressUnusable.

    Asked for before anything else is done: a first start must not tell a password and then fail.
    """
    host, port = settings.host, settings.port
    with ExitStack() as undo:
        try:
            family, kind, protocol, _name, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            reserved = undo.enter_context(socket.socket(family, kind, protocol))
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressTaken(host=host, port=port) from error
            raise AddressUnusable(host=host, port=port, reason=error.strerror) from error
        undo.pop_all()
    return reserved


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to run: `shift` and `worker` (None: none here) are commands; a shift is given two files.

    `processes`: how many of a shift there are; each writes a byte into its second file once it answers.
    `tell` passes a word on to whatever started the server (systemd's notifications).
    """

    shift: Sequence[str]
    worker: Sequence[str] | None
    processes: int
    tell: Callable[[str], None] = lambda _word: None


@dataclass(slots=True)
class _Shift:
    """Web processes that were started together."""

    process: subprocess.Popen[bytes]
    line: int
    left: int
    """How many of them do not answer yet."""
    closed: bool = field(default=False)

    @property
    def answers(self) -> bool:
        return self.left <= 0

    def listen(self) -> None:
        """Hear which of them answer by now."""
        said = os.read(self.line, 64)
        self.left -= len(said)
        self.closed = not said


class Parent:
    """Holds the socket and stands above shifts and worker; `run` returns the exit status."""

    def __init__(self, reserved: socket.socket, orders: Orders) -> None:
        self._socket: socket.socket | None = reserved
        self._orders = orders
        self._present: _Shift | None = None
        self._coming: _Shift | None = None
        self._leaving: list[_Shift] = []
        self._worker: subprocess.Popen[bytes] | None = None
        self._worker_from = 0.0
        self._until: float | None = None
        """When whoever has not ended is killed; None while the server is to run."""
        self._status = 0
        self._once_more = False

    def run(self) -> int:
        """Serve until told to stop, or until the web processes end by themselves; then 1, or their status."""
        with _signals() as (heard, woken):
            self._coming = self._start_shift(first=True)
            while not self._is_over():
                self._listen(woken)
                for number in heard():
                    self._obey(number)
                self._bury()
        return self._status

    # What is told ------------------------------------------------------------------------------------

    def _obey(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._renew()
        elif number != signal.SIGCHLD:
            self._stop()

    def _renew(self) -> None:
        if self._until is not None:
            return
        # What is loading now may have been replaced by half: then once more.
        self._once_more = self._present is None or self._coming is not None
        if self._once_more:
            return
        log.info("starting new web processes; the present ones serve until those answer")
        self._orders.tell("RELOADING=1")
        self._coming = self._start_shift(first=False)

    def _stop(self, status: int = 0) -> None:
        if self._until is not None:
            return
        self._status, self._until = status, time.monotonic() + STOPS_WITHIN
        self._orders.tell("STOPPING=1")
        if self._socket is not None:
            # Else whoever comes now would wait for an answer nobody gives.
            self._socket.close()
            self._socket = None
        for one in self._children():
            one.terminate()

    # What happens --------------------------------------------------------------------------------------

    def _listen(self, woken: int) -> None:
        """Wait until a signal, a word of a shift, or the next look."""
        lines = {one.line: one for one in self._shifts() if not one.closed}
        with selectors.DefaultSelector() as ears:
            for line in (woken, *lines):
                ears.register(line, selectors.EVENT_READ)
            for key, _events in ears.select(_LOOKS_EVERY):
                if key.fd in lines:
                    lines[key.fd].listen()
                else:
                    with suppress(BlockingIOError):
                        os.read(woken, 64)
        if self._coming is not None and self._coming.answers and self._until is None:
            self._change_shift(self._coming)

    def _change_shift(self, coming: _Shift) -> None:
        before, self._present, self._coming = self._present, coming, None
        if before is not None:
            before.process.terminate()
            self._leaving.append(before)
            log.info("the new web processes answer; those before end what they have begun")
            if self._worker is not None:
                # The next one comes as soon as this one has gone.
                self._worker.terminate()
                self._worker_from = 0.0
        self._orders.tell(f"READY=1\nMAINPID={os.getpid()}")
        if self._once_more:
            self._renew()

    def _bury(self) -> None:
        """Notice who has ended, and what follows from it."""
        self._leaving = [one for one in self._leaving if not _ended(one)]
        if self._coming is not None and _ended(self._coming):
            status, self._coming = self._coming.process.returncode, None
            if self._present is None:
                self._stop(_as_status(status))
            else:
                log.error("the new web processes did not start; those before go on serving")
                self._orders.tell("READY=1")
        if self._present is not None and _ended(self._present):
            status, self._present = self._present.process.returncode, None
            if self._until is None:
                log.error("the web processes ended by themselves (%d)", status)
            self._stop(_as_status(status) or 1)
        self._look_after_worker()
        self._hurry()

    def _look_after_worker(self) -> None:
        if self._worker is not None and self._worker.poll() is not None:
            self._worker = None
        due = self._worker is None and self._present is not None and self._until is None
        if due and self._orders.worker is not None and time.monotonic() >= self._worker_from:
            self._worker_from = time.monotonic() + _WORKER_AGAIN
            # Ctrl-C reaches every process of a terminal; this one is told by its parent, in order.
            heeded = signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._worker = subprocess.Popen(self._orders.worker)  # noqa: S603 - our own command
            signal.signal(signal.SIGINT, heeded)

    def _hurry(self) -> None:
        """Whoever has not ended in time ends now."""
        if self._until is None or time.monotonic() < self._until:
            return
        late = time.monotonic() >= self._until + _HURRY
        for one in self._children():
            # Gunicorn drops what is being answered at SIGINT.
            one.kill() if late else one.send_signal(signal.SIGINT)

    # Who there is ---------------------------------------------------------------------------------------

    def _start_shift(self, *, first: bool) -> _Shift:
        held = self._socket
        assert held is not None  # noqa: S101 - closed only where nothing is started any more
        line, theirs = os.pipe()
        try:
            files = ["--listener", str(held.fileno()), "--line", str(theirs)]
            command = [*self._orders.shift, *files, *(() if first else ("--again",))]
            process = subprocess.Popen(command, pass_fds=(held.fileno(), theirs))  # noqa: S603 - the same
        finally:
            os.close(theirs)
        return _Shift(process, line, self._orders.processes)

    def _shifts(self) -> list[_Shift]:
        return [one for one in (*self._leaving, self._present, self._coming) if one is not None]

    def _children(self) -> list[subprocess.Popen[bytes]]:
        own = [one.process for one in self._shifts()]
        return own if self._worker is None else [*own, self._worker]

    def _is_over(self) -> bool:
        return self._until is not None and not self._children()


def _ended(shift: _Shift) -> bool:
    if shift.process.poll() is None:
        return False
    os.close(shift.line)
    return True


def _as_status(returned: int) -> int:
    """What a shell would say of it: a signal is 128 and its number."""
    return 128 - returned if returned < 0 else returned


@contextmanager
def _signals() -> Iterator[tuple[Callable[[], list[int]], int]]:
    """Collect the signals a parent heeds: what was heard since the last call, and a file that wakes it."""
    heard: list[int] = []
    woken, wakes = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wakes, False)
    before = {number: signal.signal(number, lambda got, _frame: heard.append(got)) for number in _HEEDED}
    told = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)

    def take() -> list[int]:
        taken = heard[:]
        del heard[: len(taken)]
        return taken

    try:
        yield take, woken
    finally:
        signal.set_wakeup_fd(told)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(wakes)


def own_command(*words: str) -> list[str]:
    """One of the commands of `collector`, run by the Python this runs under.

    Its path is not resolved: where it leads through a link to the present version, it leads to the next one
    once the link was changed.
    """
    return [sys.executable, "-m", "collector", *words]
