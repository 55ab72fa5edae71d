"""What goes wrong with a server while phones send to it: each kind a function that does it once.

A kind returns in a few words what it did. When it returns, nothing is in the server's way any more; whether
it works again, and kept what it acknowledged, is looked at by whoever called.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.proofs.cluster import Cluster
from tests.proofs.room import Disk
from tests.proofs.running import Running

_SOONEST, _LATEST = 0.1, 0.8
"""Seconds of sending before something happens."""
_PATIENCE = 60.0
_LIMITS = (0, 4_096, 50_000, 400_000, 4_000_000, 20_000_000)
"""Bytes above which no file may grow: within a picture, the log of the database, the database."""


@dataclass
class Ground:
    """A server, and what it stands on; `disk` is what files and database lie on, if it can be filled."""

    server: Running
    dice: random.Random
    disk: Disk | None = None
    cluster: Cluster | None = None

    def wait(self) -> float:
        """Let phones send for a moment that chance decides."""
        seconds = self.dice.uniform(_SOONEST, _LATEST)
        time.sleep(seconds)
        return seconds


@dataclass(frozen=True)
class Kind:
    """A fault: what does it, how often beside the others, whether phones may be told to come again later."""

    happen: Callable[[Ground], str]
    weight: int
    later: bool = False
    cut: float = 0.0


def lines_cut(ground: Ground) -> str:
    """Lines break at random bytes; the server itself has nothing."""
    return f"lines cut for {ground.wait():.2f} s"


def server_killed(ground: Ground) -> str:
    """SIGKILL to every process at once, sometimes again while it starts."""
    seconds = ground.wait()
    ground.server.kill()
    said = f"all killed after {seconds:.2f} s"
    if ground.dice.random() < 0.15:
        ground.server.begin("serve")
        time.sleep(ground.dice.uniform(0, 2))
        ground.server.kill()
        said += ", and again as it started"
    return said


def _web(ground: Ground) -> list[int]:
    """The web processes; one that was killed a moment ago is waited for."""
    until = time.monotonic() + _PATIENCE
    while not (found := ground.server.web_processes()):
        if time.monotonic() > until:
            raise TimeoutError("no web process comes back")
        time.sleep(0.05)
    return found


def web_killed(ground: Ground) -> str:
    """SIGKILL to one web process; the server starts another."""
    ground.wait()
    os.kill(ground.dice.choice(_web(ground)), signal.SIGKILL)
    ground.wait()
    return "a web process killed"


def web_stopped(ground: Ground) -> str:
    """SIGSTOP to some web processes for a while; then they go on, or are killed as they stand."""
    ground.wait()
    several = _web(ground)
    chosen = ground.dice.sample(several, ground.dice.randint(1, len(several)))
    for one in chosen:
        os.kill(one, signal.SIGSTOP)
    ground.wait()
    killed = ground.dice.random() < 0.25
    for one in chosen:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL if killed else signal.SIGCONT)
    return f"{len(chosen)} stopped{' and then killed' if killed else ''}"


def disk_full(ground: Ground) -> str:
    """The disk under files and database takes nothing more for a while."""
    assert ground.disk is not None
    ground.wait()
    leave = 4_096 * ground.dice.choice((1, ground.dice.randrange(8), ground.dice.randrange(80)))
    ground.disk.fill(leave=leave)
    ground.wait()
    ground.disk.make_room()
    if ground.cluster is not None:
        ground.cluster.keep_running()
    return f"disk full but for {leave} bytes"


def files_limited(ground: Ground) -> str:
    """No file of the web processes may grow beyond a size (RLIMIT_FSIZE)."""
    ground.wait()
    most = ground.dice.choice(_LIMITS)
    with _limited(_web(ground), most):
        ground.wait()
    return f"files limited to {most} bytes"


@contextmanager
def _limited(processes: list[int], most: int) -> Iterator[None]:
    before: dict[int, tuple[int, int]] = {}
    for one in processes:
        with suppress(ProcessLookupError):
            before[one] = resource.prlimit(one, resource.RLIMIT_FSIZE)
            resource.prlimit(one, resource.RLIMIT_FSIZE, (most, before[one][1]))
    try:
        yield
    finally:
        for one, limit in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(one, resource.RLIMIT_FSIZE, limit)


def database_killed(ground: Ground) -> str:
    """SIGKILL to PostgreSQL: to all of it, or to one process, whereupon it starts all others anew."""
    assert ground.cluster is not None
    ground.wait()
    whole = ground.dice.random() < 0.5
    if whole:
        ground.cluster.kill()
    else:
        ground.cluster.kill_one(ground.dice)
    ground.wait()
    ground.cluster.keep_running()
    return f"database killed{'' if whole else ', one process'}"


KINDS: Mapping[str, Kind] = {
    "kill": Kind(server_killed, 7),
    "cut": Kind(lines_cut, 28, cut=0.5),
    "web": Kind(web_killed, 18),
    "stop": Kind(web_stopped, 22),
    "full": Kind(disk_full, 14, later=True),
    "limit": Kind(files_limited, 11, later=True),
    "database": Kind(database_killed, 10, later=True),
}
"""Every kind there is; those whose ground is missing cannot happen."""


def possible(ground: Ground, wanted: tuple[str, ...] = ()) -> list[str]:
    """The kinds that can happen on this ground, of those that are wanted (all, if none is named)."""
    missing = {"full"} if ground.disk is None else set()
    if ground.cluster is None:
        missing.add("database")
    return [name for name in wanted or KINDS if name not in missing]
