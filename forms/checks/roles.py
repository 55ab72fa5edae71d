"""Which questions play which part in the checks of a survey: `xlsforms/programme/roles.csv` and its sheet.

Columns: `form` (in the file of the programme), `role`, `value`, `note`. A value names questions, divided by
spaces; where an answer is meant, it is `question=code`. What a role is for stands in docs/checks.md. The
sheet `roles` of a survey's own workbook wins over the file, role by role. A question that the survey does
not ask is passed over: an older version may not know it yet.
Why not in code: a new survey gets the checks by a line of data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forms.schema import Node, Schema

START, END, TODAY = "start", "end", "today"
"""Questions the phone fills in by itself, under the names XLSForm gives them."""

Marks = Mapping[str, Mapping[str, str]]
"""What the survey sheet says of each path: `unit` and `pii`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and one of its answers: `visit_result=3`."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Least and most a number may be, None = open; with `ages`, of people of these ages only."""

    path: str
    least: float | None
    most: float | None
    ages: tuple[int, int] | None = None


@dataclass(frozen=True)
class Roles:
    """The roles of a survey; every answer names questions that it asks."""

    schema: Schema
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Marks = field(default_factory=dict)

    def plays(self, role: str) -> bool:
        """Whether any question plays a role."""
        return bool(self.paths(role) or self.answers(role))

    def path(self, role: str) -> str | None:
        """The first question that plays a role, by its path; else the one marked with that unit."""
        return next(iter(self.paths(role)), None)

    def paths(self, role: str) -> list[str]:
        """All questions that play a role, in the order they are named."""
        named = self.said.get(role)
        if named is None:
            return [
                path for path, mark in self.marks.items() if mark.get("unit") == role and self._asks(path)
            ]
        return [node.path for name in named for node in self._find(name)]

    def answers(self, role: str) -> list[Answered]:
        """All answers that play a role: `consent=0 visit_result=3`."""
        return [
            Answered(node.path, code)
            for text in self.said.get(role, ())
            for name, _, code in [text.partition("=")]
            for node in self._find(name)
        ]

    def pairs(self, role: str) -> list[tuple[str, str, str]]:
        """Of `question=that:more` path, `that` and `more`."""
        return [(one.path, *one.code.partition(":")[::2]) for one in self.answers(role)]

    def limits(self, role: str) -> list[Limits]:
        """Of `question=least..most` or `question=least..most@from..to` (ages), whatever can be read."""
        found = (_limits(one) for one in self.answers(role))
        return [one for one in found if one is not None]

    def named(self, name: str) -> str | None:
        """The path of a question of the root table by its name: `start`, `end`, `today`."""
        return next((node.path for node in self._find(name) if not node.table), None)

    def repeat(self, name: str) -> str | None:
        """The path of a repeat by its name."""
        return next((node.path for node in self.schema.repeats if node.name == name), None)

    @cached_property
    def named_paths(self) -> frozenset[str]:
        """Every question that any role names, and every one that is marked with a unit."""
        words = {word for value in self.said.values() for text in value for word in re.split("[=:]", text)}
        marked = {path for path, mark in self.marks.items() if mark.get("unit")}
        return frozenset(marked | {node.path for word in words for node in self._find(word)})

    def _find(self, name: str) -> Iterator[Node]:
        yield from (node for node in self.schema.questions if name in {node.name, node.path})

    def _asks(self, path: str) -> bool:
        return path in self.schema.by_path


def _limits(one: Answered) -> Limits | None:
    span, _, ages = one.code.partition("@")
    try:
        least, most = _span(span)
        youngest, oldest = _span(ages) if ages else (None, None)
    except ValueError:
        return None
    between = (int(youngest or 0), int(oldest if oldest is not None else 200)) if ages else None
    return Limits(one.path, least, most, between)


def _span(text: str) -> tuple[float | None, float | None]:
    least, dots, most = text.partition("..")
    if not dots:
        raise ValueError(text)
    return float(least) if least else None, float(most) if most else None


def read_roles(rows: Iterable[Mapping[str, str]], form: str = "") -> dict[str, tuple[str, ...]]:
    """Role to what plays it, of the rows about one survey (`form` "": all of them are); the last row wins."""
    return {
        row["role"].strip(): tuple(row["value"].split())
        for row in rows
        if row.get("role") and (not form or row.get("form") == form)
    }
