"""The programme's workbook says what the plans say: every indicator, every target, every open question."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from functools import cache

import pytest

from forms.indicators.decisions import Decided
from forms.indicators.definition import Rows
from forms.indicators.grounds import Grounds
from forms.indicators.programme import Around, Definitions, read_definitions
from forms.schema import Schema
from forms.spreadsheet import SheetRow
from forms.workbook import read_extras
from forms.xform.reading import read_schema
from forms.xlsform import convert
from tests.xlsforms.scenes.lean import lean
from tests.xlsforms.surveys import EN, SURVEYS, VI, XLSFORMS, workbook

BOOK = read_extras(workbook("programme"))
AREAS = {"08", "11", "12", "38"}
"""Tuyên Quang, Điện Biên, Lai Châu, Thanh Hóa."""

with (XLSFORMS / "programme" / "feeds.csv").open(encoding="utf-8", newline="") as file:
    FEEDS = list(csv.DictReader(file))
KEYS = tuple(dict.fromkeys(line["indicator"] for line in FEEDS))


@cache
def forms() -> dict[str, Schema]:
    """The surveys, by form id."""
    return {name: read_schema(convert(lean(name).encode(), f"{name}.md").xform) for name in SURVEYS}


@cache
def lists() -> dict[str, frozenset[str]]:
    """The properties of each entity list, as the surveys write them."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in SURVEYS:
        [first, *_others] = [row["list_name"] for row in workbook(name).rows("entities")] or [""]
        for row in workbook(name).rows("survey"):
            where, _, written = row["save_to"].rpartition("#")
            if written:
                found[where or first].add(written)
    return {name: frozenset(properties) for name, properties in found.items()}


def read(**chosen: str) -> Definitions:
    """The workbook with decisions taken."""
    return read_definitions(BOOK.definitions, Grounds(forms=forms(), lists=lists()), Around(AREAS, chosen))


def rows_of(code: str) -> list[SheetRow]:
    return [row for row in BOOK.indicators if row["code"] == code]


def test_all_of_it_can_be_read() -> None:
    found = read()
    assert set(KEYS) <= {one.code for one in found.indicators}
    assert len(found.targets) == 198
    assert len(found.rules) == 10


@pytest.mark.parametrize("key", KEYS)
def test_an_indicator_of_the_plans_has_its_names_meaning_and_source(key: str) -> None:
    rows = rows_of(key)
    assert rows
    for row in rows:
        for column in ("label", "definition"):
            assert row[f"{column}::{VI}"]
            assert row[f"{column}::{EN}"]
        assert row["source"]
        assert row["unit"]
        assert row["direction"]


def test_what_is_said_in_one_language_is_said_in_the_other() -> None:
    columns = ("label", "definition", "option", "consequence")
    half = [
        (row.sheet, row.row, column)
        for row in (*BOOK.indicators, *BOOK.decisions)
        for column in columns
        if bool(row[f"{column}::{VI}"]) != bool(row[f"{column}::{EN}"])
    ]
    assert half == []


def test_every_other_row_says_which_indicator_it_belongs_to() -> None:
    shared = {
        "communes_in_force", "villages_in_force", "centres_working", "centres_reporting",
        "literacy_unknown_15_60",
    }  # fmt: skip
    codes = {row["code"] for row in BOOK.indicators}
    stray = {code for code in codes - set(KEYS) if not any(code.startswith(f"{key}_") for key in KEYS)}
    assert stray == shared


def test_indicators_rest_on_the_forms_that_are_said_to_feed_them() -> None:
    fed = defaultdict(set)
    for line in FEEDS:
        fed[line["indicator"]].add(line["form"])
    found = read()
    named = {one.code: one for one in found.indicators}
    for key in KEYS:
        sources = {one.name for one in named[key].sources if one.rows is Rows.FORM}
        assert sources <= fed[key], key


def test_each_plan_has_all_its_targets() -> None:
    # A target that depends on a decision has a row for each option; they are one target.
    several = Counter(
        (row["plan"], row["indicator"], row["source"], row["deadline"], row["quote"]) for row in BOOK.targets
    )
    assert Counter(plan for plan, *_rest in several) == {"TH": 53, "MOET": 12, "LC": 57, "BQ": 32, "DB": 44}
    again = {target: times for target, times in several.items() if times > 1}
    assert set(again.values()) == {2}
    assert {indicator for _plan, indicator, *_rest in again} == {
        "literacy_phase1_mobilisation_rate",
        "literacy_phase2_mobilisation_rate",
    }
    assert {row["indicator"] for row in BOOK.targets} - set(KEYS) == {"clc_review_meetings_per_centre"}


