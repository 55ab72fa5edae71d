"""Forms begun in a browser and kept on the server: found by owner, by code, by age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from storage.models import Blob, Form, WebDraft, WebDraftFile


def of_owner(
    session: Session, actor_id: int, project_id: int, now: datetime
) -> Sequence[tuple[WebDraft, str]]:
    """What somebody has begun, with the id of its form; what was saved last comes first."""
    rows = session.execute(
        select(WebDraft, Form.xml_form_id)
        .join(Form, Form.id == WebDraft.form_id)
        .where(WebDraft.actor_id == actor_id, WebDraft.project_id == project_id)
        .where(WebDraft.expires_at > now, Form.deleted_at.is_(None))
        .order_by(WebDraft.saved_at.desc(), WebDraft.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def by_uuid(session: Session, actor_id: int, project_id: int, uuid: str) -> WebDraft | None:
    """Somebody's draft under the name his browser gave it."""
    return session.scalars(
        select(WebDraft).where(
            WebDraft.actor_id == actor_id, WebDraft.project_id == project_id, WebDraft.uuid == uuid
        )
    ).one_or_none()


def by_code(
    session: Session, actor_id: int, project_id: int, code_hash: str, now: datetime
) -> tuple[WebDraft, str] | None:
    """Somebody's draft by the fingerprint of its code, with its answers and the id of its form."""
    row = session.execute(
        select(WebDraft, Form.xml_form_id)
        .join(Form, Form.id == WebDraft.form_id)
        .where(WebDraft.code_hash == code_hash, WebDraft.actor_id == actor_id)
        .where(WebDraft.project_id == project_id, WebDraft.expires_at > now, Form.deleted_at.is_(None))
        .options(undefer(WebDraft.xml_sealed))
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def held(session: Session, actor_id: int, but: str) -> tuple[int, int]:
    """How many drafts somebody has in all projects, and their bytes; without the one of that uuid."""
    count, size = session.execute(
        select(func.count(), func.coalesce(func.sum(WebDraft.size), 0)).where(
            WebDraft.actor_id == actor_id, WebDraft.uuid != but
        )
    ).one()
    return int(count), int(size)


def files_of(session: Session, draft_id: int) -> Sequence[WebDraftFile]:
    """The files of a draft, by name."""
    return session.scalars(
        select(WebDraftFile).where(WebDraftFile.draft_id == draft_id).order_by(WebDraftFile.name)
    ).all()


def expired(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """The numbers of drafts that are kept no longer."""
    return session.scalars(select(WebDraft.id).where(WebDraft.expires_at <= now).limit(limit)).all()


def of_form(session: Session, form_id: int) -> Sequence[WebDraft]:
    """All that people have begun of a form, with their answers."""
    return session.scalars(
        select(WebDraft)
        .where(WebDraft.form_id == form_id)
        .order_by(WebDraft.id)
        .options(undefer(WebDraft.xml_sealed))
    ).all()


def forget(session: Session, numbers: Sequence[int]) -> list[str]:
    """Delete drafts; returns the names of their files in the store, which nothing names any more."""
    mine = WebDraftFile.draft_id.in_(numbers)
    blobs = list(session.scalars(select(WebDraftFile.blob_sha256).where(mine)))
    session.execute(delete(WebDraftFile).where(mine))
    _forget_blobs(session, blobs)
    session.execute(delete(WebDraft).where(WebDraft.id.in_(numbers)))
    return blobs


def forget_files(session: Session, several: Sequence[WebDraftFile]) -> None:
    """Forget some files of a draft; each lies in a blob of its own."""
    for one in several:
        session.delete(one)
    session.flush()
    _forget_blobs(session, [one.blob_sha256 for one in several])


def _forget_blobs(session: Session, names: Sequence[str]) -> None:
    session.execute(delete(Blob).where(Blob.sha256.in_(names)))
