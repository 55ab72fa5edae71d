"""The web forms' front end: its own tests, its house rules, what was built from it."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
FIRST_LOAD = 200_000
"""Bytes a phone fetches, packed, before somebody can begin a form; with a short one it stays under 300 KB."""


def program(name: str) -> ModuleType:
    """A program of the build."""
    spec = importlib.util.spec_from_file_location(name, WEB / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def build() -> ModuleType:
    return program("build")


def written() -> list[Path]:
    """Every file of the front end somebody wrote."""
    left_out = {"node_modules", "__pycache__"}
    return sorted(
        path
        for path in WEB.rglob("*")
        if path.suffix in {".js", ".css", ".html"} and left_out.isdisjoint(path.relative_to(WEB).parts)
    )


def test_its_own_tests_pass(build: ModuleType) -> None:
    node = build.node()
    assert node is not None, "make install-dev brings Node"
    tests = sorted(str(path) for path in (WEB / "tests").glob("*.test.js"))
    said = subprocess.run(
        [str(node), "--test", "--test-reporter=tap", *tests],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-6000:]
    passed = re.search(r"^# pass (\d+)", said.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > len(tests)


def test_files_are_short_and_say_what_they_are() -> None:
    for path in written():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path
        if path.suffix != ".html":
            assert text.startswith("/*"), f"{path} does not say what it is"


def test_nothing_in_it_goes_round_the_policy_of_its_page() -> None:
    banned = re.compile(r"\beval\(|new Function\(|\bdocument\.write\(|\s(?:on[a-z]+|style)=\"")
    assert [path for path in written() if banned.search(path.read_text(encoding="utf-8"))] == []


def test_only_the_engine_and_its_controls_know_the_engine() -> None:
    rooms = (WEB / "src" / "engine", WEB / "src" / "widgets", WEB / "harness", WEB / "tools")
    knowing = [path for path in written() if re.search(r'from "enketo', path.read_text(encoding="utf-8"))]
    assert [path for path in knowing if not any(path.is_relative_to(room) for room in rooms)] == []


def test_what_is_served_was_built_from_these_sources(build: ModuleType) -> None:
    assert build.is_built(), "make web builds it"
    manifest = json.loads((build.BUILT / build.MANIFEST).read_text(encoding="utf-8"))
    assert manifest["versions"] == {"enketo-core": "9.0.1", "enketo-transformer": "4.2.0"} | {
        "vite": manifest["versions"]["vite"]
    }
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((build.BUILT / name).read_bytes()).hexdigest() == digest, name
    assert {"index.html", "sw.js", "THIRD-PARTY.txt", "app.webmanifest"} <= set(manifest["files"])
    assert len([name for name in manifest["files"] if name.startswith("transform/")]) == 2


def test_the_first_load_is_small(build: ModuleType) -> None:
    chunks = json.loads((build.BUILT / build.MANIFEST).read_text(encoding="utf-8"))["chunks"]
    loaded = {"index.html"}
    for begun in ("index.html", "src/engine/index.js"):
        loaded |= brought(chunks, begun)
    sizes = {name: packed(build.BUILT / name) for name in loaded}
    assert len(sizes) > 2
    assert sum(sizes.values()) < FIRST_LOAD, sizes


def brought(chunks: Mapping[str, Any], begun: str) -> set[str]:
    """The files a part of the app and what it imports at once lie in; none for a part inside another."""
    found, waiting = set[str](), [begun]
    while waiting:
        chunk = chunks.get(waiting.pop(), {})
        for name in (*([chunk["file"]] if chunk else []), *chunk.get("css", ())):
            found.add(name)
        waiting += [name for name in chunk.get("imports", ()) if chunks[name]["file"] not in found]
    return found


def packed(path: Path) -> int:
    """Bytes on the way, brotli where the build made one."""
    smaller = path.with_name(f"{path.name}.br")
    return smaller.stat().st_size if smaller.exists() else path.stat().st_size


def test_packed_files_hold_what_they_stand_for(build: ModuleType) -> None:
    for path in build.BUILT.rglob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()
        assert path.with_suffix(".br").exists()
