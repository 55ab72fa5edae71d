"""Expressions over records with repeats mean in both databases what they mean on the phone.

A sample of `make expressions-proof`, and what must not slip through it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forms.expressions.checking import read_formula
from forms.expressions.functions import Kind
from forms.expressions.scope import Scope
from tests.proofs.expressions import Proof, Row, prepared, prove, same

pytestmark = pytest.mark.java


@pytest.fixture(scope="module")
def proof() -> Iterator[Proof]:
    with prepared() as running:
        yield running


def test_invented_expressions_mean_the_same_everywhere(proof: Proof) -> None:
    outcome = prove(proof, 5, records=4, expressions=20)
    assert outcome.faults == []
    assert outcome.cases > 150
    assert outcome.unknown_to_the_phone < outcome.cases / 10


HOME: dict[str, list[str | None]] = {
    "a": ["3"],
    "x": ["41", None, "7"],
    "w": ["1,5", "x", None],
    "s": ["read", None, "write"],
    "y": ["2.5", "1.0", None],
    "g": ["5", None, "9"],
    "n": ["4"],
}
REPEATS: dict[str, int | list[int]] = {"member": 3, "child": [2, 0, 1], "animal": 1}

CASES = (
    ("", "count(${member})", [3.0]),
    ("", "count(${child})", [3.0]),
    ("", "sum(${x})", [48.0]),
    ("", "min(${x})", [7.0]),
    ("", "max(${x})", [41.0]),
    ("", "sum(${w})", [1.5]),
    ("", "count-non-empty(${x})", [2.0]),
    ("", "count-non-empty(${w})", [2.0]),
    ("", "sum(${g}) div count(${child})", [14 / 3]),
    ("/member", "count(${child})", [2.0, 0.0, 1.0]),
    ("/member", "sum(${g})", [5.0, 0.0, 9.0]),
    ("/member", "max(${g})", [5.0, None, 9.0]),
    ("/member", "min(${g}) + 1", [6.0, None, 10.0]),
    ("/member", "position(..)", [1.0, 2.0, 3.0]),
    ("/member", "sum(${n}) + ${a}", [7.0, 7.0, 7.0]),
    ("/member/child", "position(..)", [1.0, 2.0, 1.0]),
    ("/member/child", "position(../..)", [1.0, 1.0, 3.0]),
    ("/animal", "sum(${x}) - ${n}", [44.0]),
)
"""A table, an expression over its rows, and its value for each, worked out by hand from HOME."""


@pytest.fixture(scope="module")
def rows(proof: Proof) -> dict[str, list[Row]]:
    return proof.keep(1_000, REPEATS, HOME)


@pytest.mark.parametrize(("table", "text", "expected"), CASES)
def test_rows_inside_are_gathered(
    proof: Proof, rows: dict[str, list[Row]], table: str, text: str, expected: list[float | None]
) -> None:
    formula = read_formula(text, Scope(proof.schema, table))
    assert all(
        same(value, proof.ask_phone(text, Kind.NUMBER, table, row))
        for row, value in zip(rows[table], expected, strict=True)
    )
    for values in proof.ask_databases(formula, Kind.NUMBER, table, proof.today()):
        assert [values[row.key] for row in rows[table]] == expected


def test_all_members_are_counted_from_one_of_them(proof: Proof, rows: dict[str, list[Row]]) -> None:
    formula = read_formula("count(${member}) - sum(${n})", Scope(proof.schema, "/member"))
    for values in proof.ask_databases(formula, Kind.NUMBER, "/member", proof.today()):
        assert [values[row.key] for row in rows["/member"]] == [-1.0, -1.0, -1.0]


def test_a_difference_is_seen(proof: Proof, rows: dict[str, list[Row]]) -> None:
    formula = read_formula("1 div 0", Scope(proof.schema))
    row = rows[""][0]
    told = proof.ask_phone("1 div 0", Kind.NUMBER, "", row)
    for values in proof.ask_databases(formula, Kind.NUMBER, "", proof.today()):
        assert not same(told, values[row.key])
    assert not any((same(True, None), same(False, None), same(1.0, 1.1), same("a", "b"), same(None, 0.0)))
