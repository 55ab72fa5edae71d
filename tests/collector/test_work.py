"""What goes on beside the web processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from collector.actions.nightly import Nightly
from collector.actions.work import Chore, work
from storage.database import db
from storage.portable_turns import alone
from tests.office import Office


@pytest.fixture
def signals() -> Iterator[None]:
    """What the test process does with signals is afterwards as it was before."""
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("signals")
def test_figures_do_not_wait_for_what_takes_minutes(office: Office) -> None:
    begun, followed = Event(), Event()
    waited: list[bool] = []

    def night(_now: datetime) -> int:
        begun.set()
        waited.append(followed.wait(20))
        return 0

    def figures(_now: datetime) -> int:
        if begun.is_set():
            followed.set()
            os.kill(os.getpid(), signal.SIGTERM)
        return 0

    several = (
        Chore(3600, night, "%d", "the night failed", slow=True),
        Chore(0.1, figures, "%d", "the figures failed"),
    )
    with office.app.app_context():
        work(several, office.app.app_context, with_parent=False)
    assert waited == [True]


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_another_worker_is_at_is_left_to_it(office: Office, *, elsewhere: bool) -> None:
    done: list[str] = []

    def releases(_now: datetime) -> int:
        done.append("releases")
        return len(done)

    def end(_now: datetime) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    several = (
        Chore(3600, releases, "%d", "no releases"),
        Chore(3600, end, "%d", "no end"),
    )
    with office.app.app_context():
        with alone(db.engine, "no releases") if elsewhere else nullcontext():
            work(several, office.app.app_context, with_parent=False)
        shared = db.engine.dialect.name == "postgresql"
    assert done == ([] if elsewhere and shared else ["releases"])


def test_a_nights_work_is_done_by_one_worker_and_remembered(office: Office) -> None:
    # 02:00 in Viet Nam.
    night = datetime(2026, 8, 3, 19, tzinfo=UTC)
    with office.app.app_context():
        here, there = Nightly(lambda: 1, "lists"), Nightly(lambda: 1, "lists")
        other = Nightly(lambda: 1, "checks")
        assert [one.look(night) for one in (here, there, here, other)] == [1, 0, 0, 1]
        again = night + timedelta(days=1)
        assert [one.look(again) for one in (there, Nightly(lambda: 1, "lists"))] == [1, 0]
