"""What the browsers' door asks: who holds a token, which record was sent, what it still awaits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Actor,
    AppUser,
    Blob,
    Form,
    FormAttachment,
    FormVersion,
    Place,
    PublicLink,
    Submission,
    SubmissionFile,
    SubmissionVersion,
    WebOnce,
)
from storage.queries import access

ACCOUNT, PHONE, VILLAGE, LINK = "account", "phone", "village", "link"
"""Who may fill in a browser."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever a number stands for. `form_id` (a number) and `once` are of links only."""

    kind: str
    name: str
    form_id: int | None = None
    once: bool = False


def holder(session: Session, actor_id: int) -> Holder:
    """Who has that number."""
    name = session.scalars(select(Actor.display_name).where(Actor.id == actor_id)).one()
    link = session.get(PublicLink, actor_id)
    if link is not None:
        return Holder(LINK, name, link.form_id, link.once)
    phone = session.get(AppUser, actor_id)
    if phone is None:
        return Holder(ACCOUNT, name)
    return Holder(VILLAGE if phone.village else PHONE, name)


def village_by_code(session: Session, short_code: str) -> AppUser | None:
    """The access of a village by its short code, while it has not been withdrawn."""
    return session.scalars(
        select(AppUser).where(AppUser.short_code == short_code, AppUser.token_hash.is_not(None))
    ).one_or_none()


def project_of_token(session: Session, token_hash: str) -> int | None:
    """The project in which a token opens something; None for one that opens nothing."""
    phone = access.phone_of_token(session, token_hash)
    if phone is not None:
        return phone.project_id
    found = access.link_of_token(session, token_hash)
    return None if found is None else found[2].id


def form_named(session: Session, form_id: int) -> Form:
    """A form by its number."""
    return session.get_one(Form, form_id)


def place_names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """The names of places, by code, in the order given; codes of none are left out."""
    rows = session.execute(select(Place.code, Place.name).where(Place.code.in_(codes)))
    found = {row[0]: row[1] for row in rows}
    return {code: found[code] for code in codes if code in found}


def file_sizes(session: Session, version_ids: Sequence[int]) -> Mapping[tuple[int, str], int]:
    """Bytes of the stored files of form versions, by version and name."""
    rows = session.execute(
        select(FormAttachment.form_version_id, FormAttachment.name, Blob.size)
        .join(Blob, Blob.sha256 == FormAttachment.blob_sha256)
        .where(FormAttachment.form_version_id.in_(version_ids))
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class Taken:
    """A record after it was taken: the id and moment of its last version, and files it still awaits."""

    instance_id: str
    received_at: datetime
    missing: tuple[str, ...]


def taken(session: Session, submission_id: int) -> Taken:
    """What became of a record that just came in."""
    version, instance_id, created_at = session.execute(
        select(SubmissionVersion.id, SubmissionVersion.instance_id, SubmissionVersion.created_at).where(
            SubmissionVersion.submission_id == submission_id, SubmissionVersion.current.is_(True)
        )
    ).one()
    awaited = session.scalars(
        select(SubmissionFile.name)
        .where(SubmissionFile.version_id == version, SubmissionFile.blob_sha256.is_(None))
        .order_by(SubmissionFile.position)
    )
    return Taken(instance_id, created_at, tuple(awaited))


def sent_record(
    session: Session, project_id: int, instance_id: str, form_id: str | None = None
) -> tuple[Form, Submission] | None:
    """The living record of a project one of whose versions has that id; of one form, by its id, or any."""
    row = session.execute(
        select(Form, Submission)
        .join(SubmissionVersion, SubmissionVersion.form_id == Form.id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(
            Form.project_id == project_id,
            Form.deleted_at.is_(None),
            SubmissionVersion.draft.is_(False),
            SubmissionVersion.instance_id == instance_id,
            Submission.deleted_at.is_(None),
            *([] if form_id is None else [Form.xml_form_id == form_id]),
        )
        .order_by(Submission.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def once_before(session: Session, actor_id: int, mark: str) -> str | None:
    """The id of the record a browser has sent by a link that takes one of each; None where none yet."""
    return session.scalar(
        select(WebOnce.instance_id).where(WebOnce.actor_id == actor_id, WebOnce.mark == mark)
    )


def stored_sizes(session: Session, digests: Sequence[str]) -> dict[str, int]:
    """Bytes of stored files by their digest."""
    rows = session.execute(select(Blob.sha256, Blob.size).where(Blob.sha256.in_(digests)))
    return {row[0]: row[1] for row in rows}


def version_name(session: Session, form_version_id: int) -> str:
    """What a version of a form is called; "" for one without a name."""
    return session.scalar(select(FormVersion.version).where(FormVersion.id == form_version_id)) or ""


def versions(session: Session, version_ids: Sequence[int]) -> dict[int, FormVersion]:
    """Form versions by their numbers."""
    several = session.scalars(select(FormVersion).where(FormVersion.id.in_(version_ids)))
    return {one.id: one for one in several}
