"""The roles that come with the surveys name questions that exist; what docs/checks.md says is so."""

from __future__ import annotations

import csv
import re

import pytest

from collector.actions.checks import SET_CHECKS
from forms.checks.catalogue import CHECKS
from tests.xlsforms.surveys import SURVEYS, XLSFORMS, schema

with (XLSFORMS / "programme" / "roles.csv").open(encoding="utf-8", newline="") as file:
    ROLES = list(csv.DictReader(file))

DOCS = (XLSFORMS.parent / "docs" / "checks.md").read_text(encoding="utf-8")
BY_NUMBER = re.compile(r"[KQ]\d\d\b")
"""Rules that go by a number of their own."""


@pytest.mark.parametrize("line", ROLES, ids=lambda line: f"{line['form']}-{line['role']}")
def test_a_role_names_questions_of_its_survey(line: dict[str, str]) -> None:
    if line["role"] == "checked_form":
        assert line["value"] in SURVEYS
        return
    form = schema(line["form"])
    names = {node.name for node in form.questions} | {node.name for node in form.repeats}
    assert {text.partition("=")[0] for text in line["value"].split()} <= names
    if line["role"] in {"other", "declared"}:
        assert {text.partition("=")[2].rpartition(":")[2] for text in line["value"].split()} <= names


def test_no_role_of_a_survey_is_told_twice() -> None:
    told = [(line["form"], line["role"]) for line in ROLES]
    assert sorted(set(told)) == sorted(told)


def test_every_role_and_every_number_of_a_check_is_written_down() -> None:
    assert [line["role"] for line in ROLES if f"`{line['role']}`" not in DOCS] == []
    lines = [line for line in DOCS.splitlines() if line.startswith("| ")]
    for code in sorted(SET_CHECKS):
        check = CHECKS[code]
        if BY_NUMBER.match(check.title):
            continue
        (line,) = [line for line in lines if line.split("|")[2].strip() == f"`{code}`"]
        assert line.split("|")[3].strip() == check.severity, code
        for name, number in check.thresholds.items():
            assert f"`{name}` {number.default:g}" in line, code
