"""Reports are read from a PostgreSQL that follows and has all that was written before they were asked.

The two servers are real: one follows the other by streaming replication.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from collector.problems import SettingUnusable
from collector.settings import Settings
from storage import replica
from storage.cuts import ScopeForgotten, within
from storage.database import transaction
from storage.models import Project
from storage.scope import Scope
from storage.snapshot import report_snapshot
from tests.office import NOW, Office
from tests.proofs.cluster import Cluster, address_of

_QUICK = {"fsync": "off", "full_page_writes": "off", "hot_standby_feedback": "on"}


@dataclass
class Two:
    """A server whose database is followed by another."""

    office: Office
    follower: Cluster

    def holds(self, *, holding: bool) -> None:
        """Let the follower stand still, as if it were far behind, or go on."""
        self.follower.say(f"SELECT pg_wal_replay_{'pause' if holding else 'resume'}()")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    home = tmp_path_factory.mktemp("home")
    # Short, for the names of their sockets, and open to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        primary, follower = (Cluster(Path(folder) / name, _QUICK) for name in ("1", "2"))
        try:
            primary.create()
            office = Office(home, address_of(primary), COLLECTOR_REPLICA_URL=address_of(follower))
            follower.follow(primary)
            yield Two(office, follower)
            office.close()
        finally:
            follower.kill()
            primary.kill()


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    replica.FOLLOWER.forget()
    yield
    replica.FOLLOWER.forget()


def asked(patience: float = replica.PATIENCE) -> tuple[bool, list[str]]:
    """Whether the follower answered, and the projects it told."""
    with report_snapshot(patience) as session:
        follows = bool(session.execute(text("SELECT pg_is_in_recovery()")).scalar_one())
        return follows, list(session.scalars(select(Project.name).order_by(Project.id)))


def write(name: str) -> None:
    with transaction() as session:
        session.add(Project(name=name, created_at=NOW))


def test_what_was_just_written_is_read_from_the_follower(two: Two) -> None:
    with two.office.app.app_context():
        for number in range(20):
            write(f"Đợt {number}")
            follows, names = asked()
            assert follows
            assert names[-1] == f"Đợt {number}"
        with pytest.raises(DBAPIError), report_snapshot() as session:
            session.execute(text("DELETE FROM projects"))


def test_places_are_cut_there_as_everywhere(two: Two) -> None:
    with two.office.app.app_context(), within(Scope(("00700",), 1)), report_snapshot() as session:
        assert session.execute(text("SELECT pg_is_in_recovery()")).scalar_one()
        with pytest.raises(ScopeForgotten):
            session.execute(text("SELECT id FROM submissions"))


def test_one_that_is_behind_or_away_is_left_alone_and_that_is_said_once(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    with two.office.app.app_context(), caplog.at_level(logging.WARNING, "storage.replica"):
        two.holds(holding=True)
        write("Đợt mới")
        assert asked(0.0) == (False, asked(0.0)[1])
        assert asked(0.0)[1][-1] == "Đợt mới"
        replica.FOLLOWER._until = 0.0
        assert asked(0.0)[0] is False
        assert [one.message for one in caplog.records] == [
            "reports are read from the primary database: the replica was more than 0 seconds behind"
        ]
        two.holds(holding=False)
        replica.FOLLOWER._until = 0.0
        assert asked(60.0)[0] is True
        assert caplog.records[-1].message == "reports are read from the replica again"

        two.follower.kill()
        assert asked()[0] is False
        assert len(caplog.records) == 3
        two.follower.keep_running()
        replica.FOLLOWER._until = 0.0
        assert asked(60.0)[0] is True


def test_a_long_look_that_ends_too_early_is_taken_once_more(two: Two) -> None:
    done: list[str] = []

    def read() -> bool:
        with report_snapshot() as session:
            follows = bool(session.execute(text("SELECT pg_is_in_recovery()")).scalar_one())
            if follows:
                session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            return follows

    with two.office.app.app_context():
        assert replica.once_more(read, lambda: done.append("emptied")) is False
    assert done == ["emptied"]


@pytest.mark.parametrize(
    ("database", "follower"),
    [("", "postgresql+psycopg://a@b/c"), ("postgresql+psycopg://a@b/c", "sqlite:////srv/x")],
)
def test_a_setting_that_cannot_be_is_refused(database: str, follower: str) -> None:
    with pytest.raises(SettingUnusable):
        Settings.from_environment({"COLLECTOR_DATABASE_URL": database, "COLLECTOR_REPLICA_URL": follower})
