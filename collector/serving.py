"""One command, one parent: web processes and the worker beside them.

Knows: gunicorn.
"""

from __future__ import annotations

import errno
import gc
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import message

from collector.logs import Redact
from collector.problems import AddressTaken, AddressUnusable
from collector.settings import Settings
from storage.database import db, release_connections

THREADS = 16
"""Requests a web process answers at once: most of them wait for a slow phone, not for the processor."""

LONGEST_ADDRESS = 256 * 1024
"""Bytes of a request line. A phone asks after hundreds of entities in one address (openrosa.md §7.5), but
reading takes the square of the length: without a bound 12 MB kept a process busy for a minute."""


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


class RedactedLogger(Logger):
    """Gunicorn's own log lines, redacted like ours."""

    def setup(self, cfg: Any) -> None:
        """Add the filter to whatever gunicorn set up."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.addFilter(Redact())


class Server(BaseApplication):
    """Gunicorn with our settings instead of its command line.

    `reserved` is what `reserve` gave; `welcome` is called once, when phones and people are let in.
    """

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        reserved: socket.socket | None = None,
        welcome: Callable[[], None] | None = None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._welcome = welcome
        # From here on gunicorn closes it.
        self._bind = f"fd://{(reserved or reserve(settings)).detach()}"
        self._worker: subprocess.Popen[bytes] | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        # Gunicorn cuts its own setting to this constant, which is 8 KB.
        message.MAX_REQUEST_LINE = LONGEST_ADDRESS  # type: ignore[misc]
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def _options(self) -> dict[str, Any]:
        return {
            "bind": self._bind,
            "workers": self._settings.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,
            "timeout": 120,
            "graceful_timeout": 30,
            "keepalive": 75,
            "limit_request_line": LONGEST_ADDRESS,
            "max_requests": 0,
            "logger_class": RedactedLogger,
            "loglevel": "warning",
            "forwarded_allow_ips": "*" if self._settings.proxy_count else "127.0.0.1",
            # The prefix comes as X-Forwarded-Prefix; a header SCRIPT_NAME from outside would break the path.
            "forwarder_headers": "",
            "worker_tmp_dir": "/dev/shm" if sys.platform == "linux" else None,  # noqa: S108 - heartbeats only
            "when_ready": self._start_worker,
            "on_exit": self._stop_worker,
            "post_fork": _forget_connections(self._app),
        }

    def load(self) -> Any:
        """The application, made once before the processes part."""
        with self._app.app_context():
            release_connections()
        # What all processes share is never looked through for garbage, nor copied for it.
        gc.collect()
        gc.freeze()
        return self._app

    def _start_worker(self, _server: object) -> None:
        # Ctrl-C reaches every process of a terminal; this one is told by its parent, in order.
        heeded = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._worker = subprocess.Popen([sys.executable, "-m", "collector", "worker", "--with-parent"])
        signal.signal(signal.SIGINT, heeded)
        if self._welcome is not None:
            self._welcome()

    def _stop_worker(self, _server: object) -> None:
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(timeout=30)


def _forget_connections(app: Flask) -> Any:
    def forget(_server: object, _worker: object) -> None:
        with app.app_context():
            db.engine.dispose(close=False)

    return forget
