"""⑨ Records made alike: bands are widened until few are left that differ, and those lose the answers that do.

The order is always the same: ages in wider bands, small ethnic groups together, ages in three bands, the
commune left out; each step only while more than FEW rows in a hundred are alike with fewer than k in commune,
sex, age and ethnic group. Then every column passes the sieve, the root's before those of its repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forms.datasets.description import Table
from forms.phrases import template
from forms.protection.bands import STEPS, Bands, Floats, age_bands, ages_of
from forms.protection.planning import Plan, Treatment, ordered
from forms.protection.reading import Coded, Look
from forms.protection.recognising import numbers_of
from forms.protection.sieve import Flags, Ids, Sieve, joined, rare

Bits: TypeAlias = NDArray[np.uint8]

_AT_A_TIME: Final = 100_000
"""Rows whose numbers are put into bands at a time."""

FEW: Final = 5
"""Rows in a hundred that may lose an answer before everybody's are said more broadly."""

SMALL_GROUP: Final = 5
"""Of a hundred people: an ethnic group with fewer is said as one of the others."""

OTHER: Final = "other"

STEPS_TAKEN: Final = (
    ("age", template("Ages in wider bands")),
    ("ethnic", template("Small ethnic groups together")),
    ("age", template("Ages in three bands: under 15, 15 to 60, over 60")),
    ("commune", template("Communes left out, the province kept")),
)

_COMMUNE_LEAST, _ROOT_LEAST = 4, 40
"""Times k: how many records a commune and any other answer of a root need that has repeats, so that enough is
left to tell apart the people in them."""


@dataclass
class Broadness:
    """How broadly things are said: the band of ages, whether ethnic groups are joined, communes left out."""

    age: int = 0
    ethnic: int = 0
    commune: int = 0
    large: frozenset[str] = frozenset()

    def ethnic_group(self, code: str) -> str:
        """An ethnic group as it is said."""
        return code if not self.ethnic or code in self.large else OTHER

    def steps(self) -> list[str]:
        """What was taken, in words (templates)."""
        taken = {"age": self.age, "ethnic": self.ethnic, "commune": self.commune}
        words = []
        for what, said in STEPS_TAKEN:
            if taken[what]:
                taken[what] -= 1
                words.append(said)
        return words


@dataclass
class Outcome:
    """What came of a table: `alive` rows, the `failed` ones before, `masks` by column (packed bits: kept).

    `groups` are the last ones, `smallest` the units of the smallest; `blanked` counts cells by column.
    """

    alive: Flags
    failed: Flags
    touched: Flags
    groups: Ids
    smallest: int
    masks: dict[str, Bits] = field(default_factory=dict)
    blanked: dict[str, int] = field(default_factory=dict)

    def kept(self, name: str, start: int, count: int) -> Flags:
        """Which of some rows keep their answer."""
        bits = np.unpackbits(self.masks[name], count=len(self.alive))
        return np.asarray(bits[start : start + count], bool)


