"""A typed `$filter` as SQL: over the records of a form wherever they are listed, and over table rows.

`submissions_filter` is the way in for whoever lists records: CSV, the list of submissions, GeoJSON.
A comparison with what is missing is false, except `ne`, as in OData; a text left empty is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Double,
    Integer,
    Text,
    and_,
    cast,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from forms.odata.checking import read_filter
from forms.odata.model import ID, model_of
from forms.odata.tree import (
    Among,
    Call,
    Chain,
    Compared,
    Expression,
    Field,
    Kind,
    Literal,
    Negated,
    Source,
    fields,
    kind_of,
)
from forms.rows import Cell
from forms.xform import read_schema
from storage import portable, portable_texts
from storage.database import Instant
from storage.models import Actor, Form, FormVersion, Submission
from storage.portable import Some, Truth
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries import encrypted
from storage.queries.forms import current_version, draft_version, version_xml

ColumnOf: TypeAlias = Callable[[Field], Some]
"""Where the value of a field stands."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records a `$filter` means; `asks_deleted`: it says itself what is to become of deleted ones.

    `condition` is over `Submission`, and stands in any statement that has it in FROM.
    """

    condition: Truth
    asks_deleted: bool = False


NO_FILTER = RecordFilter(true())


def submissions_filter(
    session: Session, form: Form, text: str, *, now: datetime, draft: bool = False
) -> RecordFilter:
    """The records of a form (or of its draft) that a `$filter` means; all of them where it is blank.

    Raises FormNotFound, NoDraft, and what `forms.odata.checking.read_filter` raises.
    """
    if not text.strip():
        return NO_FILTER
    version = draft_version(session, form) if draft else current_version(session, form)
    model = model_of(read_schema(version_xml(session, version.id)))
    tree = read_filter(text, model.reach(model.tables[""]))
    return record_filter(tree, answer_tables(session, form.id, draft=draft), now)


def record_filter(tree: Expression, tables: Mapping[str, AnswerTable], now: datetime) -> RecordFilter:
    """The same for a tree that was read over the root table, whose `tables` are at hand."""
    root = tables[""]
    asked = list(fields(tree))
    condition = compiled(tree, lambda one: _of_record(one, root), now)
    if any(one.source is Source.ANSWER for one in asked):
        # The answers need not be in FROM, and one look by the key of their table finds them.
        answers = select(root.table.c.submission_id).select_from(root.joined)
        same = root.table.c.submission_id == Submission.id
        condition = answers.where(same, condition).correlate(Submission).exists()
    return RecordFilter(condition, asks_deleted(tree))


def asks_deleted(tree: Expression) -> bool:
    """Whether a filter says itself which deleted records it means."""
    return any(one.source is Source.SYSTEM and one.path == "deletedAt" for one in fields(tree))


def table_columns(tables: Mapping[str, AnswerTable], path: str) -> ColumnOf:
    """Where fields stand for a statement over the rows of the table at `path` beside their `Submission`."""
    own, root = tables[path], tables[""]

    def column(asked: Field) -> Some:
        if asked.table != path:
            if asked.source is Source.SYSTEM:
                return _of_record(asked, root)
            answers = select(_answer(asked, root)).select_from(root.joined)
            same = root.table.c.submission_id == Submission.id
            return answers.where(same).correlate(Submission).scalar_subquery()
        if asked.source is Source.SYSTEM and path:
            return own.table.c.key if asked.path == ID else own.table.c.parent_key
        return _of_record(asked, own) if not path else _answer(asked, own)

    return column


def _of_record(asked: Field, root: AnswerTable) -> Some:
    if asked.source is Source.ANSWER:
        return _answer(asked, root)
    return SYSTEM[asked.path]


def _answer(asked: Field, table: AnswerTable) -> Some:
    cell = table.questions[asked.path].cell
    if asked.kind is Kind.MOMENT and cell is Cell.DATETIME:
        return table.column(asked.path, "_at")
    return table.column(asked.path)


SYSTEM: Mapping[str, Some] = {
    ID: Submission.instance_id.expression,
    "submissionDate": Submission.created_at.expression,
    "updatedAt": Submission.updated_at.expression,
    "deletedAt": Submission.deleted_at.expression,
    "submitterId": Submission.submitter_id.expression,
    "submitterName": select(Actor.display_name)
    .where(Actor.id == Submission.submitter_id)
    .correlate(Submission)
    .scalar_subquery(),
    "attachmentsPresent": Submission.files_present.expression,
    "attachmentsExpected": Submission.files_expected.expression,
    "status": encrypted.status(encrypted.ODATA),
    "reviewState": Submission.review_state.expression,
    "deviceId": Submission.device_id.expression,
    "edits": Submission.edits.expression,
    "formVersion": select(FormVersion.version)
    .where(FormVersion.id == Submission.form_version_id)
    .correlate(Submission)
    .scalar_subquery(),
}
"""What is noted of a record, by what OData calls it."""


def compiled(tree: Expression, column: ColumnOf, now: datetime) -> Truth:
    """The condition a typed tree means; NULL where it cannot be told, which is as good as false."""
    return _Compiler(column, now).condition(tree)


def ordered(asked: Field, column: ColumnOf) -> Some:
    """What rows are sorted by for a field."""
    value = _plain(asked, column)
    return portable_texts.Bytewise(value) if asked.kind in {Kind.TEXT, Kind.TRUTH} else value


def _plain(asked: Field, column: ColumnOf) -> Some:
    value = column(asked)
    # A question that was left empty has no answer, in the rows as here.
    answered = asked.source is Source.ANSWER and asked.kind in {Kind.TEXT, Kind.SHAPE, Kind.TRUTH}
    return func.nullif(value, "", type_=Text()) if answered else value


class _Compiler:
    def __init__(self, column: ColumnOf, now: datetime) -> None:
        self._column = column
        self._now = now

    def condition(self, node: Expression) -> Truth:
        match node:
            case Chain(word=word, terms=terms):
                return (and_ if word == "and" else or_)(*map(self.condition, terms))
            case Negated(condition=condition):
                return not_(portable.sure(self.condition(condition)))
            case Compared():
                return self._compared(node)
            case Among(value=value, listed=listed):
                return or_(*(self._compared(Compared("eq", value, one)) for one in listed))
            case Call(function=name, arguments=(text, part)):
                return _TESTS[name](self.value(text), self.value(part))
        return self._alone(node)

    def _alone(self, node: Expression) -> Truth:
        if isinstance(node, Literal):
            return literal(node.value is True)
        if isinstance(node, Field):
            return self._column(node).in_(["true", "1"])
        raise TypeError(f"not a condition: {node}")

    def _compared(self, node: Compared) -> Truth:
        left, right = node.left, node.right
        if node.operator in _ORDER:
            found: Truth = _ORDER[node.operator](self._sortable(left), self._sortable(right))
            return found
        same = self._same(left, right)
        return same if node.operator == "eq" else not_(portable.sure(same))

    def _sortable(self, node: Expression) -> Some:
        value = self.value(node)
        return portable_texts.Bytewise(value) if kind_of(node) is Kind.TEXT else value

    def _same(self, left: Expression, right: Expression) -> Truth:
        missing = [kind_of(one) is Kind.NULL for one in (left, right)]
        if all(missing):
            return true()
        if any(missing):
            return self.value(left if missing[1] else right).is_(None)
        if kind_of(left) is Kind.TRUTH:
            return portable.counted(portable.sure(self.condition(left))) == portable.counted(
                portable.sure(self.condition(right))
            )
        if isinstance(right, Literal) or isinstance(left, Literal):
            # The column itself, so that an index of it serves.
            return self._bare(left) == self._bare(right)
        return self.value(left).is_not_distinct_from(self.value(right))

    def _bare(self, node: Expression) -> Some:
        empty = isinstance(node, Literal) and node.value == ""
        return self._column(node) if isinstance(node, Field) and not empty else self.value(node)

    def value(self, node: Expression) -> Some:
        match node:
            case Field():
                return _plain(node, self._column)
            case Literal(value=value):
                return _literal(value)
            case Call(kind=Kind.TRUTH):
                return portable.counted(self.condition(node))
            case Call(function=name, arguments=arguments):
                return self._computed(name, [self.value(one) for one in arguments])
        return portable.counted(self.condition(node))

    def _computed(self, name: str, given: list[Some]) -> Some:
        match name:
            case "now":
                return literal(self._now, Instant())
            case "length":
                return portable.length_of(given[0])
            case "trim":
                return portable.trimmed(given[0])
        part: Some = extract(name, given[0])
        # PostgreSQL counts fractions of a second in.
        return cast(portable.floor(cast(part, Double())) if name == "second" else part, Integer())


_TESTS: Mapping[str, Callable[[Some, Some], Truth]] = {
    "contains": portable_texts.contains,
    "startswith": portable_texts.starts_with,
    "endswith": portable_texts.ends_with,
    # What only our own lists ask for (`forms.conditions`): no program may write these.
    "lists": portable_texts.holds_word,
    "finds": portable_texts.finds,
}
_ORDER: Mapping[str, Callable[[Any, Any], Any]] = {"lt": lt, "le": le, "gt": gt, "ge": ge}


def _literal(value: object) -> Some:
    match value:
        case datetime():
            return literal(value, Instant())
        case date():
            return portable.day(value)
        case bool() | None:
            return literal(value)
        case int():
            return literal(value, BigInteger())
        case float():
            return portable.number(value)
    return portable.string(str(value))
