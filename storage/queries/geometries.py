"""Where records lie on a map: the answers to one geographical question, page by page, newest record first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from forms.exports.geojson import TYPES
from storage.cuts import visible
from storage.models import Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.odata_filter import NO_FILTER, RecordFilter
from storage.scope import current
from storage.snapshot import snapshot

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Spot:
    """What a record says to a question: its `texts`, several only of a question in a repeat.

    `by_default`: nobody asked for that question, the form's version says that it is the one.
    """

    instance_id: str
    path: str
    type: str
    texts: tuple[str, ...]
    repeated: bool = False
    by_default: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a form, and which question.

    `path` None: the question that its version puts on the map (`default`, by number of the version).
    """

    form_id: int
    default: Callable[[int], str | None]
    path: str | None = None
    filter: RecordFilter = field(default=NO_FILTER)

    @property
    def condition(self) -> ColumnElement[bool]:
        """Which records these are, as far as the reader sees them."""
        return and_(
            Submission.form_id == self.form_id,
            Submission.draft.is_(False),
            true() if self.filter.asks_deleted else Submission.deleted_at.is_(None),
            self.filter.condition,
            visible(Submission.place_code, current()),
        )


def spots(wanted: Wanted) -> Iterator[list[Spot]]:
    """The records that say something there, some thousand at a time, each page in one moment."""
    before: int | None = None
    while True:
        with snapshot() as session:
            found, before = _page(session, wanted, before)
        yield found
        if before is None:
            return


def _page(session: Session, wanted: Wanted, before: int | None) -> tuple[list[Spot], int | None]:
    tables = answer_tables(session, wanted.form_id, draft=False)
    if wanted.path is None:
        return _by_version(session, wanted, tables[""], before)
    table = next((one for one in tables.values() if wanted.path in one.questions), None)
    if table is None or table.questions[wanted.path].type not in TYPES:
        return [], None
    return _of_question(session, wanted, table, before)


def _by_version(
    session: Session, wanted: Wanted, root: AnswerTable, before: int | None
) -> tuple[list[Spot], int | None]:
    paths = [one.path for one in root.questions.values() if one.type in TYPES]
    if not paths:
        return [], None
    columns = [root.column(path) for path in paths]
    query = (
        select(Submission.id, Submission.instance_id, Submission.form_version_id, *columns)
        .select_from(root.joined.join(Submission, Submission.id == root.table.c.submission_id))
        .where(wanted.condition, or_(*(column.is_not(None) for column in columns)))
        .order_by(Submission.id.desc())
        .limit(_PAGE)
    )
    rows = session.execute(query if before is None else query.where(Submission.id < before)).all()
    found = []
    for _number, instance_id, version, *texts in rows:
        path = wanted.default(version)
        text = dict(zip(paths, texts, strict=True)).get(path or "")
        if path and text:
            found.append(Spot(instance_id, path, root.questions[path].type, (str(text),), by_default=True))
    return found, rows[-1][0] if len(rows) == _PAGE else None


def _of_question(
    session: Session, wanted: Wanted, table: AnswerTable, before: int | None
) -> tuple[list[Spot], int | None]:
    path = wanted.path or ""
    query = select(Submission.id, Submission.instance_id).where(wanted.condition)
    query = query.order_by(Submission.id.desc()).limit(_PAGE)
    rows = session.execute(query if before is None else query.where(Submission.id < before))
    names: Mapping[int, str] = {row.id: row.instance_id for row in rows}
    texts = _texts(session, table, path, list(names)) if names else {}
    kind = table.questions[path].type
    found = [
        Spot(name, path, kind, tuple(texts[number]), repeated=bool(table.path))
        for number, name in names.items()
        if number in texts
    ]
    return found, min(names) if len(names) == _PAGE else None


def _texts(
    session: Session, table: AnswerTable, path: str, numbers: Sequence[int]
) -> Mapping[int, list[str]]:
    """What those records say, each in the order of its repeat; they were cut to the reader before."""
    own, column = table.table.c, table.column(path)
    query = select(own.submission_id, column).select_from(table.joined)
    query = query.where(own.submission_id.between(min(numbers), max(numbers)), column.is_not(None))
    if table.path:
        query = query.order_by(own.submission_id, own.seq)
    found: dict[int, list[str]] = {}
    wanted = set(numbers)
    for number, text in session.execute(query):
        if number in wanted:
            found.setdefault(number, []).append(str(text))
    return found
