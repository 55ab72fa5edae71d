"""Phones: taken off, and cut to single forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from collector.accounts.permissions import APP_USER
from collector.actions.accounts import revoke
from storage.audits import note, of_actor
from storage.models import AppUser, Assignment, Place
from storage.problems import PlaceUnknown
from storage.queries import projects


def remove(session: Session, phone: AppUser, *, now: datetime) -> None:
    """Take a phone's access away for good, and the phone out of every list; what it sent stays."""
    revoke(session, phone, now=now)
    phone.actor.deleted_at = now
    session.flush()
    note(session, "field_key.delete", actee=of_actor(phone.actor, phone.project_id), now=now)


def assign(session: Session, phone: AppUser, form_id: int, *, now: datetime) -> None:
    """Cut a phone to a form, beside those it is assigned to; one that saw every form sees only these now."""
    phone.all_forms = False
    if session.scalar(select(Assignment.id).where(*_held(phone, form_id))) is None:
        session.add(
            Assignment(actor_id=phone.actor_id, role=APP_USER, project_id=phone.project_id, form_id=form_id)
        )
    session.flush()
    _note(session, "create", phone, form_id, now)


def unassign(session: Session, phone: AppUser, form_id: int, *, now: datetime) -> bool:
    """Take a form away from a phone; False when it was not assigned."""
    done = session.execute(delete(Assignment).where(*_held(phone, form_id)).returning(Assignment.id))
    found = done.first() is not None
    if found:
        _note(session, "delete", phone, form_id, now)
    return found


def change(
    session: Session, phone: AppUser, *, name: str | None, codes: Sequence[str] | None, now: datetime
) -> None:
    """Another name, or other places; None leaves what is there. Raises PlaceUnknown, PlacesTooWide."""
    if name is not None:
        phone.actor.display_name = name
    if codes is not None:
        known_places(session, codes)
        phone.place_codes = list(dict.fromkeys(codes))
        # The lists its phone gets are others now.
        projects.touch_forms(session, phone.project_id)
    phone.actor.updated_at = now
    session.flush()
    details = {"data": {"displayName": name is not None, "places": codes is not None}}
    actee = of_actor(phone.actor, phone.project_id)
    note(session, "field_key.update", actee=actee, details=details, now=now)


def known_places(session: Session, codes: Iterable[str]) -> None:
    """Raises PlaceUnknown for a code there is no place of, or none the asker sees."""
    for code in codes:
        if session.get(Place, code) is None:
            raise PlaceUnknown(code=code)


def _note(session: Session, what: str, phone: AppUser, form_id: int, now: datetime) -> None:
    actee = of_actor(phone.actor, phone.project_id)
    details = {"roleId": APP_USER, "formId": form_id}
    note(session, f"field_key.assignment.{what}", actee=actee, details=details, now=now)


def _held(phone: AppUser, form_id: int) -> tuple[ColumnElement[bool], ...]:
    return Assignment.actor_id == phone.actor_id, Assignment.form_id == form_id
