"""The files of a form version: their slots, and what fills them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.schema import MediaSlot
from storage.models import Blob, FormAttachment


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version whose files a newer one takes over; of another version, those in `without` are not."""

    version_id: int
    without: frozenset[str] = frozenset()


def open_slots(
    session: Session, version_id: int, slots: Iterable[MediaSlot], *, before: Sequence[Earlier]
) -> None:
    """A slot for every file a version asks for, filled from the first version of `before` that has it."""
    held: dict[str, FormAttachment] = {}
    linked: dict[str, bool] = {}
    for earlier in before:
        for row in session.scalars(
            select(FormAttachment).where(FormAttachment.form_version_id == earlier.version_id)
        ):
            linked.setdefault(row.name, row.linked)
            if row.blob_sha256 is not None and row.name not in earlier.without:
                held.setdefault(row.name, row)
    for slot in slots:
        known = held.get(slot.name)
        session.add(
            FormAttachment(
                form_version_id=version_id,
                name=slot.name,
                type=slot.type,
                blob_sha256=known.blob_sha256 if known else None,
                linked=linked.get(slot.name, True),
                updated_at=known.updated_at if known else None,
            )
        )
    session.flush()


def enter_blob(session: Session, sha256: str, size: int, md5: str | None, now: datetime) -> None:
    """Enter a stored blob, or give a known one its MD5."""
    known = session.get(Blob, sha256)
    if known is None:
        session.add(Blob(sha256=sha256, md5=md5, size=size, created_at=now))
    elif md5 is not None:
        known.md5 = md5
    session.flush()


def fill(session: Session, version_id: int, name: str, sha256: str | None, now: datetime) -> bool:
    """Put a blob into a slot, or empty it with None; False when there is no such slot."""
    slot = session.get(FormAttachment, (version_id, name))
    if slot is None:
        return False
    slot.blob_sha256, slot.updated_at = sha256, now
    session.flush()
    return True


def link(session: Session, version_id: int, name: str, *, linked: bool, now: datetime) -> bool:
    """Empty a slot, and say whether the list of its name stands in; False when there is no such slot."""
    slot = session.get(FormAttachment, (version_id, name))
    if slot is None:
        return False
    slot.blob_sha256, slot.linked, slot.updated_at = None, linked, now
    session.flush()
    return True


def blob_of(session: Session, version_id: int, name: str) -> str | None:
    """The blob in a slot."""
    slot = session.get(FormAttachment, (version_id, name))
    return slot.blob_sha256 if slot else None


def known_blob(session: Session, sha256: str) -> Blob | None:
    """The entry of a stored file, None where it is gone."""
    return session.get(Blob, sha256)


@dataclass(frozen=True, slots=True)
class Slot:
    """A file a form asks for; without `md5` it is still missing.

    `linked`: while it is missing, what the server makes under its name may stand in.
    """

    name: str
    type: str
    sha256: str | None
    md5: str | None
    size: int | None
    updated_at: datetime | None
    linked: bool = True


def slots(session: Session, version_id: int) -> list[Slot]:
    """Every file a version asks for, there or not, by name."""
    rows = session.execute(
        select(
            FormAttachment.name,
            FormAttachment.type,
            Blob.sha256,
            Blob.md5,
            Blob.size,
            FormAttachment.updated_at,
            FormAttachment.linked,
        )
        .outerjoin(Blob, Blob.sha256 == FormAttachment.blob_sha256)
        .where(FormAttachment.form_version_id == version_id)
        .order_by(FormAttachment.name)
    )
    return [Slot(*row) for row in rows]


def copy_filled(session: Session, source_id: int, target_id: int) -> None:
    """Fill the slots of one version from those of another that have content."""
    for row in session.scalars(
        select(FormAttachment).where(
            FormAttachment.form_version_id == source_id, FormAttachment.blob_sha256.is_not(None)
        )
    ).all():
        slot = session.get(FormAttachment, (target_id, row.name))
        if slot is not None:
            slot.blob_sha256, slot.updated_at = row.blob_sha256, row.updated_at
    session.flush()
