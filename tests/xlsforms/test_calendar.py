"""The calendar of the programme names days that exist and forms that are ours."""

from __future__ import annotations

import csv
import re
from datetime import date

import pytest

from tests.xlsforms.surveys import SURVEYS, XLSFORMS

with (XLSFORMS / "programme" / "calendar.csv").open(encoding="utf-8", newline="") as file:
    LINES = list(csv.DictReader(file))
BY_ID = {line["id"]: line for line in LINES}


def day(text: str) -> date:
    """The day a cell names, in the leap-free year 2026 where it names none."""
    return date.fromisoformat(text if re.match(r"\d{4}-", text) else f"2026-{text}")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["id"])
def test_a_line_says_what_where_who_and_when(line: dict[str, str]) -> None:
    assert line["kind"] in {"deadline", "assessment", "milestone", "event", "cycle", "proposal"}
    assert line["province"] in {"*", "08", "11", "12", "38"}
    assert line["level"] in {"village", "class", "centre", "commune", "district", "province"}
    assert line["recurrence"] in {"yearly", "school_year", "monthly", "once"}
    assert all(line[column] for column in ("title_vi", "title_en", "source"))
    forms, units = line["forms"].split(), line["units"].split()
    assert set(forms) <= set(SURVEYS)
    assert len(forms) == len(units) > 0
    assert set(units) <= {"household", "village", "class", "centre", "commune", "province"}
    assert bool(line["opens"]) == bool(line["due"])
    if line["due"]:
        opens, due = day(line["opens"]), day(line["due"])
        assert line["recurrence"] != "once" or opens <= due


def test_no_line_is_named_twice_and_the_quoted_ones_come_first() -> None:
    assert len(BY_ID) == len(LINES)
    assert [line["kind"] == "proposal" for line in LINES] == [False] * 23 + [True] * 15


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("th_district_to_province", "11-29"),
        ("lc_units_to_doet", "12-09"),
        ("th_doet_to_province", "12-14"),
        ("moet_province_to_ministry", "12-19"),
        ("db_stat_start", "09-09"),
        ("db_rating_h2", "12-31"),
        ("lc_clc_established", "2025-12-30"),
        ("lc_commune_plan", "2025-10-15"),
    ],
)
def test_before_a_day_means_until_the_end_of_the_day_before(line: str, due: str) -> None:
    assert BY_ID[line]["due"] == due
