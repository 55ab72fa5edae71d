"""⑨ Figures out of the long table that a release froze: SDMX-CSV, or CSV with codes as heads."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from forms.exports.figures import NOWHERE
from forms.reports.figures import Figure

_OF_TARGET = "target"


def read_figures(lines: Iterable[str]) -> Iterator[Figure]:
    """The figures of whole places, and of the communes that a target speaks of; other splits are left out."""
    for row in csv.DictReader(lines):
        said = _observation(row) if "REF_AREA" in row else row
        if said.get("split", "") in {"", _OF_TARGET}:
            yield _figure(said)


def _observation(row: Mapping[str, str]) -> dict[str, str]:
    """A line of SDMX under the names of the long table."""
    split = row.get("BREAKDOWN", "")
    return {
        "indicator": row["INDICATOR"],
        "label": row.get("INDICATOR_NAME", ""),
        "place_name": row.get("REF_AREA_NAME", ""),
        "parent": row.get("PARENT", ""),
        "comparison": row.get("COMPARISON", ""),
        "deadline": row.get("DEADLINE", "")[:10],
        "target_plan": row.get("TARGET_PLAN", ""),
        "target_source": row.get("TARGET_SOURCE", ""),
        "unit": row.get("UNIT_MEASURE", ""),
        "period": _period(row["TIME_PERIOD"]),
        "place": "" if row["REF_AREA"] == NOWHERE else row["REF_AREA"],
        "split": "" if split == NOWHERE else split,
        "numerator": row.get("NUMERATOR", ""),
        "denominator": row.get("DENOMINATOR", ""),
        "value": row.get("OBS_VALUE", ""),
        "expected": row.get("EXPECTED", ""),
        "received": row.get("RECEIVED", ""),
        "target": row.get("TARGET", ""),
        "to_reach": row.get("TO_REACH", ""),
        "status": row.get("PROGRESS", ""),
    }


def _period(text: str) -> str:
    first, slash, _length = text.partition("/")
    return f"{first[:4]}-{int(first[:4]) + 1}" if slash else text.replace("-S", "-H")


def _figure(said: Mapping[str, str]) -> Figure:
    day = said.get("deadline", "")
    return Figure(
        code=said["indicator"],
        label=said.get("label", ""),
        unit=said.get("unit", ""),
        period=said["period"],
        place=said["place"],
        place_name=said.get("place_name", ""),
        parent=said.get("parent", ""),
        numerator=_number(said.get("numerator")),
        denominator=_number(said.get("denominator")),
        value=_number(said.get("value")),
        expected=_whole(said.get("expected")),
        received=_whole(said.get("received")),
        target=_number(said.get("target")),
        comparison=said.get("comparison", ""),
        deadline=date.fromisoformat(day) if day else None,
        plan=said.get("target_plan", ""),
        source=said.get("target_source", ""),
        to_reach=_number(said.get("to_reach")),
        status=said.get("status", ""),
        of_part=said.get("split", "") == _OF_TARGET,
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _whole(text: str | None) -> int | None:
    return int(float(text)) if text else None
