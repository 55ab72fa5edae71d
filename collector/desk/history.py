"""The versions of a record, newest first: who made each, why, and which answers it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.actions.corrections import Corrections
from collector.actions.reading import spoken
from collector.actions.records import Record
from collector.desk.corrections import reason_said
from collector.desk.page import language
from forms.corrections.comparing import Change
from forms.corrections.filled import Spot
from forms.schema import Node, Schema
from storage.database import db
from storage.models import Form, SubmissionVersion

MOST_COMPARED = 10
"""Versions whose differences a page shows: the newest ones."""

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that a version changed, in words: the question with its row, before and after.

    `row`: `added` or `removed` where its row came or went with it.
    """

    label: str
    before: str
    after: str
    worked_out: bool
    row: str = ""


@dataclass(frozen=True)
class Step:
    """A version with what it changed; `more` counts changes that are left out."""

    version: SubmissionVersion
    reason: str
    changes: tuple[Changed, ...] = ()
    more: int = 0


class Words:
    """Answers of a form in the words of the form."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def question(self, spot: Spot) -> str:
        """A question, with its row where that is not the record itself."""
        node = self._schema.by_path.get(spot.path)
        words = self.label(node) if node is not None else spot.path.rpartition("/")[2]
        repeat = self._schema.by_path.get(node.table) if node is not None and node.table else None
        if repeat is None:
            return words
        return f"{self.label(repeat)} {spot.row.rpartition('[')[2].rstrip(']')}: {words}"

    def label(self, node: Node) -> str:
        """What a question or a repeat is called; its name where it has no words."""
        return spoken(node.labels, self._schema.languages, language()) or node.name

    def answer(self, path: str, text: str) -> str:
        """An answer, its codes as labels where the form itself holds them."""
        node = self._schema.by_path.get(path)
        listed = self._schema.choices.get(node.choices, ()) if node is not None and node.choices else ()
        names: Mapping[str, str] = {
            one.name: spoken(one.labels, self._schema.languages, language()) for one in listed
        }
        if node is None or not names:
            return text
        codes = text.split() if node.control != "select1" else [text]
        return ", ".join(names.get(code) or code for code in codes)

    def change(self, one: Change) -> Changed:
        """A difference in words."""
        path = one.spot.path
        return Changed(
            self.question(one.spot),
            self.answer(path, one.before),
            self.answer(path, one.after),
            one.worked_out,
            one.row,
        )


def history(form: Form, record: Record, corrections: Corrections) -> list[Step]:
    """The versions of a record, newest first; of the first ones there is nothing to compare with."""
    steps: list[Step] = []
    versions = list(record.versions)
    for at, version in enumerate(versions):
        older = versions[at + 1] if at + 1 < len(versions) else None
        reason = reason_said(version.reason)
        if older is None or at >= MOST_COMPARED or record.encrypted:
            steps.append(Step(version, reason))
            continue
        words = Words(record.schema)
        changed = [words.change(one) for one in corrections.changes(db.session(), form, older, version)]
        steps.append(Step(version, reason, tuple(changed[:MOST_LINES]), max(0, len(changed) - MOST_LINES)))
    return steps
