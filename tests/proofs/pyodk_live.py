"""pyodk's own end-to-end tests, as they are, against a server of ours.

`python -m tests.proofs.pyodk_live FOLDER [--postgresql]`, where FOLDER holds the tests of
https://github.com/getodk/pyodk (its `tests`, or the checkout). They bring their forms, records and lists
themselves; what they cannot bring is a server, an account and the file that names both. They are copied
aside, and in the copy the one switch is thrown that their authors throw by hand before they run them.

Knows: pyodk retries what fails only on https, so on plain http every fault is seen at once.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.databases import empty_database
from tests.live import serving
from tests.office import ADMIN, ADMIN_PASSWORD, Office

SWITCH = "E2E_WITH_REAL_REQUESTS = "
_RAN = re.compile(r"^Ran (\d+) tests?", re.MULTILINE)
_CONFIG = """[central]
base_url = "{address}"
username = "{name}"
password = "{password}"
default_project_id = 1
"""


@dataclass(frozen=True)
class Outcome:
    """How many of their tests ran, whether all passed and none was skipped, and what they printed."""

    ran: int
    passed: bool
    said: str


def prove(folder: Path, suite: Path, database_url: str) -> Outcome:
    """Run `test_client.py` of `suite` against a new server whose data lie in `folder`."""
    copy = _switched_on(suite, folder / "suite")
    office = Office(folder / "home", database_url)
    try:
        office.publish(_expected(copy))
        with serving(office, workers=2) as live:
            return _run(copy, live.address)
    finally:
        office.close()


def _switched_on(suite: Path, copy: Path) -> Path:
    """A copy of their tests that talks to a server. Raises ValueError where the switch is not found."""
    tests = suite if (suite / "test_client.py").is_file() else suite / "tests"
    shutil.copytree(tests, copy / "tests")
    client = copy / "tests" / "test_client.py"
    text = client.read_text(encoding="utf-8")
    if text.count(f"{SWITCH}False\n") != 1:
        raise ValueError(f"{client.name} has no line “{SWITCH}False”; these are not the tests of pyodk.")
    client.write_text(text.replace(f"{SWITCH}False\n", f"{SWITCH}True\n"), encoding="utf-8")
    return copy


def _expected(copy: Path) -> str:
    """The form three of their tests expect: one quote before its id, where the one they bring has two.

    Raises ValueError where their resources hold no such form.
    """
    text = (copy / "tests" / "resources" / "forms_data.py").read_text(encoding="utf-8")
    found = re.search(r'^md__symbols = """(.*?)"""', text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError("tests/resources/forms_data.py has no form “md__symbols”.")
    return found[1].replace("''=", "'=")


def _run(copy: Path, address: str) -> Outcome:
    config = copy / "config.toml"
    config.write_text(_CONFIG.format(address=address, name=ADMIN, password=ADMIN_PASSWORD))
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PYODK_CONFIG_FILE": str(config),
        "PYODK_CACHE_FILE": str(copy / "cache.toml"),
    }
    # No `-W error`: their tests leave files open here and there, which is theirs to mend.
    command = [sys.executable, "-m", "unittest", "-v", "tests.test_client"]
    done = subprocess.run(
        command, cwd=copy, env=environment, check=False, capture_output=True, text=True, timeout=1800
    )
    said = done.stdout + done.stderr
    found = _RAN.search(said)
    return Outcome(int(found[1]) if found else 0, done.returncode == 0 and "skipped" not in said, said)


def main() -> None:
    """Run them, print what they say, and leave with 1 unless all passed."""
    arguments = [one for one in sys.argv[1:] if not one.startswith("--")]
    if len(arguments) != 1:
        raise SystemExit("Name the folder with pyodk's tests: make pyodk-live SUITE=…/pyodk/tests")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with empty_database(folder, postgresql="--postgresql" in sys.argv) as url:
            outcome = prove(folder, Path(arguments[0]), url)
    print(outcome.said)
    print(f"{outcome.ran} tests of pyodk ran; {'all passed' if outcome.passed else 'NOT all passed'}")
    raise SystemExit(not outcome.passed or outcome.ran == 0)


if __name__ == "__main__":
    main()
