"""The rows behind a cell: which ones a side of it adds up, and which ones of its table count for nothing.

Asked with what the scans ask with, so that what the rows add is what the cell says. Ids and keys come out,
nothing that was answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Date,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from forms.expressions.checking import Formula
from forms.expressions.tree import answers
from forms.indicators.definition import Indicator, Measure, Rows, Split
from forms.period_kinds import first_day, last_day, years_before
from forms.places import COMMUNE
from storage.cells.classes import Classes
from storage.cells.plan import Column, FormGround, Plan, Scan, named_by
from storage.cells.provinces import taking_part
from storage.cells.scans import (
    ANYWHERE,
    FIRST,
    LAST,
    SourceRows,
    added,
    columns_of,
    is_last,
    joined,
    live,
    reads_inside,
    rows_of,
    split_of,
    text_of,
    unit_of,
)
from storage.cells.tree import ROOT, Spot, Tree, read_tree
from storage.compile import compile_predicate
from storage.cuts import visible, within
from storage.models import Entity, FigureUnit, Submission
from storage.portable import Some, Truth
from storage.portable_lists import among, listed
from storage.queries.counting import APPROVED, REJECTED
from storage.queries.whereabouts import own_of
from storage.scope import WHOLE, current

NUMERATOR, DENOMINATOR, EXCLUDED = "numerator", "denominator", "excluded"
SIDES = (NUMERATOR, DENOMINATOR, EXCLUDED)

DELETED, DUPLICATE, REJECTED_ONE, UNAPPROVED = "deleted", "duplicate", "rejected", "unapproved"
REPLACED, AGAIN, BLANK, CONDITION = "replaced", "again", "blank", "condition"
REASONS = (DELETED, DUPLICATE, REJECTED_ONE, UNAPPROVED, REPLACED, AGAIN, BLANK, CONDITION)
"""Why a row counts for nothing: `replaced` by a later record of its unit, counted once already (`again`),
an answer that is read is `blank`, or the `condition` does not hold."""

MOST = 1_000
"""Rows in one answer."""

_LONGEST_SPLIT = 200
_NO_SEQ: Some = literal(0)
_NO_DAY: Some = cast(null(), Date())
_RECORDS, _ENTITIES = Submission.__table__.c, Entity.__table__.c


@dataclass(frozen=True, slots=True)
class Cell:
    """Which cell, and which side of it. `place` "" is the whole country, `split` as the cell has it."""

    code: str
    period: str
    place: str
    split: str = ""
    side: str = NUMERATOR


class Row(NamedTuple):
    """A row behind a cell.

    `record`: the instance id of a record, the uuid of a member, or the code of a place. `key`: that of the
    row of a repeat, else as `record`. `adds`: what it adds to the side. `reason`: one of REASONS where it is
    excluded, else "". `at` is where the next page begins.
    """

    record: str
    key: str
    place: str
    day: date | None
    adds: float
    reason: str
    at: tuple[int, int]


class _Sought(NamedTuple):
    plan: Plan
    one: Indicator
    by: Split | None
    value: str
    is_whole: bool


def rows(
    session: Session, plan: Plan, cell: Cell, *, after: tuple[int, int] | None = None, limit: int = MOST
) -> list[Row]:
    """The rows behind a cell, by record and place in it; none for what is reckoned from other figures."""
    one = plan.indicators[cell.code]
    measure, period = _side(one, cell)
    if measure is None or measure.source.rows is Rows.FIGURES:
        return []
    by, value = _split(one, cell, measure)
    if by is None and value:
        return []
    is_whole = cell.place == ROOT and not cell.split.startswith(("@", "!"))
    query = _statement(_Sought(plan, one, by, value, is_whole), measure, cell.side)
    if query is None:
        return []
    found = query.subquery("behind")
    page = select(*found.c).order_by(found.c.number, found.c.seq).limit(limit)
    if after is not None:
        number, seq = after
        page = page.where(or_(found.c.number > number, and_(found.c.number == number, found.c.seq > seq)))
    given = {
        "places": listed(_places(session, plan, cell, measure)),
        "first": first_day(period),
        "last": last_day(period),
    }
    return [
        Row(record, key, place or "", day, float(adds or 0), reason, (number, seq))
        for number, seq, record, key, place, day, adds, reason in session.connection().execute(page, given)
    ]


def rests_on(one: Indicator) -> tuple[str, ...]:
    """The codes of the indicators it is reckoned from, none for one that counts rows itself."""
    return tuple(sorted(named_by(one)))


def _side(one: Indicator, cell: Cell) -> tuple[Measure | None, str]:
    """The measure whose rows are meant, and the period they count for."""
    if cell.side == DENOMINATOR:
        if one.base_years:
            return one.numerator, years_before(cell.period, one.base_years)
        return one.denominator, cell.period
    return one.numerator, cell.period


def _split(one: Indicator, cell: Cell, measure: Measure) -> tuple[Split | None, str]:
    """The question a cell is split by as the rows of that side answer it, and the answer."""
    if not cell.split or cell.split[0] in "@!":
        return None, ""
    name, _sign, value = cell.split.partition("=")
    for split in one.disaggregate:
        answer = split.below if measure is one.denominator else split.answer
        if split.name == name and split.answer is not None and answer is not None:
            return replace(split, answer=answer), value
    return None, name


def _places(session: Session, plan: Plan, cell: Cell, measure: Measure) -> set[str]:
    """The codes rows may lie at to count in a cell, cut to those the asker sees."""
    kind = measure.source.rows
    # The tree is read as the figures were added up along it; what is found in it is cut below.
    with within(WHOLE):
        tree = read_tree(session)
        if cell.place == ROOT and kind is not Rows.FORM:
            tops = taking_part(session, plan.project_id, tree)
            found = {code for top in tops for code in tree.below(top)}
        else:
            found = set(tree.below(cell.place))
        if cell.split.startswith(("@", "!")):
            found = _of_class(Classes(session, plan, tree), tree, cell, found)
    if kind is Rows.PLACES:
        found = {code for code, spot in tree.spots.items() if _counts_at(tree, code, spot) in found}
    return found if current().whole else own_of(session, found - {ROOT})


def _counts_at(tree: Tree, code: str, spot: Spot) -> str:
    return code if spot.in_force else tree.became.get(code, code)


def _of_class(classes: Classes, tree: Tree, cell: Cell, places: set[str]) -> set[str]:
    communes = {code for code in places if code != ROOT and tree.level(code) == COMMUNE}
    meant = {code for code in communes if cell.split in classes.of(cell.code, code, cell.period)}
    return {code for commune in meant for code in tree.below(commune)}


# As statements ------------------------------------------------------------------------------------------


def _statement(sought: _Sought, measure: Measure, side: str) -> Select[Any] | None:
    """The rows of a side: number, seq, record, key, place, day, adds, reason; parameters as of scans."""
    if side != EXCLUDED:
        scan = _scan(sought, [measure])
        rows = rows_of(sought.plan, scan, ANYWHERE)
        return None if rows is None else _adding(_laid(rows, scan, sought), measure)
    # What counts below the line is not left out.
    sides = (sought.one.numerator, sought.one.denominator)
    several = [one for one in sides if one is not None and one.source == measure.source]
    scan = _scan(sought, several)
    if measure.source.rows is Rows.FORM:
        ground = sought.plan.forms.get(measure.source.name)
        if ground is None or measure.source.path not in ground.tables:
            return None
        last = _lasts(ground, scan)
        return _left_out(
            _laid(_all_records(ground, scan), scan, sought),
            several,
            and_(live(ground), last),
            _refused(ground, last),
        )
    rows = rows_of(sought.plan, scan, ANYWHERE)
    return None if rows is None else _left_out(_laid(rows, scan, sought), several, true(), [])


def _scan(sought: _Sought, measures: Sequence[Measure]) -> Scan:
    first = measures[0]
    columns = tuple(Column(one, (), ()) for one in measures)
    return Scan(first.source, sought.by, first.latest_by, once=False, periodic=True, columns=columns)


@dataclass(frozen=True)
class _Laid:
    """Rows with what tells one from another, narrowed to those of the cell's place and split."""

    rows: SourceRows
    source: FromClause
    meant: Truth
    ids: tuple[Some, ...]
    order: tuple[Some, ...]


