"""`collector serve` as whoever starts it sees it: what it says, and that it ends cleanly."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from collector.actions.start import Started
from collector.settings import Settings
from collector.welcome import FIRST, welcome
from tests.phone import Phone, PhoneComplains

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
"""Seconds a start may take on a machine with other work."""


class Terminal:
    """`collector serve` in a window of its own, on a port nobody uses."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if "COLLECTOR" not in name}
        self.environment |= {"COLLECTOR_HOME": str(home), "HOST": "127.0.0.1", "PORT": str(self.port)}
        self.output = home.with_suffix(".out")

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command in another window."""
        return subprocess.run(
            [sys.executable, "-m", "collector", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @contextmanager
    def serving(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Serve until the block ends, then press Ctrl-C: every process of the window gets it."""
        with self.output.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "collector", "serve", *words],
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait(process)
            yield process
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=PATIENCE)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            try:
                if requests.get(f"{self.address}/readyz", timeout=PATIENCE).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        pytest.fail(f"the server does not answer: {self.told}")

    def wait_until_told(self, words: str) -> None:
        """Until something stands in the window."""
        until = time.monotonic() + PATIENCE
        while words not in self.told:
            assert time.monotonic() < until, self.told
            time.sleep(0.05)

    @property
    def told(self) -> str:
        """What stands in the window."""
        return self.output.read_text()


@pytest.mark.timeout(400)
def test_a_server_is_started_used_and_stopped_as_its_first_page_says(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    with terminal.serving():
        kept = tmp_path / "home" / FIRST
        assert f"Collector serves at {terminal.address}" in terminal.told
        assert f"first time: {kept} (" in terminal.told
        assert "/v1/key/" not in terminal.told
        assert kept.stat().st_mode & 0o777 == 0o600
        first = kept.read_text()
        password = re.search(r"Sign in as admin with the password (\S+) \(shown only now", first)
        assert password is not None
        assert password[1] not in terminal.told
        assert _signs_in(terminal.address, password[1])
        [url] = re.findall(rf"^{re.escape(terminal.address)}/v1/key/\S+$", first, re.MULTILINE)
        surveys = [f"f{number:02}" for number in range(1, 12)]
        assert _surveys(url) == surveys
        another = terminal.type("app-user", "create", "--project", "1", "--name", "Máy 2")
        assert another.stdout.startswith(f"{terminal.address}/v1/key/")
        assert _surveys(another.stdout.strip()) == surveys
        twin = terminal.type("serve")
        assert (twin.returncode, twin.stdout) == (1, "")
        assert twin.stderr == (
            f"collector: Another program already listens at 127.0.0.1, port {terminal.port}. "
            "Stop it, or choose another port with the setting PORT.\n"
        )
    assert "Traceback" not in terminal.told
    with terminal.serving() as process:
        second = terminal.told
        assert f"Collector serves at {terminal.address}" in second
        assert "/v1/key/" not in second
        assert "password " not in second.replace("user password admin", "")
        assert _signs_in(terminal.address, password[1])
        _nobody_notices_a_new_version(terminal, process)
    assert "Traceback" not in terminal.told


def test_at_a_terminal_the_first_start_tells_how_to_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    settings = Settings.from_environment({"COLLECTOR_HOME": str(tmp_path)})
    welcome(settings, Started(project_id=1, admin_password="bốn-từ", phone_token="abc"))
    told = capsys.readouterr().out
    assert "Sign in as admin with the password bốn-từ (shown only now" in told
    assert "http://127.0.0.1:8000/v1/key/abc/projects/1" in told
    assert "█" in told
    assert not (tmp_path / FIRST).exists()


def _nobody_notices_a_new_version(terminal: Terminal, process: subprocess.Popen[bytes]) -> None:
    """SIGHUP: new processes take over; who asks meanwhile, on an old connection or a new one, is answered."""
    answers: list[int] = []
    changed = threading.Event()

    def ask(way: Callable[[str], requests.Response]) -> None:
        while not changed.wait(0.01):
            answers.append(way(f"{terminal.address}/readyz").status_code)

    with requests.Session() as kept, ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask, way) for way in (kept.get, requests.get)]
        try:
            process.send_signal(signal.SIGHUP)
            terminal.wait_until_told("those before end what they have begun")
        finally:
            changed.set()
        for one in asking:
            one.result()
    assert set(answers) == {200}


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    with socket.socket() as other:
        other.bind(("127.0.0.1", terminal.port))
        other.listen()
        result = terminal.type("serve")
    assert (result.returncode, result.stdout) == (1, "")
    assert "PORT" in result.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("host", "reason"), [("192.0.2.7", "assign"), ("no.such.host.invalid", "")])
def test_an_address_that_is_not_here_is_said(tmp_path: Path, host: str, reason: str) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.environment["HOST"] = host
    result = terminal.type("serve")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"collector: The server cannot listen at {host}, port {terminal.port} (")
    assert reason in result.stderr
    assert not (tmp_path / "home").exists()


def _surveys(url: str) -> list[str]:
    """The surveys a new phone gets, by the beginnings of their ids.

    In the first seconds of a server its worker enters what the communes were before, and their list is
    another one than the manifest of a moment ago said: a phone says so, and fetches once more.
    """
    try:
        forms = Phone(url).sync()
    except PhoneComplains as complaint:
        if "communes.csv" not in str(complaint):
            raise
        forms = Phone(url).sync()
    return sorted(form_id[:3] for form_id in forms)


def _signs_in(address: str, password: str) -> bool:
    said = {"email": "admin", "password": password}
    return requests.post(f"{address}/v1/sessions", json=said, timeout=30).ok
