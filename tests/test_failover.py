"""PostgreSQL's primary is killed and its follower promoted, or it vanishes: a sample of `make failover`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer
from tests.kept import rows
from tests.office import Office
from tests.proofs import vanished
from tests.proofs.cluster import Cluster, address_of

_PATIENCE = 60.0


@pytest.fixture
def pair() -> Iterator[tuple[Cluster, Cluster]]:
    """Two servers, the second one holding all that the first has committed."""
    # Short, for the names of their sockets, and open to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        # Only processes are killed here, not the machine: what was written is there without being synced.
        primary, follower = (Cluster(Path(folder) / name, {"fsync": "off"}) for name in ("1", "2"))
        try:
            primary.create()
            follower.follow(primary)
            yield primary, follower
        finally:
            follower.kill()
            primary.kill()


def test_what_was_acknowledged_is_there_when_the_follower_takes_over(
    pair: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    primary, follower = pair
    office = Office(tmp_path / "home", address_of(*pair))
    form = office.publish(asked("house", "1", "head"), filename="house.xml")
    phone = Volunteer(office, form=form)

    def send(number: int) -> int:
        told = phone.post(answered("house", "1", f"<head>{number}</head>", instance_id=f"uuid:{number}"))
        return told.status_code

    primary.demand_follower()
    assert [send(number) for number in range(5)] == [HTTPStatus.CREATED] * 5
    primary.kill()
    # Nobody can keep it: the phone is told to come later, not that it made a mistake.
    assert send(5) == HTTPStatus.SERVICE_UNAVAILABLE
    follower.promote()
    until = time.monotonic() + _PATIENCE
    while (status := send(5)) != HTTPStatus.CREATED:
        assert (status, time.monotonic() < until) == (HTTPStatus.SERVICE_UNAVAILABLE, True)
    assert [row["/head"] for row in rows(office, form)] == [str(number) for number in range(6)]
    office.close()


@pytest.mark.skipif(not vanished.can_be_shown(), reason="needs root and iproute2: it makes a network")
def test_a_machine_that_vanishes_is_missed_soon_by_whoever_waits_for_it() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        told = vanished.prove(
            Path(folder), "connect_timeout=2&tcp_user_timeout=1000&keepalives_idle=1&keepalives_interval=1"
        )
    assert told.faults == (), told
