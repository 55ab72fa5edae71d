"""Figures are ratios of sums, counted by the database from the tables, alike on both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, false, insert, true
from sqlalchemy.dialects import postgresql

from forms.indicators.definition import Indicator
from forms.indicators.grounds import Grounds
from forms.indicators.reading import read_indicators
from forms.rows import Cell
from forms.schema import Choice, Node, Schema
from forms.spreadsheet import SheetRow
from storage.figures import figures
from storage.projection.tables import AnswerTable, Question, answer_table
from tests.databases import fresh_postgresql

HOUSEHOLD = Schema(
    form_id="household",
    version="1",
    title="Household",
    root="data",
    nodes=(
        Node("/village", "string", 0, control="select1", choices="villages.csv"),
        Node("/poor", "string", 1, control="select1", choices="yesno"),
        Node("/water", "decimal", 2, control="input"),
        Node("/people", "int", 3, control="input"),
        Node("/member", "repeat", 4, control="repeat"),
        Node("/member/sex", "string", 5, table="/member", control="select1", choices="sex"),
        Node("/member/age", "int", 6, table="/member", control="input"),
        Node("/member/is_illit1", "string", 7, table="/member"),
        Node("/member/level", "string", 8, table="/member"),
        Node("/member/course", "repeat", 9, table="/member", control="repeat"),
        Node("/member/course/hours", "int", 10, table="/member/course", control="input"),
    ),
    choices={"sex": (Choice("1"), Choice("2")), "yesno": (Choice("1"), Choice("0"))},
)


def tables() -> dict[str, AnswerTable]:
    """The tables of the form, the root's questions cut in two pieces as those of long forms are."""
    cells = {"int": Cell.INT, "decimal": Cell.DECIMAL}
    made: dict[str, AnswerTable] = {}
    for number, (path, parent) in enumerate([("", None), ("/member", ""), ("/member/course", "/member")]):
        nodes = [node for node in HOUSEHOLD.questions if node.table == path]
        asked = [
            Question(
                node.path, f"q{at}", cells.get(node.type, Cell.TEXT), node.type, node.control, at // 3, at
            )
            for at, node in enumerate(nodes)
        ]
        made[path] = answer_table(f"d1_{number}", path, parent, asked)
    return made


TABLES = tables()
PLACE = TABLES[""].column("/village")

# village, poor, water, people, members (sex, age, is_illit1, level, hours of courses)
RECORDS: list[tuple[Any, ...]] = [
    ("v1", "1", 2.5, 3, [("2", 40, "1", "0", [4, 6]), ("1", 42, "0", "2", []), ("2", 70, "1", "0", [])]),
    ("v1", "0", None, 2, [("2", 30, "1", "1", [2]), ("1", 31, "1", "0", [])]),
    ("v2", None, 4.0, 1, [("1", 20, "0", "2", [1])]),
    ("v3", "0", 1.0, 0, []),
    (None, "0", 8.0, 1, [("2", 25, "1", None, [])]),
    ("v1", "1", 100.0, 9, [("2", 33, "1", "0", [50])]),
]
DELETED = 6
LIVE = TABLES[""].table.c.submission_id != DELETED


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == "sqlite":
        yield from _filled("sqlite://")
    else:
        with fresh_postgresql() as url:
            yield from _filled(url)


