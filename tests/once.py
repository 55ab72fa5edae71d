"""A server of another program that all the processes of a test run share.

Whoever comes first starts it; everybody holds a shared file lock while he lives; a guard stops the server and
removes its folder once nobody holds the lock, even after a kill -9.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

GUARD_LOOKS_EVERY = 0.25  # seconds


def shared(name: str, module: str, start: Callable[[Path], None]) -> Path:
    """The folder of this run's server, which runs when this returns; call it once in a process.

    `start(folder)` starts it. `python -m module folder` calls `guard`, which stops it.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone-{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"{name}-{sha256(run.encode()).hexdigest()[:16]}"
    with locked(_door(name)):
        folder.mkdir(mode=0o711, exist_ok=True)
        using = (folder / "using").open("w")
        atexit.register(using.close)
        fcntl.flock(using, fcntl.LOCK_SH)
        if not (folder / "started").exists():
            try:
                start(folder)
            except BaseException:
                shutil.rmtree(folder)
                raise
            (folder / "started").touch()
            # It detaches itself, so this returns at once.
            beside = [sys.executable, "-m", module, str(folder)]
            subprocess.run(beside, check=True, cwd=Path(__file__).parents[1])
    return folder


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One at a time."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def guard(name: str, folder: Path, stop: Callable[[Path], None]) -> None:
    """Wait in the background until nobody uses the server, then stop it and remove its folder."""
    if os.fork():
        return
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    while not _stopped(name, folder, stop):
        time.sleep(GUARD_LOOKS_EVERY)


def _door(name: str) -> Path:
    """The lock behind which servers start and stop; never removed, or two could hold it at once."""
    return Path(tempfile.gettempdir()) / f"{name}-for-tests-{os.getuid()}.lock"


def _stopped(name: str, folder: Path, stop: Callable[[Path], None]) -> bool:
    """Stop the server if nobody uses it, and say whether that was so."""
    with locked(_door(name)), (folder / "using").open("w") as using:
        try:
            fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            stop(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return True
