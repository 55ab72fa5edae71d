"""The records of a survey, one place at a time: what the checks of `forms.checks` look at.

Why by place: no two villages are in memory together, however large the province. Each is read in a snapshot
of its own, so that nothing is held while a check thinks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal_column, select
from sqlalchemy.orm import Session

from forms.checks.interviews import Block, Interview, Point, Rows
from forms.checks.roles import END, START, TODAY, Roles
from forms.places import VILLAGE
from forms.rows import Cell
from forms.schema import Node
from storage.groups import in_groups
from storage.models import Form, Place, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.counting import counting
from storage.snapshot import snapshot

_SYSTEM = 8
_KEY = 2


@dataclass(frozen=True, slots=True)
class Where:
    """A place that records lie in: its code, its commune, where it lies, how many records there are."""

    code: str | None
    commune: str
    middle: Point | None
    records: int


@dataclass(frozen=True)
class Reading:
    """A survey being read: its number, its roles, and whether all its answers are wanted or only those."""

    form_id: int
    roles: Roles
    only: Collection[str] | None = None
    reported: tuple[date, date] | None = None


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
    """The records of these places, place by place."""
    reader = _Reader(reading)
    for where in several:
        with snapshot() as session:
            block = reader.block(session, where, Submission.place_code == where.code)
        if block.interviews:
            yield block


def again(reading: Reading, numbers: Sequence[int]) -> Iterator[Block]:
    """Some records once more, by place."""
    reader = _Reader(reading)
    by_place: dict[str | None, list[int]] = {}
    with snapshot() as session:
        for some in in_groups(numbers):
            for number, code in session.execute(
                select(Submission.id, Submission.place_code).where(Submission.id.in_(some))
            ):
                by_place.setdefault(code, []).append(number)
        known = _known(session, [code for code in by_place if code])
    for code, mine in by_place.items():
        for some in in_groups(mine):
            with snapshot() as session:
                yield reader.block(session, _where(code, len(some), known), Submission.id.in_(some))


@dataclass
class _Columns:
    """What is read of one table: physical columns and the questions they hold."""

    table: AnswerTable
    paths: list[str]
    columns: list[ColumnElement[Any]]
    names: dict[str, str] = field(default_factory=dict)


class _Reader:
    """The statements for one survey, made anew when its tables change."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._roles = reading.roles
        self._generation = -1
        self._tables: list[_Columns] = []
        named = (START, END, TODAY)
        self._started, self._ended, self._today = (
            self._roles.path(role) or self._roles.named(role) for role in named
        )
        self._household = self._roles.path("household")
        self._gps = self._roles.path("gps") or _first_position(self._roles)

    def block(self, session: Session, where: Where, condition: ColumnElement[bool]) -> Block:
        """The records that meet the condition."""
        self._look_at_tables(session)
        mine = [Submission.form_id == self._reading.form_id, counting(), condition]
        if self._reading.reported is not None:
            mine.append(Submission.reported_on.between(*self._reading.reported))
        root, *repeats = self._tables
        interviews, rows = self._root(session, root, mine)
        tables = {"": rows}
        for one in repeats:
            tables[one.table.path] = self._repeat(session, one, mine)
        return Block(where.code or "", where.commune, interviews, tables, where.middle)

    def _look_at_tables(self, session: Session) -> None:
        form_id = self._reading.form_id
        generation = session.execute(select(Form.generation).where(Form.id == form_id)).scalar_one()
        if generation != self._generation:
            self._generation = generation
            tables = answer_tables(session, form_id, draft=False)
            self._tables = [self._columns(tables[path]) for path in tables if self._wanted(tables[path])]

    def _wanted(self, table: AnswerTable) -> bool:
        return not table.path or bool(self._paths(table))

    def _paths(self, table: AnswerTable) -> list[str]:
        nodes = self._roles.schema.by_path
        only = self._reading.only
        said = self._roles.named_paths
        return [
            path
            for path, question in table.questions.items()
            if question.cell is not Cell.GEOPOINT
            and path in nodes
            and (path in said or (nodes[path].control and not nodes[path].binary))
            and (only is None or path in only)
        ]

    def _columns(self, table: AnswerTable) -> _Columns:
        paths = self._paths(table)
        made = _Columns(table, paths, [table.column(path) for path in paths])
        made.names = {question.name: path for path, question in table.questions.items()}
        return made

    def _root(
        self, session: Session, root: _Columns, mine: Sequence[ColumnElement[bool]]
    ) -> tuple[list[Interview], Rows]:
        table = root.table.table
        times = [self._text(root.table, path) for path in (self._started, self._ended)]
        point = [self._part(root.table, part) for part in ("_lat", "_lon", "_acc")]
        system = (
            Submission.id,
            table.c.key,
            Submission.submitter_id,
            Submission.device_id,
            Submission.created_at,
            Submission.form_version_id,
            Submission.reported_on,
            table.c.blank,
        )
        extra = [*times, self._text(root.table, self._today), self._text(root.table, self._household), *point]
        found = session.execute(
            select(*system, *extra, *root.columns)
            .select_from(root.table.joined.join(Submission, Submission.id == table.c.submission_id))
            .where(*mine)
            .order_by(Submission.id)
        ).all()
        interviews = [_interview(row) for row in found]
        answers = _sideways(root.paths, found, _SYSTEM + len(extra))
        rows = Rows(
            "",
            [one.number for one in interviews],
            [one.key for one in interviews],
            answers,
            [_blank(row[_SYSTEM - 1], root.names) for row in found],
        )
        return interviews, rows

    def _repeat(self, session: Session, one: _Columns, mine: Sequence[ColumnElement[bool]]) -> Rows:
        table = one.table.table
        found = session.execute(
            select(table.c.submission_id, table.c.key, table.c.blank, *one.columns)
            .select_from(one.table.joined.join(Submission, Submission.id == table.c.submission_id))
            .where(*mine)
            .order_by(table.c.submission_id, table.c.seq)
        ).all()
        return Rows(
            one.table.path,
            [row[0] for row in found],
            [row[1] for row in found],
            _sideways(one.paths, found, _KEY + 1),
            [_blank(row[_KEY], one.names) for row in found],
        )

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
    number, key, submitter, device, received, version, reported_on = row[: _SYSTEM - 1]
    started, ended, today, household, latitude, longitude, accuracy = row[_SYSTEM : _SYSTEM + 7]
    sender = f"sender:{submitter}" if submitter else f"device:{device}" if device else ""
    return Interview(
        number,
        key,
        sender,
        device or "",
        received,
        version,
        _moment(started),
        _moment(ended),
        _day(today),
        reported_on,
        household or "",
        None if latitude is None or longitude is None else Point(latitude, longitude, accuracy),
    )


def _moment(text: str | None) -> datetime | None:
    """A moment with its zone; a phone that says none tells nothing to compare with."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _day(text: str | None) -> date | None:
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
