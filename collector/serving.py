"""A shift: the web processes that serve together, under gunicorn.

`collector.parent` starts it, holds the port while shifts change, and starts the worker beside it.
Knows: gunicorn.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http import message

from collector.lines import PatientWorker
from collector.logs import Redact, formatter
from collector.settings import Settings
from storage.database import db, release_connections

THREADS = 16
"""Requests a web process answers at once: most of them wait for a slow phone, not for the processor."""

LONGEST_ADDRESS = 256 * 1024
"""Bytes of a request line. A phone asks after hundreds of entities in one address (openrosa.md §7.5), but
reading takes the square of the length: without a bound 12 MB kept a process busy for a minute."""


OPEN_FILES = 8192
"""Files a web process may have open, where the system allows it."""

LEAVES_WITHIN = 900
"""Seconds a shift that was relieved has for what it has begun: a film over a weak signal takes minutes."""


class RedactedLogger(Logger):
    """Gunicorn's own log lines, redacted and written like ours."""

    _form = formatter("text")

    @classmethod
    def of(cls, form: str) -> type[RedactedLogger]:
        """The same, written as the settings say."""
        return type("RedactedLogger", (cls,), {"_form": formatter(form)})

    def setup(self, cfg: Any) -> None:
        """Add the filter to whatever gunicorn set up."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.addFilter(Redact())
            handler.setFormatter(self._form)


class Lead(Arbiter):
    """Gunicorn's first process: it ends when the parent has gone, and leaves changing shifts to it."""

    def __init__(self, app: BaseApplication) -> None:
        self._parent = os.getppid()
        super().__init__(app)

    def maybe_promote_master(self) -> None:
        """Asked every second: whether there is still somebody to serve for."""
        if os.getppid() != self._parent:
            raise StopIteration

    def handle_hup(self) -> None:
        """A terminal that closes tells everybody; the parent alone knows what to do."""


class Server(BaseApplication):
    """Gunicorn with our settings instead of its command line.

    `files` are the socket to serve at, and one that each process writes a byte into
    once it answers; `welcome` is called once, when phones and people are let in.
    """

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        files: tuple[int, int],
        welcome: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._welcome = welcome
        # From here on gunicorn closes it.
        self._bind, self._line = f"fd://{files[0]}", files[1]
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        Lead(self).run()

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
            "worker_class": PatientWorker,
            "threads": THREADS,
            "preload_app": True,
            "timeout": 120,
            "graceful_timeout": LEAVES_WITHIN,
            "keepalive": 75,
            "limit_request_line": LONGEST_ADDRESS,
            "max_requests": 0,
            "logger_class": RedactedLogger.of(self._settings.log_format),
            "loglevel": "warning",
            "forwarded_allow_ips": "*" if self._settings.proxy_count else "127.0.0.1",
            # The prefix comes as X-Forwarded-Prefix; a header SCRIPT_NAME from outside would break the path.
            "forwarder_headers": "",
            "worker_tmp_dir": "/dev/shm" if sys.platform == "linux" else None,  # noqa: S108 - heartbeats only
            # Nobody asks at it, and it would lie in a folder that may not be writable.
            "control_socket_disable": True,
            "when_ready": lambda _server: self._welcome(),
            "post_fork": _forget_connections(self._app),
            "post_worker_init": lambda _worker: _say(self._line),
        }

    def load(self) -> Any:
        """The application, made once before the processes part."""
        with self._app.app_context():
            release_connections()
        _allow_open_files()
        # What all processes share is never looked through for garbage, nor copied for it.
        gc.collect()
        gc.freeze()
        return self._app


def _allow_open_files() -> None:
    """Take as many open files as the system allows: most begin with 1,024, as many lines may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _say(line: int) -> None:
    """Tell the parent that one more process answers; nobody may be listening any more."""
    with suppress(OSError):
        os.write(line, b".")


def _forget_connections(app: Flask) -> Any:
    def forget(_server: object, _worker: object) -> None:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)

    return forget
