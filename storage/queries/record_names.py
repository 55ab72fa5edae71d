"""What records are called, made for the list after they came in: intake itself writes none of it.

Every live record's current version makes one row. PostgreSQL commits numbers out of order: there rows are
looked for above a line that only moves up to what came in some minutes ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from forms.naming import Naming, naming_of
from forms.xform import read_schema
from storage.cuts import within
from storage.database import Base
from storage.models import AuditReading, Form, FormVersion
from storage.portable_turns import take_turn, writers
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.scope import WHOLE

_TURN = 0x4E616D65
_LINE = "record_names"
_SETTLES = timedelta(minutes=10)
"""Longer than any transaction that brings a record lasts."""

_VERSIONS = Base.metadata.tables["submission_versions"].c
_NAMES = Base.metadata.tables["record_names"]
_Stale: TypeAlias = tuple[int, int, int, str | None]
"""Numbers of the version, the record and the form, and the name that was sent."""


def is_behind(session: Session) -> bool:
    """Whether there are records that the list cannot search or sort by name yet."""
    with within(WHOLE):
        return session.connection().execute(_BEHIND).scalar() is not None


def derive(session: Session, now: datetime, limit: int) -> int:
    """Make what up to `limit` records are called; returns how many were made."""
    take_turn(session, _TURN)
    with within(WHOLE):
        line = session.get(AuditReading, _LINE)
        if line is None:
            line = AuditReading(source=_LINE, through=0)
            session.add(line)
        stale = session.execute(_stale(line.through, limit))
        rows: list[_Stale] = [(one.id, one.submission_id, one.form_id, one.instance_name) for one in stale]
        if rows:
            session.execute(delete(_NAMES).where(_NAMES.c.submission_id.in_([one[1] for one in rows])))
            session.execute(insert(_NAMES), _made(session, rows))
        settled = _settled(session, now)
        line.through = max(line.through, min(settled, rows[-1][0]) if len(rows) == limit else settled)
    return len(rows)


def begin_again(session: Session) -> None:
    """Let every record be looked at once more, those of a form whose names changed too."""
    take_turn(session, _TURN)
    line = session.get(AuditReading, _LINE)
    if line is not None:
        line.through = 0


def again(session: Session, numbers: Sequence[int]) -> None:
    """Make anew what some live records are called: their answers changed, and their versions did not."""
    query = select(_VERSIONS.id, _VERSIONS.submission_id, _VERSIONS.form_id, _VERSIONS.instance_name).where(
        _VERSIONS.submission_id.in_(numbers), _VERSIONS.current.is_(True)
    )
    rows: list[_Stale] = [
        (one.id, one.submission_id, one.form_id, one.instance_name) for one in session.execute(query)
    ]
    session.execute(delete(_NAMES).where(_NAMES.c.submission_id.in_(numbers)))
    if rows:
        session.execute(insert(_NAMES), _made(session, rows))


def searched_in(session: Session, form: Form) -> tuple[str, ...]:
    """The questions whose answers the records of a form are searched by, beside their names."""
    return _naming(session, form.current_id).searched if form.current_id else ()


# Sorted by the number of the version, and with the name looked up by itself, it is a walk above the line,
# whatever a database thinks of how much is there.
_NAMED = (
    select(_NAMES.c.version_id)
    .where(_NAMES.c.submission_id == _VERSIONS.submission_id, _NAMES.c.version_id == _VERSIONS.id)
    .scalar_subquery()
)


def _stale(above: int | ColumnElement[int], limit: int) -> Select[tuple[int, int, int, str | None]]:
    return (
        select(_VERSIONS.id, _VERSIONS.submission_id, _VERSIONS.form_id, _VERSIONS.instance_name)
        .where(_VERSIONS.id > above, _VERSIONS.current.is_(True), _VERSIONS.draft.is_(False))
        .where(_NAMED.is_(None))
        .order_by(_VERSIONS.id)
        .limit(limit)
    )


# Asked with every list that is searched or sorted by name: built once, without the ORM.
_READ = AuditReading.__table__.c
_ABOVE = select(func.coalesce(func.max(_READ.through), 0)).where(_READ.source == _LINE).scalar_subquery()
_BEHIND = _stale(_ABOVE, 1)


def _settled(session: Session, now: datetime) -> int:
    largest = select(func.max(_VERSIONS.id))
    if writers(session) is not None:
        largest = largest.where(_VERSIONS.created_at < now - _SETTLES)
    return int(session.execute(largest).scalar() or 0)


def _made(session: Session, rows: Sequence[_Stale]) -> list[dict[str, object]]:
    by_form: dict[int, list[_Stale]] = {}
    for one in rows:
        by_form.setdefault(one[2], []).append(one)
    made = []
    for form_id, several in by_form.items():
        current = session.scalar(select(Form.current_id).where(Form.id == form_id))
        naming = _naming(session, current) if current else Naming()
        answers = _answers(session, form_id, naming, [one[1] for one in several])
        for version_id, number, _form, name in several:
            told = answers.get(number, {})
            person = (told.get(naming.person) or [""])[0]
            texts = [text for path in naming.searched for text in told.get(path, ())]
            made.append({
                "submission_id": number,
                "form_id": form_id,
                "version_id": version_id,
                "name_key": naming.key(name or "", person),
                "searched": naming.text(name or "", texts),
            })
    return made


def _naming(session: Session, version_id: int) -> Naming:
    digest = session.connection().execute(_DIGEST, {"number": version_id}).scalar_one()
    key = (version_id, digest)
    if key not in _KEPT:
        xml, sheets = session.execute(
            select(FormVersion.xml, FormVersion.sheets).where(FormVersion.id == version_id)
        ).one()
        if len(_KEPT) >= _ROOM:
            _KEPT.clear()
        _KEPT[key] = naming_of(read_schema(xml), xml, sheets.get("marks", {}))
    return _KEPT[key]


# Asked for each form among records that are named: built once, without the ORM.
_DIGEST = select(FormVersion.__table__.c.md5).where(FormVersion.__table__.c.id == bindparam("number"))
_KEPT: dict[tuple[int, str], Naming] = {}
_ROOM = 64


def _answers(
    session: Session, form_id: int, naming: Naming, numbers: Sequence[int]
) -> Mapping[int, Mapping[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = {}
    wanted = {*naming.searched, naming.person} - {""}
    for table in answer_tables(session, form_id, draft=False).values():
        paths = [path for path in table.questions if path in wanted]
        if paths:
            for number, *texts in session.execute(_texts(table, paths, numbers)):
                told = found.setdefault(number, {})
                for path, text in zip(paths, texts, strict=True):
                    if text:
                        told.setdefault(path, []).append(str(text))
    return found


def _texts(table: AnswerTable, paths: Iterable[str], numbers: Sequence[int]) -> Select[*tuple[Any, ...]]:
    own = table.table.c
    query = select(own.submission_id, *(table.column(path) for path in paths)).select_from(table.joined)
    return query.where(own.submission_id.in_(numbers)).order_by(
        own.submission_id, *([own.seq] if table.path else [])
    )
