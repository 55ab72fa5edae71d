"""What the address of a list of records asks for: a filter, an order, columns, a page.

The same address narrows the list, its downloads and what is done to all of its records, and is what a kept
view remembers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from urllib.parse import urlencode

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from forms.condition_problems import ConditionMisfit, ConditionUnknown, TooManyConditions
from forms.conditions import (
    LONGEST_VALUE,
    MOST,
    Condition,
    Read,
    day_in,
    midnight,
    parted,
    read_condition,
)
from forms.odata.model import model_of
from forms.phrases import Phrase, template
from forms.receipts import number_of
from forms.schema import Node, Schema
from forms.vietnamese import folded
from storage.models import Form, Place
from storage.projection.catalogue import answer_tables
from storage.queries import places
from storage.queries.choosing import Filter, on_answers
from storage.queries.record_list import DATE, NAME, ORDERS, Order

MOST_COLUMNS = 8
MOST_PLACES = 20
MOST_WORDS = 8

SINGLE = ("q", "state", "place", "placeless", "sender", "from", "to", "findings", "photos", "deleted")
"""What an address says once to narrow a list; `where` comes as often as there are conditions."""

_TICKS = frozenset({"placeless", "findings", "photos", "deleted"})
_DAYS = frozenset({"from", "to"})
PERSONAL = frozenset({"q", "sender"})
"""What may name somebody."""

Pairs = tuple[tuple[str, str], ...]


class Said(Protocol):
    """What an address or a page says: several values under a name."""

    def get(self, key: str, default: str) -> str:
        """The first value."""

    def getlist(self, key: str) -> list[str]:
        """All values."""


@dataclass(frozen=True)
class Narrowing:
    """How a list is narrowed: what was said, in words that are one address, and what it came to.

    `matches` are the places that a name typed came to; `read` the conditions on answers.
    """

    chosen: Filter
    pairs: Pairs
    read: tuple[Read, ...] = ()
    matches: Sequence[Place] = ()

    @property
    def query(self) -> str:
        """What an address says that narrows so."""
        return urlencode(self.pairs)

    def said(self, name: str) -> str:
        """What was said once under a name."""
        return next((value for key, value in self.pairs if key == name), "")


@dataclass(frozen=True)
class Shown:
    """How a list is shown: its order, the questions that stand as columns, in one address with them."""

    order: Order = field(default_factory=Order)
    columns: tuple[Node, ...] = ()
    pairs: Pairs = ()


@dataclass(frozen=True)
class Listing:
    """A form as its list is asked for: `schema` None where it was never published."""

    session: Session
    form: Form
    schema: Schema | None
    now: datetime

    def narrowing(self, said: Said, ids: Sequence[str] = ()) -> Narrowing:
        """What an address narrows the list to.

        Raises ConditionUnknown, ConditionMisfit, TooManyConditions.
        """
        pairs = tuple(_once(said))
        told = dict(pairs)
        read = self._conditions(said.getlist("where"))
        matches = self._places(told.get("place", ""))
        days = {name: day_in(told[name]) for name in _DAYS & told.keys()}
        chosen = Filter(
            self.form.id,
            deleted="deleted" in told,
            state=told.get("state", ""),
            places=tuple(one.code for one in matches) if told.get("place") else None,
            placeless="placeless" in told,
            ids=tuple(ids),
            words=tuple(dict.fromkeys(folded(told.get("q", "")).split()))[:MOST_WORDS],
            receipt=number_of(told.get("q", "")),
            sender=tuple(folded(told.get("sender", "")).split())[:MOST_WORDS],
            since=_midnight(days.get("from")),
            until=_midnight(days.get("to"), 1),
            findings="findings" in told,
            photos="photos" in told,
            answers=self._on_answers(read),
        )
        wheres = tuple(("where", one.asked.written) for one in read)
        return Narrowing(chosen, pairs + wheres, read, matches)

    def read(self, condition: Condition) -> Read:
        """A condition on an answer. Raises ConditionUnknown, ConditionMisfit."""
        if self.schema is None:
            raise ConditionUnknown(condition=condition.written[:LONGEST_VALUE])
        return read_condition(condition, self.schema, model_of(self.schema))

    def shown(self, said: Said) -> Shown:
        """How an address wants the list shown. Raises ConditionUnknown, TooManyConditions."""
        sort = said.get("sort", "")[:20]
        by = sort.removeprefix("-")
        order = Order(by, sort.startswith("-")) if by in ORDERS else Order()
        named = list(dict.fromkeys(said.getlist("col")))
        if len(named) > MOST_COLUMNS:
            raise TooManyConditions(limit=MOST, columns=MOST_COLUMNS)
        columns = tuple(self._column(path) for path in named)
        pairs = (("sort", sort),) if by in ORDERS else ()
        return Shown(order, columns, pairs + tuple(("col", node.path) for node in columns))

    def _column(self, path: str) -> Node:
        node = self.schema.by_path.get(path) if self.schema is not None else None
        if node is None or not can_stand(node):
            raise ConditionUnknown(condition=path[:LONGEST_VALUE])
        return node

    def _conditions(self, written: Sequence[str]) -> tuple[Read, ...]:
        if len(written) > MOST:
            raise TooManyConditions(limit=MOST, columns=MOST_COLUMNS)
        return tuple(self.read(parted(text)) for text in dict.fromkeys(written))

    def _places(self, text: str) -> Sequence[Place]:
        if not text:
            return ()
        exact = self.session.get(Place, text)
        return [exact] if exact is not None else places.find(self.session, text, limit=MOST_PLACES)

    def _on_answers(self, read: Sequence[Read]) -> ColumnElement[bool] | None:
        if not read:
            return None
        tables = answer_tables(self.session, self.form.id, draft=False)
        return on_answers(tables, read, self.now)

    def impersonal(self, pairs: Pairs, marks: Mapping[str, Mapping[str, str]]) -> Pairs:
        """What of an address names nobody: no words of a search, no answers that are somebody's own.

        `marks` says what the survey sheet says of each path.
        """
        kept = []
        for name, value in pairs:
            mark = marks.get(parted(value).path, {}) if name == "where" else {}
            if name not in PERSONAL and mark.get("pii") not in {"direct", "sensitive"}:
                kept.append((name, value))
        return tuple(kept)


def _once(said: Said) -> Iterator[tuple[str, str]]:
    for name in SINGLE:
        value = said.get(name, "").replace("\0", "").strip()[:LONGEST_VALUE]
        if not value or (name in _TICKS and value != "1"):
            continue
        if name in _DAYS and day_in(value) is None:
            raise ConditionMisfit(value=value, question=Phrase(template("the day of receipt")))
        if name == "state":
            value = value[:20]
        yield name, value


def can_stand(node: Node) -> bool:
    """Whether a question can stand as a column: one of the record itself, that says something short."""
    return node.is_question and not node.table and node.type not in {"geotrace", "geoshape"}


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    return None if day is None else midnight(day, later)


def default_down(by: str) -> bool:
    """Whether an order begins with the last when it is chosen first: the newest, but names from A."""
    return by == DATE


__all__ = ["NAME", "Listing", "Narrowing", "Pairs", "Shown", "can_stand", "default_down"]