def _laid(rows: SourceRows, scan: Scan, sought: _Sought) -> _Laid:
    here = among(rows.place, "places")
    conditions = [rows.meant, or_(here, func.coalesce(rows.place, "") == "") if sought.is_whole else here]
    if sought.by is not None:
        room = _LONGEST_SPLIT - len(sought.by.name) - 1
        conditions.append(func.substr(split_of(sought.by, rows), 1, room) == sought.value)
    source, seq, day = rows.source, _NO_SEQ, _NO_DAY
    record = key = rows.place
    if scan.source.rows is Rows.FORM:
        table = rows.tables[scan.source.path].table
        record, day, key = _RECORDS.instance_id, _RECORDS.reported_on, table.c.key
        seq = table.c.seq if scan.source.path else seq
        if rows.record is not _RECORDS.id:
            source = source.join(Submission.__table__, _RECORDS.id == rows.record)
        conditions.append(visible(_RECORDS.place_code, current()))
    elif scan.source.rows is Rows.ENTITIES:
        record = key = _ENTITIES.uuid
        conditions.append(visible(_ENTITIES.place_code, current()))
    names = ("number", "seq", "record", "key", "place", "day")
    several: tuple[Some, ...] = (rows.record, seq, record, key, rows.place, day)
    ids = tuple(one.label(name) for one, name in zip(several, names, strict=True))
    return _Laid(rows, source, and_(*conditions), ids, (rows.record, seq))


def _adding(laid: _Laid, measure: Measure) -> Select[Any]:
    """The rows that add something to a measure."""
    amount, _is_count = added(measure, laid.rows)
    nothing = literal("", Text()).label("reason")
    if measure.distinct is None:
        found = select(*laid.ids, amount.label("adds"), nothing).select_from(laid.source)
        return found.where(laid.meant, amount.is_not(None))
    counts, place = _counts(laid, measure), _nth(laid, measure.distinct)
    inner = select(*laid.ids, literal(1).label("adds"), nothing, place.label("nth"))
    named = inner.select_from(laid.source).where(laid.meant, counts).subquery("named")
    return select(*(one for one in named.c if one.name != "nth")).where(named.c.nth == 1)


