"""Keys of programs: made by their owner, shown once, narrowed, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from collector.accounts.identity import Identity
from collector.accounts.narrowing import KEY_PREFIX, narrowed
from collector.accounts.secrets import fingerprint, new_token
from collector.actions.phones import known_places
from storage.access_problems import KeyEnded, KeyOpensNothing
from storage.audits import Actee, note
from storage.cuts import within
from storage.models import ApiKey
from storage.queries import projects
from storage.scope import WHOLE


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to open: of its owner's rights those of `roles` and `verbs` (None: all).

    In one project (None: all of his) and some places (none: all of his), until a moment (None: for good).
    """

    name: str
    roles: tuple[int, ...] | None = None
    verbs: tuple[str, ...] | None = None
    project_id: int | None = None
    place_codes: tuple[str, ...] = ()
    read_only: bool = True
    expires_at: datetime | None = None


def make(session: Session, owner: Identity, wanted: NewKey, *, now: datetime) -> tuple[ApiKey, str]:
    """A key of an account and its token, which nobody can show again.

    Raises KeyOpensNothing, KeyEnded, PlaceUnknown, ProjectNotFound.
    """
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise KeyEnded
    if wanted.project_id is not None:
        projects.get_project(session, wanted.project_id)
    # Which of them are his, is decided below and each time the key is used.
    with within(WHOLE):
        known_places(session, wanted.place_codes)
    token = f"{KEY_PREFIX}{new_token()}"
    key = ApiKey(
        actor_id=owner.actor_id,
        name=wanted.name,
        token_hash=fingerprint(token),
        roles=None if wanted.roles is None else list(wanted.roles),
        verbs=None if wanted.verbs is None else list(wanted.verbs),
        project_id=wanted.project_id,
        place_codes=list(wanted.place_codes),
        read_only=wanted.read_only,
        created_at=now,
        expires_at=wanted.expires_at,
    )
    if not any(grant.verbs for grant in narrowed(session, owner, key).grants):
        raise KeyOpensNothing
    session.add(key)
    session.flush()
    _note(session, "create", key, now)
    return key, token


def revoke(session: Session, owner: Identity, key_id: int, *, now: datetime) -> bool:
    """Take a key of this account back for good; False where there is none."""
    key = session.get(ApiKey, key_id)
    if key is None or key.actor_id != owner.actor_id:
        return False
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
        _note(session, "delete", key, now)
    return True


def _note(session: Session, what: str, key: ApiKey, now: datetime) -> None:
    details = {
        "keyId": key.id,
        "roles": key.roles,
        "verbs": key.verbs,
        "readOnly": key.read_only,
        "places": key.place_codes,
    }
    actee = Actee("user", key.actor_id, project_id=key.project_id)
    note(session, f"user.api_key.{what}", actee=actee, details=details, now=now)
