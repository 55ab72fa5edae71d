"""What people and checks wrote beside a record: the words in it that name who was erased."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, Text, cast, delete, select, update
from sqlalchemy.orm import Session

from forms.erasing import names_him, plain
from forms.vietnamese import folded
from storage.groups import in_groups
from storage.models import (
    Audit,
    Finding,
    Form,
    RecordName,
    RecordView,
    SentBack,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.queries.belongings import named, view_holds

_SAID = (Finding.value, Finding.expected, Finding.reason, Finding.subject, Finding.details)


def beside_others(session: Session, project_id: int, number: int) -> Sequence[int]:
    """The findings of other records that name this one beside theirs: what they say is of both."""
    query = select(Finding.id, Finding.others).where(
        Finding.project_id == project_id, cast(Finding.others, Text).contains(str(number))
    )
    return [found for found, others in session.execute(query) if number in (others or ())]


def forget_findings(session: Session, numbers: Collection[int]) -> None:
    """Delete findings."""
    for some in in_groups(sorted(numbers)):
        session.execute(delete(Finding).where(Finding.id.in_(some)))


def clean(session: Session, record: Submission, traces: Collection[str], rows: str) -> None:
    """Of a record that stays: forget findings of rows below `rows`, and all words that name who went."""
    gone = [
        number
        for number, key, *said in session.execute(
            select(Finding.id, Finding.key, *_SAID).where(Finding.submission_id == record.id)
        )
        if (rows and key.startswith(rows)) or names_him(" | ".join(map(_text, said)), traces)
    ]
    forget_findings(session, gone)
    comments = select(SubmissionComment.id, SubmissionComment.body).where(
        SubmissionComment.submission_id == record.id
    )
    telling = [number for number, body in session.execute(comments) if names_him(body, traces)]
    session.execute(delete(SubmissionComment).where(SubmissionComment.id.in_(telling)))
    sent = select(SentBack.id, SentBack.reason).where(SentBack.submission_id == record.id)
    telling = [number for number, reason in session.execute(sent) if names_him(reason, traces)]
    session.execute(update(SentBack).where(SentBack.id.in_(telling)).values(reason=""))
    _clean_reasons(session, record, traces)
    _clean_notes(session, record, traces)
    session.execute(delete(RecordName).where(RecordName.submission_id == record.id))


def _text(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False) if said else ""


def _clean_reasons(session: Session, record: Submission, traces: Collection[str]) -> None:
    query = select(SubmissionVersion.id, SubmissionVersion.reason).where(
        SubmissionVersion.submission_id == record.id, SubmissionVersion.reason.is_not(None)
    )
    for number, reason in session.execute(query).all():
        if names_him(reason or "", traces):
            # The code before the words stays: by it a correction is told from what a phone sent.
            mine = SubmissionVersion.id == number
            session.execute(
                update(SubmissionVersion).where(mine).values(reason=(reason or "").partition(":")[0])
            )


def _clean_notes(session: Session, record: Submission, traces: Collection[str]) -> None:
    query = select(Audit.id, Audit.notes).where(
        Audit.form_id == record.form_id, Audit.instance_id == record.instance_id, Audit.notes.is_not(None)
    )
    telling = [number for number, notes in session.execute(query) if names_him(notes or "", traces)]
    session.execute(update(Audit).where(Audit.id.in_(telling)).values(notes=None, notes_salt=None))


@dataclass(frozen=True, slots=True)
class Named:
    """The numbers of what names somebody beside answers."""

    comments: Sequence[int]
    sent_back: Sequence[int]
    views: Sequence[int]
    notes: Sequence[int]


def naming(session: Session, project_id: int, said: str) -> Named | None:
    """What people wrote that names somebody: comments, kept views, notes of the log; nothing is changed.

    None for a name of one short word: that is in too many others.
    """
    if not names_him(f"({said})", frozenset({plain(said)})):
        return None
    phrase = folded(plain(said))
    mine = select(Form.id).where(Form.project_id == project_id)
    records = select(Submission.id).where(Submission.form_id.in_(mine))

    def numbers(query: Select[int]) -> Sequence[int]:
        return session.scalars(query).all()

    comment, back, note = SubmissionComment, SentBack, Audit
    return Named(
        numbers(select(comment.id).where(comment.submission_id.in_(records), named(comment.body, phrase))),
        numbers(select(back.id).where(back.submission_id.in_(records), named(back.reason, phrase))),
        numbers(select(RecordView.id).where(RecordView.form_id.in_(mine), view_holds(said))),
        numbers(
            select(note.id).where(
                note.project_id == project_id, note.notes.is_not(None), named(note.notes, phrase)
            )
        ),
    )


def forget_words(session: Session, found: Named) -> None:
    """Let them go. Campaigns keep their names."""
    for some in in_groups(found.comments):
        session.execute(delete(SubmissionComment).where(SubmissionComment.id.in_(some)))
    for some in in_groups(found.sent_back):
        session.execute(update(SentBack).where(SentBack.id.in_(some)).values(reason=""))
    for some in in_groups(found.views):
        session.execute(delete(RecordView).where(RecordView.id.in_(some)))
    for some in in_groups(found.notes):
        session.execute(update(Audit).where(Audit.id.in_(some)).values(notes=None, notes_salt=None))
