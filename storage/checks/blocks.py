"""The records of a survey, one place at a time: what the checks of `forms.checks` look at.

Why by place: no two villages are in memory together, however large the province. Each is read in a snapshot
of its own, so that nothing is held while a check thinks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.orm import Session

from forms.checks.interviews import Block, Interview, Point, Rows
from forms.checks.roles import END, START, TODAY, Roles
from forms.places import VILLAGE
from forms.rows import Cell
from forms.schema import Node
from storage.database import line_of
from storage.groups import in_groups
from storage.models import Form, Place, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.counting import counting
from storage.snapshot import snapshot
from storage.swift import Line, Swift

_ROW, _TIMES, _RECORD = 3, 8, 15
"""Where in a row the answers of a repeat begin, in the root the times of the record, and the answers."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place that records lie in: its code, its commune, where it lies, how many records there are."""

    code: str | None
    commune: str
    middle: Point | None
    records: int


@dataclass(frozen=True)
class Reading:
    """A survey being read: its number, its roles, the questions that are wanted (None: all)."""

    form_id: int
    roles: Roles
    only: Collection[str] | None = None


def places_of(session: Session, form_id: int) -> list[Where]:
    """The places with records of a survey that count, those of a commune together."""
    rows = session.execute(
        select(Submission.place_code, func.count())
        .where(Submission.form_id == form_id, counting())
        .group_by(Submission.place_code)
    ).all()
    known = _known(session, [code for code, _count in rows if code])
    several = [_where(code, count, known) for code, count in rows]
    return sorted(several, key=lambda one: (one.commune, one.code or ""))


