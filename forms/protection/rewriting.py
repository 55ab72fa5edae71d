"""⑨ The rows once more, as they may leave: columns dropped, said more broadly, blanked, under pseudonyms.

Knows: pyarrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import KEY, Labels, Table, Value, Variable
from forms.datasets.spool import BLANK, TYPES, schema_of
from forms.phrases import template
from forms.protection.anonymising import OTHER, Anonymising, Outcome, as_numbers
from forms.protection.bands import STEPS, Bands, Floats, age_bands, ages_of
from forms.protection.planning import Plan, Treatment
from forms.protection.pseudonyms import Pseudonyms, each
from forms.protection.reading import Coded, Look, at_home
from forms.protection.recognising import numbers_of
from forms.protection.sieve import Flags, Ids

AGE_GROUP: Final = template("age group")
MONTH: Final = template("month")
YEAR: Final = template("year")
BAND: Final = template("band")
MIDDLE: Final = template("middle of the commune")
PSEUDONYM: Final = template("pseudonym")
OTHERS: Final = template("Other ethnic groups")

_BROADER: Final = {"age": AGE_GROUP, "month": MONTH, "year": YEAR, "number": BAND, "centre": MIDDLE}
_TEXTS: Final = frozenset({"month", "year", "pseudonym"})


@dataclass(frozen=True)
class Means:
    """What rows are rewritten with: `middles` of communes by code, latitude and longitude."""

    look: Look
    pseudonyms: Pseudonyms
    middles: Mapping[str, tuple[float, float]]
    said: Mapping[str, Labels]
    anonymising: Anonymising | None = None


def described(table: Table, plan: Plan, means: Means) -> Table:
    """A table as it is after its columns were treated."""
    return replace(table, variables=tuple(_variables(table, plan, means)))


def _variables(table: Table, plan: Plan, means: Means) -> Iterator[Variable]:
    for one in table.variables:
        treatment = _treatment(one, plan)
        if treatment.deed == "drop" or (one.name not in plan and treatment.deed == "pseudonym"):
            continue
        yield _variable(one, treatment, means) if one.name in plan else one


def _treatment(one: Variable, plan: Plan) -> Treatment:
    """A column made from another shares its fate."""
    found = plan.get(one.name) or plan.get(one.part_of)
    return found or Treatment(one, "drop")


def _variable(one: Variable, treatment: Treatment, means: Means) -> Variable:
    deed = treatment.deed
    if deed == "ethnic":
        joined = means.anonymising is not None and means.anonymising.broadness.ethnic
        kept = tuple(
            value
            for value in one.values
            if means.anonymising and means.anonymising.broadness.ethnic_group(value.code) != OTHER
        )
        return (
            replace(one, values=(*kept, Value(OTHER, means.said[OTHERS]))) if joined and one.values else one
        )
    if deed == "pseudonym":
        return replace(
            one, kind="text", values=(), constraint="", labels=_suffixed(one, means.said[PSEUDONYM])
        )
    if deed not in _BROADER:
        return one
    labels = _suffixed(one, means.said[_BROADER[deed]])
    if deed == "centre":
        return replace(one, pii="indirect", labels=labels)
    if deed in _TEXTS:
        return replace(one, kind="text", values=(), constraint="", labels=labels)
    bands = age_bands(means.anonymising.broadness.age if means.anonymising else 0)
    values = (bands if deed == "age" else Bands(STEPS)).values
    return replace(one, kind="code", values=values, constraint="", labels=labels)


def _suffixed(one: Variable, said: Labels) -> Labels:
    return {language: f"{words} ({said.get(language, '')})" for language, words in one.labels.items()}


class Rewriting:
    """Rewrites the rows of one table."""

    def __init__(self, table: Table, plan: Plan, means: Means) -> None:
        self._table, self._plan, self._means = table, plan, means
        self._made = described(table, plan, means)
        self._schema = schema_of(self._made)
        anonymising = means.anonymising
        self._outcome: Outcome | None = anonymising.outcomes[table.path] if anonymising else None
        self._blank_kept = frozenset(
            one.name for one in self._made.variables if _treatment(one, plan).deed == "keep"
        )

    def batches(self) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """The rows in pieces, and the KEYs in each of those that failed before."""
        start = 0
        for batch in self._means.look.spool.batches(self._table):
            made = pa.RecordBatch.from_arrays(list(self._columns(batch, start)), schema=self._schema)
            keys = made.column(0).slice(0, 0)
            if self._outcome is not None:
                rows = slice(start, start + batch.num_rows)
                keys = made.column(KEY).filter(pa.array(self._outcome.failed[rows]))
                alive = self._outcome.alive[rows]
                made = made if alive.all() else made.filter(pa.array(alive))
            start += batch.num_rows
            yield made, keys

    def _columns(self, batch: pa.RecordBatch, start: int) -> Iterator[pa.Array]:
        for one in self._made.variables:
            column = self._changed(one, batch.column(one.name), start)
            yield column if column.type == TYPES[one.kind] else pc.cast(column, TYPES[one.kind])
        blanks = each(batch.column(BLANK), self._blanks)
        yield blanks
        # An answer that could not be read may hold anything, a name too.
        yield pa.nulls(batch.num_rows, pa.string())

    def _blanks(self, names: str) -> str | None:
        return ",".join(name for name in names.split(",") if name in self._blank_kept) or None

    def _changed(self, one: Variable, column: pa.Array, start: int) -> pa.Array:
        treatment = _treatment(one, self._plan)
        plain: dict[str, Callable[[pa.Array], pa.Array]] = {
            "key": self._means.pseudonyms.keys,
            "pseudonym": lambda names: each(names, self._means.pseudonyms.of),
            "month": _month,
            "centre": lambda points: self._middle(one, points, start),
            "keep": lambda kept: kept,
        }
        if treatment.deed in plain:
            return plain[treatment.deed](column)
        roots = self._roots(start, len(column))
        if treatment.deed == "follow" or treatment.of == "commune":
            return _blanked(column, self._commune_kept(roots))
        mine = one.name in self._plan
        said = self._broad(treatment, column, roots) if mine else column
        name = one.name if mine else one.part_of
        return _blanked(said, self._outcome.kept(name, start, len(column))) if self._outcome else said

    def _roots(self, start: int, count: int) -> Ids:
        return self._means.look.rows[self._table.path].roots[start : start + count]

    def _commune_kept(self, roots: Ids) -> Flags:
        """Of which records the commune is told."""
        anonymising = self._means.anonymising
        if anonymising is None:
            return np.ones(len(roots), bool)
        if anonymising.broadness.commune:
            return np.zeros(len(roots), bool)
        root = anonymising.outcomes[self._means.look.dataset.root.path]
        name = next((name for name in root.masks if name == "commune_code"), None)
        return root.kept(name, 0, len(root.alive))[roots] if name else np.ones(len(roots), bool)

    def _middle(self, one: Variable, column: pa.Array, start: int) -> pa.Array:
        roots = self._roots(start, len(column))
        communes = self._means.look.communes
        which = 0 if one.role == "latitude" else 1
        middles = [self._means.middles.get(str(code), (None, None))[which] for code in communes.values]
        there = self._commune_kept(roots) & np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False))
        numbers = pa.array([None, *middles], pa.float64()).take(pa.array(communes.ids[roots]))
        return _blanked(numbers, there)

    def _broad(self, treatment: Treatment, column: pa.Array, roots: Ids) -> pa.Array:
        anonymising = self._means.anonymising
        if anonymising is None or treatment.deed == "answer":
            return column
        if treatment.deed == "ethnic":
            return each(column, anonymising.broadness.ethnic_group)
        if treatment.deed == "year":
            return pc.cast(pc.year(column), pa.string())
        numbers = _numbers(column)
        if treatment.deed == "number":
            return _banded(Bands(STEPS), numbers)
        years = self._means.look.years[roots].astype(float)
        ages = ages_of(numbers, np.where(years == 0, np.nan, years), born=treatment.born)
        return _banded(age_bands(anonymising.broadness.age), ages)


def _numbers(column: pa.Array) -> Floats:
    coded = column.dictionary_encode()
    words = tuple(coded.dictionary.to_pylist())
    places = pc.fill_null(pc.cast(coded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False)
    several = tuple(word if numbers_of([word]) else None for word in words)
    return np.asarray(as_numbers(Coded((places + 1).astype(np.int32), several)), float)


def _banded(bands: Bands, numbers: Floats) -> pa.Array:
    return pa.array([None, *bands.codes], pa.string()).take(pa.array(bands.ids(numbers)))


def _blanked(column: pa.Array, kept: Flags) -> pa.Array:
    return column if kept.all() else pc.if_else(pa.array(kept), column, pa.scalar(None, column.type))


def _month(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return pc.utf8_slice_codeunits(column, 0, len("2026-07"))
    there = at_home(column) if pa.types.is_timestamp(column.type) else pc.cast(column, pa.timestamp("ms"))
    return pc.strftime(there, "%Y-%m")
