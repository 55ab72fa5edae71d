"""The container: built from the Dockerfile, run with no more rights than in compose.yaml, killed, begun anew.

`python -m tests.proofs.image [--engine docker] [--build OPTION …] [--host-network]` (`make image-proof`). Its
root file system is read-only, no capability is left to it, it is not root. A form is published, a phone sends
households with photos, every process is killed at once, the container starts again: the records are there,
byte by byte, and `collector doctor` finds nothing that has to be done. Docker, or Podman without it;
`--host-network` where the engine has no network of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from pyxform.xls2xform import convert

from tests.javarosa.attachments import content
from tests.office import ADMIN
from tests.phone import Phone
from tests.proofs import household

ROOT = Path(__file__).parents[2]
_LIMITS = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp", "--memory=2g")
_PATIENCE = 300.0
_FORMS = 20


@dataclass
class Container:
    """A server in a container of its own, its data on a volume."""

    engine: str
    name: str
    port: int
    password: str

    @property
    def address(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, *command: str) -> str:
        """What the engine says. Raises CalledProcessError."""
        return _said(self.engine, *command)

    def wait(self) -> float:
        """Seconds until it answers. Raises TimeoutError with what it said."""
        begun = time.monotonic()
        while time.monotonic() < begun + _PATIENCE:
            try:
                if requests.get(f"{self.address}/readyz", timeout=_PATIENCE).ok:
                    return time.monotonic() - begun
            except requests.ConnectionError:
                time.sleep(0.2)
        raise TimeoutError(self.do("logs", self.name))

    def complaints(self) -> list[str]:
        """What the doctor wants done; the worker has two minutes for its first sign of life."""
        until = time.monotonic() + 120
        while True:
            asked = (self.engine, "exec", self.name, "collector", "doctor", "--json")
            told = json.loads(subprocess.run(asked, check=False, capture_output=True, text=True).stdout)
            found = [f"{one['about']}: {one['told']}" for one in told if one["state"] == "bad"]
            if not found or time.monotonic() > until:
                return found
            time.sleep(5)


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


@contextmanager
def _running(engine: str, *, host_network: bool) -> Iterator[Container]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    made = Container(engine, f"collector-{secrets.token_hex(4)}", port, secrets.token_urlsafe(12))
    reach = (
        ("--network=host", f"--env=PORT={port}") if host_network else (f"--publish=127.0.0.1:{port}:8000",)
    )
    own = (f"--name={made.name}", f"--volume={made.name}:/data")
    said = f"--env=COLLECTOR_ADMIN_PASSWORD={made.password}"
    try:
        made.do("run", "--detach", *own, said, *_LIMITS, *reach, "collector")
        yield made
    finally:
        made.do("rm", "--force", made.name)
        made.do("volume", "rm", made.name)


class _Program:
    """The administrator's program at the door of the container."""

    def __init__(self, container: Container) -> None:
        self._address = f"{container.address}/v1"
        self._session = requests.Session()
        told = {"email": ADMIN, "password": container.password}
        token = self._session.post(f"{self._address}/sessions", json=told, timeout=60).json()["token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._forms = f"{self._address}/projects/1/forms"

    def publish(self) -> str:
        """Publish the household form; the address of a phone that may fill it."""
        form = convert(household.workbook(), file_type=".md").xform.encode()
        kind = {"Content-Type": "application/xml"}
        self._post(f"{self._forms}?publish=true", data=form, headers=kind)
        made = self._post(f"{self._address}/projects/1/app-users", json={"displayName": "Máy 1"}).json()
        self._post(f"{self._forms}/{household.FORM_ID}/assignments/app-user/{made['id']}")
        return f"{self._address}/key/{made['token']}/projects/1"

    def _post(self, address: str, **told: Any) -> requests.Response:
        answer = self._session.post(address, timeout=60, **told)
        answer.raise_for_status()
        return answer

    def kept(self, instance_id: str, photo: str) -> tuple[str, str]:
        """The digests of a record and of its photo, as the server gives them."""
        record = f"{self._forms}/{household.FORM_ID}/submissions/{instance_id}"
        several = (
            self._session.get(f"{record}{end}", timeout=60) for end in (".xml", f"/attachments/{photo}")
        )
        first, second = (hashlib.sha256(one.content).hexdigest() for one in several)
        return first, second


def prove(container: Container) -> list[str]:
    """Send, kill, start, compare; what is wrong."""
    print(f"first start: {container.wait():.0f} s", flush=True)
    phone = Phone(_Program(container).publish())
    dice = random.Random(20260803)  # noqa: S311 - the same households every time
    sent = {}
    for number in range(_FORMS):
        xml, photo = household.answered(dice, photo="1.jpg"), content("1.jpg", of=str(number), size=200_000)
        phone.send(xml, {"1.jpg": photo}, title="")
        own = xml.partition(b"<orx:instanceID>")[2].partition(b"<")[0].decode()
        sent[own] = (hashlib.sha256(xml).hexdigest(), hashlib.sha256(photo).hexdigest())
    container.do("kill", container.name)
    container.do("start", container.name)
    print(f"start after all its processes were killed: {container.wait():.0f} s", flush=True)
    program = _Program(container)
    faults = [
        f"{own}: not as it was sent" for own, told in sent.items() if program.kept(own, "1.jpg") != told
    ]
    return faults + list(container.complaints())


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, prove, say; 1 when anything was wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--engine", default=shutil.which("docker") or shutil.which("podman"))
    asked.add_argument("--build", nargs="*", default=[], metavar="OPTION")
    asked.add_argument("--host-network", action="store_true")
    told = asked.parse_args(arguments)
    if told.engine is None:
        asked.exit(2, "Neither Docker nor Podman is here. Install one: apt-get install podman\n")
    begun = time.monotonic()
    network = ["--network=host"] if told.host_network else []
    _said(told.engine, "build", *network, *(f"--{one}" for one in told.build), "--tag=collector", ".")
    print(f"built in {time.monotonic() - begun:.0f} s", flush=True)
    with _running(told.engine, host_network=told.host_network) as container:
        faults = prove(container)
    print("\n".join([*(f"FAULT {one}" for one in faults), f"{_FORMS} households; faults: {len(faults)}"]))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
