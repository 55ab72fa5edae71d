"""② A form version against the versions before it: what storage has to widen, what it must refuse.

Why: answers already sent keep their columns for ever, so a question may come, go, and become text,
and nothing else. Source: Central's rules of 400.17 and of the warning `structureChanged`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forms.problems import FieldTypeConflict
from forms.schema import Node, Schema

TEXT = "string"
"""The type that can hold what any other type wrote."""

_UNNAMED = ("/meta", "/meta/entity", "/meta/entity/label")
"""Parts a converter adds and drops by itself; nobody needs a warning of them."""


@dataclass(frozen=True, slots=True)
class TypeChange:
    """A path whose type is `old` before and `new` now."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new version changes.

    `added` and `removed` are nodes, `widened` are questions that become text, `conflicts` are changes
    that are refused. `same` is true where no path, order, type or kind of select differs.
    """

    added: tuple[Node, ...] = ()
    removed: tuple[Node, ...] = ()
    widened: tuple[TypeChange, ...] = ()
    conflicts: tuple[TypeChange, ...] = ()
    same: bool = True

    @property
    def structure_changed(self) -> tuple[str, ...]:
        """The names of what is no longer asked, as Central's warning `structureChanged` lists them."""
        return tuple(node.name for node in self.removed if not node.path.endswith(_UNNAMED))

    def require_compatible(self) -> None:
        """Raise FieldTypeConflict for the first conflict."""
        for conflict in self.conflicts:
            raise FieldTypeConflict(path=conflict.path, old=conflict.old, new=conflict.new)


def compare(live: Schema | Iterable[Node], new: Schema) -> Comparison:
    """Compare a new version with the live one, or with `merged(...)` of all published versions."""
    before = live.nodes if isinstance(live, Schema) else tuple(live)
    earlier = {node.path: node for node in before}
    changes = [
        TypeChange(node.path, earlier[node.path].type, node.type)
        for node in new.nodes
        if node.path in earlier and earlier[node.path].type != node.type
    ]
    return Comparison(
        added=tuple(node for node in new.nodes if node.path not in earlier),
        removed=tuple(node for node in before if node.path not in new.by_path),
        widened=tuple(change for change in changes if _widens(change)),
        conflicts=tuple(change for change in changes if not _widens(change)),
        same=list(map(_shape, before)) == list(map(_shape, new.nodes)),
    )


def merged(versions: Iterable[Schema]) -> tuple[Node, ...]:
    """The nodes of all versions, oldest first: the latest type of each, gone ones where they stood.

    A node that a later version dropped follows the last node of its old parent that is still asked.
    """
    nodes: list[Node] = []
    for version in versions:
        nodes = _revived(nodes, version.nodes)
    return tuple(nodes)


def _widens(change: TypeChange) -> bool:
    return change.new == TEXT and change.old not in {"structure", "repeat"}


def _shape(node: Node) -> tuple[str, str, bool]:
    return node.path, node.type, node.select_multiple


def _revived(older: list[Node], newer: Iterable[Node]) -> list[Node]:
    result = list(newer)
    known = {node.path for node in result}
    for gone in older:
        if gone.path in known:
            continue
        known.add(gone.path)
        result.insert(_place(result, gone.path.rpartition("/")[0]), gone)
    return result


def _place(nodes: list[Node], parent: str) -> int:
    """After the last node at or below `parent`; at the end where the parent is the form itself."""
    if not parent:
        return len(nodes)
    last = max(
        (number for number, node in enumerate(nodes) if f"{node.path}/".startswith(f"{parent}/")), default=-1
    )
    return last + 1 if last >= 0 else len(nodes)
