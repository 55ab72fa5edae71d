"""Expressions mean in SQL what they mean on the phone, on both databases; no condition is ever NULL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Double,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    literal,
    not_,
    select,
)

from forms.expressions.checking import read_formula
from forms.expressions.functions import Kind
from forms.expressions.scope import Scope
from forms.problems import ExpressionWrong
from forms.rows import CELL_OF_TYPE, Cell
from storage.compile import ColumnRef, compile_number, compile_predicate, compile_text
from storage.portable import Some
from tests.databases import fresh_postgresql
from tests.forms.inventing import Inventor
from tests.forms.meaning import CASES, DEPARTURES, FORM, TYPES, Case, record

TODAY = date(2026, 3, 1)
SQL_TYPES = {Cell.INT: BigInteger, Cell.DECIMAL: Double, Cell.DATE: Date}
READ: dict[Cell, Callable[[str], object]] = {
    Cell.INT: int,
    Cell.DECIMAL: float,
    Cell.DATE: date.fromisoformat,
}
CELLS = {name: CELL_OF_TYPE.get(kind, Cell.TEXT) for name, kind in TYPES.items()}
TABLE = Table(
    "answers",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, SQL_TYPES.get(cell, Text)) for name, cell in CELLS.items()),
)
COLUMNS = {f"/{name}": ColumnRef(TABLE.c[name], cell) for name, cell in CELLS.items()}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == "sqlite":
        yield from _with_table("sqlite://")
    else:
        with fresh_postgresql() as url:
            yield from _with_table(url)


def _with_table(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.connect() as connection:
        TABLE.create(connection)
        yield connection
    engine.dispose()


def keep(database: Connection, answers: dict[str, str]) -> None:
    """The one record there is, as the projection keeps it: a blank answer is NULL."""
    database.execute(TABLE.delete())
    typed = {name: READ.get(CELLS[name], str)(text) for name, text in answers.items() if text}
    database.execute(insert(TABLE).values(id=1, **typed))


def ask(database: Connection, value: Some) -> object:
    return database.execute(select(literal(1), value).select_from(TABLE)).one()[1]


def holds(database: Connection, condition: Some) -> bool:
    return database.execute(select(TABLE.c.id).where(condition)).first() is not None


@pytest.mark.parametrize(
    "case", [*CASES, *(case for case, _ in DEPARTURES)], ids=lambda case: "; ".join(case[:2])
)
def test_it_means_what_it_means_on_the_phone(database: Connection, case: Case) -> None:
    keep(database, record(case.answers))
    tree = read_formula(case.expression, Scope(FORM)).tree
    if isinstance(case.value, bool):
        condition = compile_predicate(tree, COLUMNS, today=TODAY)
        assert ask(database, condition) == case.value
        assert holds(database, condition) is case.value
        assert holds(database, not_(condition)) is not case.value
        assert ask(database, compile_number(tree, COLUMNS, today=TODAY)) == case.value
    else:
        expected = None if case.value is None else pytest.approx(case.value, rel=1e-12)
        assert ask(database, compile_number(tree, COLUMNS, today=TODAY)) == expected


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_asked_the_databases_agree_and_no_condition_is_null(
    database: Connection, seed: int
) -> None:
    inventor = Inventor(seed)
    keep(database, inventor.answers())
    for text in [inventor.condition(3) for _ in range(10)] + [inventor.number(3) for _ in range(10)]:
        try:
            formula = read_formula(text, Scope(FORM))
        except ExpressionWrong:
            continue
        if formula.kinds == {Kind.TRUTH}:
            assert ask(database, compile_predicate(formula.tree, COLUMNS, today=TODAY)) in (True, False), text
        else:
            ask(database, compile_number(formula.tree, COLUMNS, today=TODAY))


def test_a_column_that_became_text_is_read_as_text(database: Connection) -> None:
    keep(database, {"t": "15"})
    columns = {**COLUMNS, "/a": ColumnRef(TABLE.c.t, Cell.TEXT)}
    tree = read_formula("${a} >= 15 and ${a} + 1 = 16 and ${a} != ''", Scope(FORM)).tree
    assert ask(database, compile_predicate(tree, columns)) == True  # noqa: E712 - SQLite says 1


def test_a_text_is_written_as_on_the_phone(database: Connection) -> None:
    keep(database, {"a": "5", "t": "x"})
    for text, expected in (("concat(${a}, ${t})", "5x"), ("${a}", "5"), ("${b}", ""), ("${a} > 1", "true")):
        assert ask(database, compile_text(read_formula(text, Scope(FORM)).tree, COLUMNS)) == expected


def test_today_is_the_day_of_each_record_where_it_is_a_column(database: Connection) -> None:
    keep(database, {"day": "2026-03-01", "due": "2026-03-02"})
    tree = read_formula("${day} = today() - 1 and ${day} < today()", Scope(FORM)).tree
    assert ask(database, compile_predicate(tree, COLUMNS, today=TABLE.c.due)) == True  # noqa: E712 - SQLite says 1
    assert ask(database, compile_predicate(tree, COLUMNS, today=TABLE.c.day)) == False  # noqa: E712
    with pytest.raises(TypeError, match="needs a day"):
        compile_predicate(tree, COLUMNS)


@pytest.mark.parametrize("digits", [39, 40, 41, 400])
def test_no_answer_makes_a_question_fail(database: Connection, digits: int) -> None:
    keep(database, {"t": "9" * digits, "u": "0." + "0" * 36 + "1", "d": "1.7e308", "a": str(2**63 - 1)})
    for text in (
        "${t} * ${t} * ${t}",
        "${d} * ${d}",
        "${a} * ${a}",
        "${a} + ${a}",
        "1 div ${u}",
        "round(${d})",
    ):
        ask(database, compile_number(read_formula(text, Scope(FORM)).tree, COLUMNS))
