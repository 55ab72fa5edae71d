"""21 · The same answer all the way down, and the «no» that skips a part of the form.

Straight-lining: the share of the commonest answer in a grid is at least `share`. Gates: the share of the
answer that skips, as for «don't know» (`forms.checks.dont_know`).
Roles: `grid` (questions of one scale, in one row), `gate` (answers that skip: `consent=0`).
Silent when: fewer than `items` of a grid are answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.often import Shares

LINE = Check(
    "straight_lining",
    WARNING,
    "The same answer all the way down",
    "{same} of {items} answers of one block of questions are “{answer}”.",
    "Ask the enumerator whether each question was read out.",
    {"share": Threshold(0.95, 0.5, 1), "items": Threshold(10, 2, 1_000)},
)
GATE = Check(
    "gate_often",
    WARNING,
    "One enumerator often gets the answer that skips questions",
    "{part} of {number} answers ({percent}%) are “{answer}”, which skips questions; of all it is {usual}%.",
    "Sit in on an interview; visit some of these households again.",
    {"z": Threshold(3, 0, 100), "least": Threshold(20, 1, 100_000)},
)
CHECKS = (LINE, GATE)


def commonest(answers: Sequence[object]) -> tuple[str, int, int]:
    """The commonest of the answers there are, how often it was given, and how many answers there are."""
    given = Counter(str(one) for one in answers if one is not None)
    if not given:
        return "", 0, 0
    answer, count = given.most_common(1)[0]
    return answer, count, given.total()


class StraightLining(Watch):
    """Grids row by row, gates by enumerator."""

    def __init__(self, survey: Survey) -> None:
        self._grid = survey.roles.paths("grid") if survey.on(LINE.code) else []
        self._numbers = survey.numbers(LINE.code)
        gates = survey.roles.answers("gate") if survey.on(GATE.code) else []
        self._gates = Shares(survey, GATE, gates)

    def see(self, block: Block) -> Iterable[Found]:
        """The rows answered alike."""
        self._gates.take(block)
        table = block.table_of(self._grid[0]) if self._grid else None
        if table is None:
            return
        columns = [table.column(path) for path in self._grid]
        for record, key, *answers in zip(table.records, table.keys, *columns, strict=True):
            answer, same, items = commonest(answers)
            if items >= self._numbers["items"] and same >= self._numbers["share"] * items:
                details = {"same": str(same), "items": str(items), "answer": answer}
                path = self._grid[0]
                yield Found(LINE.code, (record,), path, key, answer, variant=answer, details=details)

    def all_seen(self) -> Iterable[Found]:
        """The enumerators who skip."""
        yield from self._gates.found()
