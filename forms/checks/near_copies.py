"""5 · An interview that is nearly a copy of another one in its village.

Of the answers both gave, the share that is the same; questions that all the village answered alike say
nothing and are left out, as is what nobody asked. Repeats are compared row by row.
Source: Kuriakose and Robbins, percent match.
Silent when: fewer than `items` answers were given in both; the records are two visits of one household.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch

CHECK = Check(
    "near_copy",
    WARNING,
    "Nearly a copy of another interview",
    "{percent} percent of {items} answers are the same as in another interview of the village.",
    "Compare the two; visit both households again if the enumerator cannot explain it.",
    {"share": Threshold(0.9, 0.5, 1), "items": Threshold(20, 1, 1_000)},
)
CHECKS = (CHECK,)

_ROUNDING = 1e-9


class Bits:
    """The answers of some records, each answer and each question as one bit."""

    def __init__(self, records: int) -> None:
        self._asked, self._said = [0] * records, [0] * records
        self._questions = self._answers = 0

    def add(self, rows: Sequence[int], answers: Sequence[Any]) -> None:
        """The answers to one question, of the records at these places; None is none."""
        values = set(answers)
        values.discard(None)
        if len(values) < 2:  # noqa: PLR2004 - what all say alike tells nobody apart
            return
        question = 1 << self._questions
        codes = {value: 1 << (self._answers + at) for at, value in enumerate(values)}
        self._questions += 1
        self._answers += len(codes)
        for row, answer in zip(rows, answers, strict=True):
            if answer is not None:
                self._asked[row] |= question
                self._said[row] |= codes[answer]

    def copies(self, share: float, items: float) -> Iterator[tuple[int, int, float, int]]:
        """Two records, the share of the answers both gave that is the same, and how many these are."""
        least = share * items - _ROUNDING
        for one, other in combinations(range(len(self._said)), 2):
            same = (self._said[one] & self._said[other]).bit_count()
            if same >= least:
                both = (self._asked[one] & self._asked[other]).bit_count()
                if both >= items and same >= share * both - _ROUNDING:
                    yield one, other, same / both, both


class NearCopies(Watch):
    """Compares the records of a block, two by two."""

    def __init__(self, survey: Survey) -> None:
        self._numbers = survey.numbers(CHECK.code)
        left_out = {path for path, mark in survey.roles.marks.items() if mark.get("unit")}
        left_out.update(survey.roles.paths("not_compared"))
        self._paths = [
            node.path
            for node in survey.schema.questions
            if node.control and not node.binary and node.type != "geopoint" and node.path not in left_out
        ]

    def see(self, block: Block) -> Iterable[Found]:
        """For each record the one most like it."""
        best: dict[int, tuple[float, int, int]] = {}
        for one, other, share, items in self._bits(block).copies(
            self._numbers["share"], self._numbers["items"]
        ):
            left, right = block.interviews[one], block.interviews[other]
            if left.household and left.household == right.household:
                continue
            later, earlier = (one, other) if left.received > right.received else (other, one)
            best[later] = max(best.get(later, (0.0, 0, 0)), (share, items, earlier))
        for later, (share, items, earlier) in best.items():
            records = (block.interviews[later].number, block.interviews[earlier].number)
            details = {"percent": f"{100 * share:.0f}", "items": str(items)}
            yield Found(CHECK.code, records, value=f"{100 * share:.0f}%", details=details)

    def _bits(self, block: Block) -> Bits:
        bits = Bits(len(block.interviews))
        places = {one.number: at for at, one in enumerate(block.interviews)}
        for table in block.tables.values():
            lines = [
                (rows, [places[table.records[row]] for row in rows]) for rows in _ordinals(table.records)
            ]
            for path in self._paths:
                column = table.columns.get(path)
                if column is not None:
                    for rows, records in lines:
                        bits.add(records, [column[row] for row in rows])
        return bits


def _ordinals(records: Sequence[int]) -> list[list[int]]:
    """The rows that are the first of their record, those that are the second, and so on."""
    seen: dict[int, int] = {}
    found: list[list[int]] = []
    for row, number in enumerate(records):
        at = seen.get(number, 0)
        seen[number] = at + 1
        if at == len(found):
            found.append([])
        found[at].append(row)
    return found
