"""An audit that could not ask must not sound like one that found nothing."""

from __future__ import annotations

import pytest

from tests.proofs.advisories import Verdict, of_browser, of_python

HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}
CLEAN = {"name": "flask", "version": "3.1", "vulns": []}
HOLED = {"name": "pillow", "version": "2.0", "vulns": [HOLE]}
SKIPPED = {"name": "flask", "skip_reason": "Dependency not found on PyPI and could not be audited: flask"}


@pytest.mark.parametrize(
    ("packages", "said", "fails"),
    [
        ([CLEAN, HOLED], "pillow 2.0: PYSEC-2026-1, mended in 2.1", True),
        ([HOLED | {"vulns": [HOLE | {"fix_versions": []}]}], "mended in nothing yet", True),
        ([CLEAN], "a.lock: no hole known in 1 packages", False),
        ([CLEAN, SKIPPED], "no hole known in 1 of 2 packages", False),
        ([SKIPPED, SKIPPED], "a.lock: COULD NOT ASK", False),
        ([], "a.lock: COULD NOT ASK", False),
    ],
)
def test_only_what_somebody_named_fails(packages: list[dict[str, object]], said: str, fails: bool) -> None:  # noqa: FBT001
    found = of_python("a.lock", {"dependencies": packages})
    assert said in str(found)
    assert bool(found.holes) is fails


def test_the_browsers_packages_are_told_the_same_way() -> None:
    assert "COULD NOT ASK" in str(of_browser("w", {"message": "405 Method Not Allowed", "error": {}}))
    report = {"metadata": {"dependencies": {"total": 90}}, "vulnerabilities": {}}
    assert of_browser("w", report) == Verdict("w", 90, 90, [])
    holed = report | {"vulnerabilities": {"esbuild": {"severity": "high"}}}
    assert "esbuild: high" in str(of_browser("w", holed))
