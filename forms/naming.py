"""What names a record in lists: the answers it is searched by, and the person it is sorted by.

Why: `instance_name` often begins with a code of the village; people look for the head of the household.
Rests on: `pii` and `unit` of the survey sheet. Silent when: a form says nothing of either; then a record is
found and sorted by its name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.corrections.logic import read_logic
from forms.schema import Node, Schema
from forms.vietnamese import folded, person_key, sort_key

Marks = Mapping[str, Mapping[str, str]]
"""What the survey sheet says of each path: `unit` and `pii`."""

_NAME = "/meta/instanceName"
_UNITS = frozenset({"household", "person", "centre"})
LONGEST_KEY, LONGEST_SEARCHED = 300, 1_000


@dataclass(frozen=True, slots=True)
class Naming:
    """`person` is the path of the question that names the person a record is called after, "" for none.

    `searched` are the questions, also of repeats, whose answers a record is found by beside its name.
    """

    person: str = ""
    searched: tuple[str, ...] = ()

    def key(self, name: str, person: str) -> str:
        """What a record sorts by: the person's given name first, then its whole name."""
        return " ".join(part for part in (person_key(person), sort_key(name)) if part)[:LONGEST_KEY]

    @staticmethod
    def text(name: str, answers: list[str]) -> str:
        """What a record is searched in: its name and each different answer, folded; a space before each word.

        So whoever types the beginning of a word finds it, and «an» does not find every «Giàng».
        """
        return "".join(f" {one} |" for one in dict.fromkeys(map(folded, (name, *answers))))[:LONGEST_SEARCHED]


def naming_of(schema: Schema, xform: bytes, marks: Marks) -> Naming:
    """How the records of a form version are named."""
    named = _named(schema, xform)
    person = next((path for path in named if marks.get(path, {}).get("pii") == "direct"), "")
    found = dict.fromkeys(path for path in named if _is_text(schema.by_path[path]))
    for node in schema.questions:
        mark = marks.get(node.path, {})
        names = mark.get("pii") == "direct" and node.control == "input"
        if _is_text(node) and (names or mark.get("unit") in _UNITS):
            found[node.path] = None
    return Naming(person, tuple(found))


def _named(schema: Schema, xform: bytes) -> list[str]:
    """The questions of the record itself that its name is made of, in the order of the form."""
    if _NAME not in schema.by_path:
        return []
    named = read_logic(xform, schema).reads.get(_NAME) or set()
    return [node.path for node in schema.questions if node.path in named and not node.table]


def _is_text(node: Node) -> bool:
    return node.type == "string" and node.control in {"", "input"} and not node.choices
