"""What a form says of its answers: what it works out, what it holds them to, what has to be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forms.corrections.rosters import NO_REPEATS, Repeats, read_repeats
from forms.corrections.working import CannotSay, reads
from forms.expressions.scope import Scope
from forms.schema import NOTHING, Schema
from forms.xform import open_xform
from forms.xform.document import attribute, children, local
from forms.xform.reading import resolve
from forms.xform.texts import NO_LANGUAGE, Texts, read_texts

_ITEXT = "jr:itext("


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an answer has to hold to, and what the form says where it does not, by language."""

    expression: str
    messages: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class Logic:
    """The binds of a form version, by path of the question."""

    schema: Schema
    calculations: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    repeats: Repeats = NO_REPEATS

    @cached_property
    def reads(self) -> dict[str, set[str] | None]:
        """What each calculation names, by path; None where only the phone can read it."""
        return {path: self._named(path) for path in self.calculations if path in self.schema.by_path}

    def _named(self, path: str) -> set[str] | None:
        table = self.schema.by_path[path].table
        try:
            return reads(Scope(self.schema, table, path), self.calculations[path])
        except CannotSay:
            return None

    def rests_on(self, path: str, others: set[str]) -> bool:
        """Whether a calculation may rest on one of these answers."""
        named = self.reads[path]
        if named is not None:
            return not named.isdisjoint(others)
        text = self.calculations[path]
        return any(one.rpartition("/")[2] in text for one in others)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every calculation after those it rests on."""
        order: dict[str, None] = {}

        def visit(path: str, seen: frozenset[str]) -> None:
            if path in order or path in seen:
                return
            for other in self.reads:
                if other != path and self.rests_on(path, {other}):
                    visit(other, seen | {path})
            order[path] = None

        for path in self.reads:
            visit(path, frozenset())
        return tuple(order)


def read_logic(xform: bytes, schema: Schema) -> Logic:
    """Read the binds of a form; `locked` is what nobody can answer: notes and calculations."""
    document = open_xform(xform)
    root = f"/{local(document.root)}"
    texts = read_texts(document.model)
    calculations: dict[str, str] = {}
    constraints: dict[str, Constraint] = {}
    required: set[str] = set()
    locked: set[str] = set()
    for bind in children(document.model, "bind"):
        path = resolve(attribute(bind, "nodeset"), root).removeprefix(root)
        calculation, constraint = attribute(bind, "calculate"), attribute(bind, "constraint")
        if calculation:
            calculations[path] = calculation
        if constraint:
            constraints[path] = Constraint(constraint, _message(texts, attribute(bind, "constraintMsg")))
        if attribute(bind, "required") == "true()":
            required.add(path)
        if calculation or attribute(bind, "readonly") == "true()":
            locked.add(path)
    repeats = read_repeats(document, schema)
    return Logic(schema, calculations, constraints, frozenset(required), frozenset(locked), repeats)


def _message(texts: Texts, written: str) -> Mapping[str, str]:
    if not written.startswith(_ITEXT):
        return {NO_LANGUAGE: written} if written else {}
    key = written[len(_ITEXT) :].rstrip(")").strip("'\" ")
    return texts.labels.get(key, {})
