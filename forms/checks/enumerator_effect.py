"""20 · Answers that depend on who asks: an enumerator beside the others of the same commune.

Numbers: Welch's t of his mean and that of the others, |t| > `t`. Choices: chi-square of his answers and
theirs, p < `p` and Cramér's V > `v`.
Roles: `effect`: the questions compared.
Silent when: he or the others have fewer than `least` answers; nothing varies.
Keeps: how often each enumerator of one commune heard each answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.spread import chi_square, chi_square_tail, cramer_v, moments, welch_t

MEAN = Check(
    "enumerator_mean",
    WARNING,
    "Numbers of one enumerator unlike the others'",
    "In his interviews the mean is {mine}, in those of the others of the commune {others} (t = {t}).",
    "Look at what he asks where; sit in on an interview.",
    {"t": Threshold(3, 0, 100), "least": Threshold(20, 2, 100_000)},
)
CHOICE = Check(
    "enumerator_choice",
    WARNING,
    "Answers of one enumerator unlike the others'",
    "His answers are spread otherwise than those of the others of the commune (V = {v}).",
    "Look at what he asks where; sit in on an interview.",
    {"p": Threshold(0.001, 0, 1), "v": Threshold(0.2, 0, 1), "least": Threshold(20, 2, 100_000)},
)
CHECKS = (MEAN, CHOICE)

Heard = Mapping[str, Counter[Any]]
"""How often each enumerator heard each answer."""


def _others(heard: Heard, sender: str) -> Counter[Any]:
    rest: Counter[Any] = Counter()
    for name, counts in heard.items():
        if name != sender:
            rest.update(counts)
    return rest


def means_apart(heard: Heard, most: float, least: float) -> Iterator[tuple[str, float, float, float]]:
    """Enumerator, his mean, that of the others and Welch's t."""
    for sender, counts in heard.items():
        mine, others = moments(counts), moments(_others(heard, sender))
        t = welch_t(mine, others) if min(mine.count, others.count) >= least else None
        if t is not None and abs(t) > most and sender:
            yield sender, mine.mean, others.mean, t


def choices_apart(heard: Heard, numbers: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Enumerator and Cramér's V."""
    for sender, counts in heard.items():
        others = _others(heard, sender)
        if min(counts.total(), others.total()) < numbers["least"] or not sender:
            continue
        answers = sorted({*counts, *others}, key=str)
        table = [[counts[one] for one in answers], [others[one] for one in answers]]
        statistic, freedom = chi_square(table)
        v = cramer_v(statistic, table)
        if chi_square_tail(statistic, freedom) < numbers["p"] and v > numbers["v"]:
            yield sender, v


class EnumeratorEffect(Watch):
    """Counts by enumerator in each commune."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        nodes = survey.schema.by_path
        paths = survey.roles.paths("effect")
        self._numbers = [path for path in paths if nodes[path].type in {"int", "decimal"}]
        self._choices = [path for path in paths if path not in self._numbers]
        self._heard: dict[str, dict[str, Counter[Any]]] = {path: {} for path in paths}

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for path, heard in self._heard.items():
            table = block.table_of(path)
            if table is None:
                continue
            pairs = Counter(zip(block.senders(table), table.column(path), strict=True))
            for (sender, value), count in pairs.items():
                if value is not None:
                    heard.setdefault(sender, Counter())[value] += count
        return ()

    def commune_seen(self, commune: str) -> Iterable[Found]:
        """The enumerators of a commune that stand out."""
        if self._survey.on(MEAN.code):
            for path in self._numbers:
                yield from self._means(path, commune)
        if self._survey.on(CHOICE.code):
            for path in self._choices:
                yield from self._spreads(path, commune)
        for heard in self._heard.values():
            heard.clear()

    def _means(self, path: str, commune: str) -> Iterator[Found]:
        numbers = self._survey.numbers(MEAN.code)
        for sender, mine, others, t in means_apart(self._heard[path], numbers["t"], numbers["least"]):
            details = {"mine": f"{mine:.2f}", "others": f"{others:.2f}", "t": f"{t:.1f}"}
            found = self._about(MEAN, path, commune, sender)
            yield replace(found, value=details["mine"], expected=details["others"], details=details)

    def _spreads(self, path: str, commune: str) -> Iterator[Found]:
        for sender, v in choices_apart(self._heard[path], self._survey.numbers(CHOICE.code)):
            found = self._about(CHOICE, path, commune, sender)
            yield replace(found, value=f"{v:.2f}", details={"v": f"{v:.2f}"})

    def _about(self, check: Check, path: str, commune: str, sender: str) -> Found:
        return Found(
            check.code,
            path=path,
            subject=sender,
            variant=commune,
            form=self._survey.form,
            place_code=commune or None,
        )
