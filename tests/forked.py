"""Processes of a server that begin where another one has read the code already.

Why: reading it takes two seconds of a processor, and the tests start some two hundred servers, each with a
worker. What runs is what the command runs; that the command itself starts it is tested by `test_serve.py`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from multiprocessing.process import BaseProcess

from collector.app import create_app
from collector.cli import main
from collector.parent import reserve
from collector.serving import Server
from collector.settings import Settings

__all__ = ["Running", "start"]

_BEYOND = 4096
"""More files than a process here has open."""


class Running:
    """A process that was started; what `subprocess.Popen` can do that the tests ask for."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid: int = process.pid or 0

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait until it has ended. Raises TimeoutError."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(self.pid)
        return self._process.exitcode

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()


def start(environment: Mapping[str, str]) -> Running:
    """A shift of web processes and a worker, the leader of a group of its own, with this environment."""
    forge = multiprocessing.get_context("forkserver")
    forge.set_forkserver_preload(["tests.forked"])
    process = forge.Process(target=_serve, args=(dict(environment),))
    process.start()
    return Running(process)


def _serve(environment: dict[str, str]) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    settings = Settings.from_environment()
    files = reserve(settings).detach(), -1
    Server(create_app(settings), settings, files, _begin_worker).run()


def _begin_worker() -> None:
    """What the parent of a real server starts beside a shift."""
    if os.fork():
        return
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        os.closerange(3, _BEYOND)
        main(["worker", "--with-parent"], standalone_mode=False)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing of it may go on in what was forked
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
