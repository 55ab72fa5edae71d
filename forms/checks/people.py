"""People in the rows of a survey, as far as it takes to tell whether two are one.

Roles: `person_name`, `sex`, `birth` (a day or a year), `identity` (papers of the person); of the household
`household` (its id), `head` (what its head is known by: name, year of birth), `phone`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from forms.checks.interviews import Block, last_records
from forms.checks.roles import Roles
from forms.vietnamese import folded

NAME, BIRTH, HOME = 0.5, 0.3, 0.2
"""What a name that is the same, a birth and a household add to the score of two people."""

_YEAR = 4


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a record. `name` and `home` (head or phone of the household) are folded."""

    record: int
    key: str
    shown: str
    name: str
    sex: str
    birth: str
    home: str = ""
    phone: str = ""
    identity: str = ""

    @property
    def year(self) -> str:
        """The year of birth."""
        return self.birth[:_YEAR]

    @property
    def is_head(self) -> bool:
        """Whether the household goes by this person's name."""
        return bool(self.name) and self.home.startswith(self.name)


def score(one: Person, other: Person) -> float:
    """How likely two rows are one person, 0 to 1: names 0.5, birth 0.3, household 0.2.

    The same year counts half where one of the two gave a day. In one record both have the same household,
    which says nothing: there it counts for those of the same name only.
    """
    alike = JaroWinkler.similarity(one.name, other.name)
    return NAME * alike + BIRTH * _births(one, other) + HOME * _homes(one, other)


def _births(one: Person, other: Person) -> float:
    if not (one.birth and other.birth):
        return 0.0
    if one.birth == other.birth:
        return 1.0
    return 0.5 if one.year == other.year else 0.0


def _homes(one: Person, other: Person) -> bool:
    if one.record == other.record:
        return one.name == other.name
    if one.phone and one.phone == other.phone:
        return True
    # Two heads of one name have the same head, whoever they are.
    return bool(one.home) and one.home == other.home and not (one.is_head and other.is_head)


def initials(name: str) -> str:
    """The first letters of a folded name: those of two spellings are nearly always the same."""
    return "".join(word[0] for word in name.split())


class People:
    """Reads the people of a block."""

    def __init__(self, roles: Roles) -> None:
        self._name = roles.path("person_name")
        self._sex, self._birth = roles.path("sex"), roles.path("birth")
        self._identity, self._phone = roles.path("identity"), roles.path("phone")
        self._head = roles.paths("head")

    @property
    def asked(self) -> bool:
        """Whether the survey asks for people by name."""
        return self._name is not None

    def of(self, block: Block) -> Iterator[Person]:
        """Everybody in the last record of each household."""
        table = block.table_of(self._name)
        if table is None:
            return
        last, homes, phones = last_records(block.interviews), self._homes(block), self._phones(block)
        columns = (table.column(path) for path in (self._name, self._sex, self._birth, self._identity))
        for record, key, name, sex, birth, identity in zip(table.records, table.keys, *columns, strict=True):
            if name and record in last:
                yield Person(
                    record,
                    key,
                    str(name),
                    _folded(str(name)),
                    "" if sex is None else str(sex),
                    "" if birth is None else str(birth)[:10],
                    homes.get(record, ""),
                    phones.get(record, ""),
                    _digits(identity),
                )

    def _homes(self, block: Block) -> dict[int, str]:
        parts = [block.root.column(path) for path in self._head]
        if not parts:
            return {}
        return {
            one.number: " ".join(_folded(str(part)) for part in said)
            for one, *said in zip(block.interviews, *parts, strict=True)
            if None not in said
        }

    def _phones(self, block: Block) -> dict[int, str]:
        phones = block.root.column(self._phone)
        return {one.number: _digits(phone) for one, phone in zip(block.interviews, phones, strict=True)}


_folded = lru_cache(maxsize=65_536)(folded)
"""Names are few, people many."""


def _digits(text: object) -> str:
    return "".join(sign for sign in str(text or "") if sign.isalnum())
