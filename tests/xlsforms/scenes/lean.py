"""The surveys without labels, lists and rules: what their figures need, and quick to publish.

Names, groups, repeats, types and roles are those of the shipped workbooks.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from forms.schema import Schema
from tests.asked import answered
from tests.xlsforms.surveys import workbook

_LEFT_OUT = {
    "note", "audit", "deviceid", "username", "start", "end", "image", "file", "geopoint", "csv-external",
}  # fmt: skip
_KEPT = {"integer", "decimal", "date", "text", "today"}

Answers = Mapping[str, object]


@dataclass(frozen=True)
class Record:
    """A form as it was sent: its id, the answers of its root by name, those of its repeats by repeat."""

    form_id: str
    answers: Answers
    repeats: Mapping[str, Sequence[Answers]] = field(default_factory=dict)


def lean(form_id: str) -> str:
    """The survey as a markdown workbook."""
    lines = ["| survey |", "| | type | name | label | calculation | unit |"]
    for row in workbook(form_id).rows("survey"):
        kind = row["type"].partition(" ")[0]
        if kind in _LEFT_OUT:
            continue
        if not kind.startswith(("begin", "end")) and kind not in _KEPT:
            kind = "calculate"
        calculation = "''" if kind == "calculate" else ""
        lines.append(f"| | {kind} | {row['name']} | {row['name']} | {calculation} | {row['unit']} |")
    return "\n".join([*lines, "| settings |", "| | form_id | version |", f"| | {form_id} | 1 |", ""])


def filled(record: Record, form: Schema) -> bytes:
    """The record as a phone sends it. A name the form does not ask is an error of the scene."""
    tree: dict[str, object] = {}
    _put(tree, record.answers, form, "")
    for name, rows in record.repeats.items():
        [repeat] = [one for one in form.repeats if one.name == name]
        below = []
        for row in rows:
            inner: dict[str, object] = {}
            _put(inner, row, form, repeat.path)
            below.append(inner)
        _at(tree, repeat.path.split("/")[1:-1])[name] = below
    return answered(record.form_id, "1", "".join(_written(tree)), instance_id=f"uuid:{uuid.uuid4()}")


def _put(tree: dict[str, object], answers: Answers, form: Schema, table: str) -> None:
    paths = {node.name: node.path for node in form.questions if node.table == table}
    for name, answer in answers.items():
        *groups, last = paths[name].removeprefix(table).split("/")[1:]
        _at(tree, groups)[last] = str(answer)


def _at(tree: dict[str, object], groups: Iterable[str]) -> dict[str, object]:
    for group in groups:
        below = tree.setdefault(group, {})
        assert isinstance(below, dict)
        tree = below
    return tree


def _written(tree: Mapping[str, object]) -> Iterable[str]:
    for name, below in tree.items():
        for one in below if isinstance(below, list) else [below]:
            inner = "".join(_written(one)) if isinstance(one, dict) else escape(str(one))
            yield f"<{name}>{inner}</{name}>"
