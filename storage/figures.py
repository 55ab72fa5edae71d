"""⑧ An indicator counted, by place and by what it is split into, in one question to the database.

Sums come out, not percentages: they can be added up to the commune and the province, and divided last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
)

from forms.expressions.functions import Kind
from forms.expressions.tree import answers, calls, rows_around
from forms.indicators.definition import Indicator, Measure, Rows
from forms.rows import Cell
from storage.compile import ColumnRef, Columns, compile_number, compile_predicate
from storage.portable import Some, Truth
from storage.projection.tables import AnswerTable

PLACE = "place_code"
NUMERATOR = "numerator"
DENOMINATOR = "denominator"
COUNTED = "counted_records"


def split_name(number: int) -> str:
    """The name of the result column of the indicator's disaggregation `number`, from 0."""
    return f"split_{number}"


def figures(
    indicator: Indicator,
    tables: Mapping[str, AnswerTable],
    *,
    place: Some,
    live: Truth,
    records: FromClause | None = None,
) -> Select[Any]:
    """The sums of an indicator: a row for each place and each combination of what it is split by.

    `tables` are the form's, by path; `place` tells where a record counts and `live` whether it does, both
    in columns of the root table, or of `records`, whose `id` is its `submission_id`.

    Gives `place_code` (None: the record has no place), `split_0` … in the order of
    `indicator.disaggregate` (None: blank), `numerator`, `denominator` (None where the indicator has none)
    and `counted_records`, the rows of the indicator's table the figure rests on. A place all of whose
    records fail `where` has no row; the order is the database's.
    """
    rows = _rows(indicator, tables, place=place, live=live, records=records).subquery("rows")
    groups = [rows.c[PLACE], *(rows.c[split_name(number)] for number in range(len(indicator.disaggregate)))]
    numerator = func.coalesce(func.sum(rows.c[NUMERATOR]), 0)
    denominator = func.coalesce(func.sum(rows.c[DENOMINATOR]), 0) if indicator.denominator else _nothing()
    counted = func.count(func.coalesce(rows.c[NUMERATOR], rows.c[DENOMINATOR]))
    return select(
        *groups, numerator.label(NUMERATOR), denominator.label(DENOMINATOR), counted.label(COUNTED)
    ).group_by(*groups)


def _rows(
    indicator: Indicator,
    tables: Mapping[str, AnswerTable],
    *,
    place: Some,
    live: Truth,
    records: FromClause | None,
) -> Select[Any]:
    columns = {path: ref for table in tables.values() for path, ref in _columns(table)}
    table = tables[indicator.numerator.source.path].table
    splits = (_split(columns[split.answer.path]) for split in indicator.disaggregate if split.answer)
    result = select(
        table.c.submission_id,
        table.c.key,
        place.label(PLACE),
        *(split.label(split_name(number)) for number, split in enumerate(splits)),
        _added(indicator.numerator, columns).label(NUMERATOR),
        _added(indicator.denominator, columns).label(DENOMINATOR),
    )
    source = _source(indicator, tables)
    if records is not None:
        source = source.join(records, records.c.id == table.c.submission_id)
    result = result.select_from(source).where(live)
    narrowed = {side.where for side in _sides(indicator)}
    if None in narrowed:
        return result
    return result.where(or_(*(compile_predicate(where.tree, columns) for where in narrowed if where)))


def in_one_question(indicator: Indicator) -> bool:
    """Whether `figures` can count an indicator: records of one table, each for itself."""
    sides = _sides(indicator)
    plain = all(side.distinct is None and side.latest_by is None for side in sides)
    one = {side.source for side in sides} == {indicator.numerator.source}
    form = indicator.numerator.source.rows is Rows.FORM and not indicator.base_years
    return plain and one and form and not any(map(_looks_further, sides))


def _looks_further(side: Measure) -> bool:
    """Whether a measure needs the day, or more rows than its own and those it reads of."""
    formulas = (side.amount, side.where)
    return any(one and (rows_around(one.tree) or calls(one.tree, "today", "now")) for one in formulas)


def _sides(indicator: Indicator) -> list[Measure]:
    return [side for side in (indicator.numerator, indicator.denominator) if side is not None]


def _added(side: Measure | None, columns: Columns) -> Some:
    """What a row adds to a sum; NULL where it does not count."""
    if side is None:
        return _nothing()
    counts = None if side.where is None else compile_predicate(side.where.tree, columns)
    if side.amount.kinds == {Kind.TRUTH}:
        truth = compile_predicate(side.amount.tree, columns)
        return case((truth if counts is None else and_(counts, truth), 1))
    number = compile_number(side.amount.tree, columns)
    return number if counts is None else case((counts, number))


def _nothing() -> Some:
    return cast(null(), Double())


def _columns(table: AnswerTable) -> Iterator[tuple[str, ColumnRef]]:
    for path, question in table.questions.items():
        yield path, ColumnRef(table.column(path), question.cell)


def _split(ref: ColumnRef) -> ColumnElement[Any]:
    return func.nullif(ref.column, "", type_=Text()) if ref.cell is Cell.TEXT else ref.column


def _source(indicator: Indicator, tables: Mapping[str, AnswerTable]) -> FromClause:
    """The indicator's table, the root table, and the tables between them that it reads."""
    root = tables[""]
    path = indicator.numerator.source.path
    if not path:
        return root.joined
    read = _read(indicator)
    inner = tables[path]
    source = _pieces(inner, read).join(root.joined, inner.table.c.submission_id == root.table.c.submission_id)
    for outer in _between(indicator, tables, read):
        same_record = inner.table.c.submission_id == outer.table.c.submission_id
        held = and_(same_record, inner.table.c.parent_key == outer.table.c.key)
        source = source.join(_pieces(outer, read), held)
        inner = outer
    return source


def _read(indicator: Indicator) -> set[str]:
    """The paths of the questions an indicator reads."""
    formulas = (formula for side in _sides(indicator) for formula in (side.where, side.amount))
    read = {answer.path for formula in formulas if formula for answer in answers(formula.tree)}
    return read | {split.answer.path for split in indicator.disaggregate if split.answer}


def _pieces(table: AnswerTable, read: set[str]) -> FromClause:
    """The first piece of a table, and those of its others that hold something that is read."""
    first, *others = table.pieces
    wanted = {table.questions[path].piece for path in read & table.questions.keys()}
    source: FromClause = first
    for number, piece in enumerate(others, start=1):
        if number in wanted:
            same = (piece.c[column.name] == first.c[column.name] for column in piece.primary_key)
            source = source.join(piece, and_(*same))
    return source


def _between(indicator: Indicator, tables: Mapping[str, AnswerTable], read: set[str]) -> list[AnswerTable]:
    """The repeats around the indicator's table, inner before outer, up to the last one it reads."""
    around: list[AnswerTable] = []
    path = tables[indicator.numerator.source.path].parent
    while path:
        around.append(tables[path])
        path = tables[path].parent
    while around and not read & around[-1].questions.keys():
        around.pop()
    return around
