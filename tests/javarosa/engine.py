"""Forms filled as ODK Collect fills them, thousands from one Java process.

    with Engine() as engine:
        form = engine.load(xform, {"villages.csv": rows})
        filled = form.fill(7, repeats={"member": 3}, answers={"age": "41"})
        phone.send(filled.xml, filled.attachments(), title=form.title)

Why: what arrives at the server must be what the phones' own code writes, down to its odd quotes and numbers.
Knows: the line protocol of Filler.java.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.javarosa.attachments import content
from tests.javarosa.machine import machine

Wish = str | int | float | Mapping[str, Sequence[str | int | float]] | None
"""An answer as text or number, or `one_of` several; None leaves the question blank."""

DEVICE = {
    "deviceid": "collect:kT3vB9xQ2mLw7RzA",
    "username": "tnv.sin.cheng",
    "phonenumber": "0912345678",
    "email": "tnv@sincheng.example",
}


def one_of(*values: str | float) -> Wish:
    """A wish that leaves the choice among `values` to the seed."""
    return {"one_of": values}


class EngineFailed(RuntimeError):
    """The engine refused the form or broke; the sentence is its own."""


class DeadEnd(Exception):
    """A question must be answered and cannot be: a fault of the form, or of the answers asked for."""

    def __init__(self, *, reason: str, ref: str, constraint: str = "", tried: int = 0) -> None:
        self.reason = reason
        self.ref = ref
        self.constraint = constraint
        self.tried = tried
        clause = f", constraint {constraint}" if constraint else ""
        super().__init__(f"{ref}: {reason} ({tried} tried{clause})")


@dataclass(frozen=True, slots=True)
class Answer:
    """A relevant question of the finished record.

    `ref` has positions on repeats only (`/data/member[2]/age`); `value` is the text in the XML, None
    where the question was left blank; `display` is what the phone shows for it; `type` is the engine's:
    string, int, decimal, date, time, dateTime, select1, select, geopoint, geotrace, geoshape, binary …
    """

    ref: str
    type: str
    value: str | None
    display: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """Something this person did: `did` is answer, keep (what stood there), add or remove (an instance).

    `value` is the text that stands at `ref` afterwards, None where it is blank.
    """

    did: str
    ref: str
    value: str | None


@dataclass(frozen=True)
class Filled:
    """A finalised record: the bytes Collect would send, and what they say.

    `files` are the names of the binary answers, in document order (`audit.csv` among them);
    `unanswered` lists optional questions for which no guess was good enough; `screens` the references of
    what was shown on the way: a group with `field-list` is one screen, else each question or note is;
    `trail` all that was done, in order: done again elsewhere, it must come to the same record.
    """

    xml: bytes
    answers: tuple[Answer, ...]
    files: tuple[str, ...]
    instance_id: str
    instance_name: str
    unanswered: tuple[str, ...]
    screens: tuple[str, ...]
    trail: tuple[Step, ...] = ()

    @cached_property
    def by_ref(self) -> dict[str, Answer]:
        """Reference to answer."""
        return {answer.ref: answer for answer in self.answers}

    def value(self, ref: str) -> str | None:
        """The text answered at `ref`. Raises KeyError where no relevant question is."""
        return self.by_ref[ref].value

    def attachments(self) -> dict[str, bytes]:
        """A small true file for each name: pictures are JPEG, no two alike."""
        return {name: content(name, of=self.instance_id) for name in self.files}


@dataclass(frozen=True)
class Form:
    """A form on the phone."""

    engine: Engine
    handle: int
    title: str
    form_id: str
    version: str
    root: str

    def fill(
        self,
        seed: int,
        *,
        repeats: Mapping[str, int | Sequence[int]] | None = None,
        answers: Mapping[str, Wish | Sequence[Wish]] | None = None,
        blanks: float = 0,
        changes: int = 0,
        instances: tuple[int, int] = (1, 3),
    ) -> Filled:
        """Walk the form to its end, answering every relevant question.

        `answers` and `repeats` go by `/data/member[2]/age`, `/data/member/age`, `/member/age` or `age`, first
        found wins; a list is used up one asking at a time, then chance goes on. `instances` bounds the
        repeats that have no wish and no count of their own; `blanks` is the share of optional questions
        left blank; `changes` is how often the person goes back through the form, gives two answers anew and
        answers what that opens. Same seed, same answers, except ids and times. Raises DeadEnd, EngineFailed.
        """
        told = self.engine.ask(
            "fill",
            form=self.handle,
            seed=seed,
            repeats=dict(repeats or {}),
            answers=dict(answers or {}),
            blanks=blanks,
            changes=changes,
            fewest=instances[0],
            most=instances[1],
        )
        return Filled(
            xml=base64.b64decode(told["xml"]),
            answers=tuple(Answer(**answer) for answer in told["answers"]),
            files=tuple(dict.fromkeys(told["files"])),
            instance_id=told["instance_id"] or "",
            instance_name=told["instance_name"] or "",
            unanswered=tuple(told["unanswered"]),
            screens=tuple(told["screens"]),
            trail=tuple(Step(**step) for step in told["trail"]),
        )

    def evaluate(self, expression: str, *, at: str = "") -> str | float | bool | list[str]:
        """The value of an XPath expression over the record filled last, seen from the node `at`."""
        told = self.engine.ask("evaluate", form=self.handle, expression=expression, at=at)
        kind, value = told["type"], told["value"]
        if kind == "number":
            return float(value)
        if kind == "boolean":
            return bool(value == "true")
        return list(value) if kind == "nodes" else str(value)

    def forget(self) -> None:
        """Frees the form in the engine."""
        self.engine.ask("forget", form=self.handle)


@dataclass
class Engine:
    """One Java process; forms are loaded into it and filled. Use it as a context manager."""

    device: Mapping[str, str] = field(default_factory=lambda: dict(DEVICE))
    _process: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)
    _folder: tempfile.TemporaryDirectory[str] | None = field(default=None, init=False, repr=False)
    _loaded: int = field(default=0, init=False, repr=False)

    def __enter__(self) -> Self:
        """Start the process. Raises JavaMissing."""
        command = machine().command()
        self._folder = tempfile.TemporaryDirectory(prefix="javarosa-")
        with (Path(self._folder.name) / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
            )
        self.ask("device", **self.device)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
        if self._folder is not None:
            self._folder.cleanup()

    def load(self, xform: bytes, media: Mapping[str, bytes] | None = None) -> Form:
        """A form as downloaded, with its media by file name. Raises EngineFailed if it does not open."""
        assert self._folder is not None
        self._loaded += 1
        folder = Path(self._folder.name) / str(self._loaded)
        files = folder / "form-media"
        files.mkdir(parents=True)
        (folder / "form.xml").write_bytes(xform)
        for name, data in (media or {}).items():
            (files / Path(name).name).write_bytes(data)
        told = self.ask("load", form=str(folder / "form.xml"), media=str(files))
        return Form(
            engine=self,
            handle=told["form"],
            title=told["title"] or "",
            form_id=told["id"] or "",
            version=told["version"] or "",
            root=told["root"],
        )

    def ask(self, command: str, **details: object) -> dict[str, Any]:
        """One command, one reply. Raises DeadEnd, EngineFailed."""
        process, folder = self._process, self._folder
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        assert folder is not None
        process.stdin.write(json.dumps({"do": command, **details}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise EngineFailed((Path(folder.name) / "stderr").read_text(encoding="utf-8", errors="replace"))
        told: dict[str, Any] = json.loads(line)
        if "dead_end" in told:
            raise DeadEnd(**told["dead_end"])
        if "error" in told:
            raise EngineFailed(told["error"])
        return told
