"""The questions of a plan as SQL: sums of many measures of one source, by place and by month or period.

Every question names the places it is about, so that a province is asked commune by commune along one
index, and a single village costs what its own records cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    Date,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from forms.expressions.checking import Formula
from forms.expressions.functions import Kind
from forms.expressions.tree import answers, rows_around
from forms.indicators.definition import Measure, Rows, Split
from forms.places import UNLISTED_ENDING, VILLAGE
from forms.rows import Cell
from storage.cells.plan import FormGround, Plan, Scan, formulas
from storage.compile import ColumnRef, compile_number, compile_predicate, compile_text
from storage.models import Entity, FigureUnit, PlaceSpan, Submission
from storage.portable import Some, Truth, month_text
from storage.portable_lists import among
from storage.projection.tables import AnswerTable
from storage.queries.counting import counting

FIRST, LAST = bindparam("first", type_=Date()), bindparam("last", type_=Date())

HERE, NOWHERE, ANYWHERE = "here", "nowhere", "anywhere"

_SUBMISSIONS, _ENTITIES, _SPANS = Submission.__table__, Entity.__table__, PlaceSpan.__table__


@dataclass(frozen=True)
class SourceRows:
    """What the rows of a source are read from: `ref` finds a column by path."""

    source: FromClause
    meant: Truth
    place: Some
    month: Some
    record: Some
    ref: Callable[[], Mapping[str, ColumnRef]]
    tables: Mapping[str, AnswerTable]


def question(plan: Plan, scan: Scan, *, where: str = HERE) -> Select[Any] | None:
    """A scan as a statement; its parameters: `places` (`listed`), `first`, `last`. None without a source.

    Gives place, month (`2026-09`, "" where a row belongs to none or to the period asked for), what it is
    split by ("" where it is not), then the sum of each column, then how many rows rest in the sums that are
    no counts. Of values to be counted once: place, month, split, value. `where`: HERE, for the places
    named; NOWHERE, for what has no place; or ANYWHERE.
    """
    rows = rows_of(plan, scan, where)
    if rows is None:
        return None
    split = split_of(scan.by, rows)
    groups = [rows.place.label("place"), rows.month.label("month"), split.label("split")]
    if scan.once:
        return _values(scan, rows, groups)
    sums, counts = [], []
    for number, column in enumerate(scan.columns):
        amount, is_count = added(column.measure, rows)
        sums.append(func.sum(amount).label(f"sum_{number}"))
        if not is_count:
            counts.append(func.count(amount).label(f"count_{number}"))
    return select(*groups, *sums, *counts).select_from(rows.source).where(rows.meant).group_by(*groups)


def is_count(measure: Measure) -> bool:
    """Whether a measure counts rows, so that its sum says how many it rests on."""
    return measure.amount.kinds == {Kind.TRUTH}


def _values(scan: Scan, rows: SourceRows, groups: Sequence[Some]) -> Select[Any]:
    measure = scan.columns[0].measure
    if measure.distinct is None:
        raise TypeError(scan)
    value = text_of(measure.distinct, rows)
    amount, _is_count = added(measure, rows)
    query = select(*groups, value.label("value")).select_from(rows.source)
    return query.where(rows.meant, amount != 0, value != "").distinct()


def added(measure: Measure, rows: SourceRows) -> tuple[Some, bool]:
    """What a row adds (NULL: nothing), and whether that is always 1."""
    holds = None if measure.where is None else _truth(measure.where, rows)
    if is_count(measure):
        counted = _truth(measure.amount, rows)
        return case((counted if holds is None else and_(holds, counted), 1)), True
    number = compile_number(measure.amount.tree, rows.ref(), today=LAST, tables=rows.tables)
    return (number if holds is None else case((holds, number))), False


def _truth(formula: Formula, rows: SourceRows) -> Truth:
    return compile_predicate(formula.tree, rows.ref(), today=LAST, tables=rows.tables)


def text_of(formula: Formula, rows: SourceRows) -> Some:
    """An expression over a row as text."""
    return compile_text(formula.tree, rows.ref(), today=LAST, tables=rows.tables)


def split_of(by: Split | None, rows: SourceRows) -> Some:
    """What a row is split by, as text; "" where it is not, is blank, or lies in no band."""
    if by is None or by.answer is None:
        return literal("", Text())
    if not by.bands:
        return func.coalesce(cast(rows.ref()[by.answer.path].column, Text()), "", type_=Text())
    number = compile_number(by.answer, rows.ref())
    return case(*((_in_band(number, band), band_name(band)) for band in by.bands), else_=literal("", Text()))


def _in_band(number: Some, band: tuple[int | None, int | None]) -> Truth:
    first, last = band
    edges: list[Truth] = [true()]
    if first is not None:
        edges.append(number >= first)
    if last is not None:
        edges.append(number <= last)
    return and_(*edges)


def band_name(band: tuple[int | None, int | None]) -> str:
    """A band as its author wrote it: `15..25`, `61..`, `..14`, `15`."""
    first, last = ("" if edge is None else str(edge) for edge in band)
    return first if first == last else f"{first}..{last}"


# Where rows come from ---------------------------------------------------------------------------------


def rows_of(plan: Plan, scan: Scan, where: str) -> SourceRows | None:
    """The rows a scan looks at, `where` as `question` takes it; None without a source."""
    source = scan.source
    if source.rows is Rows.FORM:
        ground = plan.forms.get(source.name)
        known = ground is not None and source.path in ground.tables
        return _of_form(ground, scan, where) if ground is not None and known else None
    if source.rows is Rows.ENTITIES:
        number = plan.lists.get(source.name)
        return None if number is None else _of_list(number, where)
    return None if where == NOWHERE else _of_places(source.name, where)


def _of_form(ground: FormGround, scan: Scan, where: str) -> SourceRows:
    tables, columns = ground.tables, columns_of(ground)
    month: Some = literal("", Text())
    if scan.latest_by is None:
        records: FromClause = _SUBMISSIONS
        number, place = _SUBMISSIONS.c.id, _SUBMISSIONS.c.place_code
        meant = and_(live(ground), _SUBMISSIONS.c.reported_on.between(FIRST, LAST))
        if not scan.periodic:
            month = month_text(_SUBMISSIONS.c.reported_on)
        here = _where(place, where)
    else:
        records = FigureUnit.__table__
        number, place = records.c.submission_id, records.c.place_code
        meant = is_last(ground, scan)
        here = place == "" if where == NOWHERE else _where(place, where)
    source = joined(records, number, scan, tables)
    rows = SourceRows(
        source,
        and_(here, meant),
        literal("", Text()) if where == NOWHERE else place,
        month,
        number,
        lambda: columns,
        tables,
    )
    if scan.latest_by is not None and reads_inside(scan.latest_by, tables):
        own = unit_of(scan.latest_by, columns, tables, number) == records.c.unit
        return replace(rows, meant=and_(rows.meant, own))
    return rows


def _where(place: Some, where: str) -> Truth:
    if where == NOWHERE:
        return place.is_(None)
    return true() if where == ANYWHERE else among(place, "places")


def columns_of(ground: FormGround) -> dict[str, ColumnRef]:
    """The columns of a form by the paths of its questions."""
    return {
        path: ColumnRef(table.column(path), question.cell)
        for table in ground.tables.values()
        for path, question in table.questions.items()
    }


def live(ground: FormGround) -> Truth:
    """Whether a record of a form counts."""
    return and_(_SUBMISSIONS.c.form_id == ground.form_id, counting(_SUBMISSIONS, approved=ground.approved))


def reads_inside(formula: Formula, tables: Mapping[str, AnswerTable]) -> bool:
    """Whether an expression asks something that one record may answer several times."""
    root = tables[""].questions
    return bool(rows_around(formula.tree) - {""}) or any(
        one.path not in root for one in answers(formula.tree)
    )


def unit_of(
    formula: Formula, columns: Mapping[str, ColumnRef], tables: Mapping[str, AnswerTable], record: Some
) -> Some:
    """The unit a row is about; one that names none stands for itself."""
    named = compile_text(formula.tree, columns, today=LAST, tables=tables)
    return case((named != "", named), else_=literal("#", Text()).concat(cast(record, Text())))


def units_key(ground: FormGround, scan: Scan) -> str:
    """What `FigureUnit.by` is for the records of a scan."""
    said = f"{scan.source.path} {scan.latest_by.text if scan.latest_by else ''} {ground.approved}"
    return f"{ground.form_id}:{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def is_last(ground: FormGround, scan: Scan) -> Truth:
    """Whether a record is the last of its unit in the period."""
    one, other = FigureUnit.__table__, FigureUnit.__table__.alias("later")
    later = or_(
        other.c.day > one.c.day,
        and_(other.c.day == one.c.day, other.c.sent_at > one.c.sent_at),
        and_(
            other.c.day == one.c.day,
            other.c.sent_at == one.c.sent_at,
            other.c.submission_id > one.c.submission_id,
        ),
    )
    follows = exists().where(other.c.by == one.c.by, other.c.unit == one.c.unit, other.c.day <= LAST, later)
    return and_(one.c.by == units_key(ground, scan), one.c.day.between(FIRST, LAST), not_(follows))


def joined(records: FromClause, number: Some, scan: Scan, tables: Mapping[str, AnswerTable]) -> FromClause:
    """Records with the tables of answers that a scan reads: its own, those around it, and the root."""
    read = {answer.path for one in _formulas(scan) for answer in answers(one.tree)}
    around = {path for one in _formulas(scan) for path in rows_around(one.tree)}
    if scan.by is not None and scan.by.answer is not None:
        read.add(scan.by.answer.path)
    table = tables[scan.source.path]
    source = _with_pieces(records, table, read, table.table.c.submission_id == number)
    inner, path = table, table.parent
    while path:
        outer = tables[path]
        if any(_reads(tables, up, read, around) for up in _up(tables, path)):
            held = and_(outer.table.c.submission_id == number, inner.table.c.parent_key == outer.table.c.key)
            source = _with_pieces(source, outer, read, held)
        inner, path = outer, outer.parent
    root = tables[""]
    if scan.source.path and _reads(tables, "", read, around):
        source = _with_pieces(source, root, read, root.table.c.submission_id == number)
    return source


def _formulas(scan: Scan) -> list[Formula]:
    own = () if scan.latest_by is None else (scan.latest_by,)
    return [*own, *(one for column in scan.columns for one in formulas(column.measure))]


def _up(tables: Mapping[str, AnswerTable], path: str) -> Iterator[str]:
    """A repeat and those around it."""
    while path:
        yield path
        path = tables[path].parent or ""


def _reads(
    tables: Mapping[str, AnswerTable], path: str, read: Collection[str], around: Collection[str]
) -> bool:
    return path in around or not tables[path].questions.keys().isdisjoint(read)


def _with_pieces(source: FromClause, table: AnswerTable, read: Collection[str], held: Truth) -> FromClause:
    """A source with a table of answers beside it: its first piece, and those that hold what is read."""
    first, *others = table.pieces
    source = source.join(first, held)
    wanted = {table.questions[path].piece for path in table.questions.keys() & set(read)}
    for number, piece in enumerate(others, start=1):
        if number in wanted:
            same = (piece.c[key.name] == first.c[key.name] for key in piece.primary_key)
            source = source.join(piece, and_(*same))
    return source


class _Named(dict[str, ColumnRef]):
    """Properties by name, each made when it is asked for."""

    def __init__(self, make: Callable[[str], Some]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> ColumnRef:
        self[name] = ColumnRef(self._make(name), Cell.TEXT)
        return self[name]


def _of_list(number: int, where: str) -> SourceRows:
    columns = _ENTITIES.c

    def make(name: str) -> Some:
        if name == "label":
            return columns.label
        return func.coalesce(
            func.nullif(columns.computed[name].as_string(), ""), columns.data[name].as_string(), type_=Text()
        )

    place = literal("", Text()) if where == NOWHERE else columns.place_code
    here = _where(columns.place_code, where)
    meant = and_(columns.list_id == number, columns.deleted_at.is_(None), here)
    named = _Named(make)
    return SourceRows(_ENTITIES, meant, place, literal("", Text()), columns.id, lambda: named, {})


def _of_places(level: str, where: str) -> SourceRows:
    """The units in force at the end of the period; a village has what is said of it, else of its commune."""
    own, commune = _SPANS.alias("unit"), _SPANS.alias("commune")
    source: FromClause = own
    if level == VILLAGE:
        in_force = _on_last_day(commune)
        source = own.outerjoin(commune, and_(commune.c.code == own.c.parent_code, in_force))

    def make(name: str) -> Some:
        if name in {"code", "name"}:
            return own.c[name]
        said = _plain(own.c.attributes[name].as_string())
        if level != VILLAGE:
            return said
        return func.coalesce(func.nullif(said, ""), _plain(commune.c.attributes[name].as_string()))

    meant = and_(
        own.c.level == level,
        _on_last_day(own),
        _where(own.c.code, where),
        not_(own.c.code.endswith(UNLISTED_ENDING)),
    )
    named = _Named(make)
    return SourceRows(source, meant, own.c.code, literal("", Text()), own.c.id, lambda: named, {})


def _on_last_day(spans: Any) -> Truth:
    """Whether a span holds on the last day of the period asked for."""
    first, last = spans.c.valid_from, spans.c.valid_to
    return and_(or_(first.is_(None), first <= LAST), or_(last.is_(None), last >= LAST))


def _plain(text: Some) -> Some:
    """A flag in JSON as the texts say it, whatever the database makes of it."""
    said = cast(text, Text())
    return case((said == "true", "1"), (said == "false", "0"), else_=said)
