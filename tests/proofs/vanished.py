"""PostgreSQL's machine vanishes without a word; how soon a server in front of it knows.

`python -m tests.proofs.vanished [settings of the address, a=1&b=2]`, as root, with iproute2. The server lives
in a network of its own, behind a line that can be made to lose everything: unlike a process that was
killed, whose system still says that it is gone. Three things are waiting when the line is lost: a connection
that rests, one whose question is being worked on, and somebody who calls anew. Seconds until each is told
that the database is away are printed; then the line is mended, and the next question has to be answered.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from collector.core import make_core
from collector.settings import Settings
from storage.database import db, release_connections
from tests.proofs.cluster import Cluster

_SERVER, _DATABASE = "10.213.77.1", "10.213.77.2"
_NOBODY = "02:00:00:00:00:fe"


@dataclass(frozen=True)
class Seconds:
    """Until each was told; `faults` says what did not come out as it should."""

    resting: float
    working: float
    calling: float
    faults: tuple[str, ...] = ()


def can_be_shown() -> bool:
    """Whether this machine lets us make networks."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and _ip("netns", "list", check=False)


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
            inside = [sys.executable, "-m", "tests.proofs.vanished", "--inside", str(folder), url]
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


def _inside(folder: Path, url: str) -> Seconds:
    chosen = {"COLLECTOR_HOME": str(folder), "COLLECTOR_DATABASE_URL": url}
    app = make_core(Settings.from_environment(chosen))
    told: dict[str, float] = {}
    faults: list[str] = []

    def ask(question: str) -> None:
        with app.app_context():
            db.session.execute(text(question))

    def wait(who: str, question: str) -> None:
        try:
            ask(question)
        except OperationalError:
            told[who] = round(time.monotonic() - lost, 1)
        else:
            faults.append(f"{who} was answered")

    with app.app_context():
        release_connections()
    # Two connections: one that will rest, one that works.
    several = [_begun(ask, f"SELECT pg_sleep({seconds})") for seconds in (0.5, 0.5)]
    for one in several:
        one.join()
    lost = time.monotonic() + 1
    working = _begun(wait, "working", "SELECT pg_sleep(200)")
    time.sleep(1)
    # Whatever is sent from now on goes to a machine that is not there.
    _ip("neigh", "replace", _DATABASE, "lladdr", _NOBODY, "dev", "far", "nud", "permanent")
    wait("resting", "SELECT 1")
    lost = time.monotonic()
    wait("calling", "SELECT 1")
    working.join()
    _ip("neigh", "delete", _DATABASE, "dev", "far")
    ask("SELECT 1")
    return Seconds(
        **{who: told.get(who, -1) for who in ("resting", "working", "calling")}, faults=tuple(faults)
    )


def _begun(work: Callable[..., None], *arguments: str) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    return thread


def main() -> None:
    """Print what came of it."""
    if not can_be_shown():
        sys.exit("Making networks needs root and iproute2.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        print(prove(folder, *sys.argv[1:]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(asdict(_inside(Path(sys.argv[2]), sys.argv[3]))))
    else:
        main()
