"""2 · One id twice in a round: the same unit reported twice, or one of them under a wrong id.

The share of answers that differ tells which: hardly any differ where somebody entered a form twice, nearly
all where an id was mistaken. A round is a year (`reported_on`).
Roles: `id` (the questions that make the id), `only` (an answer: only those records are looked at).
Silent when: a part of the id is unanswered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forms.checks.check import ERROR, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch
from forms.vietnamese import folded

TWICE = Check(
    "duplicate_id",
    ERROR,
    "Same unit reported twice",
    "The same id stands in {count} records of this round; {differing} percent of their answers differ.",
    "Keep the right one and mark the others as duplicates, or correct the id.",
    {"wrong_id": Threshold(80, 0, 100), "double_entry": Threshold(10, 0, 100)},
)
ENTERED_TWICE = Check(
    "double_entry",
    ERROR,
    "Form entered twice",
    "The same id stands in {count} records of this round; {differing} percent of their answers differ.",
    "Keep one and mark the others as duplicates.",
)
WRONG_ID = Check(
    "wrong_id",
    ERROR,
    "Another unit under the same id",
    "The same id stands in {count} records of this round; {differing} percent of their answers differ.",
    "Find out which record belongs to another unit, and correct its id.",
)
CHECKS = (TWICE, ENTERED_TWICE, WRONG_ID)


def differing(one: Sequence[Any], other: Sequence[Any]) -> float:
    """How many of the answers both gave differ, in percent; 0 where they share none."""
    both = [pair for pair in zip(one, other, strict=True) if None not in pair]
    return 100 * sum(left != right for left, right in both) / len(both) if both else 0.0


def verdict(percent: float, numbers: Mapping[str, float]) -> Check:
    """What that share says."""
    if percent >= numbers["wrong_id"]:
        return WRONG_ID
    return ENTERED_TWICE if percent <= numbers["double_entry"] else TWICE


class DuplicateIds(Watch):
    """Looks in each block: an id names its place, so that both lie in one block."""

    def __init__(self, survey: Survey) -> None:
        self._id = survey.roles.paths("id")
        self._only = survey.roles.answers("only")
        self._numbers = survey.numbers(TWICE.code)
        self._asked = [
            node.path
            for node in survey.schema.questions
            if not node.table and node.control and not node.binary and node.path not in self._id
        ]

    def see(self, block: Block) -> Iterable[Found]:
        """The ids that occur twice."""
        root = block.root
        groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        wanted = [(root.column(one.path), one.code) for one in self._only]
        parts = [root.column(path) for path in self._id]
        for row, interview in enumerate(block.interviews):
            key = tuple(_plain(part[row]) for part in parts)
            if all(key) and key and all(str(column[row]) == code for column, code in wanted):
                groups[(*key, _round(interview))].append(row)
        for rows in groups.values():
            if len(rows) > 1:
                yield self._found(block, rows)

    def _found(self, block: Block, rows: Sequence[int]) -> Found:
        columns = [block.root.column(path) for path in self._asked]
        first, *others = ([column[row] for column in columns] for row in rows)
        share = max(differing(first, other) for other in others)
        numbers = tuple(block.interviews[row].number for row in rows)
        details = {"count": str(len(rows)), "differing": f"{share:.0f}"}
        code = verdict(share, self._numbers).code
        return Found(code, numbers, path=self._id[0], value=f"{share:.0f}%", details=details)


def _plain(value: object) -> str:
    return "" if value is None else folded(str(value))


def _round(one: Interview) -> str:
    return str(one.reported_on.year) if one.reported_on else ""
