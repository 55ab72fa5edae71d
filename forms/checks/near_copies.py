"""5 · An interview that is nearly a copy of another one in its village.

Of the answers both gave, the share that is the same; questions that all the village answered alike say
nothing and are left out, as is what nobody asked. Repeats are compared row by row.
Source: Kuriakose and Robbins, percent match.
Silent when: fewer than `items` answers were given in both; the records are two visits of one household.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch

CHECK = Check(
    "near_copy",
    WARNING,
    "Nearly a copy of another interview",
    "{percent}% of {items} answers are the same as in another interview of the village.",
    "Compare the two; visit both households again if the enumerator cannot explain it.",
    {"share": Threshold(0.9, 0.5, 1), "items": Threshold(20, 1, 1_000)},
)
CHECKS = (CHECK,)

_ROUNDING = 1e-9


class _Bits:
    """Each answer, and each question, as one bit."""

    def __init__(self, several: Sequence[Mapping[Any, Any]]) -> None:
        values: dict[Any, set[Any]] = {}
        for answers in several:
            for item, value in answers.items():
                values.setdefault(item, set()).add(value)
        items = {
            item: 1 << at for at, item in enumerate(item for item, said in values.items() if len(said) > 1)
        }
        codes: dict[Any, int] = {}
        for item in items:
            for value in values[item]:
                codes[item, value] = 1 << len(codes)
        self.asked = [sum(items[item] for item in answers if item in items) for answers in several]
        self.said = [
            sum(codes[item, value] for item, value in answers.items() if item in items) for answers in several
        ]


def copies(
    several: Sequence[Mapping[Any, Any]], share: float, items: float
) -> Iterator[tuple[int, int, float, int]]:
    """Of answers by question: the two, the share that is the same, and of how many."""
    bits = _Bits(several)
    for one, other in combinations(range(len(several)), 2):
        same = (bits.said[one] & bits.said[other]).bit_count()
        if same >= share * items - _ROUNDING:
            both = (bits.asked[one] & bits.asked[other]).bit_count()
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
        answers = self._answers(block)
        best: dict[int, tuple[float, int, int]] = {}
        for one, other, share, items in copies(answers, self._numbers["share"], self._numbers["items"]):
            left, right = block.interviews[one], block.interviews[other]
            if left.household and left.household == right.household:
                continue
            later, earlier = (one, other) if left.received > right.received else (other, one)
            best[later] = max(best.get(later, (0.0, 0, 0)), (share, items, earlier))
        for later, (share, items, earlier) in best.items():
            records = (block.interviews[later].number, block.interviews[earlier].number)
            details = {"percent": f"{100 * share:.0f}", "items": str(items)}
            yield Found(CHECK.code, records, value=f"{100 * share:.0f}%", details=details)

    def _answers(self, block: Block) -> list[dict[tuple[str, int], Any]]:
        rows = {one.number: at for at, one in enumerate(block.interviews)}
        answers: list[dict[tuple[str, int], Any]] = [{} for _ in block.interviews]
        for table in block.tables.values():
            where, ordinals = _ordinals(table.records)
            belongs = [answers[rows[number]] for number in where]
            for path in self._paths:
                column = table.columns.get(path)
                if column is not None:
                    for mine, ordinal, value in zip(belongs, ordinals, column, strict=True):
                        if value is not None:
                            mine[path, ordinal] = value
        return answers


def _ordinals(records: Sequence[int]) -> tuple[Sequence[int], list[int]]:
    """The records as they are, and the place of each row among those of its record."""
    seen: dict[int, int] = {}
    ordinals = []
    for number in records:
        seen[number] = seen.get(number, 0) + 1
        ordinals.append(seen[number])
    return records, ordinals
