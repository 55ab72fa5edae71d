"""Expressions nobody would write mean in both databases what they mean on the phone.

`python -m tests.proofs.expressions [expressions, 300]`. Invents records with repeats in repeats, fills
them with the engine inside ODK Collect, lays them into tables of a SQLite and a PostgreSQL database as the
server does; invents expressions over their rows, and asks all three. A case is one expression over one row.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random

from lxml import etree
from sqlalchemy import Connection, FromClause, and_, create_engine, insert, select

from forms.expressions.checking import Formula, read_formula
from forms.expressions.functions import Kind
from forms.expressions.scope import Scope, ancestry
from forms.problems import ExpressionWrong
from forms.rows import CELL_OF_TYPE, Cell, Column, Layout, TableLayout, lay_flat
from forms.schema import Schema
from forms.xform.reading import read_schema
from forms.xlsform import convert
from storage.compile import ColumnRef, compile_number, compile_predicate, compile_text
from storage.projection.tables import AnswerTable, Question, answer_table
from tests.databases import fresh_postgresql
from tests.forms.inventing import ANSWERS, Inventor, Words
from tests.javarosa.engine import Engine, EngineFailed, Form, Wish

FORM = """
| survey  |                        |        |       |
|         | type                   | name   | label |
|         | integer                | a      | A     |
|         | integer                | b      | B     |
|         | decimal                | d      | D     |
|         | decimal                | e      | E     |
|         | text                   | t      | T     |
|         | text                   | u      | U     |
|         | select_one kinds       | one    | One   |
|         | select_multiple skills | many   | Many  |
|         | date                   | day    | Day   |
|         | date                   | due    | Due   |
|         | dateTime               | moment | When  |
|         | begin_repeat           | member | Who   |
|         | integer                | x      | X     |
|         | decimal                | y      | Y     |
|         | text                   | w      | W     |
|         | select_multiple skills | s      | S     |
|         | date                   | born   | Born  |
|         | begin_repeat           | child  | Child |
|         | integer                | g      | G     |
|         | text                   | h      | H     |
|         | end_repeat             |        |       |
|         | end_repeat             |        |       |
|         | begin_repeat           | animal | What  |
|         | integer                | n      | N     |
|         | end_repeat             |        |       |
| choices |                        |        |       |
|         | list_name              | name   | label |
|         | kinds                  | 1      | 1     |
|         | kinds                  | 2      | 2     |
|         | skills                 | read   | read  |
|         | skills                 | write  | write |
|         | skills                 | rea    | rea   |
|         | skills                 | Read   | Read  |
| settings |                       |        |       |
|         | form_id                |        |       |
|         | proof                  |        |       |
"""

INSIDE = {
    "x": ["", "0", "1", "7", "41", "-2"],
    "y": ["", "0.5", "2.0", "12.25"],
    "w": ["", "1", "x", "1,5", "a  b", " 7"],
    "s": ["", "read", "write read"],
    "born": ["", "2026-02-28", "1969-12-31"],
    "g": ["", "1", "5", "9"],
    "h": ["", "2", "x"],
    "n": ["", "1", "2"],
}
"""Answers to the questions of repeats."""

_ROOT = Words()
_GATHERED = ("count(${member})", "sum(${x})", "sum(${y})", "min(${x})", "count-non-empty(${w})")
_DEEPER = ("count(${child})", "sum(${g})", "min(${g})", "sum(${h})", "count-non-empty(${h})", "max(${g})")
WORDS = {
    "": Words(
        numbers=(*_ROOT.numbers, *_GATHERED, *_DEEPER, "sum(${w})", "max(${y})", "min(${born})", "sum(${n})"),
        wholes=(*_ROOT.wholes, "count(${member})", "count(${child})"),
    ),
    "/member": Words(
        numbers=(
            "${x}",
            "${y}",
            "${w}",
            "${a}",
            "position(..)",
            *_DEEPER,
            "count(${animal})",
            "sum(${n})",
            "1",
        ),
        texts=("${w}", "${s}", "${t}", "'x'", "''"),
        wholes=("${x}", "${born}", "position(..)", "count(${child})", "count(${animal})"),
        lists=("${s}", "${many}", "${w}"),
        days=("${born}", "${day}", "today()", "coalesce(${born}, ${moment})"),
        conditions=("${x} = 1", "selected(${s}, 'read')", "${w} = ''", "${a} > ${x}"),
    ),
    "/member/child": Words(
        numbers=("${g}", "${h}", "${x}", "${b}", "position(..)", "position(../..)", "sum(${n})", "2"),
        texts=("${h}", "${w}", "${u}", "'2'"),
        wholes=("${g}", "${x}", "position(../..)"),
    ),
    "/animal": Words(numbers=("${n}", "${a}", "position(..)", *_GATHERED, *_DEEPER), wholes=("${n}", "1")),
}
"""By table: what expressions about its rows are made of."""


@dataclass
class Outcome:
    """How many cases were compared, and which differ."""

    expressions: int = 0
    cases: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unknown_to_the_phone: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """A row of a table: its place on the phone, its key in the databases."""

    at: str
    key: tuple[int, int]


class Proof:
    """The form, its records on the phone and in the databases."""

    def __init__(self, form: Form, schema: Schema, databases: Sequence[Connection]) -> None:
        self.form = form
        self.schema = schema
        self.databases = databases
        self.tables = _tables(schema)
        for database in databases:
            for table in self.tables.values():
                table.table.create(database)

    def record(self, number: int, random: Random) -> dict[str, list[Row]]:
        """A new record, on the phone and in the databases; its rows by table."""
        answers = {
            name: [random.choice(known) or None for _ in range(1 if name in ANSWERS else 40)]
            for name, known in {**ANSWERS, **INSIDE}.items()
        }
        members = random.randint(0, 3)
        repeats: dict[str, int | list[int]] = {
            "member": members,
            "child": [random.randint(0, 2) for _ in range(members)],
            "animal": random.randint(0, 2),
        }
        return self.keep(number, repeats, answers)

    def keep(
        self,
        number: int,
        repeats: Mapping[str, int | Sequence[int]],
        answers: Mapping[str, Wish | Sequence[Wish]],
    ) -> dict[str, list[Row]]:
        """A record with these answers, on the phone and in the databases; its rows by table."""
        filled = self.form.fill(number, repeats=repeats, answers=answers)
        flat = lay_flat(etree.fromstring(filled.xml), _layout(self.tables), "r")
        for path, rows in flat.rows.items():
            table = self.tables[path].table
            kept = [{**row, "submission_id": number} for row in rows]
            names = [column.name for column in table.c]
            kept = [{name: row[name] for name in names} for row in kept]
            for database in self.databases:
                if kept:
                    database.execute(insert(table), kept)
        return {
            path: [Row(_place(str(row["key"]), self.form.root), (number, _int(row["seq"]))) for row in rows]
            for path, rows in flat.rows.items()
        }

    def ask_phone(self, expression: str, kind: Kind, table: str, row: Row) -> object:
        """What the engine says, seen from a question of the row; None for a number that is none."""
        reading = {Kind.TRUTH: "boolean", Kind.NUMBER: "number"}.get(kind, "string")
        written = re.sub(r"\$\{(\w+)\}", lambda name: self._path(name[1], table), expression)
        first = next(iter(self.tables[table].questions)).rsplit("/", 1)[1]
        found = self.form.evaluate(f"{reading}({written})", at=f"{row.at}/{first}")
        return None if isinstance(found, float) and math.isnan(found) else found

    def _path(self, name: str, table: str) -> str:
        """A question as the converter writes it for the phone: by steps from the row, else from the top."""
        node = next(node for node in self.schema.nodes if node.name == name)
        around = ancestry(self.schema, table)
        for up, outer in enumerate(around[:-1]):
            if node.path.startswith(f"{outer}/"):
                return "/".join([".."] * (up + 1)) + node.path[len(outer) :]
        return f"/{self.form.root}{node.path}"

    def ask_databases(
        self, formula: Formula, kind: Kind, table: str, today: date
    ) -> list[dict[tuple[int, int], object]]:
        """The value for each row of the table, in each database."""
        columns = {
            path: ColumnRef(one.column(path), question.cell)
            for one in self.tables.values()
            for path, question in one.questions.items()
        }
        compiled = {Kind.TRUTH: compile_predicate, Kind.NUMBER: compile_number}.get(kind, compile_text)
        value = compiled(formula.tree, columns, today=today, tables=self.tables)
        own = self.tables[table].table
        seq = own.c.seq if table else own.c.submission_id * 0 + 1
        question = select(own.c.submission_id, seq, value).select_from(self._source(table))
        return [
            {(number, place): found for number, place, found in database.execute(question)}
            for database in self.databases
        ]

    def _source(self, table: str) -> FromClause:
        inner = self.tables[table]
        source: FromClause = inner.table
        while inner.parent is not None:
            outer = self.tables[inner.parent]
            same = inner.table.c.submission_id == outer.table.c.submission_id
            held = and_(same, inner.table.c.parent_key == outer.table.c.key)
            source = source.join(outer.table, held)
            inner = outer
        return source

    def today(self) -> date:
        """The day it is on the phone."""
        return date.fromisoformat(str(self.form.evaluate("string(today())")))


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _place(key: str, root: str) -> str:
    return f"/{root}{key[1:]}"


def _tables(schema: Schema) -> dict[str, AnswerTable]:
    tables = {}
    for number, path in enumerate(["", *(repeat.path for repeat in schema.repeats)]):
        questions = [
            Question(
                node.path,
                f"q{place}",
                CELL_OF_TYPE.get(node.type, Cell.TEXT),
                node.type,
                node.control,
                0,
                place,
            )
            for place, node in enumerate(schema.questions)
            if node.table == path
        ]
        parent = schema.by_path[path].table if path else None
        tables[path] = answer_table(f"d{number}", path, parent, questions)
    return tables


def _layout(tables: dict[str, AnswerTable]) -> Layout:
    return Layout(
        tuple(
            TableLayout(
                table.path,
                table.parent,
                tuple(Column(one.path, one.cell, one.name) for one in table.questions.values()),
            )
            for table in tables.values()
        )
    )


@contextmanager
def prepared() -> Iterator[Proof]:
    """The engine with the form, and two databases with its tables."""
    converted = convert(FORM.encode(), "proof.md")
    with ExitStack() as stack:
        engine = stack.enter_context(Engine())
        urls = ["sqlite://", stack.enter_context(fresh_postgresql())]
        engines = [create_engine(url) for url in urls]
        for one in engines:
            stack.callback(one.dispose)
        databases = [stack.enter_context(one.connect()) for one in engines]
        yield Proof(engine.load(converted.xform), read_schema(converted.xform), databases)


def prove(proof: Proof, seed: int, *, records: int, expressions: int) -> Outcome:
    """Compare `expressions` of each table over the rows of `records`."""
    random = Random(seed)  # noqa: S311 - nothing is kept secret with it
    outcome = Outcome()
    asked = [
        (table, formula, kind)
        for table in WORDS
        for formula, kind in _invented(proof, table, seed, expressions, outcome)
    ]
    told: list[dict[Row, object]] = [{} for _ in asked]
    for number in range(1, records + 1):
        rows = proof.record(number, random)
        for (table, formula, kind), answers in zip(asked, told, strict=True):
            for row in rows[table]:
                try:
                    answers[row] = proof.ask_phone(formula.text, kind, table, row)
                except EngineFailed:
                    outcome.unknown_to_the_phone += 1
    today = proof.today()
    for (table, formula, kind), answers in zip(asked, told, strict=True):
        outcome.cases += len(answers)
        for database, values in zip(
            proof.databases, proof.ask_databases(formula, kind, table, today), strict=True
        ):
            outcome.faults += [
                f"{database.dialect.name}: {formula.text} at {row.at} of record {row.key[0]}, as {kind}: "
                f"{values[row.key]!r}, on the phone {expected!r}"
                for row, expected in answers.items()
                if not same(expected, values[row.key])
            ]
    return outcome


def _invented(
    proof: Proof, table: str, seed: int, expressions: int, outcome: Outcome
) -> list[tuple[Formula, Kind]]:
    inventor = Inventor(seed, WORDS[table])
    scope = Scope(proof.schema, table)
    found: list[tuple[Formula, Kind]] = []
    while len(found) < expressions:
        kind, make = (
            (Kind.TRUTH, inventor.condition),
            (Kind.NUMBER, inventor.number),
            (Kind.TEXT, inventor.text),
        )[len(found) % 3]
        text = make(len(found) % 4)
        try:
            found.append((read_formula(text, scope), kind))
        except ExpressionWrong as refused:
            outcome.refused[refused.remark.cause] += 1
    outcome.expressions += len(found)
    return found


def same(expected: object, value: object) -> bool:
    """True for values that are equal but for the last bits of numbers."""
    if isinstance(expected, bool):
        return bool(value) is expected and value is not None
    if isinstance(expected, float) and isinstance(value, float | int):
        return math.isclose(expected, value, rel_tol=1e-9, abs_tol=1e-9)
    return expected == value


def main() -> int:
    """Print what was compared; 1 when anything differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("expressions", type=int, nargs="?", default=300, help="of each of the four tables")
    parser.add_argument("--records", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    with prepared() as proof:
        outcome = prove(proof, given.seed, records=given.records, expressions=given.expressions)
    for fault in outcome.faults[:40]:
        print(fault)
    print(
        f"{outcome.cases} cases of {outcome.expressions} expressions in {time.monotonic() - began:.0f} s; "
        f"the phone gave no value in {outcome.unknown_to_the_phone} more; "
        f"{sum(outcome.refused.values())} expressions were refused; {len(outcome.faults)} differ"
    )
    for cause, times in outcome.refused.most_common():
        print(f"  {times} refused: {cause}")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
