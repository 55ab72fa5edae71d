"""The records a finding is about: one with the answers in question, several side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions.reading import Answer, Entry, Kind, Repeated, Section
from collector.actions.records import Asked, Record, Records
from collector.desk.history import Words
from collector.desk.page import language, written_day, written_full_moment, written_time
from collector.parts import parts
from forms.corrections.filled import Spot
from forms.schema import Schema
from storage.models import Actor, Finding, Form, Submission

MOST_RECORDS = 3
MOST_LINES = 400
MOST_FIRST = 8
"""Answers that differ and are shown before anything is opened."""


@dataclass(frozen=True, slots=True)
class Side:
    """A record as a column: its form's id, its own, what it is called, who sent it."""

    form_id: str
    record: Record
    name: str
    sender: str


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer in each record; `same` where all are alike, `deep` inside a repeat."""

    label: str
    texts: tuple[str, ...]
    same: bool
    deep: bool = False


class Beside:
    """What a page shows of a finding's records; those of other people's places are only counted."""

    def __init__(self, session: Session, found: Finding) -> None:
        self._found = found
        numbers = [found.submission_id, *found.others] if found.submission_id else list(found.others)
        rows = session.execute(
            select(Submission, Form, Actor.display_name)
            .join(Form, Form.id == Submission.form_id)
            .outerjoin(Actor, Actor.id == Submission.submitter_id)
            .where(Submission.id.in_(numbers[:MOST_RECORDS]), Form.project_id == found.project_id)
        )
        known = {record.id: (record, form, sender or "") for record, form, sender in rows}
        self.hidden = len(numbers) - len(known)
        reader = Records(session, parts().blobs, parts().shelf)
        self.sides = [_side(reader, *known[number]) for number in numbers if number in known]

    @property
    def question(self) -> str:
        """The question in doubt, in the words of the form; "" where there is none."""
        return self._words.question(self._spot) if self.sides and self._found.path else ""

    @property
    def spot(self) -> str | None:
        """Where the answer in doubt stands, as pages name it; None where there is none."""
        return str(self._spot) if self.sides and self._found.path else None

    @property
    def answer(self) -> str:
        """What was answered to it, or what else is there."""
        value = self._found.value
        return self._words.answer(self._found.path, value) if self.sides and self._found.path else value

    @property
    def others(self) -> list[tuple[str, str]]:
        """The other answers a check of the survey's own looked at, by question."""
        if not self.sides:
            return []
        schema = self.sides[0].record.schema
        named = {node.name: node for node in schema.questions}
        return [
            (self._words.label(named[name]), self._words.answer(named[name].path, text))
            for name, text in self._found.details.items()
            if name in named and named[name].path != self._found.path
        ]

    @property
    def rows(self) -> list[Row]:
        """Every answer of several records, those that differ as such."""
        if len(self.sides) < 2:  # noqa: PLR2004 - two are needed to compare
            return []
        told = [_told(side.record.entries) for side in self.sides]
        keys = list(dict.fromkeys(key for one in told for key in one))
        return [
            Row(key[0], texts, len(set(texts)) == 1, _is_deep(self.sides[0].record.schema, key[1]))
            for key in keys[:MOST_LINES]
            for texts in (tuple(one.get(key, "") for one in told),)
            if any(texts)
        ]

    @property
    def first(self) -> list[Row]:
        """What tells best whether they are the same: answers of the records themselves, who is in them."""
        own = [row for row in self.rows if not row.same and not row.deep][:MOST_FIRST]
        told = [_members(side.record.entries) for side in self.sides] if self.rows else []
        inside = dict.fromkeys(key for one in told for key in one)
        return own + [
            Row(label, texts, len(set(texts)) == 1, deep=True)
            for label in inside
            for texts in (tuple(one.get(label, "") for one in told),)
        ]

    @property
    def further(self) -> list[Row]:
        """The other answers that differ."""
        shown = {row.label for row in self.first}
        return [row for row in self.rows if not row.same and row.label not in shown]

    @property
    def _words(self) -> Words:
        return Words(self.sides[0].record.schema)

    @property
    def _spot(self) -> Spot:
        root = self.sides[0].record.submission.instance_id
        return Spot(self._found.key.removeprefix(root), self._found.path)


def _side(reader: Records, record: Submission, form: Form, sender: str) -> Side:
    read = reader.read(form, Asked(record.instance_id, language()))
    return Side(form.xml_form_id, read, read.version.instance_name or record.instance_id, sender)


def _told(entries: tuple[Entry, ...], before: str = "") -> dict[tuple[str, str], str]:
    """Answers in words by question, with the row it stands in, and path."""
    told: dict[tuple[str, str], str] = {}
    for entry in entries:
        if isinstance(entry, Answer):
            told[f"{before}{entry.label}", f"{before}{entry.path}"] = _text(entry)
        elif isinstance(entry, Repeated):
            for number, one in enumerate(entry.instances, start=1):
                told |= _told(one.entries, f"{before}{entry.title} {number}: ")
        elif isinstance(entry, Section):
            told |= _told(entry.entries, before)
    return told


def _is_deep(schema: Schema, path: str) -> bool:
    """Whether a question, named by its path and what stands before it, lies in a repeat."""
    node = schema.by_path.get(path[path.find("/") :])
    return node is not None and bool(node.table)


def _members(entries: tuple[Entry, ...]) -> dict[str, str]:
    """The rows of the outermost repeats in a few words each, by title of the repeat."""
    told: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, Repeated):
            told[entry.title] = "; ".join(_member(one) for one in entry.instances)
        elif isinstance(entry, Section):
            told |= _members(entry.entries)
    return told


def _member(row: Section) -> str:
    several = [_said(value) for value in row.told]
    return f"{row.title} ({', '.join(several)})" if several else row.title


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, str) else written_day(value)


def _text(answer: Answer) -> str:
    if answer.value is None:
        return ""
    say = _SAYING.get(answer.kind, str)
    return say(answer.value)


_SAYING: Mapping[Kind, Callable[[Any], str]] = {
    Kind.CHOICE: ", ".join,
    Kind.DATE: written_day,
    Kind.TIME: written_time,
    Kind.MOMENT: written_full_moment,
    Kind.POINT: lambda point: f"{point.latitude:.5f}, {point.longitude:.5f}",
    Kind.LINE: lambda points: str(len(points)),
    Kind.TICK: lambda _: str(gettext("confirmed")),
}
