"""What a form says beyond its schema, as far as a reader of its answers wants to know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.schema import Schema
from forms.xform import open_xform
from forms.xform.document import attribute, children, local

_STEPS = re.compile(r"[\w./-]+")


@dataclass(frozen=True)
class Asking:
    """`notes`: the paths nobody can answer. `borrowed`: the choice list whose codes a calculation gives."""

    notes: frozenset[str] = frozenset()
    borrowed: Mapping[str, str] = field(default_factory=dict)


def read_asking(xform: bytes, schema: Schema) -> Asking:
    """Look through the binds of a form: a note is read-only and computes nothing.

    A calculation made from select questions of one list, such as `if(…, ${head_sex}, ${sex})`, gives
    codes of that list.
    """
    document = open_xform(xform)
    root = f"/{local(document.root)}"
    lists = _lists_by_name(schema)
    notes: set[str] = set()
    borrowed: dict[str, str] = {}
    for bind in children(document.model, "bind"):
        path = attribute(bind, "nodeset").removeprefix(root)
        calculation = attribute(bind, "calculate")
        if calculation:
            used = {lists[name] for name in _names(calculation) if name in lists}
            if len(used) == 1:
                borrowed[path] = used.pop()
        elif attribute(bind, "readonly") == "true()":
            notes.add(path)
    return Asking(frozenset(notes), borrowed)


def _lists_by_name(schema: Schema) -> dict[str, str]:
    return {
        node.name: node.choices for node in schema.questions if node.choices and node.control == "select1"
    }


def _names(calculation: str) -> set[str]:
    """The last steps of the paths in an expression."""
    return {path.rpartition("/")[2] for path in _STEPS.findall(calculation) if "/" in path}