def _filled(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in TABLES.values():
            for piece in table.pieces:
                piece.create(connection)
        for number, record in enumerate(RECORDS, start=1):
            _keep(connection, number, record)
        yield connection
    engine.dispose()


def _keep(database: Connection, number: int, record: tuple[Any, ...]) -> None:
    *answers, members = record
    _row(database, "", {"submission_id": number, "key": f"r{number}"}, answers)
    courses = 0
    for seq, (*answered, hours) in enumerate(members, start=1):
        key = {
            "submission_id": number,
            "seq": seq,
            "ordinal": seq,
            "parent_key": f"r{number}",
            "key": f"m{seq}",
        }
        _row(database, "/member", key, answered)
        for ordinal, spent in enumerate(hours, start=1):
            courses += 1
            below = {"ordinal": ordinal, "parent_key": f"m{seq}", "key": f"m{seq}c{ordinal}"}
            _row(database, "/member/course", {"submission_id": number, "seq": courses, **below}, [spent])


def _row(database: Connection, path: str, keys: dict[str, object], answers: list[object]) -> None:
    table = TABLES[path]
    asked = zip(table.questions.values(), answers, strict=True)
    values = {(question.piece, question.name): answer for question, answer in asked}
    for number, piece in enumerate(table.pieces):
        named = {name: answer for (at, name), answer in values.items() if at == number}
        own = keys if number == 0 else {name: keys[name] for name in piece.primary_key.columns.keys()}  # noqa: SIM118
        database.execute(insert(piece).values(**own, **named))


def indicator(**cells: str) -> Indicator:
    row = SheetRow("indicators", 2, {"code": "figure", "label": "Figure", **cells})
    return read_indicators([row], Grounds(own=HOUSEHOLD))[0]


def counted(database: Connection, one: Indicator) -> set[tuple[Any, ...]]:
    """Place, splits, numerator, denominator, counted records."""
    return {tuple(row) for row in database.execute(figures(one, TABLES, place=PLACE, live=LIVE))}


def test_illiterate_people_by_village_sex_and_level(database: Connection) -> None:
    one = indicator(
        table="member",
        where="${age} >= 15 and ${age} <= 60",
        numerator="${is_illit1} = 1",
        disaggregate="sex level",
    )
    assert counted(database, one) == {
        ("v1", "2", "0", 1, None, 1),
        ("v1", "2", "1", 1, None, 1),
        ("v1", "1", "0", 1, None, 1),
        ("v1", "1", "2", 0, None, 0),
        ("v2", "1", "2", 0, None, 0),
        (None, "2", None, 1, None, 1),
    }


def test_the_share_of_women_among_the_illiterate(database: Connection) -> None:
    one = indicator(
        table="member",
        where="${is_illit1} = 1 and ${age} >= 15 and ${age} <= 60",
        numerator="${sex} = '2'",
        denominator="true()",
        unit="%",
    )
    found = counted(database, one)
    assert found == {("v1", 2, 3, 3), (None, 1, 1, 1)}
    assert {row[0]: one.value(*row[1:3]) for row in found} == {"v1": 100 * 2 / 3, None: 100.0}


def test_sums_are_divided_last_and_blanks_count_as_nothing(database: Connection) -> None:
    one = indicator(numerator="${water}", denominator="${people}")
    found = counted(database, one)
    assert found == {("v1", 2.5, 5, 2), ("v2", 4.0, 1, 1), ("v3", 1.0, 0, 1), (None, 8.0, 1, 1)}
    assert {row[0]: one.value(*row[1:3]) for row in found} == {"v1": 0.5, "v2": 4.0, "v3": None, None: 8.0}


def test_a_calculation_is_summed_as_the_form_sums_it(database: Connection) -> None:
    assert counted(database, indicator(table="member", numerator="${is_illit1}")) == {
        ("v1", 4, None, 5),
        ("v2", 0, None, 1),
        (None, 1, None, 1),
    }


def test_a_row_knows_the_repeats_around_it_and_the_record(database: Connection) -> None:
    one = indicator(
        table="course", where="${age} < 50 and ${poor} = '1'", numerator="${hours}", disaggregate="sex"
    )
    assert counted(database, one) == {("v1", "2", 10, None, 2)}


def test_a_repeat_between_is_left_out_when_nothing_of_it_is_read(database: Connection) -> None:
    one = indicator(table="course", numerator="${hours}")
    assert counted(database, one) == {("v1", 12, None, 3), ("v2", 1, None, 1)}
    assert "d1_1" not in str(figures(one, TABLES, place=PLACE, live=LIVE))


def test_a_blank_split_is_a_group_of_its_own(database: Connection) -> None:
    assert counted(database, indicator(numerator="true()", disaggregate="poor")) == {
        ("v1", "1", 1, None, 1),
        ("v1", "0", 1, None, 1),
        ("v2", None, 1, None, 1),
        ("v3", "0", 1, None, 1),
        (None, "0", 1, None, 1),
    }


def test_only_live_records_count(database: Connection) -> None:
    one = indicator(numerator="true()")
    nothing = database.execute(figures(one, TABLES, place=PLACE, live=false())).all()
    everything = database.execute(figures(one, TABLES, place=PLACE, live=true())).all()
    assert (nothing, sum(row.numerator for row in everything)) == ([], len(RECORDS))


def test_it_is_one_question_of_plain_sql() -> None:
    one = indicator(table="member", numerator="${is_illit1} = 1", disaggregate="sex")
    told = str(figures(one, TABLES, place=PLACE, live=LIVE).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert told.count("GROUP BY") == 1
    assert "regexp" not in told.lower()
