"""⑨ A survey's published versions as the description of its dataset.

Questions of every version are in it, gone ones where they stood, under the words of the latest version that
asks them. Left out: notes, which nobody answers, and what a phone writes for itself under `meta`, but for the
record's name. A list of answers that comes from a file is known where the file is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from forms.compare import merged
from forms.datasets.description import Dataset, Kind, Labels, Pii, Table, Value, Variable
from forms.datasets.names import Names, ascii_name, plain_name
from forms.datasets.ours import OF_REPEAT, OF_ROOT, PARTS, PLACES, RECEIPT, REPEAT_KEYS, ROOT_KEYS
from forms.datasets.plain_words import plain_labels
from forms.questionnaire.asked import Asked, Questionnaire
from forms.questionnaire.asked import Kind as Stands
from forms.questionnaire.reading import read_questionnaire
from forms.rows import CELL_OF_TYPE, Cell
from forms.schema import Choice, Node

MOST_FLAGS: Final = 100
"""Codes of a list; a longer one, villages for instance, gets no column for each."""

_KIND_OF_CELL: Final[Mapping[Cell, Kind]] = {
    Cell.TEXT: "text",
    Cell.INT: "whole",
    Cell.DECIMAL: "decimal",
    Cell.DATE: "date",
    Cell.TIME: "time",
    Cell.DATETIME: "moment",
}
_KIND_OF_CONTROL: Final[Mapping[str, Kind]] = {"select1": "code", "select": "codes", "odk:rank": "codes"}
_LANGUAGE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")
_NAME_OF_RECORD: Final = "/meta/instanceName"
_CLASSES: Final[Sequence[Pii]] = ("none", "indirect", "sensitive", "direct")


@dataclass(frozen=True)
class Version:
    """A published version: its XForm, what its workbook says beside it, the answers that come from files.

    `marks` has `pii` and `unit` by path; `missing` are the answers that say why there is none, as (path,
    code); `files` the choices by file name.
    """

    xform: bytes
    name: str
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: frozenset[tuple[str, str]] = frozenset()
    files: Mapping[str, Sequence[Choice]] = field(default_factory=dict)


def describe(versions: Sequence[Version], cells: Mapping[str, Cell] | None = None) -> Dataset:
    """The dataset of a survey; `versions` oldest first, at least one.

    `cells` says how the tables keep each question, where that is known: one that became text once stays it.
    """
    return _Describing(versions, cells or {}).dataset()


def language_code(name: str) -> str:
    """`Tiếng Việt (vi)` is `vi`; a language that names no code is called as it is, none is ""."""
    found = _LANGUAGE.search(name)
    return found[1].lower() if found else name.strip()


@dataclass(frozen=True)
class _Read:
    version: Version
    paper: Questionnaire
    asked: Mapping[str, Asked]


class _Describing:
    """Goes through the questions once all versions are read."""

    def __init__(self, versions: Sequence[Version], cells: Mapping[str, Cell]) -> None:
        papers = [(one, read_questionnaire(one.xform)) for one in versions]
        self.read = [_Read(one, paper, paper.by_path()) for one, paper in papers]
        self.latest = self.read[-1].paper
        self.cells = cells
        self.nodes = merged(paper.schema for _, paper in papers)

    def dataset(self) -> Dataset:
        languages = dict.fromkeys(map(language_code, self.latest.languages))
        names = Names()
        schema = self.latest.schema
        root = names.taken(ascii_name(schema.form_id))
        tables = [Table(root, "", None, tuple(self._columns("")), {"": schema.title})]
        for node in self.nodes:
            if node.type == "repeat":
                name = names.taken(ascii_name(node.name))
                labels = self._label(node)
                tables.append(Table(name, node.path, node.table, tuple(self._columns(node.path)), labels))
        versions = tuple(one.version.name for one in self.read)
        return Dataset(schema.form_id, schema.title, tuple(tables), versions, tuple(languages) or ("",))

    def _columns(self, table: str) -> Iterator[Variable]:
        names = Names(OF_REPEAT if table else OF_ROOT)
        yield from REPEAT_KEYS if table else ROOT_KEYS
        yield from PLACES
        for node in self.nodes:
            if node.table == table and node.is_question and self._is_wanted(node):
                yield from self._variables(node, names)
        if not table:
            yield from RECEIPT

    def _is_wanted(self, node: Node) -> bool:
        if node.path == _NAME_OF_RECORD:
            return True
        steps = node.path.split("/")
        if "meta" in steps[1:]:
            return False
        asked = self._asked(node.path)
        return asked is None or asked.kind is not Stands.NOTE

    def _variables(self, node: Node, names: Names) -> Iterator[Variable]:
        cell = self.cells.get(node.path) or CELL_OF_TYPE.get(node.type, Cell.TEXT)
        name = names.of_question(node.path, node.table)
        common = self._common(node)
        if cell is Cell.GEOPOINT:
            for part, _, words in PARTS:
                labels = {
                    language: f"{text}: {_in(words, language)}" for language, text in common["labels"].items()
                }
                given = common | {"labels": labels or dict(words), "role": part, "part_of": name}
                yield Variable(names.taken(f"{name}_{part}"), "decimal", **given)
            return
        kind = _KIND_OF_CELL[cell]
        if cell is Cell.TEXT:
            kind = _KIND_OF_CONTROL.get(node.control, "code" if node.choices else "text")
        whole = Variable(name, kind, values=self._values(node), **common)
        yield whole
        if node.control == "select" and kind == "codes" and len(whole.values) <= MOST_FLAGS:
            yield from (_flag(whole, value, names) for value in whole.values)

    def _common(self, node: Node) -> dict[str, Any]:
        """What is said of a question, whatever its columns are."""
        asked = self._asked(node.path)
        rules = asked.rules if asked else None
        having = [one.version.name for one in self.read if node.path in one.paper.schema.by_path]
        return {
            "path": node.path,
            "labels": self._label(node),
            "pii": self._class(node.path),
            "role": self._mark(node.path, "unit"),
            "group": tuple(self._around(node)),
            "hint": _words(asked.hints) if asked else {},
            "relevant": rules.relevant if rules else "",
            "required": "yes" if rules and rules.required == "true()" else rules.required if rules else "",
            "constraint": rules.constraint if rules else "",
            "first": having[0],
            "last": having[-1],
        }

    def _asked(self, path: str) -> Asked | None:
        """How the latest version that has it asks a question."""
        return next((one.asked[path] for one in reversed(self.read) if path in one.asked), None)

    def _label(self, node: Node) -> Labels:
        asked = self._asked(node.path)
        return _words(asked.labels if asked and asked.labels else node.labels)

    def _around(self, node: Node) -> Iterator[Labels]:
        steps = node.path.split("/")
        for number in range(2, len(steps)):
            asked = self._asked("/".join(steps[:number]))
            if asked is not None and asked.labels:
                yield _words(asked.labels)

    def _mark(self, path: str, name: str) -> str:
        said = (one.version.marks.get(path, {}).get(name, "") for one in reversed(self.read))
        return next(filter(None, said), "")

    def _class(self, path: str) -> Pii:
        """The strictest any version gave it: an answer of an older one is among the rows."""
        said = {one.version.marks.get(path, {}).get("pii", "") for one in self.read}
        known = [one for one in _CLASSES if one in said]
        return known[-1] if known else ""

    def _values(self, node: Node) -> tuple[Value, ...]:
        """The answers there may be, the latest version's first, then those only earlier ones had."""
        found: dict[str, Value] = {}
        for one in reversed(self.read):
            then = one.paper.schema.by_path.get(node.path)
            if then is None or not then.choices:
                continue
            inside = one.paper.schema.choices.get(then.choices)
            choices = inside if inside is not None else one.version.files.get(then.choices, ())
            for choice in choices:
                if choice.name not in found:
                    found[choice.name] = Value(choice.name, _words(choice.labels))
        missing = frozenset[tuple[str, str]]().union(*(one.version.missing for one in self.read))
        return tuple(
            replace(value, missing=True) if (node.path, code) in missing else value
            for code, value in found.items()
        )


def _flag(whole: Variable, value: Value, names: Names) -> Variable:
    called = value.labels or dict.fromkeys(whole.labels, value.code)
    labels = {
        language: f"{text}: {_in(called, language) or value.code}" for language, text in whole.labels.items()
    }
    return replace(
        whole,
        name=names.taken(f"{whole.name}__{_fit(value.code)}"),
        kind="flag",
        values=(),
        labels=labels or called,
        part_of=whole.name,
        code=value.code,
    )


def _fit(code: str) -> str:
    return plain_name(f"x{code}")[1:]


def _in(words: Labels, language: str) -> str:
    return words.get(language) or next(iter(words.values()), "")


def _words(labels: Mapping[str, str]) -> Labels:
    """Labels as plain words, by code of language."""
    return {language_code(language): text for language, text in plain_labels(labels).items()}