def test_a_target_stands_for_the_area_of_its_plan() -> None:
    areas = {(row["plan"], row["area"]) for row in BOOK.targets}
    assert areas == {("TH", "38"), ("MOET", ""), ("LC", "12"), ("BQ", "08"), ("DB", "11")}
    for row in BOOK.targets:
        assert ("${ethnic_mountainous}" in row["where"]) == (row["plan"] in {"TH", "MOET"})
        assert row["where"].count("${code}") == (8 if row["plan"] in {"BQ", "DB"} else 0)
        assert row["quote"]
        assert row["source"]


TARGETS = {
    ("literacy_phase1_mobilisation_rate", "TH"): ("at_least", "10.5", "required"),
    ("literacy_phase1_mobilisation_rate", "LC"): ("more_than", "3", "required"),
    ("teachers_seconded_to_clc_share", "TH"): ("at_least", "60", "required"),
    ("teachers_seconded_to_clc_share", "LC"): ("strive_for", "60", "striving"),
    ("learning_citizen_rate", "BQ"): ("strive_for", "35", "striving"),
    ("model_clc_designated", "DB"): ("equal", "2", "required"),
    ("clc_review_meetings_per_centre", "DB"): ("implied_all", "12", "required"),
}
"""Those the plans contradict each other in, and a few others."""


@pytest.mark.parametrize("which", TARGETS)
def test_plans_contradict_each_other_as_they_are_written(which: tuple[str, str]) -> None:
    found = {
        (row["comparison"], row["value"], row["binding"])
        for row in BOOK.targets
        if (row["indicator"], row["plan"]) == which and not row["milestone"]
    }
    assert found == {TARGETS[which]}


def test_a_decision_changes_the_figure_it_is_about() -> None:
    decided = Decided(read().decided.decisions)
    waiting = defaultdict(set)
    for row in (*BOOK.indicators, *BOOK.targets):
        code, _, option = row["when"].partition("=")
        if code:
            waiting[code].add(option)
    for code, options in waiting.items():
        assert options == set(decided.decisions[code].options), code
    usual = {one.code: one.definitions[VI] for one in read().indicators}
    legal = {one.code: one.definitions[VI] for one in read(official_count="legal").indicators}
    assert usual["illiterate_count_15_60"] != legal["illiterate_count_15_60"]
    assert usual.keys() == legal.keys()


def test_the_fourteen_open_questions_are_decisions() -> None:
    numbers = {row[f"label::{VI}"].split(".")[0].rstrip("abcd") for row in BOOK.decisions}
    assert numbers == {str(number) for number in range(1, 15)}
    for row in BOOK.decisions:
        for language in (VI, EN):
            assert len(row[f"option::{language}"].split(";")) == len(row["options"].split())
            assert row[f"consequence::{language}"]


def test_the_literacy_standard_is_that_of_decree_20_2014() -> None:
    rows = [
        (row["standard"], row["unit"], row["age_to"], row["share"], row["from"], row["to"])
        for row in BOOK.recognition
    ]
    assert rows == [
        ("1", "commune", "35", "90", "2014-05-15", ""),
        ("1", "commune", "25", "90", "2014-05-15", ""),
        ("1", "district", "", "90", "2014-05-15", "2025-06-30"),
        ("1", "province", "", "90", "2014-05-15", "2025-06-30"),
        ("1", "province", "", "90", "2025-07-01", ""),
        ("2", "commune", "60", "90", "2014-05-15", ""),
        ("2", "commune", "35", "90", "2014-05-15", ""),
        ("2", "district", "", "90", "2014-05-15", "2025-06-30"),
        ("2", "province", "", "100", "2014-05-15", "2025-06-30"),
        ("2", "province", "", "90", "2025-07-01", ""),
    ]
    hard = [row["age_to"] for row in BOOK.recognition if "especially_difficult" in row["where"]]
    assert hard == ["25", "35"]
