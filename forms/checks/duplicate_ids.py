"""2 · One id twice in a round: the same unit reported twice, or one of them under a wrong id.

The share of answers that differ tells which: hardly any differ where somebody entered a form twice, nearly
all where an id was mistaken. A round is a year (`reported_on`), unless the id holds its own period.
Roles: `id` (the questions that make the id), `only` (an answer: only those records are looked at).
Silent when: a part of the id is unanswered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forms.checks.check import ERROR, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch
from forms.vietnamese import folded

CHECK = Check(
    "duplicate_id",
    ERROR,
    "Same unit reported twice",
    "{count} records of this round have the same id; {differing}% of their answers differ ({verdict}).",
    "Keep the right one and mark the others as duplicates, or correct the id.",
    {"wrong_id": Threshold(80, 0, 100), "double_entry": Threshold(10, 0, 100)},
)
CHECKS = (CHECK,)

WRONG_ID, DOUBLE_ENTRY, UNCLEAR = "wrong id", "entered twice", "unclear"


def differing(one: Sequence[Any], other: Sequence[Any]) -> float:
    """How many of the answers both gave differ, in percent; 0 where they share none."""
    compared = [(left, right) for left, right in zip(one, other, strict=True) if left is not None and right is not None]
    if not compared:
        return 0.0
    return 100 * sum(left != right for left, right in compared) / len(compared)


def verdict(percent: float, wrong_id: float, double_entry: float) -> str:
    """What that share says."""
    if percent >= wrong_id:
        return WRONG_ID
    return DOUBLE_ENTRY if percent <= double_entry else UNCLEAR


class DuplicateIds(Watch):
    """Looks in each block: an id that holds its place lies in one block with its double."""

    def __init__(self, survey: Survey) -> None:
        self._id = survey.roles.paths("id") if "id" in survey.roles.said else []
        self._only = survey.roles.answers("only")
        self._numbers = survey.numbers(CHECK.code)
        self._asked = [
            node.path for node in survey.schema.questions
            if not node.table and node.control and not node.binary and node.path not in self._id
        ]

    @property
    def asks(self) -> bool:
        """Whether the survey says what its id is."""
        return bool(self._id)

    def see(self, block: Block) -> Iterable[Found]:
        """The ids that occur twice."""
        root = block.root
        ids = zip(*(map(_plain, root.column(path)) for path in self._id), strict=True)
        wanted = [root.column(one.path) for one in self._only]
        groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, key in enumerate(ids):
            right = all(str(column[row]) == one.code for column, one in zip(wanted, self._only, strict=True))
            if right and all(key):
                groups[(*key, _round(block.interviews[row]))].append(row)
        for rows in groups.values():
            if len(rows) > 1:
                yield self._found(block, rows)

    def _found(self, block: Block, rows: Sequence[int]) -> Found:
        columns = [block.root.column(path) for path in self._asked]
        first, *others = ([column[row] for column in columns] for row in rows)
        share = max(differing(first, other) for other in others)
        words = verdict(share, self._numbers["wrong_id"], self._numbers["double_entry"])
        numbers = tuple(block.interviews[row].number for row in rows)
        details = {"count": str(len(rows)), "differing": f"{share:.0f}", "verdict": words}
        return Found(CHECK.code, numbers, path=self._id[0], value=f"{share:.0f}%", details=details)


def _plain(value: object) -> str:
    return "" if value is None else folded(str(value))


def _round(one: Interview) -> str:
    return str(one.reported_on.year) if one.reported_on else ""


def duplicates(blocks: Iterable[Block], survey: Survey) -> Iterator[Found]:
    """What the check finds in several blocks: for use outside of the night."""
    watch = DuplicateIds(survey)
    for block in blocks:
        yield from watch.see(block)