def _known(session: Session, codes: Sequence[str]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for some in in_groups(codes):
        found.update(
            (place.code, place) for place in session.scalars(select(Place).where(Place.code.in_(some)))
        )
    return found


def _where(code: str | None, records: int, known: Mapping[str, Place]) -> Where:
    place = known.get(code or "")
    if place is None:
        return Where(code, "", None, records)
    commune = place.parent_code if place.level == VILLAGE else place.code
    return Where(code, commune or "", _middle(place.attributes), records)


def _middle(attributes: Mapping[str, Any]) -> Point | None:
    try:
        return Point(float(attributes["latitude"]), float(attributes["longitude"]))
    except (KeyError, TypeError, ValueError):
        return None


def blocks(reading: Reading, several: Iterable[Where]) -> Iterator[Block]:
    """The records of these places, place by place. Whoever may not see a place is not given it."""
    reader = _Reader(reading)
    for where in several:
        with snapshot() as session:
            block = reader.block(session, where)
        if block.interviews:
            yield block


def again(reading: Reading, numbers: Sequence[int]) -> Iterator[Block]:
    """Some records once more, by place."""
    reader, wanted = _Reader(reading), frozenset(numbers)
    with snapshot() as session:
        codes: dict[str | None, int] = {}
        for some in in_groups(numbers):
            for code in session.scalars(select(Submission.place_code).where(Submission.id.in_(some))):
                codes[code] = codes.get(code, 0) + 1
        known = _known(session, [code for code in codes if code])
    for code, count in codes.items():
        with snapshot() as session:
            yield reader.block(session, _where(code, count, known), wanted)


class _Question:
    """A statement asked of one place after the other, and of the records without a place."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        place = Submission.place_code
        self._placed = Swift(query.where(place == bindparam("place", type_=String())))
        self._elsewhere = Swift(query.where(place.is_(None)))

    def rows(self, line: Line, place: str | None) -> list[tuple[Any, ...]]:
        """The rows of a place, as the driver gives them."""
        return (self._elsewhere if place is None else self._placed).all(line, {"place": place})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is read of one table, and the question that each physical column holds."""

    path: str
    paths: Sequence[str]
    names: Mapping[str, str]
    question: _Question


class _Reader:
    """The statements for one survey, made anew when its tables change."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._roles = reading.roles
        self._generation = -1
        self._asked: list[_Asked] = []
        self._started, self._ended, self._today = (
            self._roles.path(role) or self._roles.named(role) for role in (START, END, TODAY)
        )
        self._household = self._roles.path("household")
        self._gps = self._roles.path("gps") or _first_position(self._roles)

    def block(self, session: Session, where: Where, wanted: Collection[int] | None = None) -> Block:
        """The records of a place, or those of them that are wanted."""
        self._look_at_tables(session)
        line = line_of(session)
        tables: dict[str, Rows] = {}
        interviews: list[Interview] = []
        for one in self._asked:
            found = one.question.rows(line, where.code)
            if wanted is not None:
                found = [row for row in found if row[0] in wanted]
            if not one.path:
                interviews = [_interview(row) for row in found]
            tables[one.path] = _rows(one, found)
        return Block(where.code or "", where.commune, interviews, tables, where.middle)

    def _look_at_tables(self, session: Session) -> None:
        form_id = self._reading.form_id
        generation = session.execute(select(Form.generation).where(Form.id == form_id)).scalar_one()
        if generation == self._generation:
            return
        self._generation = generation
        tables = answer_tables(session, form_id, draft=False).values()
        several = [(table, self._paths(table)) for table in tables]
        self._asked = [self._ask(table, paths) for table, paths in several if paths or not table.path]

    def _paths(self, table: AnswerTable) -> list[str]:
        nodes, only, said = self._roles.schema.by_path, self._reading.only, self._roles.named_paths
        return [
            path
            for path, question in table.questions.items()
            if question.cell is not Cell.GEOPOINT
            and path in nodes
            and (path in said or (nodes[path].control and not nodes[path].binary))
            and (only is None or path in only)
        ]

    def _ask(self, table: AnswerTable, paths: Sequence[str]) -> _Asked:
        own = table.table.c
        columns = [own.submission_id, own.key, own.blank]
        columns += self._of_records(table) if not table.path else []
        columns += [table.column(path) for path in paths]
        order = (Submission.id, own.seq) if table.path else (Submission.id,)
        # Without the sum SQLite goes through all records of the survey for each place.
        mine = Submission.form_id + 0 == self._reading.form_id
        query = (
            select(*columns)
            .select_from(table.joined.join(Submission, Submission.id == own.submission_id))
            .where(mine, counting())
            .order_by(*order)
        )
        names = {question.name: path for path, question in table.questions.items()}
        return _Asked(table.path, paths, names, _Question(query))

    def _of_records(self, root: AnswerTable) -> list[Any]:
        return [
            Submission.submitter_id,
            Submission.device_id,
            Submission.created_at,
            Submission.form_version_id,
            Submission.reported_on,
            *(self._text(root, path) for path in (self._started, self._ended, self._today, self._household)),
            *(self._part(root, part) for part in ("_lat", "_lon", "_acc")),
        ]

    @staticmethod
    def _text(table: AnswerTable, path: str | None) -> ColumnElement[Any]:
        known = path is not None and path in table.questions
        return cast(table.column(path), Text()) if known and path else literal_column("NULL")

    def _part(self, table: AnswerTable, part: str) -> ColumnElement[Any]:
        known = self._gps is not None and self._gps in table.questions
        return table.column(self._gps, part) if known and self._gps else literal_column("NULL")


def _first_position(roles: Roles) -> str | None:
    questions = roles.schema.questions
    return next((node.path for node in questions if _is_position(node)), None)


def _is_position(node: Node) -> bool:
    return node.type == "geopoint" and not node.table


def _interview(row: Sequence[Any]) -> Interview:
    number, key, _blanks, submitter, device, received, version, reported_on = row[:_TIMES]
    started, ended, today, household, latitude, longitude, accuracy = row[_TIMES:_RECORD]
    sender = f"sender:{submitter}" if submitter else f"device:{device}" if device else ""
    return Interview(
        number,
        key,
        sender,
        device or "",
        _received(received),
        version,
        _moment(started),
        _moment(ended),
        _day(today),
        _day(reported_on),
        household or "",
        None if latitude is None or longitude is None else Point(latitude, longitude, accuracy),
    )


def _rows(one: _Asked, found: Sequence[Sequence[Any]]) -> Rows:
    first = _ROW if one.path else _RECORD
    return Rows(
        one.path,
        [row[0] for row in found],
        [row[1] for row in found],
        _sideways(one.paths, found, first),
        [_blank(row[2], one.names) for row in found],
    )


def _received(moment: datetime | str) -> datetime:
    """SQLite keeps a moment as text, UTC."""
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return moment


def _moment(text: str | None) -> datetime | None:
    """A moment with its zone; a phone that says none tells nothing to compare with."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _day(text: str | date | None) -> date | None:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _sideways(paths: Sequence[str], rows: Sequence[Sequence[Any]], first: int) -> dict[str, Sequence[Any]]:
    """The answers column by column."""
    if not rows:
        return dict.fromkeys(paths, ())
    columns = list(zip(*rows, strict=True))[first:]
    return dict(zip(paths, columns, strict=True))


def _blank(names: str | None, paths: Mapping[str, str]) -> Sequence[str]:
    return [paths[name] for name in _names(names) if name in paths] if names else ()


@lru_cache(maxsize=4_096)
def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
