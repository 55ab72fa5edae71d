"""⑧ An indicator counted, by place and by what it is split into, in one question to the database.

Sums come out, not percentages: they can be added up to the commune and the province, and divided last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

from forms.expressions.checking import Formula
from forms.expressions.functions import Kind
from forms.expressions.tree import answers
from forms.indicators.definition import Indicator
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
    indicator: Indicator, tables: Mapping[str, AnswerTable], *, place: Some, live: Truth
) -> Select[Any]:
    """The sums of an indicator: a row for each place and each combination of what it is split by.

    `tables` are the form's, by path; `place` is a column of the root table; `live` tells, of a row of
    the root table, whether its record counts. Gives `place_code` (None: the record has no place),
    `split_0` … in the order of `indicator.disaggregate` (None: blank), `numerator`, `denominator` (None
    where the indicator has none) and `counted_records`, the rows of the indicator's table the figure
    rests on. A place all of whose records fail `where` has no row; the order is the database's.
    """
    rows = counted_rows(indicator, tables, place=place, live=live).subquery("rows")
    groups = [rows.c[PLACE], *(rows.c[split_name(number)] for number in range(len(indicator.disaggregate)))]
    denominator = func.coalesce(func.sum(rows.c[DENOMINATOR]), 0) if indicator.denominator else no_sum()
    return select(
        *groups,
        func.coalesce(func.sum(rows.c[NUMERATOR]), 0).label(NUMERATOR),
        denominator.label(DENOMINATOR),
        func.sum(rows.c[COUNTED]).label(COUNTED),
    ).group_by(*groups)


def no_sum() -> Some:
    """The denominator of a figure without one."""
    return cast(null(), Double())


def counted_rows(
    indicator: Indicator, tables: Mapping[str, AnswerTable], *, place: Some, live: Truth
) -> Select[Any]:
    """The rows behind a figure, one for each row of the indicator's table: what every cell opens.

    Gives `submission_id`, `key`, then what `figures` groups and sums; `counted_records` is 1 for a row
    that counted and 0 for one that merely belongs to the group. Arguments as of `figures`.
    """
    columns = {path: ref for table in tables.values() for path, ref in _columns(table)}
    counts = [_count(formula, columns) for formula in (indicator.numerator, indicator.denominator) if formula]
    sums = [one.value for one in counts] + [no_sum()] * (2 - len(counts))
    table = tables[indicator.table].table
    result = select(
        table.c.submission_id,
        table.c.key,
        place.label(PLACE),
        *(
            _split(columns[answer.path]).label(split_name(n))
            for n, answer in enumerate(indicator.disaggregate)
        ),
        sums[0].label(NUMERATOR),
        sums[1].label(DENOMINATOR),
        case((or_(*(one.counted for one in counts)), 1), else_=0).label(COUNTED),
    )
    result = result.select_from(_source(indicator, tables)).where(live)
    return (
        result if indicator.where is None else result.where(compile_predicate(indicator.where.tree, columns))
    )


@dataclass(frozen=True, slots=True)
class _Count:
    """What a row adds to a sum, and whether it adds anything."""

    value: Some
    counted: Truth


def _count(formula: Formula, columns: Columns) -> _Count:
    if formula.kinds == {Kind.TRUTH}:
        holds = compile_predicate(formula.tree, columns)
        return _Count(case((holds, 1), else_=0), holds)
    number = compile_number(formula.tree, columns)
    return _Count(number, number.is_not(None))


def _columns(table: AnswerTable) -> Iterator[tuple[str, ColumnRef]]:
    for path, question in table.questions.items():
        yield path, ColumnRef(table.column(path), question.cell)


def _split(ref: ColumnRef) -> ColumnElement[Any]:
    return func.nullif(ref.column, "", type_=Text()) if ref.cell is Cell.TEXT else ref.column


def _source(indicator: Indicator, tables: Mapping[str, AnswerTable]) -> FromClause:
    """The indicator's table, the root table, and the tables between them that it reads."""
    root = tables[""]
    if not indicator.table:
        return root.joined
    inner = tables[indicator.table]
    source = inner.joined.join(root.joined, inner.table.c.submission_id == root.table.c.submission_id)
    for outer in _between(indicator, tables):
        same_record = inner.table.c.submission_id == outer.table.c.submission_id
        source = source.join(outer.joined, and_(same_record, inner.table.c.parent_key == outer.table.c.key))
        inner = outer
    return source


def _between(indicator: Indicator, tables: Mapping[str, AnswerTable]) -> list[AnswerTable]:
    """The repeats around the indicator's table, inner before outer, up to the last one it reads."""
    formulas = (indicator.where, indicator.numerator, indicator.denominator)
    read = {answer.path for formula in formulas if formula for answer in answers(formula.tree)}
    read |= {answer.path for answer in indicator.disaggregate}
    around: list[AnswerTable] = []
    path = tables[indicator.table].parent
    while path:
        around.append(tables[path])
        path = tables[path].parent
    while around and not read & around[-1].questions.keys():
        around.pop()
    return around
