"""12 · Questions that many leave empty, that nobody answers, that all answer alike.

Counted among those who were asked: a question that was not relevant is not missing. A phone sends what it
asked and got no answer to as an empty element, which is how the two are told apart.
Silent when: fewer than `least` were asked; just `share` of them gave no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from forms.checks.check import INFO, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch

MISSING = Check(
    "items_missing",
    WARNING,
    "Question often left empty",
    "{missing} of {asked} who were asked gave no answer ({percent}%).",
    "Make the question required, or ask the enumerators why it is passed over.",
    {"share": Threshold(0.1, 0, 1), "least": Threshold(30, 1, 1_000_000)},
)
NEVER = Check(
    "never_answered",
    WARNING,
    "Question nobody answers",
    "None of {asked} who were asked gave an answer.",
    "Look at the question: perhaps its list is empty or nobody understands it.",
    {"least": Threshold(30, 1, 1_000_000)},
)
SAME = Check(
    "no_variation",
    INFO,
    "Question all answer alike",
    "All {asked} answers are the same.",
    "Look at the question: it tells nothing, or a default answer was never changed.",
    {"least": Threshold(30, 1, 1_000_000)},
)
CHECKS = (MISSING, NEVER, SAME)


class _Item:
    """What became of one question so far."""

    __slots__ = ("answered", "blank", "seen")

    def __init__(self) -> None:
        self.answered = 0
        self.blank = 0
        self.seen: set[Any] = set()

    def take(self, column: Iterable[Any], answered: int) -> None:
        self.answered += answered
        if answered and len(self.seen) < 2:  # noqa: PLR2004 - one answer, or more than one
            self.seen.update(set(column) - {None})

    @property
    def asked(self) -> int:
        return self.answered + self.blank


class MissingItems(Watch):
    """Counts answers and blanks of each question that is asked."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._items = {
            node.path: _Item()
            for node in survey.schema.questions
            if node.control and node.type != "structure"
        }

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for table in block.tables.values():
            for path, column in table.columns.items():
                item = self._items.get(path)
                if item is not None:
                    item.take(column, len(column) - column.count(None))
            for path, number in Counter(path for blank in table.blank for path in blank).items():
                if path in self._items:
                    self._items[path].blank += number
        return ()

    def all_seen(self) -> Iterable[Found]:
        """The questions that stand out."""
        for path, item in self._items.items():
            yield from self._verdicts(path, item)

    def _verdicts(self, path: str, item: _Item) -> Iterator[Found]:
        numbers = {
            check.code: self._survey.numbers(check.code) for check in CHECKS if self._survey.on(check.code)
        }
        enough = {code: item.asked >= mine["least"] for code, mine in numbers.items()}
        details = {"asked": str(item.asked), "missing": str(item.blank)}
        if enough.get(NEVER.code) and not item.answered:
            yield self._found(NEVER, path, "0", details)
            return
        if enough.get(MISSING.code) and item.blank > numbers[MISSING.code]["share"] * item.asked:
            percent = f"{100 * item.blank / item.asked:.0f}"
            yield self._found(MISSING, path, f"{percent}%", {**details, "percent": percent})
        if SAME.code in numbers and len(item.seen) == 1 and item.answered >= numbers[SAME.code]["least"]:
            value = str(next(iter(item.seen)))
            yield self._found(SAME, path, value, {"asked": str(item.answered)})

    def _found(self, check: Check, path: str, value: str, details: dict[str, str]) -> Found:
        subject = f"question:{path}"
        return Found(
            check.code, path=path, subject=subject, value=value, form=self._survey.form, details=details
        )
