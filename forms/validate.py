"""① The form engine's own check: ODK Validate, where a Java machine is at hand.

Why: pyxform reads the workbook, only the engine of the phones reads the expressions; a form with a
misspelt function converts and then crashes on every phone.
Knows: where pyxform keeps the jar, and how Java reports.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

from forms.problems import FormRefused
from forms.remarks import Remark, Weight

SECONDS = 60.0
"""A form of usual size takes one or two."""

MOST_REMARKS = 30
FORM_FILE = "form.xml"

NO_JAVA = Remark(
    "The expressions were not checked with ODK Validate, because Java is not installed on this server.",
    "Try the form on a phone before publishing it, or install Java 17 and send it again.",
    weight=Weight.NOTICE,
)
NOT_RUN = Remark(
    "The expressions were not checked with ODK Validate, because Java could not run it.",
    "Try the form on a phone before publishing it, and have the Java installation looked at.",
    weight=Weight.NOTICE,
)
TOO_SLOW = Remark(
    "ODK Validate took longer than {seconds} seconds and was stopped, so the expressions were not checked.",
    "Try the form on a phone before publishing it.",
    weight=Weight.NOTICE,
)
FOUND = Remark("ODK Validate says: “{told}”.", "Correct the expression or the reference it names.")
REMARKS = (NO_JAVA, NOT_RUN, TOO_SLOW, FOUND)
"""Everything this file may say."""


def validate(xform: bytes, *, java: str, seconds: float = SECONDS) -> tuple[Remark, ...]:
    """Check an XForm; `java` is the path of the program, "" where there is none.

    Gives warnings and notices (what was skipped and why). Raises FormRefused with what the engine says.
    """
    if not java:
        return (NO_JAVA,)
    try:
        done = _run(xform, java, seconds)
    except subprocess.TimeoutExpired:
        return (
            Remark(
                TOO_SLOW.cause, TOO_SLOW.remedy, details={"seconds": f"{seconds:g}"}, weight=Weight.NOTICE
            ),
        )
    except OSError:
        return (NOT_RUN,)
    told = readable(done.stderr.decode("utf-8", "replace"))
    if done.returncode == 0:
        return tuple(_found(line, Weight.WARNING) for line in told)
    # The validator always ends with its verdict; without it Java itself failed (memory, a bad jar, a signal).
    if done.returncode < 0 or b"Result: " not in done.stderr:
        return (NOT_RUN,)
    raise FormRefused([_found(line, Weight.ERROR) for line in told])


def _found(line: str, weight: Weight) -> Remark:
    return Remark(FOUND.cause, FOUND.remedy, details={"told": line}, weight=weight)


def _run(xform: bytes, java: str, seconds: float) -> subprocess.CompletedProcess[bytes]:
    jar = files("pyxform").joinpath("validators", "odk_validate", "bin", "ODK_Validate.jar")
    with tempfile.TemporaryDirectory() as folder, as_file(jar) as program:
        form = Path(folder, FORM_FILE)
        form.write_bytes(xform)
        command = [
            java,
            "-Djava.awt.headless=true",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            # It is over before code that runs often could repay being made fast.
            "-XX:TieredStopAtLevel=1",
            "-jar",
            str(program),
            str(form),
        ]
        # The form is a file name we made, and Java runs only pyxform's own jar.
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False, cwd=folder)  # noqa: S603


_TRACE = re.compile(r"^\s+at |\(\w+\.java:\d+\)|^\s*\.\.\. \d+ more|^Picked up ")
_EXCEPTION = re.compile(r"^(?:Caused by: )?(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error)?:?\s*")
_BAD_NODE = re.compile(r",? ?Bad node: [\w.$]+@[0-9a-f]+")
_PATH = re.compile(r"(?<![\w'\])])/(?:[\w.-]+/)+(?P<name>[\w.-]+)")
_ENGINE_PATHS = ("/html/", "/h:html/", "/root/item")
_SUMMARIES = (
    "Something broke the parser",
    "XForm is invalid",
    "The following files failed validation",
    "Result: ",
    f"${{{FORM_FILE}}}",
)


def readable(told: str) -> list[str]:
    """What Java printed, a sentence each: no stack traces, class names or summaries, nothing twice.

    Paths become `${name}`, as the author wrote them.
    """
    sentences: list[str] = []
    open_sentence: list[str] = []
    for line in [*told.splitlines(), ""]:
        plain = "" if _TRACE.search(line) else _plain(line)
        if plain and not line.startswith("Caused by"):
            open_sentence.append(plain)
            continue
        sentence = " ".join(open_sentence)
        # Java tells a fault once more for each exception it is wrapped in.
        if not any(sentence in earlier for earlier in ["", *sentences]):
            sentences.append(sentence)
        open_sentence = [plain] if plain else []
    return sentences[:MOST_REMARKS]


def _plain(line: str) -> str:
    plain = _BAD_NODE.sub("", _PATH.sub(_name_only, _EXCEPTION.sub("", line))).strip(" \t>")
    return "" if plain.startswith(_SUMMARIES) else plain


def _name_only(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith(_ENGINE_PATHS) else f"${{{found['name']}}}"