def _left_out(
    laid: _Laid, measures: Sequence[Measure], is_live: Truth, early: Sequence[tuple[Truth, str]]
) -> Select[Any]:
    """The rows that add nothing to any of these measures, each with its reason."""
    counted = and_(is_live, or_(*(_counts(laid, one) for one in measures)))
    distinct = measures[0].distinct
    reasons = [*early, *([] if distinct is None else [(counted, AGAIN)])]
    reason = case(*reasons, *_unmet(laid.rows, measures[0]), else_=CONDITION)
    is_counted = case((counted, 1), else_=0)
    nth = literal(1) if distinct is None else _nth(laid, distinct, is_counted)
    columns = (
        literal(0).label("adds"),
        reason.label("reason"),
        is_counted.label("counted"),
        nth.label("nth"),
    )
    every = select(*laid.ids, *columns).select_from(laid.source).where(laid.meant).subquery("looked_at")
    shown = (one for one in every.c if one.name not in {"counted", "nth"})
    return select(*shown).where(or_(every.c.counted == 0, every.c.nth > 1))


def _counts(laid: _Laid, measure: Measure) -> Truth:
    """Whether a row that is live counts for a measure; never NULL."""
    amount, _is_count = added(measure, laid.rows)
    if measure.distinct is None:
        return amount.is_not(None)
    return and_(func.coalesce(amount, 0) != 0, text_of(measure.distinct, laid.rows) != "")


def _nth(laid: _Laid, distinct: Formula, *more: Some) -> Some:
    """Which of the rows with the same value a row is, from 1."""
    value = text_of(distinct, laid.rows)
    return func.row_number().over(partition_by=[value, *more], order_by=laid.order)


def _unmet(rows: SourceRows, measure: Measure) -> list[tuple[Truth, str]]:
    """Why a row of a record that counts adds nothing, in the order in which it is looked at."""
    found = [(_is_blank(rows, measure, [measure.amount, measure.distinct]), BLANK)]
    if measure.where is not None:
        holds = compile_predicate(measure.where.tree, rows.ref(), today=LAST, tables=rows.tables)
        fails = case((holds, 1), else_=0) == 0
        found = [(_is_blank(rows, measure, [measure.where]), BLANK), (fails, CONDITION), *found]
    return found


def _is_blank(rows: SourceRows, measure: Measure, formulas: Sequence[Formula | None]) -> Truth:
    """Whether an answer is blank that expressions read in the row itself or those around it."""
    paths = {answer.path for one in formulas if one is not None for answer in answers(one.tree)}
    around = _around(rows, measure.source.path)
    hidden = {
        question for path, table in rows.tables.items() if path not in around for question in table.questions
    }
    columns = (rows.ref()[path].column for path in sorted(paths - hidden))
    return or_(false(), *(func.coalesce(cast(one, Text()), "") == "" for one in columns))


def _around(rows: SourceRows, path: str) -> set[str]:
    """A table and those its rows lie in."""
    found = {"", path}
    while path and path in rows.tables:
        path = rows.tables[path].parent or ""
        found.add(path)
    return found


def _all_records(ground: FormGround, scan: Scan) -> SourceRows:
    """The rows of a form's table, whether their records count or not."""
    columns = columns_of(ground)
    return SourceRows(
        joined(Submission.__table__, _RECORDS.id, scan, ground.tables),
        and_(
            _RECORDS.form_id == ground.form_id,
            _RECORDS.draft.is_(False),
            _RECORDS.reported_on.between(FIRST, LAST),
        ),
        _RECORDS.place_code,
        literal("", Text()),
        _RECORDS.id,
        lambda: columns,
        ground.tables,
    )


def _refused(ground: FormGround, last: Truth) -> list[tuple[Truth, str]]:
    """Why a record counts for nothing, whatever its answers are."""
    state = _RECORDS.review_state
    found = [
        (_RECORDS.deleted_at.is_not(None), DELETED),
        (_RECORDS.duplicate_of.is_not(None), DUPLICATE),
        (state == REJECTED, REJECTED_ONE),
    ]
    if ground.approved:
        found.append((or_(state.is_(None), state != APPROVED), UNAPPROVED))
    return [*found, (not_(last), REPLACED)]


def _lasts(ground: FormGround, scan: Scan) -> Truth:
    """Whether a row is of the last record of its unit, which all are where no unit is followed."""
    if scan.latest_by is None:
        return true()
    units = FigureUnit.__table__.c
    conditions = [units.submission_id == _RECORDS.id, is_last(ground, scan)]
    if reads_inside(scan.latest_by, ground.tables):
        columns = columns_of(ground)
        conditions.append(unit_of(scan.latest_by, columns, ground.tables, _RECORDS.id) == units.unit)
    return exists().where(*conditions)
