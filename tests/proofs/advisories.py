"""Known holes in what we build on: asked of those who list them, and said plainly where nobody answered.

A build must not turn red because a machine is off the net: only a hole that somebody named fails it. What
the auditors answer is read with care: “no hole found” also stands under a list of which none was looked up.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
SECONDS = 240


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was learnt of one list: how many packages were looked up, of how many, and their holes."""

    name: str
    asked: int
    known: int
    holes: Sequence[str] = field(default_factory=tuple)

    def __str__(self) -> str:
        """In one line, holes below."""
        if self.holes:
            return "\n  ".join((f"{self.name}: {len(self.holes)} known holes", *self.holes))
        if not self.known:
            return f"{self.name}: COULD NOT ASK. Nobody was reached who lists holes; nothing is known of it."
        if self.known < self.asked:
            looked = f"{self.known} of {self.asked} packages"
            return f"{self.name}: no hole known in {looked}; the others were not looked up"
        return f"{self.name}: no hole known in {self.known} packages"


def of_python(name: str, report: Mapping[str, Any]) -> Verdict:
    """What pip-audit's JSON says of a lock; a package it skipped was not looked up."""
    packages = report.get("dependencies", [])
    looked = [one for one in packages if "skip_reason" not in one]
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'nothing yet'}"
        for one in looked
        for hole in one.get("vulns", ())
    ]
    return Verdict(name, len(packages), len(looked), holes)


def of_browser(name: str, report: Mapping[str, Any]) -> Verdict:
    """What npm's audit says of a lock; without its table nobody was asked."""
    counted = report.get("metadata", {}).get("dependencies", {}).get("total", 0)
    holes = [f"{package}: {one['severity']}" for package, one in report.get("vulnerabilities", {}).items()]
    return Verdict(name, counted, counted, holes)


def _answer(command: Sequence[str], folder: Path) -> Mapping[str, Any]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return {}
    return report if isinstance(report, dict) else {}


def look() -> Sequence[Verdict]:
    """Ask about both locks, and about what the web forms are built of where npm is at hand."""
    auditor = str(Path(sys.executable).with_name("pip-audit"))
    said = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    found = [of_python(lock, _answer((auditor, "-r", lock, *said), ROOT)) for lock in LOCKS]
    npm = shutil.which("npm")
    report = _answer((npm, "audit", "--package-lock-only", "--json"), ROOT / "web") if npm else {}
    return (*found, of_browser("web/package-lock.json", report))


def main() -> None:
    """Say what is known; exit status 1 for a known hole alone."""
    verdicts = look()
    for one in verdicts:
        print(one)
    sys.exit(any(one.holes for one in verdicts))


if __name__ == "__main__":
    main()
