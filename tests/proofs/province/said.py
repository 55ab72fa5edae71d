"""What the answers to one form say, as a number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tests.proofs.province.offices import Drawn
from tests.proofs.province.people import YEAR

Said = Callable[[Drawn], float]
_END = date(YEAR, 12, 31)


def yes(question: str) -> Said:
    """1 where a question was answered with yes."""
    return lambda said: float(said.get(question) == "1")


def number(question: str) -> Said:
    """The number a question was answered with."""
    return lambda said: float(said.get(question) or 0)


def chosen(question: str, *choices: str) -> Said:
    """1 where one of the choices is among the answers."""
    return lambda said: float(bool(set(choices) & set(said.get(question, "").split())))


def always(_said: Drawn) -> float:
    """1, whatever was said."""
    return 1.0


def answered(question: str, *values: str) -> Said:
    """1 where the answer is one of these."""
    return lambda said: float(said.get(question) in values)


def at_least(question: str, least: int) -> Said:
    """1 where the number is at least that."""
    return lambda said: float(int(said.get(question) or 0) >= least)


def together(*several: Said) -> Said:
    """The sum of several."""
    return lambda said: sum(one(said) for one in several)


def every(*several: Said) -> Said:
    """1 where none of several is 0."""
    return lambda said: float(all(one(said) for one in several))


def spaces(question: str) -> Said:
    """How many of the choices were chosen; none where the answer is that there is none."""

    def said(answers: Drawn) -> float:
        several = answers.get(question, "").split()
        return 0.0 if "khong" in several else float(len(several))

    return said


def days_before_end(question: str, least: int, most: int = 10_000) -> Said:
    """1 where a date lies so many days before the end of the year."""

    def said(answers: Drawn) -> float:
        day = answers.get(question)
        return float(bool(day) and least <= (_END - date.fromisoformat(day or "")).days <= most)

    return said
