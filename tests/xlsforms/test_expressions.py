"""What the surveys ask of an answer, the server can ask of every record, but for a few cells."""

from __future__ import annotations

import pytest

from forms.expressions import faults
from forms.expressions.checking import read_formula
from forms.expressions.scope import Scope
from forms.problems import ExpressionWrong
from forms.remarks import Remark
from tests.xlsforms import surveys

LOOKED_UP = {("f01_hh_survey", "visit_kind"), ("f04_class_open", "class_mode")}
"""Constraints that look into a list beside the form, which is on the phone and changes."""

ONLY_ON_PHONES = {"uuid", "join", "jr:choice-name"}
"""Functions of calculations whose value is in the record, and is not worked out again."""


@pytest.mark.parametrize("form_id", surveys.SURVEYS)
def test_every_cell_is_read_but_those_that_look_into_lists(form_id: str) -> None:
    schema = surveys.schema(form_id)
    paths = {node.name: node for node in schema.nodes}
    for row in surveys.workbook(form_id).rows("survey"):
        for column in ("relevant", "constraint", "calculation"):
            if not row[column] or row["name"] not in paths:
                continue
            node = paths[row["name"]]
            told = _refused(row[column], Scope(schema, node.table, node.path))
            if told is None or (column == "calculation" and told.details.get("name") in ONLY_ON_PHONES):
                continue
            assert told.cause == faults.LIST_READ.cause, f"{row[column]}: {told}"
            assert column == "calculation" or (form_id, row["name"]) in LOOKED_UP, row[column]


def _refused(text: str, scope: Scope) -> Remark | None:
    try:
        read_formula(text, scope)
    except ExpressionWrong as refused:
        return refused.remark
    return None
