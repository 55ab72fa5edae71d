"""Expressions nobody would write, from a seed: whatever engines disagree on shows up in them.

Left out is what departs from the phone on purpose: divisions that may be by zero, the largest of
negative numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

ANSWERS = {
    "a": ["", "0", "1", "2", "15", "-3"],
    "b": ["", "0", "1", "7"],
    "d": ["", "0.0", "0.5", "1.0", "-2.5", "2.675"],
    "e": ["", "1.5"],
    "t": ["", "0", "1", "1.0", " 1", "01", "-0", "1,5", ".5", "5.", "x", "a b", "1e5", "--1", "2026-03-01"],
    "u": ["", "1", "x", "10"],
    "one": ["", "1", "2"],
    "many": ["", "read", "read write", "write rea Read"],
    "day": ["", "2026-03-01", "1969-12-31"],
    "due": ["", "2026-03-01", "2024-02-29"],
    "moment": ["", "2026-03-01T08:30:00.000+07:00"],
}

PATTERNS = (
    "[0-9]+",
    "^x$",
    ".*[0-9].*",
    r"\d{4}-\d{2}-\d{2}",
    "^(read|write)( [a-zA-Z]+)*$",
    r"[^a-z]*",
    r"\w+|\s*1\.?0?",
    "-?[.,0-9]{1,3}",
)

PIECES = ("${t}", "' '", "'.'", "'e'")


@dataclass(frozen=True)
class Words:
    """What may stand where nothing deeper does, by what it is."""

    numbers: tuple[str, ...] = (
        *("${a}", "${b}", "${d}", "${e}", "${t}", "${u}", "${day}"),
        *("0", "1", "2.5", "'1'", "''"),
    )
    texts: tuple[str, ...] = ("${t}", "${u}", "${one}", "${many}", "'1'", "'x'", "'read'", "''")
    wholes: tuple[str, ...] = ("${a}", "${u}", "${day}", "1", "true()")
    lists: tuple[str, ...] = ("${many}", "${one}", "${t}")
    days: tuple[str, ...] = (
        *("${day}", "${due}", "${moment}", "date('2026-03-01')", "today()", "coalesce(${day}, ${due})"),
    )
    conditions: tuple[str, ...] = (
        *("${a} = 1", "${t} = 1", "${t} = ''", "selected(${many}, 'read')", "true()", "false()"),
    )


class Inventor:
    """Makes expressions of a kind, no deeper than asked."""

    def __init__(self, seed: int, words: Words | None = None) -> None:
        self._random = Random(seed)  # noqa: S311 - nothing is kept secret with it
        self._words = words or Words()

    def answers(self) -> dict[str, str]:
        """A record."""
        return {name: self._random.choice(known) for name, known in ANSWERS.items()}

    def condition(self, depth: int) -> str:
        """True or false."""
        if depth == 0:
            return self._one_of(*self._words.conditions)
        return self._made(
            lambda: f"{self.number(depth - 1)} {self._one_of('=', '!=')} {self.number(depth - 1)}",
            lambda: f"{self.number(depth - 1)} {self._one_of('<', '<=', '>', '>=')} {self.number(depth - 1)}",
            lambda: f"{self.value(depth - 1)} {self._one_of('=', '!=')} {self.value(depth - 1)}",
            lambda: f"({self.value(depth - 1)} {self._one_of('and', 'or')} {self.value(depth - 1)})",
            lambda: f"not({self.value(depth - 1)})",
            lambda: f"contains({self.text(depth - 1)}, {self.text(0)})",
            lambda: f"starts-with({self.text(depth - 1)}, {self.text(0)})",
            lambda: f"ends-with({self.text(depth - 1)}, {self.text(0)})",
            lambda: f"regex({self.text(depth - 1)}, '{self._one_of(*PATTERNS, self.pattern(2))}')",
            lambda: f"boolean({self.value(depth - 1)})",
            lambda: f"selected({self._one_of(*self._words.lists)}, {self.text(0)})",
            lambda: f"({self.day()} {self._one_of('=', '!=', '<', '>=')} {self.day()})",
        )

    def number(self, depth: int) -> str:
        """A number, or what is read as one."""
        if depth == 0:
            return self._one_of(*self._words.numbers)
        return self._made(
            lambda: f"({self.number(depth - 1)} {self._one_of('+', '-', '*')} {self.number(depth - 1)})",
            lambda: f"({self.number(depth - 1)} {self._one_of('div', 'mod')} {self._one_of('2', '-3')})",
            lambda: f"-{self.number(depth - 1)}",
            lambda: f"round({self.number(depth - 1)})",
            lambda: f"int({self.number(depth - 1)})",
            lambda: f"number({self.value(depth - 1)})",
            lambda: f"min({self.number(depth - 1)}, {self.number(depth - 1)})",
            lambda: f"max({self.number(depth - 1)}, {self.number(depth - 1)}, 1)",
            lambda: f"abs({self.number(depth - 1)})",
            self._moment,
            lambda: f"count-selected({self._one_of(*self._words.lists)})",
            lambda: f"string-length({self.text(depth - 1)})",
            lambda: self._chosen(self.number, depth),
        )

    def text(self, depth: int) -> str:
        """A text."""
        if depth == 0:
            return self._one_of(*self._words.texts)
        return self._made(
            lambda: f"concat({self.text(depth - 1)}, {self._one_of(*self._words.wholes)})",
            lambda: f"string({self._one_of(*self._words.wholes)})",
            lambda: f"normalize-space({self.text(depth - 1)})",
            lambda: f"substring-after({self.text(depth - 1)}, {self._one_of(*PIECES)})",
            lambda: f"substring-before({self.text(depth - 1)}, {self._one_of(*PIECES)})",
            lambda: f"selected-at({self._one_of(*self._words.lists)}, {self._one_of('0', '1', '2')})",
            lambda: f"format-date({self.day()}, '{self._one_of('%Y', '%Y-%m-%d', '%e/%n/%y', '%d.')}')",
            lambda: self._chosen(self.text, depth),
            lambda: self.text(0),
        )

    def value(self, depth: int) -> str:
        """Anything."""
        return self._made(
            lambda: self.number(depth), lambda: self.text(depth), lambda: self.condition(depth), self.day
        )

    def day(self) -> str:
        """A date."""
        return self._one_of(*self._words.days)

    def pattern(self, depth: int) -> str:
        """What a text may have to look like."""
        signs = ("a", "x", "1", " ", r"\.", ".", "[0-9]", "[a-z ]", "[^a-z-]", r"[\w.]", r"\d", r"\S", r"\W")
        times = ("", "", "", "?", "*", "+", "{2}", "{1,3}", "{0,}", "+?")
        if depth == 0:
            return self._one_of(*signs) + self._one_of(*times)
        return self._made(
            lambda: self.pattern(depth - 1) + self.pattern(depth - 1),
            lambda: f"({self.pattern(depth - 1)}|{self.pattern(depth - 1)})",
            lambda: f"( {self.pattern(depth - 1)}){self._one_of(*times)}",
            lambda: f"{self.pattern(depth - 1)}|^{self.pattern(depth - 1)}$",
        )

    def _moment(self) -> str:
        # Before 1975 the phone's midnight is that of Sai Gon, an hour earlier.
        day = self.day()
        return f"decimal-date-time(if({day} > date('1976-01-01'), {day}, today()))"

    def _chosen(self, kind: Callable[[int], str], depth: int) -> str:
        if self._random.random() < 0.5:
            return f"coalesce({kind(depth - 1)}, {kind(depth - 1)})"
        return f"if({self.value(depth - 1)}, {kind(depth - 1)}, {self.value(depth - 1)})"

    def _one_of(self, *texts: str) -> str:
        return self._random.choice(texts)

    def _made(self, *makers: Callable[[], str]) -> str:
        return self._random.choice(makers)()
