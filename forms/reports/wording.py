"""⑨ How an official report writes numbers, periods, places and what a plan demands: Vietnamese alone.

Why: Decree 30/2020/NĐ-CP knows one language for a document of state, whatever that of its reader's pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.period_kinds import kind_of
from forms.reports.figures import Figure

NOTHING: Final = "–"
PROVISIONAL: Final = "SỐ LIỆU TẠM THỜI"

STATUS: Final[Mapping[str, str]] = {
    "met": "đạt",
    "on_way": "đúng tiến độ",
    "behind": "chậm tiến độ",
    "no_data": "chưa có số liệu",
    "duty": "nhiệm vụ",
}
_SIGNS: Final[Mapping[str, str]] = {
    "at_least": "≥ ",
    "more_than": "> ",
    "at_most": "≤ ",
    "increase": "tăng ",
    "strive_for": "phấn đấu ",
}
_PREFIXES: Final = ("Thị trấn ", "Phường ", "Xã ", "Đặc khu ", "Tỉnh ", "Thành phố ")
_CITIES: Final = frozenset({"01", "31", "46", "48", "79", "92"})
"""Codes of the provinces that are cities under the government."""


def number(value: float | None, digits: int = 1) -> str:
    """`1.234,5`; a dash for nothing."""
    if value is None:
        return NOTHING
    rounded = round(value, digits)
    text = f"{rounded:,.{digits}f}" if rounded != int(rounded) else f"{int(rounded):,}"
    return text.translate({ord(","): ".", ord("."): ","})


def amount(value: float | None, unit: str) -> str:
    """A figure with its sign of percent; the unit itself stands in a column of its own."""
    if value is None:
        return NOTHING
    return f"{number(value)} %" if unit == "%" else number(value)


def aim(figure: Figure) -> str:
    """What the plan demands: `≥ 40 %`."""
    if figure.target is None:
        return NOTHING
    sign = _SIGNS.get(figure.comparison, "")
    return f"{sign}{amount(figure.target, figure.unit)}"


def period_words(period: str) -> str:
    """A period as a sentence says it: `năm 2026`, `6 tháng đầu năm 2026`, `năm học 2025-2026`."""
    kind = kind_of(period)
    if kind == "year":
        return f"năm {period}"
    if kind == "school_year":
        return f"năm học {period}"
    if kind == "half":
        return f"6 tháng {'đầu' if period[-1] == '1' else 'cuối'} năm {period[:4]}"
    if kind == "quarter":
        return f"quý {period[-1]} năm {period[:4]}"
    return f"tháng {int(period[5:])} năm {period[:4]}"


def bare_name(name: str) -> str:
    """The name of a place without the word for what it is: `Lũng Cú`."""
    return next((name[len(one) :] for one in _PREFIXES if name.startswith(one)), name)


def province_title(code: str, name: str) -> str:
    """`tỉnh Tuyên Quang`, `thành phố Huế`."""
    return f"{'thành phố' if code in _CITIES else 'tỉnh'} {bare_name(name)}"
