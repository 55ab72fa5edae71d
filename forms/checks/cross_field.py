"""18 · Answers about one person that do not go together.

Year of birth and age differ by more than `years`; a grade is higher than the age less `least_age`; level 2
is reached and level 1 is not; somebody cannot read and yet did the written test.
Roles: `birth`, `age`, `grade`, `level1`, `level2` (answers that mean reached), `cannot_read` (an answer),
`reading_test` (questions only readers are asked). Other rules stand in the sheet `checks` of a survey.
Silent when: one of the answers is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forms.checks.check import ERROR, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Rows, Survey, Watch
from forms.checks.often import said
from forms.checks.ranges import as_number

BIRTH = Check(
    "birth_and_age",
    ERROR,
    "Year of birth and age disagree",
    "Born in {birth}, the person is not {age} years old.",
    "Ask for a paper with the date of birth.",
    {"years": Threshold(1, 0, 20)},
)
GRADE = Check(
    "grade_and_age",
    ERROR,
    "Grade and age disagree",
    "Nobody has finished grade {grade} at the age of {age}.",
    "Ask again which grade was finished.",
    {"least_age": Threshold(5, 0, 20)},
)
LEVELS = Check(
    "levels_disagree",
    ERROR,
    "Level 2 without level 1",
    "Level 2 of literacy is reached, but level 1 is not.",
    "Ask which phase was finished.",
)
READING = Check(
    "reading_disagrees",
    WARNING,
    "Cannot read, yet did the test",
    "The person cannot read, but the test for readers is answered.",
    "Show the card again.",
)
CHECKS = (BIRTH, GRADE, LEVELS, READING)


def birth_disagrees(birth: float, age: float, year: int, years: float) -> bool:
    """Whether a year of birth and an age in a year lie further apart than `years`."""
    return abs(year - birth - age) > years


def grade_disagrees(grade: float, age: float, least_age: float) -> bool:
    """Whether a grade is higher than the age allows."""
    return grade > age - least_age


class CrossFields(Watch):
    """Each row by itself."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        roles = survey.roles
        self._birth, self._age, self._grade = (roles.path(name) for name in ("birth", "age", "grade"))
        self._levels = [
            (one, two) for one, two in zip(roles.answers("level1"), roles.answers("level2"), strict=False)
        ]
        self._cannot_read, self._test = roles.answers("cannot_read"), roles.paths("reading_test")
        self._on = {check.code: survey.on(check.code) for check in CHECKS}

    def see(self, block: Block) -> Iterable[Found]:
        """The rows that contradict themselves."""
        table = block.table_of(self._age)
        if table is not None:
            yield from self._ages(block, table)
        if self._on[LEVELS.code]:
            yield from self._level(block)
        if self._on[READING.code]:
            yield from self._reads(block)

    def _ages(self, block: Block, table: Rows) -> Iterator[Found]:
        years = self._survey.numbers(BIRTH.code)["years"]
        least_age = self._survey.numbers(GRADE.code)["least_age"]
        columns = [table.column(path) for path in (self._age, self._birth, self._grade)]
        for record, key, said_age, said_birth, said_grade in zip(
            table.records, table.keys, *columns, strict=True
        ):
            age = as_number(said_age)
            if age is None:
                continue
            birth = as_number(said_birth if said_birth is None else str(said_birth)[:4])
            year = _year(block, record) if birth is not None else None
            if (
                birth is not None
                and year
                and self._on[BIRTH.code]
                and birth_disagrees(birth, age, year, years)
            ):
                details = {"birth": f"{birth:g}", "age": f"{age:g}"}
                yield _found(BIRTH, record, key, self._birth, details)
            grade = as_number(said_grade)
            if grade is not None and self._on[GRADE.code] and grade_disagrees(grade, age, least_age):
                details = {"grade": f"{grade:g}", "age": f"{age:g}"}
                yield _found(GRADE, record, key, self._grade, details)

    def _level(self, block: Block) -> Iterator[Found]:
        for one, two in self._levels:
            table = block.table_of(two.path)
            if table is None:
                continue
            columns: list[Sequence[Any]] = [table.column(one.path), table.column(two.path)]
            for record, key, first, second in zip(table.records, table.keys, *columns, strict=True):
                if None not in (first, second) and said(second, two.code) and not said(first, one.code):
                    yield _found(LEVELS, record, key, two.path, {})

    def _reads(self, block: Block) -> Iterator[Found]:
        for reads in self._cannot_read:
            table = block.table_of(reads.path)
            if table is None:
                continue
            for path in self._test:
                columns = [table.column(reads.path), table.column(path)]
                for record, key, answer, tested in zip(table.records, table.keys, *columns, strict=True):
                    if answer is not None and tested is not None and said(answer, reads.code):
                        yield _found(READING, record, key, path, {})


def _year(block: Block, record: int) -> int | None:
    day = block.by_number[record].reported_on
    return day.year if day else None


def _found(check: Check, record: int, key: str, path: str | None, details: dict[str, str]) -> Found:
    value = ", ".join(details.values())
    return Found(check.code, (record,), path or "", key, value, variant=value, details=details)
