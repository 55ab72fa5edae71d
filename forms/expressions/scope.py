"""Which question a name means, seen from a row of a table."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from forms.expressions import faults
from forms.expressions.faults import wrong
from forms.expressions.tree import Answer, Path
from forms.problems import ExpressionWrong
from forms.rows import CELL_OF_TYPE, Cell
from forms.schema import Node, Schema


def ancestry(schema: Schema, table: str) -> tuple[str, ...]:
    """A table and those around it, inner before outer; the last is the root table, ""."""
    found = [table]
    while found[-1]:
        found.append(schema.by_path[found[-1]].table)
    return tuple(found)


@dataclass(frozen=True)
class Scope:
    """The questions an expression may name: those of `table` and of the tables around it.

    `here` is the path of the question whose answer `.` stands for, "" where there is none.
    """

    schema: Schema
    table: str = ""
    here: str = ""

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables in reach, inner before outer."""
        return ancestry(self.schema, self.table)

    def find(self, answer: Answer, expression: str) -> Answer:
        """The same node with its path. Raises ExpressionWrong, whose sentence quotes `expression`."""
        named = [node for node in self.schema.questions if node.name == answer.name]
        for table in self.tables:
            here = [node for node in named if node.table == table]
            if len(here) > 1:
                paths = ", ".join(node.path for node in here)
                raise wrong(faults.QUESTION_AMBIGUOUS, expression, answer.at, name=answer.name, paths=paths)
            if here:
                return Answer(answer.name, here[0].path, answer.at)
        raise self._missing(answer, expression, named)

    def named(self, place: Answer | Path, expression: str) -> Node:
        """The question or repeat a name or a path means, also one of rows inside. Raises ExpressionWrong."""
        if isinstance(place, Path):
            return self._at(place, expression)
        named = [node for node in self.schema.nodes if node.name == place.name and node.type != "structure"]
        reached = [
            node for table in self.tables for node in named if node.table == table and node.is_question
        ]
        found = reached[:1] or named
        if len(found) > 1:
            paths = ", ".join(node.path for node in found)
            raise wrong(faults.QUESTION_AMBIGUOUS, expression, place.at, name=place.name, paths=paths)
        if not found:
            raise self._missing(place, expression, named)
        return found[0]

    def reached(self, path: Path, expression: str) -> Answer:
        """The question of this row, or of one around it, that a path leads to. Raises ExpressionWrong."""
        node = self._at(path, expression)
        if not node.is_question:
            raise self._no_path(path, expression)
        if node.table not in self.tables:
            raise self._missing(Answer(node.name, at=path.at), expression, [node])
        return Answer(node.name, node.path, path.at)

    def above(self, path: Path) -> str | None:
        """What lies so many steps up, "" for the form itself; None beyond it.

        Without a question the steps begin as at one directly in the row.
        """
        steps = (self.here or f"{self.table}/.").split("/")
        return None if path.up >= len(steps) else "/".join(steps[: len(steps) - path.up])

    def around(self, table: str) -> str:
        """The nearest table that holds both this row and rows of `table`."""
        return next(one for one in ancestry(self.schema, table)[1:] if one in self.tables)

    def _at(self, path: Path, expression: str) -> Node:
        start = self.above(path) if path.up else ""
        names = path.names if path.up else path.names[1:]
        if path.names and start is not None and (path.up or path.names[0] == self.schema.root):
            found = self.schema.by_path.get("/".join((start, *names)))
            if found is not None:
                return found
            if not self.here and path.up == 1 and len(names) == 1:
                return self.schema.by_path[self.find(Answer(names[0], at=path.at), expression).path]
        raise self._no_path(path, expression)

    def _no_path(self, path: Path, expression: str) -> ExpressionWrong:
        known = [node.name for node in self.schema.questions]
        nearest = nearest_name(path.names[-1] if path.names else "", known)
        return wrong(faults.PATH_UNKNOWN, expression, path.at, nearest=nearest)

    def _missing(self, answer: Answer, expression: str, named: list[Node]) -> ExpressionWrong:
        if named:
            repeat = named[0].table.rsplit("/", 1)[1]
            return wrong(faults.QUESTION_OUT_OF_REACH, expression, answer.at, name=answer.name, repeat=repeat)
        known = [node.name for node in self.schema.questions]
        nearest = nearest_name(answer.name, known)
        return wrong(faults.QUESTION_UNKNOWN, expression, answer.at, name=answer.name, nearest=nearest)

    def cell(self, path: str) -> Cell:
        """How the answers to a question are kept."""
        return CELL_OF_TYPE.get(self.schema.by_path[path].type, Cell.TEXT)

    def calculated(self, path: str) -> bool:
        """True for a question nobody answers by hand."""
        return not self.schema.by_path[path].control

    def choices(self, path: str) -> tuple[str, ...]:
        """The answers a select question knows, as far as the form itself holds them."""
        listed = self.schema.choices.get(self.schema.by_path[path].choices, ())
        return tuple(choice.name for choice in listed)


def nearest_name(name: str, known: list[str]) -> str:
    """The name of `known` most like `name`; "" if there are none."""
    found = get_close_matches(name, known, n=1, cutoff=0.0)
    return found[0] if found else ""
