"""Records that were changed after they were sent, with all their versions: for the log of corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from storage.groups import in_groups
from storage.models import Actor, Submission, SubmissionVersion

_RECORDS = 50
"""Records whose versions are held at once; each may have some hundred kilobytes of them."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A record by its key, and its versions, oldest first; their packed bytes are loaded.

    `names` are those of whoever made the versions, by number of the actor.
    """

    key: str
    versions: Sequence[SubmissionVersion]
    names: Mapping[int, str]


def corrected(session: Session, form_id: int, numbers: Sequence[int]) -> Iterator[Corrected]:
    """Those of these records that have more than one version, in the order of `numbers`."""
    edited = set(
        session.scalars(
            select(Submission.id).where(
                Submission.form_id == form_id, Submission.draft.is_(False), Submission.edits > 0
            )
        )
    )
    for some in in_groups((number for number in numbers if number in edited), _RECORDS):
        yield from _some(session, some)


def _some(session: Session, numbers: Sequence[int]) -> Iterator[Corrected]:
    versions: dict[int, list[SubmissionVersion]] = {}
    for one in session.scalars(
        select(SubmissionVersion)
        .options(undefer(SubmissionVersion.xml))
        .where(SubmissionVersion.submission_id.in_(numbers))
        .order_by(SubmissionVersion.submission_id, SubmissionVersion.id)
    ):
        versions.setdefault(one.submission_id, []).append(one)
    asked = select(Submission.id, Submission.instance_id).where(Submission.id.in_(numbers))
    keys = {row.id: row.instance_id for row in session.execute(asked)}
    by = {one.submitter_id for several in versions.values() for one in several} - {None}
    named = select(Actor.id, Actor.display_name).where(Actor.id.in_(by))
    names = {row.id: row.display_name for row in session.execute(named)}
    for number in numbers:
        several = versions.get(number, [])
        if len(several) > 1:
            yield Corrected(keys[number], several, names)
        for one in several:
            # What was read is not read again, and may be large.
            session.expunge(one)
