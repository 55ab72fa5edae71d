"""The sheet `recognition` into rules; every fault of every row is told at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from forms.expressions.scope import nearest_name
from forms.indicators import faults
from forms.indicators.communes import read_condition
from forms.indicators.decisions import Decided, read_when
from forms.indicators.recognition import STANDARDS, UNITS, Rule
from forms.indicators.sheet import RowReader
from forms.places import COMMUNE
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow

COLUMNS: Final = (
    "standard",
    "when",
    "unit",
    "from",
    "to",
    "where",
    "of",
    "age_from",
    "age_to",
    "share",
    "indicator",
    "source",
    "note",
)
"""What a row may say."""

_OLDEST: Final = 120


def read_recognition(
    rows: Sequence[SheetRow], indicators: Collection[str], decided: Decided | None = None
) -> tuple[Rule, ...]:
    """The rules in force as `decided`. Raises FormRefused with a remark for every fault."""
    decided = decided or Decided()
    remarks: list[Remark] = []
    rules: list[Rule] = []
    for row in rows:
        reader = RowReader(row)
        when, rule = read_when(reader, decided), _rule(reader, indicators)
        remarks += reader.remarks
        if rule is not None and decided.holds(when):
            rules.append(rule)
    if remarks:
        raise FormRefused(remarks)
    return tuple(rules)


def _rule(reader: RowReader, indicators: Collection[str]) -> Rule | None:
    reader.columns(COLUMNS)
    standard = reader.one_of("standard", [str(one) for one in STANDARDS], faults.STANDARD_UNKNOWN)
    unit = reader.one_of("unit", UNITS, faults.UNIT_UNKNOWN)
    for column, said, fault in (
        ("standard", standard, faults.STANDARD_UNKNOWN),
        ("unit", unit, faults.UNIT_UNKNOWN),
    ):
        if not said:
            known = ", ".join(map(str, STANDARDS if column == "standard" else UNITS))
            reader.refuse(fault, column, **{column: ""}, known=known)
    since, until = reader.day("from"), reader.day("to")
    if since and until and until < since:
        reader.refuse(faults.DAYS_TURNED, "to")
    where = read_condition(reader)
    below = _below(reader, unit)
    ages = _ages(reader) if unit == COMMUNE else (0, 0)
    share = reader.number("share")
    if share is None or not 0 < share <= 100:  # noqa: PLR2004 - percent
        reader.refuse(faults.SHARE_WRONG, "share")
    indicator = _indicator(reader, indicators)
    if reader.remarks or share is None:
        return None
    return Rule(
        int(standard),
        unit,
        share,
        since,
        until,
        where,
        below,
        *ages,
        indicator,
        reader.row["source"],
    )


def _below(reader: RowReader, unit: str) -> str:
    """The level of the units a unit is judged by; "" for a commune, which is judged by its people."""
    allowed = UNITS[: UNITS.index(unit)] if unit in UNITS else ()
    below = reader.row["of"]
    if (below or allowed) and below not in allowed:
        reader.refuse(faults.BELOW_UNKNOWN, "of", of=below, known=", ".join(allowed) or "–")
    return below


def _ages(reader: RowReader) -> tuple[int, int]:
    first, last = (int(reader.number(column) or 0) for column in ("age_from", "age_to"))
    if not 0 < first <= last <= _OLDEST:
        reader.refuse(faults.AGES_WRONG, "age_to")
    return first, last


def _indicator(reader: RowReader, indicators: Collection[str]) -> str:
    code = reader.row["indicator"]
    if code and code not in indicators:
        nearest = nearest_name(code, list(indicators))
        reader.refuse(faults.INDICATOR_UNKNOWN, "indicator", indicator=code, nearest=nearest)
    return code
