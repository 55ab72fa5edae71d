"""Answered forms in tests: a schema, what is asked of its tables, and a submission laid into them."""

from __future__ import annotations

from collections.abc import Sequence

from forms.rows import CELL_OF_TYPE, Cell, Column, Flat, Layout, TableLayout, lay_flat
from forms.schema import Node
from forms.submission import read


def questions(*asked: str) -> list[Node]:
    """Nodes from `/path type` or `/path type control`; a repeat takes in whatever lies under its path."""
    nodes: list[Node] = []
    for order, line in enumerate(asked):
        path, kind, *control = line.split()
        around = [node.path for node in nodes if node.type == "repeat" and path.startswith(node.path + "/")]
        nodes.append(Node(path, kind, order, table=around[-1] if around else "", control="".join(control)))
    return nodes


def layout(nodes: Sequence[Node]) -> Layout:
    """Tables for these nodes; a column is named after the last step of its path."""
    parents: dict[str, str | None] = {"": None}
    parents.update({node.path: node.table for node in nodes if node.type == "repeat"})
    return Layout(
        tuple(
            TableLayout(
                path, parent, tuple(map(_column, (n for n in nodes if n.table == path and n.is_question)))
            )
            for path, parent in parents.items()
        )
    )


def laid(answers: str, *asked: str, key: str = "uuid:1") -> Flat:
    """What `<data>answers</data>` becomes in the tables of a form that asks this."""
    xml = f'<data xmlns:jr="http://openrosa.org/javarosa" id="f">{answers}</data>'
    return lay_flat(read(xml.encode()).root, layout(questions(*asked)), key)


def _column(node: Node) -> Column:
    return Column(node.path, CELL_OF_TYPE.get(node.type, Cell.TEXT), node.name, node.binary)
