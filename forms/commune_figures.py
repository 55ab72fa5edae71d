"""⑧ What a commune's yearly report starts from: its forms of the year, added up.

Why: the commune confirms figures instead of adding them up by hand. A figure nobody sent anything for is
blank, never 0: the report then asks for it. The columns are told in xlsforms/f09_commune_annual/README.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from forms.periods import Period, read_period

LIST: Final = "commune_figures"
"""The entity list the report reads: one member a commune, year and period."""

KEYS: Final = ("commune_code", "report_year", "period")
AS_OF: Final = "as_of"
PERIODS: Final = ("h1", "h2", "y")

_COUNTED: Final = {
    "il1_t": "il1_t",
    "il1_f": "il1_f",
    "il2_t": "il2_t",
    "il2_f": "il2_f",
    "relapse_t": "rel_t",
    "relapse_f": "rel_f",
    "il1_dtts": "il1_dtts",
    "tlg_n": "n_tlg",
    "oos_back": "oos_back",
}
_STOCKS: Final = {"il1_base": "il1_t", "ph1done_base": "done1_stock"}
_PHASES: Final = ("1", "2")

FIGURES: Final = (
    "vil_n",
    "vil_f02",
    *_COUNTED,
    *_STOCKS,
    *(f"{what}{phase}_{who}" for what in ("mob", "fin") for phase in _PHASES for who in ("t", "f")),
    "cls_open",
    "clc_n",
    "clc_private",
    "gv_total",
    "gv_sec",
    "clc_eval",
    "inspect_n",
    "pcgd_used",
    "pcgd_date",
)
"""The columns that are worked out, named as the questions of the report they fill in."""


@dataclass(frozen=True, slots=True)
class Read:
    """Answers that are needed: of a form, in its root or a repeat (by name), these questions."""

    form_id: str
    repeat: str
    questions: tuple[str, ...]


READS: Final[Mapping[str, Read]] = {
    "counts": Read(
        "f02_village_count",
        "",
        ("count_year", "count_kind", "done1_stock", *dict.fromkeys(_COUNTED.values())),
    ),
    "centres": Read("f03_clc_profile", "", ("centre", "rep_year", "gv_pool", "gv_sec_t")),
    "classes": Read("f04_class_open", "", ("class_mode", "start_date")),
    "learners": Read("f04_class_open", "learner", ("phase", "start_date", "l_id", "l_1560", "l_sex")),
    "months": Read("f05_class_report", "", ("class", "rep_month", "checked")),
    "results": Read("f05_class_report", "att", ("rep_month", "l_id", "l_p1", "l_p2", "l_sex")),
    "inspections": Read("f10_clc_rating", "", ("inspect_kind", "visit_date")),
    "reports": Read("f09_commune_annual", "", ("rep_year", "period", "pcgd_used", "pcgd_date")),
}
"""What has to be read to work them out, by a name of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form's table: the commune and the place it counts for, and the answers by question.

    Rows come in the order they were received.
    """

    commune: str
    place: str
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """All there is to add up.

    `rows` by the names of READS; `villages` in force and `centres` (their properties) by commune.
    """

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    villages: Mapping[str, int] = field(default_factory=dict)
    centres: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


def due_periods(today: date) -> list[tuple[int, str]]:
    """The years and periods communes report on about that day: half a year, and the year with its end."""
    if 5 <= today.month <= 7:  # noqa: PLR2004 - May to July
        return [(today.year, "h1")]
    if today.month >= 11:  # noqa: PLR2004 - from November on
        return [(today.year, "h2"), (today.year, "y")]
    if today.month == 1:
        return [(today.year - 1, "h2"), (today.year - 1, "y")]
    return []


def work_out(year: int, period: str, sources: Sources) -> dict[str, dict[str, str]]:
    """The figures of each commune that sent anything, for a year and one of PERIODS; blanks are left out."""
    span = read_period(f"{year}-{period}")
    if span is None:
        raise ValueError(period)
    told = {name: _by_commune(sources.rows.get(name, ())) for name in READS}
    result: dict[str, dict[str, str]] = {}
    for commune in sorted({code for rows in told.values() for code in rows}):
        mine = {name: rows.get(commune, []) for name, rows in told.items()}
        figures: dict[str, Any] = {
            **_from_counts(year, mine["counts"]),
            **_from_classes(span, mine),
            **_from_centres(year, mine["centres"], sources.centres.get(commune, ())),
            **_from_inspections(span, mine),
            **_from_reports(year, period, mine["reports"]),
        }
        if figures:
            figures["vil_n"] = sources.villages.get(commune)
            result[commune] = {
                name: str(figures[name]) for name in FIGURES if figures.get(name) not in {None, ""}
            }
    return result


def _by_commune(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.commune].append(row)
    return found


def _from_counts(year: int, rows: Sequence[Row]) -> dict[str, int]:
    figures: dict[str, int] = {}
    official = _official(rows, year)
    if official:
        figures["vil_f02"] = sum(not place.endswith("-000") for place in official)
        figures |= _sums(official.values(), _COUNTED)
    before = _official(rows, year - 1)
    return figures | (_sums(before.values(), _STOCKS) if before else {})


def _official(rows: Sequence[Row], year: int) -> dict[str, Row]:
    """The count of each village that stands: the official one, or what corrects it."""
    return {
        row.place: row
        for row in rows
        if _number(row.answers.get("count_year")) == year and _text(row, "count_kind") in {"1", "3"}
    }


def _sums(rows: Iterable[Row], names: Mapping[str, str]) -> dict[str, int]:
    listed = list(rows)
    return {name: sum(_number(row.answers.get(source)) for row in listed) for name, source in names.items()}


def _from_classes(span: Period, mine: Mapping[str, Sequence[Row]]) -> dict[str, int]:
    figures: dict[str, int] = {}
    opened = [row for row in mine["classes"] if _within(row, "start_date", span)]
    if opened:
        figures["cls_open"] = sum(_text(row, "class_mode") == "new" for row in opened)
        learners = [row for row in mine["learners"] if _within(row, "start_date", span)]
        for phase in _PHASES:
            enrolled = [row for row in learners if _text(row, "phase") == phase and _yes(row, "l_1560")]
            figures |= _people(f"mob{phase}", enrolled)
    results = [row for row in mine["results"] if _within(row, "rep_month", span)]
    if results:
        for phase in _PHASES:
            figures |= _people(f"fin{phase}", [row for row in results if _yes(row, f"l_p{phase}")])
    return figures


def _people(name: str, rows: Iterable[Row]) -> dict[str, int]:
    """Each person once, however often a row names him."""
    women = {_text(row, "l_id"): _text(row, "l_sex") == "2" for row in rows}
    return {f"{name}_t": len(women), f"{name}_f": sum(women.values())}


def _from_centres(year: int, rows: Sequence[Row], centres: Sequence[Mapping[str, str]]) -> dict[str, int]:
    figures: dict[str, int] = {}
    last = {_text(row, "centre"): row for row in rows if _number(row.answers.get("rep_year")) == year}
    if last:
        # Every centre of a commune names the same pool of teachers.
        figures["gv_total"] = max(_number(row.answers.get("gv_pool")) for row in last.values())
        figures |= _sums(last.values(), {"gv_sec": "gv_sec_t"})
    working = [one for one in centres if one.get("status") in {"1", "4"}]
    if centres:
        figures |= {"clc_n": len(working), "clc_private": sum(one.get("ctype") == "tt" for one in working)}
    return figures


def _from_inspections(span: Period, mine: Mapping[str, Sequence[Row]]) -> dict[str, int]:
    visits = [row for row in mine["inspections"] if _within(row, "visit_date", span)]
    months = [row for row in mine["months"] if _within(row, "rep_month", span)]
    if not visits and not months:
        return {}
    checked = {
        (_text(row, "class"), _text(row, "rep_month")[:7]) for row in months if _text(row, "checked") == "1"
    }
    figures = {"inspect_n": len(visits) + len(checked)}
    if visits:
        figures["clc_eval"] = int(any(_text(row, "inspect_kind") == "tieuchi" for row in visits))
    return figures


def _from_reports(year: int, period: str, rows: Sequence[Row]) -> dict[str, str]:
    """What the last report says; the one of this very period does not prefill itself."""
    earlier = [
        row
        for row in rows
        if (_number(row.answers.get("rep_year")), _text(row, "period")) != (year, period)
        and _number(row.answers.get("rep_year")) <= year
    ]
    if not earlier:
        return {}
    return {name: _text(earlier[-1], name) for name in ("pcgd_used", "pcgd_date")}


def _within(row: Row, question: str, span: Period) -> bool:
    value = row.answers.get(question)
    return isinstance(value, date) and span.first <= value <= span.last


def _yes(row: Row, question: str) -> bool:
    return _number(row.answers.get(question)) == 1


def _number(value: Any) -> int:
    """0 where there is none."""
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return 0


def _text(row: Row, question: str) -> str:
    value = row.answers.get(question)
    return "" if value is None else str(value).strip()
