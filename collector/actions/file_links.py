"""⑨ Links to one file that end: signed, for a time, ended sooner when the file is withdrawn.

Without signing in only a file without the people in it is handed out, or one of figures; any other asks
whoever holds the link to sign in and have the right himself (decision 0032).
Knows: itsdangerous.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault
from collector.actions.releases import DEIDENTIFIED, DRAFT, FIGURES, REPORTS, Maker
from storage.audits import Actee, note
from storage.freezing import ISSUED
from storage.models import Extract, ExtractFile, Release
from storage.queries import releases
from storage.release_problems import ExtractFileNotFound, LinkEnded

DAYS: Final = (1, 7, 30)
"""For how long a link may work."""

Found: TypeAlias = tuple[ExtractFile, Extract]

_PURPOSE: Final = "collector links to files"
_PIECE: Final = 16


def make(session: Session, vault: Vault, found: Found, days: int, by: Maker) -> tuple[str, datetime]:
    """A token that opens the file for so many days, and when it ends; audited.

    Raises ExtractFileNotFound for a report with the mark of provisional figures: it goes nowhere.
    """
    file, extract = found
    if is_draft(file):
        raise ExtractFileNotFound(name=file.name)
    until = by.now + timedelta(days=min(max(days, min(DAYS)), max(DAYS)))
    if extract.expires_at is not None:
        until = min(until, extract.expires_at)
    token = _signer(vault).dumps([file.id, file.blob_sha256[:_PIECE], int(until.timestamp())])
    note_file(session, "link", found, {"until": until.isoformat()}, by.now)
    return str(token), until


def opened(
    session: Session, vault: Vault, token: str, *, now: datetime
) -> tuple[ExtractFile, Extract, datetime]:
    """The file a token opens, its extract, and when it ends. Raises LinkEnded."""
    try:
        number, piece, until = _signer(vault).loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise LinkEnded from error
    ends = datetime.fromtimestamp(until, UTC)
    found = releases.any_file(session, number) if now < ends else None
    if found is None or found[0].blob_sha256[:_PIECE] != piece or not is_handed_out(session, found, now):
        raise LinkEnded
    return *found, ends


def is_draft(file: ExtractFile) -> bool:
    """Whether it is a report for whoever decides on its release, and for nobody else."""
    return file.format.startswith(DRAFT)


def is_handed_out(session: Session, found: Found, now: datetime) -> bool:
    """Whether a file is given to anybody: made, not over, and of a release only an issued one."""
    file, extract = found
    if (
        is_draft(file)
        or extract.state != releases.MADE
        or (extract.expires_at is not None and extract.expires_at <= now)
    ):
        return False
    release = session.get(Release, extract.release_id) if extract.release_id is not None else None
    return release is None or release.state == ISSUED


def is_without_people(extract: Extract) -> bool:
    """Whether nobody can be found in it, so that a link opens it without signing in."""
    return extract.kind in {FIGURES, REPORTS} or extract.spec.get("protection") == DEIDENTIFIED


def _signer(vault: Vault) -> URLSafeSerializer:
    return URLSafeSerializer(vault.derived(_PURPOSE), salt=_PURPOSE)


def note_file(
    session: Session,
    what: str,
    found: Found,
    details: Mapping[str, object],
    now: datetime,
    *,
    purpose: str = "",
) -> None:
    """Note that a file was taken, or a link to it made: `what` is download or link."""
    file, extract = found
    place = extract.places[0] if len(extract.places) == 1 and extract.places[0] else None
    actee = Actee("extract", extract.id, extract.project_id, extract.form_id, place_code=place)
    said = {
        "file": file.id,
        "format": file.format,
        "protection": extract.spec.get("protection", ""),
        **details,
    }
    if extract.release_id is not None:
        said["release"] = extract.release_id
    note(
        session, f"extract.{what}", actee=actee, details=said, notes=purpose or extract.purpose or "", now=now
    )
