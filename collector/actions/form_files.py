"""① The files beside a form: stored, put where a version asks for them, taken out, linked to a list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.form_notes import form_actee
from storage.audits import note
from storage.blobs import BlobStore
from storage.models import Form, FormVersion
from storage.problems import AttachmentNotExpected, AttachmentNotFound
from storage.queries import attachments, forms, projects

if TYPE_CHECKING:
    from collector.actions.publish import Author, Prepared


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a form."""

    name: str
    data: bytes


def put_attachment(
    session: Session, form: Form, version: FormVersion, upload: Upload, blobs: BlobStore, *, now: datetime
) -> None:
    """Fill a file the form asks for, or replace it. Raises AttachmentNotExpected."""
    fill_slot(session, (form, version), upload.name, keep_bytes(blobs, [upload.data]), now=now)


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are durable in the blob store."""

    sha256: str
    size: int
    md5: str


def keep_bytes(blobs: BlobStore, chunks: Iterable[bytes]) -> Kept:
    """Store a file as it comes, however large; takes long, so do it before the transaction."""
    staged = blobs.stage()
    try:
        md5 = hashlib.md5(usedforsecurity=False)
        for chunk in chunks:
            staged.write(chunk)
            md5.update(chunk)
        blobs.keep([staged])
        return Kept(staged.sha256, staged.size, md5.hexdigest())
    finally:
        staged.discard()


def fill_slot(
    session: Session, where: tuple[Form, FormVersion], name: str, stored: Kept | None, *, now: datetime
) -> None:
    """Put a stored file where the form version asks for it, or take it away with None.

    Raises AttachmentNotExpected.
    """
    form, version = where
    before = attachments.blob_of(session, version.id, name)
    if stored is not None:
        attachments.enter_blob(session, stored.sha256, stored.size, stored.md5, now)
    if not attachments.fill(session, version.id, name, stored.sha256 if stored else None, now):
        raise AttachmentNotExpected(form=form.xml_form_id, name=name)
    said = {"formDefId": version.id, "name": name, "oldBlobId": before}
    said["newBlobId"] = stored.sha256 if stored else None
    note(session, "form.attachment.update", actee=form_actee(form), details=said, now=now)
    if version.id in {form.current_id, form.draft_id}:
        projects.touch_forms(session, form.project_id)


def link_slot(
    session: Session, where: tuple[Form, FormVersion], name: str, *, linked: bool, now: datetime
) -> None:
    """Let the entity list of its name stand in for a file, which is taken away; or nothing at all.

    Raises AttachmentNotExpected.
    """
    form, version = where
    before = attachments.blob_of(session, version.id, name)
    if not attachments.link(session, version.id, name, linked=linked, now=now):
        raise AttachmentNotExpected(form=form.xml_form_id, name=name)
    said = {"formDefId": version.id, "name": name, "oldBlobId": before, "newBlobId": None, "linked": linked}
    note(session, "form.attachment.update", actee=form_actee(form), details=said, now=now)
    projects.touch_forms(session, form.project_id)


def take_away(session: Session, where: tuple[Form, FormVersion], name: str, *, now: datetime) -> str | None:
    """Take a file away, and say which it was, so that it can be put back. Raises AttachmentNotExpected."""
    before = attachments.blob_of(session, where[1].id, name)
    fill_slot(session, where, name, None, now=now)
    return before


def put_back(
    session: Session, where: tuple[Form, FormVersion], name: str, sha256: str | None, *, now: datetime
) -> None:
    """Put a file back that is known by its digest, or have none again.

    Raises AttachmentNotExpected, and AttachmentNotFound where its bytes are gone.
    """
    known = attachments.known_blob(session, sha256) if sha256 else None
    if sha256 and known is None:
        raise AttachmentNotFound(name=name)
    stored = Kept(known.sha256, known.size, known.md5 or "") if known else None
    fill_slot(session, where, name, stored, now=now)


def fill_draft(
    session: Session,
    form: Form,
    prepared: Prepared,
    media: Mapping[str, bytes],
    *,
    author: Author,
    blobs: BlobStore,
) -> None:
    """Put those files of `media` into the draft that the form asks for."""
    draft = forms.draft_version(session, form)
    asked = {slot.name for slot in prepared.schema.media}
    for name, data in media.items():
        if name in asked:
            put_attachment(session, form, draft, Upload(name, data), blobs, now=author.now)
