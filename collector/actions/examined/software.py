"""The program: its packages, web forms, Java, sentences."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from collector.actions.examined.finding import Finding
from forms.phrases import Phrase

_ROOT = Path(__file__).resolve().parents[3]
_NAMED = 3
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*(\S.*?))?\s*\\?$", re.MULTILINE)


def software() -> Iterator[Finding]:
    """What a page can look at in passing."""
    yield _web_forms(_ROOT / "collector" / "webforms" / "built")
    yield _java()
    yield _sentences(_ROOT / "collector" / "translations")


def _web_forms(built: Path) -> Finding:
    about = Phrase("Web forms")
    if (built / "index.html").is_file():
        return Finding(about, Phrase("they are built."))
    return Finding(
        about,
        Phrase("they are not built: nobody can fill in forms in a browser."),
        Phrase("Run make web where npm's registry can be reached, or install a wheel, which has them."),
        grave=False,
    )


def _java() -> Finding:
    about = Phrase("Java")
    if shutil.which("java"):
        return Finding(about, Phrase("it is there: new forms are tried in the phones' own engine."))
    return Finding(
        about,
        Phrase("it is missing: new forms are not tried in the phones' own engine."),
        Phrase("Install default-jre-headless; the server needs no restart."),
        grave=False,
    )


def _sentences(folder: Path) -> Finding:
    about = Phrase("Vietnamese")
    if list(folder.glob("vi/LC_MESSAGES/*.mo")):
        return Finding(about, Phrase("its sentences are there."))
    return Finding(
        about,
        Phrase("its sentences are not compiled: all pages are English."),
        Phrase("Run make install again."),
        grave=False,
    )


def packages(lock: Path = _ROOT / "requirements.lock") -> Finding:
    """Whether the packages are those the program was tested with."""
    about = Phrase("Packages")
    if not lock.is_file():
        return Finding(about, Phrase("there is no list to hold them against (installed from a wheel)."))
    wrong = [name for name, wanted in _wanted(lock.read_text(encoding="utf-8")) if _differs(name, wanted)]
    if not wrong:
        return Finding(about, Phrase("all have the versions of the list."))
    return Finding(
        about,
        Phrase(
            "{number} have other versions than the list: {names}.",
            number=len(wrong),
            names=", ".join(wrong[:_NAMED]),
        ),
        Phrase("Run make install again."),
        grave=False,
    )


def _wanted(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of what every machine has; what only some have is left out."""
    for name, pinned, condition in _PINNED.findall(text):
        if not condition:
            yield name, pinned


def _differs(name: str, wanted: str) -> bool:
    try:
        return version(name) != wanted
    except PackageNotFoundError:
        return True
