"""⑨ What becomes of each column: kept, said more broadly, replaced by a pseudonym, or left out, and why.

Rests on: the class of personal data of each question, what it is about, and where its answers are bound to a
village. A question without a class is taken for the worst of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from forms.datasets.description import KEY, ORDINAL, PARENT_KEY, Dataset, Table, Variable
from forms.phrases import template
from forms.protection.policy import Protection
from forms.protection.reading import COMMUNE, Coded, Look
from forms.protection.recognising import about, are_ages, are_codes, are_days, are_ids, are_years, numbers_of
from forms.protection.sieve import Ids, different, keys_of

Deed: TypeAlias = Literal[
    "keep",
    "drop",
    "follow",
    "pseudonym",
    "key",
    "month",
    "year",
    "centre",
    "answer",
    "number",
    "age",
    "ethnic",
]
"""`follow`: kept where the commune is; `answer`: kept as it is where enough gave it."""

QUASI: Final = frozenset({"answer", "number", "age", "ethnic", "year"})
"""What is done to columns by which somebody may be found: those that k-anonymity speaks of."""

NAMES: Final = template("names a person, a phone, a paper or a device")
FREE: Final = template("free text")
IDS: Final = template("ids of households, persons or villages")
FINER: Final = template("tells the village")
EXACT: Final = template("an exact place or time")

_FEW_NUMBERS: Final = 20
"""Different numbers that are left as they are; more are put into bands."""

_INTERVIEW: Final = frozenset({"start", "end", "today"})


@dataclass(frozen=True, slots=True)
class Treatment:
    """What becomes of a column, and `why` if it is left out; `of` is what it is about, for the order."""

    variable: Variable
    deed: Deed
    why: str = ""
    of: str = ""
    born: bool = False

    @property
    def quasi(self) -> bool:
        """Whether k-anonymity speaks of it."""
        return self.deed in QUASI


Plan: TypeAlias = Mapping[str, Treatment]
"""By name of the column; columns made from another (flags) are not in it: they share its fate."""


def about_persons(dataset: Dataset) -> bool:
    """Whether the records are about people: a report of an office says its commune, a household does not.

    They are, unless every question is classed and none is sensitive, a person's or a household's.
    """
    return any(
        variable.role in {"person", "household"}
        or variable.pii == "sensitive"
        or (variable.path and not variable.pii and about(variable) != "device")
        or about(variable) in {"sex", "birth"}
        for table in dataset.tables
        for variable in table.variables
    )


def plan(look: Look, table: Table, protection: Protection, *, persons: bool) -> Plan:
    """What becomes of the columns of a table."""
    wholes = [one for one in table.variables if not one.part_of or one.role]
    if protection == "pseudonyms":
        return {one.name: _under_pseudonyms(one) for one in wholes}
    return {one.name: _Deciding(look, table, persons).of(one) for one in wholes}


def _under_pseudonyms(one: Variable) -> Treatment:
    if one.name in {KEY, PARENT_KEY}:
        return Treatment(one, "key")
    if one.role in {"latitude", "longitude"} and one.pii != "none":
        return Treatment(one, "centre")
    if one.role in {"altitude", "accuracy"} and one.pii != "none":
        return Treatment(one, "drop", EXACT)
    if one.pii == "direct" or about(one) == "device":
        texts = one.kind in {"text", "code"}
        return Treatment(one, "pseudonym") if texts else Treatment(one, "drop", NAMES)
    if one.path and not one.pii and one.kind == "text":
        return Treatment(one, "drop", FREE)
    return Treatment(one, "keep")


class _Deciding:
    """Decides about the columns of one table, de-identified."""

    def __init__(self, look: Look, table: Table, persons: bool) -> None:  # noqa: FBT001 - one of two kinds
        self._look, self._table, self._persons = look, table, persons

    def of(self, one: Variable) -> Treatment:
        """What becomes of a column."""
        ours = self._ours(one) if not one.path else None
        return ours or self._exact(one) or self._told(one) or self._by_class(one)

    def _ours(self, one: Variable) -> Treatment | None:
        if one.name in {KEY, PARENT_KEY}:
            return Treatment(one, "key")
        if one.role == "place":
            return self._place(one)
        if one.role in {"submitter", "device"}:
            return Treatment(one, "drop", NAMES)
        if one.kind == "moment":
            return Treatment(one, "month")
        return Treatment(one, "keep") if one.name == ORDINAL or one.role in {"receipt", "review"} else None

    def _place(self, one: Variable) -> Treatment:
        if one.name.startswith("village"):
            return Treatment(one, "drop", FINER)
        if not self._persons:
            return Treatment(one, "keep")
        if self._table.parent is None and one.name == COMMUNE:
            return Treatment(one, "answer", of="commune")
        return Treatment(one, "follow" if one.name.startswith("commune") else "keep")

    def _exact(self, one: Variable) -> Treatment | None:
        """Points, times, and what tells a device."""
        if one.role in {"latitude", "longitude", "altitude", "accuracy"}:
            if one.pii == "none":
                return Treatment(one, "keep")
            middle = one.role in {"latitude", "longitude"}
            return Treatment(one, "centre") if middle else Treatment(one, "drop", EXACT)
        if about(one) == "device" or one.pii == "direct":
            return Treatment(one, "drop", NAMES)
        if one.kind == "moment" or (one.kind == "date" and (one.role == "date" or one.name in _INTERVIEW)):
            return Treatment(one, "month")
        if one.kind == "time":
            return None if one.pii == "none" and one.name not in _INTERVIEW else Treatment(one, "drop", EXACT)
        return None

    def _told(self, one: Variable) -> Treatment | None:
        """What its name says, if its answers agree: an age, a year of birth, an ethnic group, a village."""
        what = about(one)
        if not what or one.pii == "none" or one.kind not in {"text", "code", "whole", "decimal", "date"}:
            return None
        if what == "place":
            return Treatment(one, "drop", FINER)
        if what in {"age", "birth"}:
            found = self._look.coded(self._table, one.name)
            if found is not None and are_years(found.values):
                return Treatment(one, "age", of="age", born=True)
            ages = found is not None and what == "age" and are_ages(found.values)
            return Treatment(one, "age", of="age") if ages else None
        if what == "ethnic" and (one.kind == "code" or self._codes(one) is not None):
            return Treatment(one, "ethnic", of="ethnic")
        return None

    def _by_class(self, one: Variable) -> Treatment:
        if one.pii == "none":
            if one.kind == "text" and not one.labels and self._days(one):
                return Treatment(one, "month")
            bound = self._persons and one.kind in {"text", "code", "flag"} and self._bound(one) == COMMUNE
            return Treatment(one, "follow" if bound else "keep")
        if one.kind == "text":
            return self._text(one)
        if one.kind == "date":
            return Treatment(one, "year")
        if one.pii == "sensitive":
            return Treatment(one, "keep")
        return self._number(one) if one.kind in {"whole", "decimal"} else self._listed(one)

    def _listed(self, one: Variable) -> Treatment:
        found = self._look.coded(self._table, one.name)
        if found is None or are_ids(found.values):
            return Treatment(one, "drop", IDS)
        if self._bound(one) == "village":
            return Treatment(one, "drop", FINER)
        return Treatment(one, "answer", of="sex" if about(one) == "sex" else "")

    def _text(self, one: Variable) -> Treatment:
        """A text somebody typed has words over it; one that was worked out has none."""
        if one.labels or not one.pii:
            return Treatment(one, "drop", FREE)
        found = self._codes(one)
        if found is None:
            return Treatment(one, "drop", IDS)
        if one.pii == "sensitive":
            return Treatment(one, "keep")
        if self._bound(one) == "village":
            return Treatment(one, "drop", FINER)
        many = len(found.values) > _FEW_NUMBERS and numbers_of(found.values) is not None
        return Treatment(one, "number" if many else "answer", of="sex" if about(one) == "sex" else "")

    def _number(self, one: Variable) -> Treatment:
        found = self._look.coded(self._table, one.name)
        few = found is not None and len(found.values) <= _FEW_NUMBERS
        return Treatment(one, "answer" if few else "number")

    def _days(self, one: Variable) -> bool:
        """Whether a worked out text holds days: that of the visit before, for instance."""
        found = self._look.coded(self._table, one.name)
        return found is not None and bool(found.values) and are_days(found.values)

    def _codes(self, one: Variable) -> Coded | None:
        found = self._look.coded(self._table, one.name)
        return found if found is not None and are_codes(found.values) else None

    def _bound(self, one: Variable) -> str:
        """COMMUNE where the commune alone tells the answer, `village` where the village does, else ""."""
        found = self._look.coded(self._table, one.name)
        if found is None or len(found.values) < 2:  # noqa: PLR2004 - one answer tells nothing
            return ""
        roots = self._look.rows[self._table.path].roots
        for name, places in ((COMMUNE, self._look.communes), ("village", self._look.villages)):
            if _tells(places.ids[roots], found.ids):
                return name
        return ""


def _tells(places: Ids, answers: Ids) -> bool:
    """Whether everybody of a place gave the same answer, in two places or more."""
    which = (answers > 0) & (places > 0)
    if not which.any():
        return False
    pairs, width = keys_of(places[which], answers[which])
    pairs = different(pairs)
    return len(pairs) == len(np.unique(pairs // width)) > 1


def ordered(treatments: Plan) -> Iterator[Treatment]:
    """The columns k-anonymity speaks of, the most wanted first: commune, sex, age, ethnic group.

    Of several about the same the last comes first: a survey works it out after it has asked. The others
    follow in the form's order.
    """
    quasi = [one for one in treatments.values() if one.quasi]
    first: list[Treatment] = []
    for what in ("commune", "sex", "age", "ethnic"):
        first += [one for one in reversed(quasi) if one.of == what]
    leading = [
        next(one for one in first if one.of == what) for what in dict.fromkeys(one.of for one in first)
    ]
    rest = [one for one in first if one not in leading]
    yield from leading
    yield from rest
    yield from (one for one in quasi if not one.of)
