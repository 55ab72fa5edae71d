"""A whole record erased: what purging leaves of one, and nothing that a guess could be held against."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.auditing import deriving
from storage.cells.marks import mark_records
from storage.erasing.tombstones import SUBMISSION, Buried, Order, blinded, bury
from storage.models import BatchItem, Erasure, Form, Purged, Submission, SubmissionVersion
from storage.purging import records
from storage.purging.files import Files

_NOUNS = ("record", "answers", "joined")
"""What batches call a record by its number."""


def erase(
    session: Session, form: Form, record: Submission, files: Files, order: Order, *, digest: str = ""
) -> Erasure:
    """Destroy a record, deleted before or not; its ids stay taken. Figures follow.

    Whoever calls had all audits derived before, and lets `files` be forgotten in the same transaction.
    """
    if record.deleted_at is None:
        record.deleted_at = order.now
        mark_records(session, form.id, [(record.place_code, record.reported_on)])
    number, instance_id, place_code = record.id, record.instance_id, record.place_code
    held = session.execute(
        select(
            SubmissionVersion.id,
            SubmissionVersion.instance_id,
            SubmissionVersion.xml_sha256,
            SubmissionVersion.xml,
        )
        .where(SubmissionVersion.submission_id == number)
        .order_by(SubmissionVersion.id)
    ).all()
    session.execute(delete(BatchItem).where(BatchItem.noun.in_(_NOUNS), BatchItem.key == str(number)))
    records.purge(session, [record], files, now=order.now)
    for version, _name, sha256, _xml in held:
        _blind(session, version, sha256)
    session.flush()
    deriving.lower(session)
    what = Buried(
        SUBMISSION,
        form.project_id,
        form.id,
        instance_id,
        place_code=place_code,
        details={"versions": [name for _version, name, _sha256, _xml in held]},
        destroyed=[one for _version, _name, sha256, xml in held for one in (xml or b"", sha256.encode())],
    )
    return bury(session, what, order, digest=digest)


def _blind(session: Session, version: int, sha256: str) -> None:
    session.execute(
        update(SubmissionVersion)
        .where(SubmissionVersion.id == version)
        .values(xml_sha256=blinded(sha256), xml_size=0)
    )


def take_ids(session: Session, form: Form, instance_ids: Collection[str], order: Order) -> None:
    """Let nobody send these ids to a form: of a record that a restored backup never had."""
    known = set(
        session.scalars(
            select(SubmissionVersion.instance_id).where(
                SubmissionVersion.form_id == form.id,
                SubmissionVersion.draft.is_(False),
                SubmissionVersion.instance_id.in_(instance_ids),
            )
        )
    )
    free = [one for one in dict.fromkeys(instance_ids) if one not in known]
    version_id = form.current_id or form.draft_id
    if not free or version_id is None:
        return
    grave = records.grave_of(session, form, version_id, order.now)
    for instance_id in free:
        session.add(
            SubmissionVersion(
                submission_id=grave.id,
                form_id=form.id,
                draft=False,
                instance_id=instance_id,
                current=False,
                form_version_id=version_id,
                xml_sha256=blinded("0" * 64),
                xml_size=0,
                created_at=order.now,
            )
        )
        session.merge(Purged(kind="submission", owner_id=form.id, key=instance_id, purged_at=order.now))


def found(session: Session, form_id: int, instance_ids: Sequence[str]) -> Submission | None:
    """The record, deleted or not, one of whose versions came under one of these ids."""
    return session.scalars(
        select(Submission)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            SubmissionVersion.form_id == form_id,
            Submission.form_id == form_id,
            SubmissionVersion.draft.is_(False),
            SubmissionVersion.instance_id.in_(instance_ids),
        )
        .limit(1)
    ).first()
