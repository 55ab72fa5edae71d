"""A filled form as a person corrects it: its rows, and where in the tree each answer stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from forms.schema import Node, Schema

_TEMPLATE = "{http://openrosa.org/javarosa}template"
_STEP = re.compile(r"/([^/\[\]]+)(?:\[([0-9]+)\])?")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where an answer stands: its row and its question.

    `row` is what the key of the row adds to that of the record: "" for the record itself, `/member[2]`,
    `/member[2]/child[1]`. `path` is the path of the question.
    """

    row: str
    path: str

    @classmethod
    def read(cls, text: str) -> Spot:
        """The spot that `str` wrote."""
        row, _, path = text.rpartition("|")
        return cls(row, path)

    def __str__(self) -> str:
        """One line of text that `read` understands."""
        return f"{self.row}|{self.path}"


@dataclass
class Row:
    """One row of a filled form: `table` is the path of its repeat, `answers` the elements by path."""

    key: str
    table: str
    element: etree._Element
    outer: Row | None
    answers: dict[str, etree._Element] = field(default_factory=dict)
    inner: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def text(self, path: str) -> str:
        """What stands there; "" where nothing does."""
        found = self.answers.get(path)
        return "" if found is None else (found.text or "").strip()

    def up_to(self, table: str) -> Row | None:
        """The row itself, or the one around it that belongs to a table; None where none does."""
        row: Row | None = self
        while row is not None and row.table != table:
            row = row.outer
        return row


class Filled:
    """The answers under `root`, by row; made of the schema of the form version that was filled in."""

    def __init__(self, root: etree._Element, schema: Schema) -> None:
        self.root = root
        self.schema = schema
        self._below: Mapping[str, list[Node]] = _children(schema)
        self.rows: dict[str, Row] = {}
        self._open(Row("", "", root, None))

    def _open(self, row: Row) -> None:
        self.rows[row.key] = row
        self._walk(row.element, row.table, row)

    def _walk(self, element: etree._Element, path: str, row: Row) -> None:
        inside: dict[str, list[etree._Element]] = defaultdict(list)
        for child in element.iterchildren("*"):
            if child.get(_TEMPLATE) is None:
                inside[etree.QName(child).localname].append(child)
        for node in self._below.get(path, ()):
            for child in inside[node.name]:
                if node.type == "repeat":
                    several = row.inner[node.path]
                    key = f"{row.key}{node.path[len(row.table) :]}[{len(several) + 1}]"
                    made = Row(key, node.path, child, row)
                    several.append(made)
                    self._open(made)
                elif node.type == "structure":
                    self._walk(child, node.path, row)
                else:
                    row.answers.setdefault(node.path, child)

    def text(self, spot: Spot) -> str:
        """What was answered there; "" where nothing was."""
        row = self.rows.get(spot.row)
        return "" if row is None else row.text(spot.path)

    def holds(self, spot: Spot) -> bool:
        """Whether there is such a row, with such a question."""
        row, node = self.rows.get(spot.row), self.schema.by_path.get(spot.path)
        return row is not None and node is not None and node.is_question and node.table == row.table

    def rows_of(self, table: str) -> list[Row]:
        """The rows of a table, in the order of the form."""
        return [row for row in self.rows.values() if row.table == table]

    def spots(self) -> Iterator[Spot]:
        """Every question of every row that is there, in the order of the form."""
        for row in self.rows.values():
            for node in self.schema.questions:
                if node.table == row.table:
                    yield Spot(row.key, node.path)

    def set(self, spot: Spot, text: str) -> None:
        """Write an answer; where the phone left the question out, its element is made in its place."""
        row = self.rows[spot.row]
        element = row.answers.get(spot.path)
        if element is None:
            element = row.answers[spot.path] = self._made(row, spot.path)
        element.text = text or None

    def _made(self, row: Row, path: str) -> etree._Element:
        parent = self.parent_of(row, path)
        found = next(parent.iterchildren(f"{{*}}{path.rpartition('/')[2]}"), None)
        return found if found is not None else self.insert(parent, path)

    def parent_of(self, row: Row, path: str) -> etree._Element:
        """The element in which what has that path stands inside a row; made where it is missing."""
        element, here = row.element, row.table
        for step in path[len(row.table) + 1 :].split("/")[:-1]:
            here = f"{here}/{step}"
            found = next(element.iterchildren(f"{{*}}{step}"), None)
            element = found if found is not None else self.insert(element, here)
        return element

    def insert(self, parent: etree._Element, path: str) -> etree._Element:
        """A new element at its place among those that are there."""
        order = self._order[path]
        outer = path.rpartition("/")[0]
        name = path.rpartition("/")[2]
        space = etree.QName(parent).namespace
        made = parent.makeelement(f"{{{space}}}{name}" if space else name)
        for at, child in enumerate(parent):
            if isinstance(child.tag, str):
                there = self._order.get(f"{outer}/{etree.QName(child).localname}", -1)
                if there > order:
                    parent.insert(at, made)
                    return made
        parent.append(made)
        return made

    @cached_property
    def _order(self) -> dict[str, int]:
        return {node.path: node.order for node in self.schema.nodes}


def _children(schema: Schema) -> dict[str, list[Node]]:
    below: dict[str, list[Node]] = defaultdict(list)
    for node in schema.nodes:
        below[node.path.rpartition("/")[0]].append(node)
    return below


def is_row(key: str) -> bool:
    """Whether a text can be what a row's key adds to that of its record."""
    return not _STEP.sub("", key)
