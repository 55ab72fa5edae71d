"""Records as the checks look at them: some of one place at a time, columns side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from forms.checks.check import ON
from forms.checks.found import Found
from forms.checks.roles import Roles
from forms.schema import Schema
from forms.values import HOME


@dataclass(frozen=True, slots=True)
class Point:
    """Where a phone stood, degrees and metres."""

    latitude: float
    longitude: float
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Interview:
    """One record from outside: who sent it, from where, when it was filled in and when it came.

    `number` is that of the submission, `sender` who sent it (`sender:<id>`, else `device:<id>`, "" for
    nobody known), `version` the number of the form's version. Times are as the phone's clock had them.
    """

    number: int
    key: str
    sender: str
    device: str
    received: datetime
    version: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    today: date | None = None
    reported_on: date | None = None
    household: str = ""
    point: Point | None = None

    @property
    def minutes(self) -> float | None:
        """How long it took, None where nobody knows."""
        if self.started is None or self.ended is None:
            return None
        return (self.ended - self.started).total_seconds() / 60

    @property
    def began_here(self) -> datetime | None:
        """When it began by the clocks of Viet Nam."""
        return self.started.astimezone(HOME) if self.started else None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table in a block: `records[i]` is the number of the record row i belongs to.

    `columns` holds the answers by path of the question; `blank[i]` the paths of the questions that row i was
    asked and left empty.
    """

    path: str
    records: Sequence[int] = ()
    keys: Sequence[str] = ()
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    blank: Sequence[Sequence[str]] = ()

    def column(self, path: str | None) -> Sequence[Any]:
        """The answers to a question, None for each row where it is not there."""
        found = self.columns.get(path) if path else None
        return found if found is not None else [None] * len(self.records)


@dataclass(frozen=True)
class Block:
    """The records of one place of a survey, its root rows in the same order as `interviews`.

    `middle` is where the place lies, None where nobody entered that.
    """

    place: str
    commune: str
    interviews: Sequence[Interview]
    tables: Mapping[str, Rows]
    middle: Point | None = None

    @cached_property
    def by_number(self) -> Mapping[int, Interview]:
        """The records by their number."""
        return {one.number: one for one in self.interviews}

    @property
    def root(self) -> Rows:
        """The rows of the survey itself."""
        return self.tables[""]

    def table_of(self, path: str | None) -> Rows | None:
        """The table that holds a question."""
        return next((table for table in self.tables.values() if path in table.columns), None)

    def senders(self, table: Rows) -> list[str]:
        """Who sent each row."""
        known = self.by_number
        return [known[number].sender for number in table.records]


@dataclass(frozen=True)
class Survey:
    """What the checks of one survey go by: its form, its roles, the numbers in force.

    `numbers` gives those of a check, by name; `versions` says when each version of the form was published;
    `required` are the paths of questions that must be answered; `today` is the day in Viet Nam; `again`
    reads some records once more, by their numbers.
    """

    form: str
    schema: Schema
    roles: Roles
    numbers: Callable[[str], Mapping[str, float]]
    today: date
    versions: Mapping[int, tuple[str, datetime]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    again: Callable[[Sequence[int]], Iterable[Block]] = lambda _numbers: ()

    def on(self, code: str) -> bool:
        """Whether a check is to be made."""
        return self.numbers(code)[ON] > 0


def last_records(several: Iterable[Interview]) -> set[int]:
    """The numbers of the last record of each household, and of all that name none."""
    last: dict[str, Interview] = {}
    for one in several:
        name = one.household or f"record {one.number}"
        before = last.get(name)
        if before is None or (one.received, one.number) > (before.received, before.number):
            last[name] = one
    return {one.number for one in last.values()}


class Watch:
    """A check that sees the records of a survey block by block, in the order of communes.

    Nothing grows with the number of records but what the check says it keeps.
    """

    def see(self, block: Block) -> Iterable[Found]:
        """What a block alone shows."""
        del block
        return ()

    def commune_seen(self, commune: str) -> Iterable[Found]:
        """What all blocks of a commune show together; none of it comes again."""
        del commune
        return ()

    def all_seen(self) -> Iterable[Found]:
        """What only the whole survey shows."""
        return ()


def each_found(watches: Sequence[Watch], blocks: Iterable[Block]) -> Iterator[Found]:
    """What several checks find in a survey, reading it once."""
    commune: str | None = None
    for block in blocks:
        if commune is not None and block.commune != commune:
            for watch in watches:
                yield from watch.commune_seen(commune)
        commune = block.commune
        for watch in watches:
            yield from watch.see(block)
    if commune is not None:
        for watch in watches:
            yield from watch.commune_seen(commune)
    for watch in watches:
        yield from watch.all_seen()
