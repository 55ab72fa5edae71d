"""A new year: what becomes of the classes and learners of the year before, without asking anyone.

Classes that began before the year are closed; who sat in one is free for another, and keeps what he has
reached. Everybody grows older by a year. Whom nobody has visited this year is to be visited; a visit then
only asks for what has changed.
Knows: the codes of the forms f01, f04, f05. A learner's state: 1 attending, 2 absent for a while, 3 dropped
out, 4 transferred, 5 term finished. Terms 1 to 3 are phase 1, 4 and 5 phase 2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

IN_CLASS = frozenset({"1", "2", "5"})

CLASS_OVER = {"state": "closed"}
FREE = {"class_id": "", "state": "", "term_result": ""}


@dataclass(frozen=True, slots=True)
class NewYear:
    """The year that begins, its first day, and the age up to which people are taught (design §3.13)."""

    year: int
    begins: date
    oldest: int = 60


def of_class(data: Mapping[str, str], to: NewYear) -> dict[str, str]:
    """What changes in a class: nothing in one that is closed, or began in the new year, or says no day."""
    began = data.get("start_date", "")[:10]
    if data.get("state") != "open" or not began or began >= to.begins.isoformat():
        return {}
    return dict(CLASS_OVER)


def of_learner(data: Mapping[str, str], over: Collection[str]) -> dict[str, str]:
    """What changes in a learner whose class is among those that are over.

    Who dropped out or went elsewhere keeps that state: it says why he sits in no class.
    """
    if data.get("class_id", "") not in over:
        return {}
    return dict(FREE) if data.get("state", "") in IN_CLASS | {""} else {"class_id": ""}


def computed_of_learner(data: Mapping[str, str], to: NewYear) -> dict[str, str]:
    """A learner's age in the new year, and `out_of_age` 1 for who is too old to be counted."""
    born = data.get("birth_year", "")
    if not (born.isascii() and born.isdecimal()):
        return {}
    age = to.year - int(born)
    return {"age": str(age), "out_of_age": "1" if age > to.oldest else ""}


def computed_of_household(data: Mapping[str, str], to: NewYear) -> dict[str, str]:
    """`visit_due`: the year a household is to be visited in, "" once it was."""
    visited = data.get("last_visit", "")[:10] >= to.begins.isoformat()
    return {"visit_due": "" if visited else str(to.year)}
