"""Figures are reckoned from figures as SQL would."""

from __future__ import annotations

import pytest

from forms.expressions.arithmetic import evaluable, evaluate
from forms.expressions.checking import read_formula
from forms.expressions.scope import Scope
from forms.schema import Node, Schema
from tests.forms.meaning import FORM as MEANING
from tests.forms.meaning import NUMBERS, record

FIGURES = Schema(
    "f", "1", "F", "data", tuple(Node(f"/{name}", "decimal", 0, control="input") for name in "abc")
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${a} - ${b}", 6.0),
        ("${a} div ${b}", 2.5),
        ("${a} div 0", None),
        ("${a} div (${b} - 4)", None),
        ("${a} mod ${b}", 2.0),
        ("-${a} mod 4", -2.0),
        ("${a} + ${c}", None),
        ("-${c}", None),
        ("${c} = ''", 1.0),
        ("${c} != ''", 0.0),
        ("${c} + 1 = ''", 0.0),
        ("${c} = ${c}", 1.0),
        ("${c} < 1", 0.0),
        ("not(${c} < 1)", 1.0),
        ("not(${c})", 1.0),
        ("coalesce(${c}, ${b})", 4.0),
        ("coalesce(${a}, ${b})", 10.0),
        ("if(${b} > 3 and ${a} > 3, ${a}, ${c})", 10.0),
        ("if(${b} > 4 or ${c}, ${a}, ${c})", None),
        ("max(${a}, ${b}, ${c})", 10.0),
        ("min(${c}, ${b})", 4.0),
        ("min(${c})", None),
        ("round(${a} div ${b})", 3.0),
        ("round(-${a} div ${b})", -2.0),
        ("round(2.675, 2)", 2.68),
        ("round(${c}, 2)", None),
        ("int(-2.9)", -2.0),
        ("abs(${b} - ${a})", 6.0),
        ("number('1,5')", 1.5),
        ("${a} * 1" + "0" * 30, None),
        ("0.1 + 0.2 = 0.3", 1.0),
        ("${a} = true()", 1.0),
    ],
)
def test_a_figure_is_reckoned_from_figures(text: str, value: float | None) -> None:
    tree = read_formula(text, Scope(FIGURES)).tree
    assert evaluable(tree)
    found = evaluate(tree, {"/a": 10.0, "/b": 4.0, "/c": None})
    assert found == (value if value is None else pytest.approx(value, rel=1e-12))


def test_the_table_of_meanings_holds_as_far_as_it_speaks_of_numbers() -> None:
    held = 0
    for case in NUMBERS:
        tree = read_formula(case.expression, Scope(MEANING)).tree
        answers = record(case.answers)
        if evaluable(tree) and "${t}" not in case.expression:
            values = {f"/{name}": float(answers[name]) if name in answers else None for name in "abde"}
            found = evaluate(tree, values)
            assert found == (None if case.value is None else pytest.approx(float(case.value))), case
            held += 1
    assert held > 50


@pytest.mark.parametrize("text", ["today() - today()", "concat(${a} = 1, '')", "'x'", "string-length('1')"])
def test_what_is_no_arithmetic_is_told_apart(text: str) -> None:
    assert not evaluable(read_formula(text, Scope(FIGURES)).tree)
