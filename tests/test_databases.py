"""The PostgreSQL server the other tests stand on."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.databases import fresh_postgresql

ROOT = Path(__file__).parents[1]


def answer(url: str, question: str) -> object:
    """The one value a sentence of SQL gives."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(question))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def with_a_village(url: str) -> None:
    answer(url, "CREATE TABLE village (name text)")
    answer(url, "INSERT INTO village VALUES ('Bản Phiêng')")


def test_a_database_is_empty_and_its_own() -> None:
    with fresh_postgresql() as here, fresh_postgresql() as there:
        with_a_village(here)
        assert answer(there, "SELECT to_regclass('village')") is None
        assert answer(here, "SELECT name FROM village") == "Bản Phiêng"


def test_a_prepared_database_is_a_copy_each_time() -> None:
    with fresh_postgresql(with_a_village) as first:
        answer(first, "DELETE FROM village")
    with fresh_postgresql(with_a_village) as second:
        assert answer(second, "SELECT count(*) FROM village") == 1


def test_a_database_is_gone_afterwards() -> None:
    with fresh_postgresql() as url:
        name = url.split("/")[3].split("?")[0]
    with fresh_postgresql() as url:
        assert answer(url, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == 0


def test_text_sorts_by_code_point_as_in_sqlite() -> None:
    with fresh_postgresql() as url:
        assert answer(url, "SELECT 'Z' < 'a' AND 'z' < 'Đ'") is True


def test_the_server_stops_when_its_user_is_killed() -> None:
    conversation = (
        "import os, signal\n"
        "from tests.databases import fresh_postgresql\n"
        "with fresh_postgresql() as url:\n"
        "    print(url.split('host=')[1], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # A folder of its own, because this run has a server too; short, for the socket's name.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        surroundings = {**os.environ, "TMPDIR": folder}
        user = subprocess.run(
            [sys.executable, "-c", conversation],
            cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        socket = Path(user.stdout.strip())
        assert socket.name == "socket", user.stderr
        until = time.monotonic() + 120
        while socket.parent.exists() and time.monotonic() < until:
            time.sleep(0.1)
        assert not socket.parent.exists()
