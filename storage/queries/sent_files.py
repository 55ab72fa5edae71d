"""The files that came with the answers to a form: pictures and recordings, and the phones' own logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import Session

from storage.models import Blob, Submission, SubmissionFile, SubmissionVersion
from storage.projection.catalogue import answer_tables
from storage.queries.answers import Selection
from storage.snapshot import report_snapshot

AUDIT = "/meta/audit"
"""Where a form keeps the name of the log of its filling in. Source: https://docs.getodk.org/form-audit-log/"""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that is here: of which record, under which name, and its blob."""

    instance_id: str
    name: str
    sha256: str
    size: int


def media(selection: Selection) -> Iterator[SentFile]:
    """Every file but the logs, newest record first, within a record in the order of the form."""
    before = selection.upto + 1
    while True:
        with report_snapshot() as session:
            having = select(Submission.id).where(
                selection.condition, Submission.files_present > 0, Submission.id < before
            )
            numbers = session.scalars(having.order_by(Submission.id.desc()).limit(_PAGE)).all()
            if not numbers:
                return
            before = numbers[-1]
            found = _media_of(session, selection, Submission.id.between(before, numbers[0]))
        yield from found


def _media_of(session: Session, selection: Selection, where: ColumnElement[bool]) -> list[SentFile]:
    query = _files(session, selection, logs=False).where(where)
    return _read(session, query.order_by(Submission.id.desc(), SubmissionFile.position))


def audits(selection: Selection) -> Iterator[SentFile]:
    """Every log, in the order their records came (an edited one, when it was edited)."""
    after = 0
    while True:
        with report_snapshot() as session:
            numbered = session.execute(
                _files(session, selection, logs=True)
                .add_columns(SubmissionVersion.id)
                .where(SubmissionVersion.id > after)
                .order_by(SubmissionVersion.id)
                .limit(_PAGE)
            ).all()
        if not numbered:
            return
        after = numbered[-1][-1]
        for *found, _number in numbered:
            yield SentFile(*found)


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[SentFile]:
    return [SentFile(*row) for row in session.execute(query)]


def _files(session: Session, selection: Selection, *, logs: bool) -> Select[*tuple[Any, ...]]:
    return sent_with(session, selection.form_id, selection.condition, draft=selection.draft, logs=logs)


def sent_with(
    session: Session, form_id: int, which: ColumnElement[bool], *, draft: bool = False, logs: bool = False
) -> Select[*tuple[Any, ...]]:
    """The files of the current versions of some records: key, name, digest, size; of logs, only or none."""
    query = (
        select(Submission.instance_id, SubmissionFile.name, Blob.sha256, Blob.size)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .join(SubmissionFile, SubmissionFile.version_id == SubmissionVersion.id)
        .join(Blob, Blob.sha256 == SubmissionFile.blob_sha256)
        .where(which, SubmissionVersion.current.is_(True))
    )
    root = answer_tables(session, form_id, draft=draft)[""]
    if AUDIT not in root.questions:
        return query.where(false()) if logs else query
    named = root.column(AUDIT)
    piece = named.table
    query = query.outerjoin(piece, piece.c.submission_id == Submission.id)
    is_log = func.coalesce(func.trim(named), "") == SubmissionFile.name
    return query.where(is_log if logs else ~is_log)
