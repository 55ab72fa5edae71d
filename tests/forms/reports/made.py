"""A report made by hand: a commune in 2026 with a share, a count, a duty and two villages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from forms.reports.composing import Frozen, Setting, compose
from forms.reports.described import Description
from forms.reports.document import Report
from forms.reports.figures import Figure, Figures, Way, gathered

COMMUNE, VILLAGE, OTHER = "00715", "00715-01", "00715-02"
CELL = "https://so.example/indicators/rate/figure?area=00715&period=2026"

RATE = Figure(
    "rate",
    "Tỷ lệ người biết chữ",
    "%",
    "2026",
    COMMUNE,
    "Xã Lũng Cú",
    "08",
    numerator=1234,
    denominator=1543,
    value=79.9741,
    expected=4,
    received=3,
    target=90.0,
    comparison="at_least",
    deadline=date(2030, 12, 31),
    plan="TH",
    source="KH tỉnh, II.2",
    to_reach=155,
    status="behind",
    href=CELL,
)
COUNT = Figure(
    "classes", "Số lớp xóa mù chữ", "lớp", "2026", COMMUNE, "Xã Lũng Cú", "08", numerator=7, value=7
)
SILENT = Figure("silent", "Chưa hỏi", "%", "2026", COMMUNE, "Xã Lũng Cú", "08", status="no_data")
FROZEN = Frozen(3, "Chốt năm 2026", "ab" * 32, date(2026, 12, 9))


def village(code: str, name: str, value: float | None) -> Figure:
    """The rate of a village of the commune."""
    return replace(
        RATE, place=code, place_name=name, parent=COMMUNE, value=value, href=f"https://so.example/{code}"
    )


SEVERAL = (
    RATE,
    COUNT,
    SILENT,
    replace(RATE, period="2025", value=70.0),
    village(VILLAGE, "Thôn Lô Lô Chải", 85.5),
    village(OTHER, "Thôn Séo Lủng <&>", 40.0),
    replace(RATE, period="2026-H1", value=1.0),
    replace(RATE, place="99999", value=2.0),
)

DESCRIPTION = Description(
    id="commune_year",
    due="lc_units_to_doet",
    level="commune",
    kind="year",
    ends=None,
    title="Xã báo cáo năm",
    subject="kết quả thực hiện kế hoạch {period}",
    to="Sở Giáo dục và Đào tạo {province}",
    parent="",
    office="ỦY BAN NHÂN DÂN\n{PLACE}",
    symbol="BC-UBND",
    basis="Kế hoạch của tỉnh",
    signer=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    copies=("Như trên", "Lưu: VT"),
    groups=("*",),
    charts=("rate",),
    compared=("rate",),
    blanks=("Khó khăn, vướng mắc",),
)


def figures() -> Figures:
    """The figures of the commune in 2026."""
    return gathered(SEVERAL, COMMUNE, "2026")


def setting(frozen: Frozen | None = None, ways: Mapping[str, Way] | None = None) -> Setting:
    """The commune in 2026."""
    return Setting(
        code=COMMUNE,
        place="Xã Lũng Cú",
        level="commune",
        province="tỉnh Tuyên Quang",
        period="2026",
        today=date(2026, 12, 1),
        as_of=datetime(2026, 12, 1, 1, 30, tzinfo=UTC),
        pending=2,
        frozen=frozen,
        groups=(("D. Xóa mù chữ", ("rate", "classes", "silent")),),
        ways=ways or {"rate": Way(((date(2030, 12, 31), 90.0),), ())},
    )


def report(frozen: Frozen | None = None) -> Report:
    """The whole report."""
    return compose(DESCRIPTION, setting(frozen), figures())
