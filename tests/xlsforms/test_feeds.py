"""Every indicator of the plans is fed by questions that exist."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache

import pytest

from tests.xlsforms.surveys import SURVEYS, XLSFORMS, schema

INDICATORS = 95
"""How many the five plans hold: 34 targets, 57 duties, 2 baselines, 2 standards."""

with (XLSFORMS / "programme" / "feeds.csv").open(encoding="utf-8", newline="") as file:
    FEEDS = list(csv.DictReader(file))


@cache
def questions(form_id: str) -> dict[str, str]:
    """The repeat (names from the root, joined by /; "" = the root) each question of a form lies in."""
    form = schema(form_id)
    repeats = {path for path, node in form.by_path.items() if node.type == "repeat"}
    return {node.name: _table(node.table, repeats) for node in form.questions}


def _table(path: str, repeats: set[str]) -> str:
    above = sorted(repeat for repeat in repeats if f"{path}/".startswith(f"{repeat}/"))
    return "/".join(repeat.rsplit("/", 1)[1] for repeat in above)


def test_no_indicator_of_the_plans_is_left_out() -> None:
    fed = defaultdict(list)
    for line in FEEDS:
        fed[line["indicator"]].append(line["form"])
    assert len(fed) == INDICATORS
    assert {key for key, forms in fed.items() if len(forms) > 1 and "-" in forms} == set()


def test_every_indicator_has_a_question_or_a_reason() -> None:
    unfed = {
        line["indicator"]
        for line in FEEDS
        if not (line["note"] if line["form"] == "-" else line["questions"].split())
    }
    assert unfed == set()
    assert {line["form"] for line in FEEDS} - {"-"} <= set(SURVEYS)


@pytest.mark.parametrize("form_id", SURVEYS)
def test_the_questions_named_are_in_the_form(form_id: str) -> None:
    lines = [line for line in FEEDS if line["form"] == form_id]
    named = {(name, line["table"]) for line in lines for name in line["questions"].split()}
    assert named - set(questions(form_id).items()) == set()
    # The recheck measures the survey, not the programme.
    assert bool(named) == (form_id != "f11_recheck")


def test_a_line_is_one_indicator_one_form_one_table() -> None:
    lines = [(line["indicator"], line["form"], line["table"]) for line in FEEDS]
    assert len(lines) == len(set(lines))