class Anonymising:
    """Makes the records of a dataset alike."""

    def __init__(self, look: Look, plans: Mapping[str, Plan], k: int, *, persons: bool) -> None:
        self._look, self._plans, self._k, self._persons = look, plans, k, persons
        self.broadness = Broadness(large=self._large_groups())
        self.outcomes: dict[str, Outcome] = {}
        self._bare: dict[str, Ids] = {}
        root = look.dataset.root
        self._homes = any(one.role == "household" for one in root.variables)
        self._reserve = any(
            treatment.quasi for table in look.dataset.tables[1:] for treatment in plans[table.path].values()
        )

    def run(self, told: Callable[[], None] = lambda: None) -> None:
        """Widen, then sieve every table; `told` after each column."""
        steps = [what for what, _said in STEPS_TAKEN]
        while steps and self._share_failing() > FEW / 100:
            what = steps.pop(0)
            setattr(self.broadness, what, getattr(self.broadness, what) + 1)
        for table in self._look.dataset.tables:
            self.outcomes[table.path] = self._sieve(table, told)

    def _large_groups(self) -> frozenset[str]:
        """Ethnic groups of SMALL_GROUP in a hundred people or more, over all questions about them."""
        counts: dict[str, int] = {}
        for table in self._look.dataset.tables:
            for one in self._plans[table.path].values():
                if one.deed != "ethnic":
                    continue
                found = self._look.coded(table, one.variable.name)
                for code, number in (
                    zip(found.values, np.bincount(found.ids)[1:], strict=False) if found else ()
                ):
                    counts[str(code)] = counts.get(str(code), 0) + int(number)
        least = sum(counts.values()) * SMALL_GROUP / 100
        return frozenset(code for code, number in counts.items() if number >= least)

    def _share_failing(self) -> float:
        failing = rows = 0
        for table in self._look.dataset.tables:
            core = _core(self._plans[table.path])
            if table.parent is None and self._reserve:
                # Its head is among the people in it, whose rows are counted themselves.
                core = [one for one in core if one.of == "commune"]
            if not core:
                continue
            roots = self._look.rows[table.path].roots
            groups = self._commune(self.broadness)[roots]
            for one in core:
                if one.of != "commune":
                    groups = joined(groups, self.ids(table, one))
            own = np.arange(len(groups), dtype=np.int32)
            failing += int(rare(groups, own, self._k).sum())
            rows += len(groups)
        return failing / rows if rows else 0.0

    def _commune(self, broadness: Broadness) -> Ids:
        communes = self._look.communes.ids
        plan = self._plans[self._look.dataset.root.path]
        counts = any(one.of == "commune" for one in plan.values())
        return communes if counts and not broadness.commune else np.zeros_like(communes)

    def ids(self, table: Table, one: Treatment, broadness: Broadness | None = None) -> Ids:
        """A column as numbers, as broadly as it is said."""
        said = broadness or self.broadness
        found = self._look.coded(table, one.variable.name)
        rows = self._look.rows[table.path]
        if one.of == "commune":
            return self._commune(said)
        if found is None:
            wide = one.deed == "number"
            return self._wide_numbers(table, one) if wide else np.zeros(rows.count, np.int32)
        return self._said(found, one, rows.roots, said)

    def _said(self, found: Coded, one: Treatment, roots: Ids, broadness: Broadness) -> Ids:
        if one.deed in {"age", "number"}:
            numbers = _numbers(found.values)
            parts = [slice(at, at + _AT_A_TIME) for at in range(0, max(len(roots), 1), _AT_A_TIME)]
            return np.concatenate([
                self._banded(numbers[found.ids[some]], one, roots[some], broadness) for some in parts
            ])
        if one.deed == "ethnic":
            return found.joined(_alike(found, lambda code: broadness.ethnic_group(str(code))))
        if one.deed == "year":
            return found.joined(_alike(found, lambda day: day.year))
        return found.ids

    def _banded(self, given: Floats, one: Treatment, roots: Ids, broadness: Broadness) -> Ids:
        if one.deed == "number":
            return Bands(STEPS).ids(given)
        years = self._look.years[roots]
        ages = ages_of(given, np.where(years == 0, np.nan, years), born=one.born)
        return age_bands(broadness.age).ids(ages)

    def _wide_numbers(self, table: Table, one: Treatment) -> Ids:
        """Numbers of which more are different than a list holds."""
        pieces = [
            Bands(STEPS).ids(np.asarray(batch.column(0).to_numpy(zero_copy_only=False), float))
            for batch in self._look.spool.batches(table, [one.variable.name])
        ]
        return np.concatenate(pieces)

    def _sieve(self, table: Table, told: Callable[[], None]) -> Outcome:
        rows = self._look.rows[table.path]
        units = rows.roots if self._homes else np.arange(rows.count, dtype=np.int32)
        before, may = np.zeros(rows.count, np.int32), np.ones(rows.count, bool)
        if table.parent is not None:
            around = self.outcomes[table.parent]
            before, may = around.groups[rows.parents], around.alive[rows.parents]
        # A report of an office is about nobody: it loses answers, and never itself.
        sieve = Sieve(before, units, may, self._k, all_stay=not self._persons)
        outcome = Outcome(sieve.alive, ~may, np.zeros(rows.count, bool), before, 0)
        bare = before if table.parent is None else self._bare[table.parent][rows.parents]
        for one in ordered(self._plans[table.path]):
            values = self.ids(table, one)
            kept = sieve.take(values, self._least(table, one))
            lost = ~kept & sieve.alive
            outcome.masks[one.variable.name] = np.packbits(kept)
            outcome.blanked[one.variable.name] = int(lost.sum())
            outcome.touched |= lost
            bare = joined(bare, self.ids(table, one, Broadness()) if one.of else values)
            told()
        if any(other.parent == table.path for other in self._look.dataset.tables):
            self._bare[table.path] = bare
        outcome.failed = rare(bare, units, self._k)
        outcome.groups, outcome.smallest = sieve.groups, sieve.smallest
        return outcome

    def _least(self, table: Table, one: Treatment) -> int:
        if table.parent is not None or not self._reserve:
            return self._k
        return self._k * (_COMMUNE_LEAST if one.of == "commune" else _ROOT_LEAST)


def _core(plan: Plan) -> list[Treatment]:
    """One column about each of commune, sex, age and ethnic group."""
    found: dict[str, Treatment] = {}
    for one in ordered(plan):
        if one.of:
            found.setdefault(one.of, one)
    return list(found.values())


def as_numbers(found: Coded) -> Floats:
    """A column's answers as numbers, nan for blanks and what is none."""
    return _numbers(found.values)[found.ids]


def _numbers(values: Sequence[Any]) -> Floats:
    """Different answers as numbers, that of a blank before them."""
    several = [(numbers_of([value]) or [float("nan")])[0] for value in values]
    return np.asarray([float("nan"), *several], float)


def _alike(found: Coded, said: Callable[[Any], object]) -> Ids:
    """New numbers for the answers of a column, the same where they are said alike."""
    known: dict[object, int] = {}
    return np.asarray(
        [0, *(known.setdefault(said(value), len(known) + 1) for value in found.values)], np.int32
    )
