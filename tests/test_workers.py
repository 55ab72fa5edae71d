"""Several workers beside one PostgreSQL: everything is done once, and one that is killed is not missed."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import requests

from tests.begun import begun_server
from tests.office import ADMIN, ADMIN_PASSWORD
from tests.phone import Phone
from tests.proofs import household
from tests.proofs.running import Running

_PATIENCE = 120.0


class _Asking:
    """An administrator's program at a server's door."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        told = {"email": ADMIN, "password": ADMIN_PASSWORD}
        token = self._session.post(f"{address}/v1/sessions", json=told, timeout=60).json()["token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def order(self) -> int:
        """Ask for the file of all households; its number."""
        wanted = {"form": household.FORM_ID, "formats": ["csv"], "protection": "none", "purpose": "đối chiếu"}
        made = self._session.post(f"{self._address}/api/extracts", json=wanted, timeout=60)
        made.raise_for_status()
        return int(made.json()["id"])

    def made(self, number: int) -> dict[str, Any]:
        """What became of it, as soon as that is known."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            found: dict[str, Any] = self._session.get(
                f"{self._address}/api/extracts/{number}", timeout=60
            ).json()
            if found["state"] not in {"waiting", "making"}:
                return found
            time.sleep(0.1)
        raise TimeoutError(f"extract {number} is not made")


def test_what_three_workers_share_is_done_once_and_who_is_killed_is_not_missed(
    tmp_path: Path, shelf: Path
) -> None:
    with begun_server("postgresql", tmp_path, shelf) as url:
        server = Running(tmp_path / "home", url, workers=1)
        try:
            server.start()
            beside = [server.begin("worker"), server.begin("worker")]
            office = server.office()
            office.publish(household.workbook())
            phone = Phone(server.address + office.phone().path)
            office.close()
            dice = random.Random(11)  # noqa: S311 - the same households every time
            for _ in range(3):
                phone.send(household.answered(dice), title="")
            asking = _Asking(server.address)
            found = [asking.made(number) for number in [asking.order() for _ in range(3)]]
            for one in beside:
                os.killpg(one.pid, signal.SIGKILL)
            found += [asking.made(asking.order())]
            assert [(one["state"], len(one["files"])) for one in found] == [("made", 1)] * 4
            # The chain of the log, which all three sealed, is whole.
            server.run("doctor", "--audit")
            said = (tmp_path / "home.log").read_text()
            assert "Traceback" not in said, said
        finally:
            server.kill()
