"""Where and when a record counts, worked out as it is laid into tables: at its receipt and at a rebuild.

Records from before there was this get it in batches, out of the tables, without reading their bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.placing import NO_PLACE, Roles, roles_of, told
from forms.rows import Finding, Flat
from forms.xform import read_schema
from storage.cells.marks import mark_form
from storage.database import line_of, transaction
from storage.findings import records
from storage.models import Form, FormVersion, Submission, SubmissionVersion
from storage.projection.catalogue import answer_tables, layout_for
from storage.projection.tables import AnswerTable
from storage.queries import intake
from storage.queries.placing import place, places_of_sender
from storage.swift import Line

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from: `key` names it; `places` are its sender's, None to look them up."""

    key: str
    actor_id: int | None
    received_at: datetime
    places: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The place of a record as sent and as of today, the day it counts for, and what is odd about them."""

    sent: str | None
    code: str | None
    day: date
    findings: tuple[Finding, ...]

    @property
    def columns(self) -> tuple[str | None, str | None, date]:
        """As `storage.queries.intake.put_in_place` takes them."""
        return self.sent, self.code, self.day


def whereabouts(line: Line, roles: Roles, flat: Flat, origin: Origin, *, draft: bool) -> Whereabouts:
    """Where and when the answers laid flat count. Drafts are tried out by nobody in particular."""
    said = told(flat, roles, origin.key, origin.received_at)
    senders = places_of_sender(line, origin.actor_id) if origin.places is None else origin.places
    found = place(line, said, origin.key, senders, origin.received_at)
    odd = [one for one in found.findings if not (draft and one.check == NO_PLACE)]
    return Whereabouts(found.sent, found.code, said.reported_on, (*said.findings, *odd))


class Placing:
    """Places records laid flat long after they came, and remembers their senders on the way."""

    def __init__(self) -> None:
        self._senders: dict[int | None, tuple[str, ...]] = {}

    def of(self, line: Line, roles: Roles, flat: Flat, origin: Origin, *, draft: bool) -> Whereabouts:
        """The same as `whereabouts`."""
        number = origin.actor_id
        if number not in self._senders:
            self._senders[number] = places_of_sender(line, number)
        known = Origin(origin.key, number, origin.received_at, self._senders[number])
        return whereabouts(line, roles, flat, known, draft=draft)


def missing(session: Session) -> dict[tuple[int, bool], int]:
    """How many records of each form, live or of its draft, have no day yet."""
    rows = session.execute(
        select(Submission.form_id, Submission.draft, func.count())
        .where(Submission.reported_on.is_(None))
        .group_by(Submission.form_id, Submission.draft)
    )
    return {(form_id, draft): count for form_id, draft, count in rows}


def fill(form_id: int, *, draft: bool) -> Iterator[int]:
    """Tell where and when those records of a form count that came earlier than this; how many, by batch.

    In batches, so that intake never waits long; whatever is interrupted goes on where it stopped.
    """
    work = _Late(form_id, draft=draft)
    while batch := work.batch():
        yield batch


class _Late:
    """Records without a day, placed by the answers in the root table."""

    def __init__(self, form_id: int, *, draft: bool) -> None:
        self._form_id, self._draft = form_id, draft
        self._roles: dict[int, Roles] = {}
        self._placing = Placing()

    def batch(self) -> int:
        """Place some; returns how many."""
        with transaction() as session:
            root = answer_tables(session, self._form_id, draft=self._draft)[""]
            rows = session.execute(
                select(
                    Submission.id,
                    Submission.instance_id,
                    SubmissionVersion.form_version_id,
                    SubmissionVersion.submitter_id,
                    SubmissionVersion.created_at,
                )
                .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
                .where(
                    Submission.form_id == self._form_id,
                    Submission.draft == self._draft,
                    Submission.reported_on.is_(None),
                    SubmissionVersion.current.is_(True),
                )
                .order_by(Submission.id)
                .limit(_BATCH)
            ).all()
            answers = _answers(session, root, [row.id for row in rows])
            line = line_of(session)
            project = None if self._draft else session.get_one(Form, self._form_id).project_id
            for number, key, version_id, submitter, received in rows:
                flat = Flat({"": [answers.get(number, {})]})
                found = self._placing.of(
                    line,
                    self._roles_of(session, version_id),
                    flat,
                    Origin(key, submitter, received),
                    draft=self._draft,
                )
                intake.put_in_place(line, [(number, *found.columns)])
                records.add(
                    line, records.Record(number, self._form_id, project, found.code), found.findings, received
                )
            if rows and not self._draft:
                mark_form(session, self._form_id)
            return len(rows)

    def _roles_of(self, session: Session, version_id: int) -> Roles:
        if version_id not in self._roles:
            xml, sheets = session.execute(
                select(FormVersion.xml, FormVersion.sheets).where(FormVersion.id == version_id)
            ).one()
            schema = read_schema(xml)
            tables = answer_tables(session, self._form_id, draft=self._draft)
            self._roles[version_id] = roles_of(schema, layout_for(schema, tables), sheets.get("marks", {}))
        return self._roles[version_id]


def _answers(session: Session, root: AnswerTable, numbers: Sequence[int]) -> dict[int, dict[str, object]]:
    """The rows of the root table, column by column."""
    key = root.table.c.submission_id
    found: dict[int, dict[str, object]] = {number: {} for number in numbers}
    for piece in root.pieces:
        for row in session.execute(select(piece).where(piece.c.submission_id.in_(numbers))).mappings():
            found[row[key.name]].update(row)
    return found
