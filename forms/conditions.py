"""Conditions on the answers of a form, as an officer puts them together in a list of records.

A condition is a question, an operator that fits its type, and what it is compared with. It is written in an
address as `/path~operator~value~value`, and read into the tree of a `$filter` (`forms.odata.tree`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any

from forms.condition_problems import ConditionMisfit, ConditionUnknown
from forms.odata.model import Model
from forms.odata.tree import Call, Chain, Compared, Expression, Field, Kind, Literal, Negated, Source
from forms.schema import Node, Schema
from forms.values import HOME, read_decimal
from forms.vietnamese import folded

MOST = 10
"""Conditions of one list."""

LONGEST_VALUE = 200
_SEPARATOR = "~"
_INT64 = 1 << 62


class Sort(Enum):
    """What a question is to whoever asks for its answers."""

    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    OTHER = "other"


BLANK, ANSWERED = "blank", "answered"
_ALWAYS = (ANSWERED, BLANK)
_ORDERED = ("is", "gt", "lt", "between", "isnt", *_ALWAYS)
OPERATORS: Mapping[Sort, tuple[str, ...]] = {
    Sort.CHOICE: ("is", "isnt", *_ALWAYS),
    Sort.CHOICES: ("has", "hasnt", *_ALWAYS),
    Sort.NUMBER: _ORDERED,
    Sort.TEXT: ("has", "hasnt", "is", "isnt", *_ALWAYS),
    Sort.DAY: _ORDERED,
    Sort.MOMENT: _ORDERED,
    Sort.OTHER: _ALWAYS,
}
"""By what a question is: what may be said of its answers, the most usual first."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as asked for; `values` are none, one, or two (between)."""

    path: str
    operator: str
    values: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """As an address has it."""
        return _SEPARATOR.join((self.path, self.operator, *self.values))


@dataclass(frozen=True, slots=True)
class Read:
    """A condition that can be asked: the table whose rows it is about ("" the record itself), its tree."""

    asked: Condition
    table: str
    tree: Expression


def sort_of(node: Node, schema: Schema) -> Sort:
    """What a question is to whoever asks for its answers."""
    if node.choices in schema.choices:
        return Sort.CHOICES if node.control in {"select", "odk:rank"} else Sort.CHOICE
    if node.type in {"int", "decimal"}:
        return Sort.NUMBER
    if node.type in {"date", "dateTime"}:
        return Sort.DAY if node.type == "date" else Sort.MOMENT
    return Sort.TEXT if node.type in {"string", "barcode"} else Sort.OTHER


def parted(text: str) -> Condition:
    """A condition out of an address, not yet looked up. Raises ConditionUnknown."""
    path, *rest = text[: 4 * LONGEST_VALUE].replace("\0", "").split(_SEPARATOR, 3)
    if not rest:
        raise ConditionUnknown(condition=text[:LONGEST_VALUE])
    operator, *values = rest
    return Condition(path, operator, tuple(value.strip() for value in values if value.strip()))


def read_condition(asked: Condition, schema: Schema, model: Model) -> Read:
    """A condition looked up and typed. Raises ConditionUnknown, ConditionMisfit."""
    node = schema.by_path.get(asked.path)
    if node is None or not node.is_question:
        raise ConditionUnknown(condition=asked.written[:LONGEST_VALUE])
    sort = sort_of(node, schema)
    wanted = {BLANK: 0, ANSWERED: 0, "between": 2}.get(asked.operator, 1)
    if asked.operator not in OPERATORS[sort]:
        raise ConditionUnknown(condition=asked.written[:LONGEST_VALUE])
    if len(asked.values) != wanted:
        raise ConditionMisfit(value=" ".join(asked.values)[:LONGEST_VALUE], question=node.name)
    kind = next(leaf.kind for leaf in model.tables[node.table].leaves if leaf.node.path == node.path)
    field = Field(Source.ANSWER, node.path, kind, node.table)
    return Read(asked, node.table, _tree(asked, field, _Reading(node, sort, schema)))


@dataclass(frozen=True, slots=True)
class _Reading:
    node: Node
    sort: Sort
    schema: Schema

    def value(self, text: str) -> Any:
        """What a text says. Raises ConditionMisfit."""
        read = None if len(text) > LONGEST_VALUE else self._read(text)
        if read is None:
            raise ConditionMisfit(value=text[:LONGEST_VALUE], question=self.node.name)
        return read

    def _read(self, text: str) -> Any:
        if self.sort in {Sort.CHOICE, Sort.CHOICES}:
            return text if text in {one.name for one in self.schema.choices[self.node.choices]} else None
        if self.sort is Sort.NUMBER:
            return number_in(text)
        if self.sort in {Sort.DAY, Sort.MOMENT}:
            return day_in(text)
        return text


def number_in(text: str) -> int | float | None:
    """A number as people write it, with a comma or a point; None where it is none."""
    try:
        found = read_decimal(text.replace(" ", "").replace(",", "."))
        whole = int(found)
    except (ValueError, OverflowError):
        return None
    if abs(whole) >= _INT64:
        return None
    return whole if found == whole else found


def day_in(text: str) -> date | None:
    """A day as people write it (31/12/2026) or as a browser does (2026-12-31); None where it is none."""
    parts = text.replace("-", "/").replace(".", "/").split("/")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):  # noqa: PLR2004 - day, month, year
        return None
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)  # noqa: PLR2004 - a year
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _tree(asked: Condition, field: Field, reading: _Reading) -> Expression:
    if asked.operator in {BLANK, ANSWERED}:
        return Compared("eq" if asked.operator == BLANK else "ne", field, Literal(None, Kind.NULL))
    values = [reading.value(text) for text in asked.values]
    if asked.operator in {"has", "hasnt"}:
        held = _held(field, reading.sort, str(values[0]))
        return held if asked.operator == "has" else Negated(held)
    if reading.sort is Sort.MOMENT:
        return _of_day(asked.operator, field, values)
    literals = [Literal(value, field.kind) for value in values]
    if asked.operator == "between":
        return Chain("and", (Compared("ge", field, literals[0]), Compared("le", field, literals[1])))
    word = {"is": "eq", "isnt": "ne"}.get(asked.operator, asked.operator)
    return Compared(word, field, literals[0])


def _held(field: Field, sort: Sort, value: str) -> Expression:
    if sort is Sort.CHOICES:
        return Call("lists", (field, Literal(value, Kind.TEXT)), Kind.TRUTH)
    found: Sequence[Expression] = [
        Call("finds", (field, Literal(word, Kind.TEXT)), Kind.TRUTH) for word in folded(value).split()
    ]
    return (
        found[0] if len(found) == 1 else Chain("and", tuple(found) or (Literal(value=True, kind=Kind.TRUTH),))
    )


def _of_day(operator: str, field: Field, days: Sequence[date]) -> Expression:
    """A moment compared with days, each from its midnight in Viet Nam to the next."""
    first, last = days[0], days[-1]
    from_, until = Literal(midnight(first), Kind.MOMENT), Literal(midnight(last, 1), Kind.MOMENT)
    if operator == "gt":
        return Compared("ge", field, until)
    if operator == "lt":
        return Compared("lt", field, from_)
    inside = Chain("and", (Compared("ge", field, from_), Compared("lt", field, until)))
    return Negated(inside) if operator == "isnt" else inside


def midnight(day: date, later: int = 0) -> datetime:
    """When a day begins in Viet Nam, or one so many days later, in UTC; never beyond the ends of time."""
    try:
        return datetime.combine(day + timedelta(days=later), time(), HOME).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)
