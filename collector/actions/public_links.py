"""Links by which anybody fills one form, in all places or in some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault, fingerprint, new_token
from collector.actions.phones import known_places
from storage.audits import Actee, note
from storage.models import Actor, Form, PublicLink


@dataclass(frozen=True, slots=True)
class NewLink:
    """What a link is to be: `once` asks browsers to send one record only; `place_codes` none: everywhere."""

    name: str
    once: bool = False
    place_codes: tuple[str, ...] = ()
    created_by: int | None = None


def make(session: Session, form: Form, wanted: NewLink, vault: Vault, *, now: datetime) -> PublicLink:
    """A link to a form. Raises PlaceUnknown, PlacesTooWide."""
    known_places(session, wanted.place_codes)
    actor = Actor(type="public_link", display_name=wanted.name, created_at=now)
    session.add(actor)
    session.flush()
    token = new_token()
    link = PublicLink(
        actor_id=actor.id,
        form_id=form.id,
        token_hash=fingerprint(token),
        token_sealed=vault.seal(token),
        once=wanted.once,
        place_codes=list(wanted.place_codes),
        created_by=wanted.created_by,
    )
    session.add(link)
    session.flush()
    _note(session, "create", link, form, now)
    return link


def change(
    session: Session,
    link: PublicLink,
    form: Form,
    *,
    name: str | None = None,
    once: bool | None = None,
    codes: Sequence[str] | None = None,
    now: datetime,
) -> None:
    """Another name, places, or how often; None leaves what is there. Raises PlaceUnknown, PlacesTooWide."""
    if name is not None:
        link.actor.display_name = name
    if once is not None:
        link.once = once
    if codes is not None:
        known_places(session, codes)
        link.place_codes = list(dict.fromkeys(codes))
    link.actor.updated_at = now
    session.flush()
    _note(session, "update", link, form, now)


def revoke(session: Session, link: PublicLink, form: Form, *, now: datetime) -> None:
    """End a link; what came by it stays, and so does its line in the list."""
    link.token_hash = link.token_sealed = None
    link.revoked_at = link.actor.updated_at = now
    session.flush()
    _note(session, "session.end", link, form, now)


def remove(session: Session, link: PublicLink, form: Form, *, now: datetime) -> None:
    """End a link and take it out of the list; what came by it stays."""
    link.token_hash = link.token_sealed = None
    link.revoked_at = link.revoked_at or now
    link.actor.deleted_at = now
    session.flush()
    _note(session, "delete", link, form, now)


def _note(session: Session, what: str, link: PublicLink, form: Form, now: datetime) -> None:
    actee = Actee("public_link", link.actor_id, project_id=form.project_id, form_id=form.id)
    note(session, f"public_link.{what}", actee=actee, now=now)
