"""What the rows of an indicator may come from: a form, an entity list, the places, or other figures.

Handed in as plain data, so that a definition can be read with no server at hand. A list and the places
are looked at as if they were a form whose questions are their properties, all of them texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from forms.expressions.checking import Formula
from forms.expressions.scope import Scope
from forms.expressions.tree import Answer, Expression, parts, with_parts
from forms.indicators import faults
from forms.indicators.definition import Rows, Source
from forms.place_facts import FACTS
from forms.places import COMMUNE, DISTRICT, PROVINCE, VILLAGE
from forms.remarks import Remark
from forms.schema import Node, Schema

LEVELS: Final = (VILLAGE, COMMUNE, DISTRICT, PROVINCE)

PLACE_ATTRIBUTES: Final = ("code", "name", *FACTS)
"""What an expression over places may ask; a village has what is said of it, else what its commune has."""

FIGURES: Final = "figures"
_ENTITIES, _PLACES = "entities/", "places/"


@dataclass(frozen=True)
class Ground:
    """Where rows come from, and which names stand for what in an expression over one of them."""

    source: Source
    scope: Scope

    def settled(self, formula: Formula) -> Formula:
        """A formula read in `scope`, its answers with the paths the source knows."""
        if self.source.rows is Rows.FORM:
            return formula
        return replace(formula, tree=_bare(formula.tree))

    def answer(self, found: Answer) -> Answer:
        """The same for one answer."""
        return found if self.source.rows is Rows.FORM else _bare_answer(found)


@dataclass(frozen=True)
class Grounds:
    """All that indicators of one workbook may count.

    `own` is the form whose workbook it is; without one the workbook is a programme's, and `forms` (by form
    id), `lists` (the properties of each entity list) and `figures` (codes of indicators) are within reach.
    """

    own: Schema | None = None
    forms: Mapping[str, Schema] = field(default_factory=dict)
    lists: Mapping[str, Collection[str]] = field(default_factory=dict)
    figures: Collection[str] = ()
    _found: dict[str, Ground | Remark] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, written: str) -> Ground | Remark:
        """What the column `table` names, always the same; a remark where there is no such thing."""
        if written not in self._found:
            self._found[written] = self._find(written)
        return self._found[written]

    def _find(self, written: str) -> Ground | Remark:
        if self.own is not None:
            return self._of_own(self.own, written)
        if written == FIGURES:
            names = [(code, "decimal", "") for code in self.figures]
            return Ground(Source(Rows.FIGURES, ""), Scope(_as_form(FIGURES, names)))
        if written.startswith(_ENTITIES):
            return self._list(written.removeprefix(_ENTITIES))
        if written.startswith(_PLACES):
            return _level(written.removeprefix(_PLACES))
        return self._form(written)

    def _of_own(self, own: Schema, written: str) -> Ground | Remark:
        if written == FIGURES or written.startswith((_ENTITIES, _PLACES)):
            return _told(faults.TABLE_OF_PROGRAMME, table=written)
        return _table(own, written)

    def _list(self, name: str) -> Ground | Remark:
        properties = self.lists.get(name)
        if properties is None:
            return _told(faults.LIST_UNKNOWN, name=name, known=_known(self.lists))
        names = [(one, "string", "select1") for one in sorted({*properties} - {"label"})]
        scope = Scope(_as_form(_ENTITIES + name, [*names, ("label", "string", "input")]))
        return Ground(Source(Rows.ENTITIES, name), scope)

    def _form(self, written: str) -> Ground | Remark:
        if not written:
            return _told(faults.TABLE_MISSING, known=_known(self.forms))
        form_id, _, repeat = written.partition("/")
        schema = self.forms.get(form_id)
        if schema is None:
            return _told(faults.FORM_UNKNOWN, name=form_id, known=_known(self.forms))
        return _table(schema, repeat)


def _table(schema: Schema, written: str) -> Ground | Remark:
    """The table of a form that a repeat's name or path names; "" is the root."""
    path = "/" + written.strip("/")
    found = [one.path for one in schema.repeats if written == one.name or path == one.path]
    if not written:
        found = [""]
    if len(found) == 1:
        return Ground(Source(Rows.FORM, schema.form_id, found[0]), Scope(schema, found[0]))
    if found:
        return _told(faults.TABLE_AMBIGUOUS, table=written, paths=", ".join(found))
    known = ", ".join(repeat.name for repeat in schema.repeats) or "–"
    return _told(faults.TABLE_UNKNOWN, table=written, known=known)


def _level(name: str) -> Ground | Remark:
    if name not in LEVELS:
        return _told(faults.LEVEL_UNKNOWN, name=name, known=", ".join(LEVELS))
    return Ground(Source(Rows.PLACES, name), place_scope(name))


@cache
def place_scope(level: str = COMMUNE) -> Scope:
    """The names an expression over places may use."""
    return Scope(_as_form(_PLACES + level, [(name, "string", "select1") for name in PLACE_ATTRIBUTES]))


def _as_form(form_id: str, questions: Iterable[tuple[str, str, str]]) -> Schema:
    nodes = (Node(f"/{name}", kind, at, control=by) for at, (name, kind, by) in enumerate(questions))
    return Schema(form_id=form_id, version="", title=form_id, root="data", nodes=tuple(nodes))


def _told(remark: Remark, **details: str) -> Remark:
    return replace(remark, details=details)


def _known(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "–"


def _bare(tree: Expression) -> Expression:
    """The tree with names for paths: a property, an attribute and a code lie in no group."""
    if isinstance(tree, Answer):
        return _bare_answer(tree)
    return with_parts(tree, tuple(map(_bare, parts(tree))))


def _bare_answer(answer: Answer) -> Answer:
    return replace(answer, path=answer.path.removeprefix("/"))
