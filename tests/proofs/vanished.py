"""PostgreSQL's machine vanishes without a word; how soon a server in front of it knows.

`python -m tests.proofs.vanished [settings of the address, a=1&b=2]`, as root, with iproute2. The server lives
in a network of its own, behind a line that can be made to lose everything: unlike a process that was
killed, whose system still says that it is gone. Three things are waiting when the line is lost: a connection
that rests, one whose question is being worked on, and somebody who calls anew. Seconds until each is told
that the database is away are printed; then the line is mended, and the next question has to be answered.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from collector.core import make_core
from collector.settings import Settings
from storage.database import db, release_connections
from tests.proofs.cluster import Cluster

# Several may run on a machine.
_NET = f"10.213.{os.getpid() % 250}"
_SERVER, _DATABASE = f"{_NET}.1", f"{_NET}.2"
_NOBODY = "02:00:00:00:00:fe"


@dataclass(frozen=True)
class Seconds:
    """Until each was told; `faults` says what did not come out as it should."""

    resting: float
    working: float
    calling: float
    faults: tuple[str, ...] = ()


MOST = 90.0
"""Seconds after which everybody has to know."""


def can_be_shown() -> bool:
    """Whether this machine lets us make networks: root in a container often may not."""
    if os.geteuid() or shutil.which("ip") is None:
        return False
    with suppress(subprocess.CalledProcessError), _two_networks():
        return True
    return False


def prove(folder: Path, more: str = "") -> Seconds:
    """Make the two machines, lose the line between them, mend it. `more`: settings of the address."""
    cluster = Cluster(folder / "database", {"listen_addresses": _DATABASE})
    with _two_networks() as name:
        try:
            cluster.create()
            with (cluster.data / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {_SERVER}/32 trust\n")
            cluster.say("SELECT pg_reload_conf()")
            url = f"postgresql+psycopg://postgres@/collector?host={_DATABASE}&sslmode=disable&{more}"
            inside = [sys.executable, "-m", "tests.proofs.vanished", "--inside", str(folder), url, _DATABASE]
            said = subprocess.run(
                ["ip", "netns", "exec", name, *inside], check=True, stdout=subprocess.PIPE, timeout=300
            )
        finally:
            cluster.kill()
    found = json.loads(said.stdout)
    return Seconds(**{**found, "faults": tuple(found["faults"])})


@contextmanager
def _two_networks() -> Iterator[str]:
    name, here = f"server-{os.getpid()}", f"db{os.getpid()}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", "far", "netns", name)
        _ip("addr", "add", f"{_DATABASE}/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "addr", "add", f"{_SERVER}/30", "dev", "far")
        _ip("-n", name, "link", "set", "far", "up")
        yield name
    finally:
        _ip("netns", "delete", name)


def _ip(*arguments: str, check: bool = True) -> bool:
    return subprocess.run(["ip", *arguments], check=check, capture_output=True).returncode == 0


def _inside(folder: Path, url: str, database: str) -> Seconds:
    chosen = {"COLLECTOR_HOME": str(folder), "COLLECTOR_DATABASE_URL": url}
    app = make_core(Settings.from_environment(chosen))
    told: dict[str, float] = {}

    def ask(question: str) -> None:
        with app.app_context():
            db.session.execute(text(question))

    def wait(who: str, question: str) -> None:
        with suppress(OperationalError):
            ask(question)
            return
        told[who] = time.monotonic()

    with app.app_context():
        release_connections()
    # Two connections: one that will rest, one that works.
    for one in [_begun(ask, "SELECT pg_sleep(0.5)") for _ in range(2)]:
        one.join()
    working = _begun(wait, "working", "SELECT pg_sleep(200)")
    time.sleep(1)
    # Whatever is sent from now on goes to a machine that is not there.
    _ip("neigh", "replace", database, "lladdr", _NOBODY, "dev", "far", "nud", "permanent")
    lost = time.monotonic()
    wait("resting", "SELECT 1")
    called = time.monotonic()
    wait("calling", "SELECT 1")
    working.join()
    _ip("neigh", "delete", database, "dev", "far")
    ask("SELECT 1")
    since = {"resting": lost, "working": lost, "calling": called}
    seconds = {who: round(told.get(who, math.inf) - start, 1) for who, start in since.items()}
    late = [who for who, passed in seconds.items() if passed > MOST]
    return Seconds(**seconds, faults=tuple(f"{who} did not hear of it within {MOST:.0f} s" for who in late))


def _begun(work: Callable[..., None], *arguments: str) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    return thread


def main() -> int:
    """Print what came of it; 1 where somebody waited too long, or nothing can be shown here."""
    if not can_be_shown():
        print("Making networks needs root and iproute2.")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = prove(folder, *sys.argv[1:])
    print(found)
    return int(bool(found.faults))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(asdict(_inside(Path(sys.argv[2]), *sys.argv[3:]))))
    else:
        sys.exit(main())
