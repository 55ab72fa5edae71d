"""The sheet `indicators` into definitions; every fault of every row is told at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from forms.expressions.checking import Formula
from forms.expressions.functions import Kind
from forms.expressions.tree import Call
from forms.indicators import faults
from forms.indicators.decisions import Decided, parted, read_when
from forms.indicators.definition import Indicator, Measure, Rows, Split
from forms.indicators.grounds import Ground, Grounds
from forms.indicators.sheet import RowReader, condition, constant, countable, key
from forms.indicators.splits import read_splits
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow

COLUMNS: Final = (
    "code",
    "label",
    "when",
    "table",
    "where",
    "numerator",
    "distinct",
    "latest_by",
    "denominator",
    "denominator_table",
    "denominator_where",
    "denominator_distinct",
    "denominator_latest_by",
    "base",
    "periods",
    "disaggregate",
    "unit",
    "factor",
    "direction",
    "definition",
    "source",
)
"""What a row may say; `label` and `definition` once for each language, `label::Tiếng Việt (vi)`."""

DIRECTIONS: Final = ("increase", "decrease", "at_least", "monitor")

PERIODS: Final = ("month", "quarter", "half", "year", "school_year")

MOST_BASE_YEARS = 20

_BASE = re.compile(r"(?P<years>[0-9]{1,2}) *(?:years?|năm)")
_BELOW: Final = "denominator_"
_UNKNOWN: Final = {
    Rows.ENTITIES: faults.PROPERTY_UNKNOWN,
    Rows.PLACES: faults.ATTRIBUTE_UNKNOWN,
    Rows.FIGURES: faults.FIGURE_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Written:
    """A row with what it defines; `when` is blank, or the decision it waits for."""

    row: SheetRow
    when: str
    indicator: Indicator


def read_indicators(
    rows: Sequence[SheetRow], grounds: Grounds, decided: Decided | None = None
) -> tuple[Indicator, ...]:
    """The indicators that `rows` define over `grounds` and that are in force, in their order.

    Rows not in force as `decided` are read all the same. Raises FormRefused with a remark for every fault.
    """
    decided = decided or Decided()
    return tuple(one.indicator for one in written(rows, grounds, decided) if decided.holds(one.when))


def written(rows: Sequence[SheetRow], grounds: Grounds, decided: Decided) -> list[Written]:
    """Every row with its indicator, in force or not. Raises FormRefused with a remark for every fault."""
    remarks: list[Remark] = []
    found: list[Written] = []
    earlier: dict[str, list[tuple[int, str]]] = {}
    formulas: dict[tuple[int, str], Formula] = {}
    for row in rows:
        reader = _Row(row, grounds=grounds, decided=decided, formulas=formulas)
        indicator = reader.read()
        reader.once(earlier.setdefault(row["code"], []))
        remarks += reader.remarks
        if indicator is not None:
            found.append(Written(row, reader.when, indicator))
    if remarks:
        raise FormRefused(remarks)
    return found


@dataclass
class _Row(RowReader):
    grounds: Grounds = field(kw_only=True)
    decided: Decided = field(kw_only=True)
    when: str = ""

    def read(self) -> Indicator | None:
        """The definition; None when `remarks` say why there is none."""
        self.columns(COLUMNS)
        code, labels = self.code(), self.labels()
        self.when = read_when(self, self.decided)
        ground = self._ground("table")
        below = self._ground("denominator_table") if self.row["denominator_table"] else ground
        if ground is None or below is None:
            return None
        numerator = self._measure(ground)
        denominator = self._denominator(below, numerator)
        base_years = self._base()
        disaggregate = self._splits(ground, below if self.row["denominator"] else None)
        periods, factor = self._periods(), self._factor()
        direction = self.one_of("direction", DIRECTIONS, faults.DIRECTION_UNKNOWN)
        if self.remarks or numerator is None:
            return None
        return Indicator(
            code=code,
            labels=labels,
            numerator=numerator,
            denominator=denominator,
            disaggregate=disaggregate,
            unit=self.row["unit"],
            factor=factor,
            direction=direction,
            definitions=self.languages("definition"),
            source=self.row["source"],
            base_years=base_years,
            periods=periods,
        )

    def once(self, earlier: list[tuple[int, str]]) -> None:
        """Refuse a code that stands twice, unless a decision keeps the rows apart; notes the row."""
        for row, when in earlier:
            apart = self.when and when and parted(when)[0] == parted(self.when)[0] and when != self.when
            if self.row["code"] and not apart:
                self.refuse(faults.CODE_TWICE, "code", code=self.row["code"], first=str(row))
                break
        earlier.append((self.row.row, self.when))

    def _ground(self, column: str) -> Ground | None:
        found = self.grounds.find(self.row[column])
        if isinstance(found, Remark):
            self.refuse(found, column)
            return None
        return found

    def _measure(self, ground: Ground, side: str = "") -> Measure | None:
        """One side of the figure; `side` stands before the names of its columns."""
        amount_column = "denominator" if side else "numerator"
        scope, self.unknown = ground.scope, _UNKNOWN.get(ground.source.rows)
        amount = self.formula(amount_column, scope, countable)
        if amount is None and not self.row[amount_column]:
            self.refuse(faults.NUMERATOR_MISSING, amount_column)
        where = self.formula(f"{side}where", scope, condition)
        distinct = self.formula(f"{side}distinct", scope, key)
        latest_by = self.formula(f"{side}latest_by", scope, key)
        if ground.source.rows is Rows.FIGURES:
            self._only_added(side)
        elif ground.source.rows is not Rows.FORM and latest_by is not None:
            self.refuse(faults.LATEST_OF_RECORDS, f"{side}latest_by")
        if amount is None:
            return None
        narrowed = (None if one is None else ground.settled(one) for one in (where, distinct, latest_by))
        return Measure(ground.source, ground.settled(amount), *narrowed)

    def _only_added(self, side: str) -> None:
        for column in ("where", "distinct", "latest_by"):
            if self.row[side + column]:
                self.refuse(faults.FIGURES_ONLY_ADDED, side + column)

    def _denominator(self, ground: Ground, numerator: Measure | None) -> Measure | None:
        if not self.row["denominator"]:
            for column in self.row.cells:
                if column.startswith(_BELOW):
                    self.refuse(faults.DENOMINATOR_MISSING, column)
            return None
        made = self._measure(ground, _BELOW)
        if made is None or self.row["denominator_table"] or numerator is None:
            return _never_zero(self, made)
        # The same rows as above, unless the row says otherwise.
        same = replace(
            made,
            where=made.where or numerator.where,
            latest_by=made.latest_by or numerator.latest_by,
        )
        return _never_zero(self, same)

    def _base(self) -> int:
        text = self.row["base"]
        if not text:
            return 0
        found = _BASE.fullmatch(text.lower())
        years = int(found["years"]) if found else 0
        if not 0 < years <= MOST_BASE_YEARS:
            self.refuse(faults.BASE_WRONG, "base", base=text)
        elif self.row["denominator"]:
            self.refuse(faults.BASE_AND_DENOMINATOR, "base")
        return years

    def _splits(self, ground: Ground, below: Ground | None) -> tuple[Split, ...]:
        self.unknown = _UNKNOWN.get(ground.source.rows)
        found = self.tried("disaggregate", lambda text: read_splits(text, ground, below))
        splits, remarks = found or ((), [])
        self.remarks += [self.fault(remark, "disaggregate") for remark in remarks]
        return splits

    def _periods(self) -> tuple[str, ...]:
        named = tuple(dict.fromkeys(self.row["periods"].replace(",", " ").split())) or ("year",)
        for name in named:
            if name not in PERIODS:
                self.refuse(faults.PERIODS_UNKNOWN, "periods", period=name, known=", ".join(PERIODS))
        return named

    def _factor(self) -> float:
        text = self.row["factor"]
        if not text:
            return 100.0 if self.row["unit"] == "%" else 1.0
        try:
            factor = float(text.replace(",", "."))
        except ValueError:
            factor = 0.0
        if not 0 < factor <= faults.LARGEST_FACTOR:
            self.refuse(faults.FACTOR_WRONG, "factor", factor=text)
        return factor


def _never_zero(reader: RowReader, made: Measure | None) -> Measure | None:
    """Refuse a denominator that is 0 whatever is counted."""
    if made is not None and _is_nothing(made.amount):
        reader.refuse(faults.DENOMINATOR_ZERO, "denominator")
    return made


def _is_nothing(formula: Formula) -> bool:
    tree = formula.tree
    never = isinstance(tree, Call) and tree.function == "false" and formula.kinds == {Kind.TRUTH}
    return never or constant(tree) == 0
