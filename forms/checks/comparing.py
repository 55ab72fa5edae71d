"""Figures of one thing from two sides: what one form says beside what others add up to.

A line is a village, commune or centre in a period with all its figures, its own and those of the others under
names of their own; a rule names the figures that have to go together. A figure nobody sent is None, and a
rule that needs it is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from forms.checks.check import Check
from forms.checks.found import Found
from forms.checks.ranges import as_number

SHARE, LEAST = "share", "least"
"""Two figures may differ by that share of the right one, and by that many, whichever is more."""

_TWO = 2
_ROUNDING = 1e-9

Figures = Mapping[str, float | None]
Known = Mapping[str, float]
Odd = Callable[[Known, Mapping[str, float]], bool]
InForce = Callable[[str, str], Mapping[str, float]]
"""The numbers in force of a check, by its code and the form it is about."""

Paths = Mapping[str, str]
"""Name of a question to its path in the form."""


@dataclass(frozen=True, slots=True)
class Report:
    """A record of a form: its number, place and commune ("" where unknown), sender and answers by question.

    `sender` is `sender:<id>`, else `device:<id>`, "" for nobody known.
    """

    record: int
    place: str
    commune: str
    received: datetime
    day: date | None
    sender: str
    answers: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """An answer as a number, None where there is none."""
        return as_number(self.answers.get(name))

    def text(self, name: str) -> str:
        """An answer as text, "" where there is none."""
        value = self.answers.get(name)
        return "" if value is None else str(value).strip()

    def date(self, name: str) -> date | None:
        """An answer that is a day."""
        value = self.answers.get(name)
        return value if isinstance(value, date) else None

    @property
    def year(self) -> int | None:
        """The year it counts for: `count_year` or `rep_year`, whichever the form asks."""
        said = self.number("count_year") if "count_year" in self.answers else self.number("rep_year")
        return int(said) if said is not None else None


@dataclass(frozen=True, slots=True)
class Line:
    """What is compared: figures by name, `record` the one to look into (0: none, then `subject`).

    `period` makes findings of another period other findings; `others` are records on the other side.
    """

    figures: Figures
    record: int = 0
    period: str = ""
    place: str | None = None
    form: str = ""
    subject: str = ""
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One comparison. `told`: the holes of the sentence with the figures that fill them, all of them needed.

    `question` is what to look into; the first figure told is the value, the second what is expected. A rule
    about `several` sides takes those that are known, two at least.
    """

    check: Check
    question: str
    told: Mapping[str, str]
    odd: Odd
    needs: tuple[str, ...] = ()
    several: bool = False

    def known(self, line: Line) -> dict[str, float] | None:
        """The figures of a line if none that is needed is missing."""
        told = [line.figures.get(name) for name in self.told.values()]
        missing = told.count(None)
        if missing > (len(told) - _TWO if self.several else 0):
            return None
        if any(line.figures.get(name) is None for name in self.needs):
            return None
        return {name: value for name, value in line.figures.items() if value is not None}


def compare(rules: Iterable[Rule], lines: Iterable[Line], numbers: InForce, paths: Paths) -> Iterator[Found]:
    """Whatever does not go together, line by line; a check that is off is not made."""
    several = list(rules)
    for line in lines:
        for rule in several:
            mine = numbers(rule.check.code, line.form)
            known = rule.known(line)
            if known is not None and mine["on"] and rule.odd(known, mine):
                yield _found(rule, line, known, paths)


def _found(rule: Rule, line: Line, known: Known, paths: Paths) -> Found:
    said = {hole: written(known[name]) for hole, name in rule.told.items() if name in known}
    left, right = [*said.values(), "", ""][:2]
    if "a" in said and "b" in said:
        said["d"] = written(abs(known[rule.told["a"]] - known[rule.told["b"]]))
    records = (line.record, *(one for one in line.others if one != line.record)) if line.record else ()
    return Found(
        rule.check.code,
        records,
        paths.get(rule.question, ""),
        value=left,
        expected=right,
        subject=line.subject,
        variant=f"{line.period} {rule.question}".strip(),
        form=line.form,
        place_code=line.place,
        details=said,
    )


def written(number: float) -> str:
    """A figure as people read it."""
    return f"{round(number, 1):.15g}"


def differs(left: float, right: float, numbers: Mapping[str, float]) -> bool:
    """Whether two figures lie further apart than both the share of the right one and the least allow."""
    most = max(numbers.get(SHARE, 0.0) * abs(right), numbers.get(LEAST, 0.0))
    return abs(left - right) > most + _ROUNDING


def apart(left: str, right: str, when: Odd | None = None) -> Odd:
    """Odd where two figures differ by more than the numbers of the check allow, and `when` holds."""
    return lambda known, numbers: (
        (when is None or when(known, numbers)) and differs(known[left], known[right], numbers)
    )


def over(left: str, right: str) -> Odd:
    """Odd where the left figure exceeds the right one by more than the share."""
    return lambda known, numbers: known[left] > known[right] * (1 + numbers.get(SHARE, 0.0)) + _ROUNDING


def disagree(*names: str) -> Odd:
    """Odd where those of these figures that are known are not all the same."""
    return lambda known, _numbers: len({known[name] for name in names if name in known}) > 1


def latest(reports: Iterable[Report], key: Callable[[Report], Any]) -> dict[Any, Report]:
    """The last report of each key, reports being in the order they came; those without a key left out."""
    found = {}
    for one in reports:
        name = key(one)
        if name:
            found[name] = one
    return found


def added(values: Iterable[float | None]) -> float | None:
    """The sum of what is known, None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def most(values: Iterable[float | None]) -> float | None:
    """The largest of what is known, None where nothing is."""
    return max((value for value in values if value is not None), default=None)
