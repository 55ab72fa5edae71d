"""The sheet `targets` into targets; every fault of every row is told at once."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from zlib import crc32

from forms.expressions.checking import Formula
from forms.expressions.scope import nearest_name
from forms.indicators import faults
from forms.indicators.communes import read_condition
from forms.indicators.decisions import Decided, read_when
from forms.indicators.grounds import LEVELS
from forms.indicators.sheet import RowReader
from forms.indicators.targets import ANYWHERE, BINDINGS, COMPARISONS, REQUIRED, STRIVING, VALUELESS, Target
from forms.periods import SPOKEN, Period, read_period
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow

COLUMNS: Final = (
    "indicator",
    "plan",
    "when",
    "area",
    "where",
    "level",
    "period",
    "deadline",
    "comparison",
    "value",
    "binding",
    "milestone",
    "baseline",
    "baseline_on",
    "source",
    "quote",
    "note",
)
"""What a row may say; `note` is for whoever keeps the workbook."""

_YES: Final = frozenset({"1", "x", "yes", "true", "có"})
_NO: Final = frozenset({"", "0", "no", "false", "không"})
_EVERYWHERE: Final = "*"


@dataclass(frozen=True)
class Known:
    """What targets may name: indicators by code, and places by code (None: not asked)."""

    indicators: Sequence[str]
    areas: Container[str] | None = None


def read_targets(
    rows: Sequence[SheetRow], known: Known, decided: Decided | None = None
) -> tuple[Target, ...]:
    """The targets in force, in their order. Raises FormRefused with a remark for every fault."""
    decided = decided or Decided()
    remarks: list[Remark] = []
    found: list[Target] = []
    taken: dict[tuple[str, str, str], int] = {}
    formulas: dict[tuple[int, str], Formula] = {}
    for row in rows:
        reader = _Row(row, known=known, decided=decided, formulas=formulas)
        target = reader.read()
        if target is not None and not target.is_duty:
            slot = (target.indicator, target.key, reader.when)
            if taken.setdefault(slot, row.row) != row.row:
                reader.refuse(
                    faults.TARGET_TWICE, "value", first=str(taken[slot]), indicator=target.indicator
                )
        remarks += reader.remarks
        if target is not None and decided.holds(reader.when):
            found.append(target)
    if remarks:
        raise FormRefused(remarks)
    return tuple(_told_apart(found))


def _told_apart(targets: Sequence[Target]) -> list[Target]:
    """The same targets, with keys that are each there once: a plan may name one duty in two clauses."""
    seen: dict[tuple[str, str], int] = {}
    apart = []
    for one in targets:
        number = seen[one.indicator, one.key] = seen.get((one.indicator, one.key), 0) + 1
        apart.append(one if number == 1 else replace(one, key=f"{one.key}#{number}"))
    return apart


@dataclass
class _Row(RowReader):
    known: Known = field(kw_only=True)
    decided: Decided = field(kw_only=True)
    when: str = ""

    def read(self) -> Target | None:
        """The target; None when `remarks` say why there is none."""
        self.columns(COLUMNS)
        self.when = read_when(self, self.decided)
        if not self.row["plan"]:
            self.refuse(faults.PLAN_MISSING, "plan")
        comparison = self.one_of("comparison", COMPARISONS, faults.COMPARISON_UNKNOWN)
        if not comparison:
            self.refuse(faults.COMPARISON_UNKNOWN, "comparison", comparison="", known=", ".join(COMPARISONS))
        area, where = self._area(), read_condition(self)
        period, deadline = self._period(), self.day("deadline")
        value = self.number("value")
        if value is not None and comparison in VALUELESS:
            self.refuse(faults.VALUE_OF_DUTY, "value", comparison=comparison)
        indicator, milestone = self._indicator(), self._milestone()
        level = self.one_of("level", LEVELS, faults.TARGET_LEVEL_UNKNOWN)
        usual = STRIVING if comparison == "strive_for" else REQUIRED
        binding = self.one_of("binding", BINDINGS, faults.BINDING_UNKNOWN, usual)
        baseline = self._baseline()
        if self.remarks:
            return None
        return Target(
            key=self._key(area, period, deadline),
            indicator=indicator,
            plan=self.row["plan"],
            area=area,
            comparison=comparison,
            value=value,
            where=where,
            level=level,
            period=period,
            deadline=deadline,
            binding=binding,
            milestone=milestone,
            baseline=baseline,
            source=self.row["source"],
            quote=self.row["quote"],
        )

    def _key(self, area: str, period: Period | None, deadline: date | None) -> str:
        ends = f"{period.first}..{period.last}" if period else deadline.isoformat() if deadline else "*"
        narrow = self.row["where"] + self.row["level"]
        apart = f"~{crc32(narrow.encode()):08x}" if narrow else ""
        return f"{self.row['plan'][:40]}:{area or _EVERYWHERE}:{ends}{apart}"

    def _indicator(self) -> str:
        code = self.row["indicator"]
        if code not in self.known.indicators:
            nearest = nearest_name(code, list(self.known.indicators))
            self.refuse(faults.INDICATOR_UNKNOWN, "indicator", indicator=code, nearest=nearest)
        return code

    def _area(self) -> str:
        area = self.row["area"]
        if area in {"", _EVERYWHERE}:
            return ANYWHERE
        if self.known.areas is not None and area not in self.known.areas:
            self.refuse(faults.AREA_UNKNOWN, "area", area=area)
        return area

    def _period(self) -> Period | None:
        text = self.row["period"]
        found = read_period(text) if text else None
        if text and found is None:
            self.refuse(faults.PERIOD_UNREADABLE, "period", period=text, known=SPOKEN)
        return found

    def _milestone(self) -> bool:
        text = self.row["milestone"].lower()
        if text not in _YES | _NO:
            self.refuse(faults.MILESTONE_UNREADABLE, "milestone", milestone=text)
        return text in _YES

    def _baseline(self) -> tuple[date, float] | None:
        value, day = self.number("baseline"), self.day("baseline_on")
        if (value is None) != (day is None):
            column = "baseline" if value is None else "baseline_on"
            self.refuse(faults.BASELINE_HALF, column)
        return (day, value) if day is not None and value is not None else None
