"""A PostgreSQL server of a proof's own, as durable as an office's: it can be shot, followed and promoted.

Why: the server that tests share keeps nothing through a crash, on purpose (`tests/databases.py`).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.databases import OTHER_USER, programs_for, run_program
from tests.proofs import machine

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    # Little room is taken by the log, so that a small disk can be filled on purpose.
    "min_wal_size": "32MB",
    "max_wal_size": "128MB",
    "wal_sender_timeout": "5s",
}
_DATABASE = "collector"
_PATIENCE = 90.0


class Cluster:
    """One PostgreSQL server in `folder`, reached by a socket in it; it runs as `nobody` where we are root."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = {}) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.socket = folder / "socket"
        self._settings = {**_SETTINGS, **settings}
        self.restarts = 0
        for made in (folder, self.socket):
            made.mkdir(mode=0o755, exist_ok=True)
            _hand_over(made)

    def create(self) -> None:
        """An empty database on a new server, which runs when this returns."""
        run_program(
            programs_for(self.folder) / "initdb", "--pgdata", self.data, "--username", "postgres",
            "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale-provider", "builtin",
            "--builtin-locale", "C.UTF-8", "--locale", "C",
        )  # fmt: skip
        self.start()
        self.say(f"CREATE DATABASE {_DATABASE}", database="postgres")

    def follow(self, primary: Cluster) -> None:
        """Become a copy of `primary` that takes in everything it writes; what was here before is lost."""
        shutil.rmtree(self.data, ignore_errors=True)
        run_program(
            programs_for(self.folder) / "pg_basebackup", "--pgdata", self.data, "--write-recovery-conf",
            "--wal-method", "stream", "--checkpoint", "fast", "--no-sync", "--username", "postgres",
            "--host", primary.socket,
        )  # fmt: skip
        # Copied along: once promoted it must not wait for a follower it does not have.
        written = self.data / "postgresql.auto.conf"
        kept = [line for line in written.read_text().splitlines() if not line.startswith("synchronous_")]
        written.write_text("\n".join(kept) + "\n")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = " ".join(f"-c {name}='{value}'" for name, value in self._settings.items())
        run_program(
            programs_for(self.folder) / "pg_ctl", "start", "--pgdata", self.data, "--wait", "--silent",
            "--timeout", str(int(_PATIENCE)), "--log", self.folder / "server.log",
            "--options", f"{options} -c unix_socket_directories='{self.socket}'",
        )  # fmt: skip

    @property
    def number(self) -> int:
        """The process above all its others; 0 where none runs."""
        with suppress(OSError, ValueError, IndexError):
            number = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            if b"postgres" in Path(f"/proc/{number}/cmdline").read_bytes():
                return number
        return 0

    def kill(self) -> None:
        """SIGKILL to all its processes; returns when none is left."""
        leader = self.number
        if not leader:
            return
        # Stopped first, so that it makes no other while they are counted.
        os.kill(leader, signal.SIGSTOP)
        several = machine.tree(leader)
        for number in several:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        until = time.monotonic() + _PATIENCE
        while any(_lives(number) for number in several):
            if time.monotonic() > until:
                raise TimeoutError(f"PostgreSQL in {self.folder} does not end")
            time.sleep(0.01)

    def kill_one(self, dice: random.Random) -> None:
        """SIGKILL to one of its processes, by chance; the others end, and all begin again by themselves."""
        several = machine.tree(self.number)[1:]
        if several:
            with suppress(ProcessLookupError):
                os.kill(dice.choice(several), signal.SIGKILL)

    def keep_running(self) -> None:
        """Start it where it has ended, as systemd does; it may come back by itself meanwhile."""
        until = time.monotonic() + _PATIENCE
        while True:
            if not self.number:
                self.restarts += 1
                # It may refuse while a process of the old one is still about to notice that it is over.
                with suppress(RuntimeError):
                    self.start()
            with suppress(psycopg.OperationalError):
                self.say("SELECT 1")
                return
            if time.monotonic() > until:
                raise TimeoutError((self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)

    def promote(self) -> None:
        """From a follower to the one that is written to."""
        run_program(
            programs_for(self.folder) / "pg_ctl", "promote", "--pgdata", self.data, "--wait", "--silent"
        )

    def demand_follower(self) -> None:
        """From now on nothing is committed before the follower has it; waits until it is there."""
        self.say("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.say("SELECT pg_reload_conf()")
        until = time.monotonic() + _PATIENCE
        while self.say("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != 1:
            if time.monotonic() > until:
                raise TimeoutError("no follower comes")
            time.sleep(0.05)

    def say(self, sentence: str, *, database: str = _DATABASE) -> object:
        """Run a statement by itself; the first value of its first row, if it has rows."""
        with psycopg.connect(f"host={self.socket} user=postgres dbname={database}", autocommit=True) as line:
            cursor = line.execute(sentence.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


def address_of(*several: Cluster) -> str:
    """The URL of a database that lies on one of these servers, whichever may be written to."""
    hosts = "&".join(f"host={one.socket}" for one in several)
    more = "&target_session_attrs=read-write&connect_timeout=3" if len(several) > 1 else ""
    return f"postgresql+psycopg://postgres@/{_DATABASE}?{hosts}{more}"


def _hand_over(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, OTHER_USER)


def _lives(number: int) -> bool:
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in {"Z", "X"}
