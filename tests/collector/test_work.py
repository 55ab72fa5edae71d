"""What goes on beside the web processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import datetime
from threading import Event

import pytest

from collector.actions.work import Chore, work
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
