"""Phones: taken off, and cut to single forms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from collector.accounts.permissions import APP_USER
from collector.actions.accounts import revoke
from storage.models import AppUser, Assignment


def remove(session: Session, phone: AppUser, *, now: datetime) -> None:
    """Take a phone's access away for good, and the phone out of every list; what it sent stays."""
    revoke(session, phone, now=now)
    phone.actor.deleted_at = now
    session.flush()


def assign(session: Session, phone: AppUser, form_id: int) -> None:
    """Cut a phone to a form, beside those it is assigned to; one that saw every form sees only these now."""
    phone.all_forms = False
    if session.scalar(select(Assignment.id).where(*_held(phone, form_id))) is None:
        session.add(
            Assignment(actor_id=phone.actor_id, role=APP_USER, project_id=phone.project_id, form_id=form_id)
        )
    session.flush()


def unassign(session: Session, phone: AppUser, form_id: int) -> bool:
    """Take a form away from a phone; False when it was not assigned."""
    done = session.execute(delete(Assignment).where(*_held(phone, form_id)).returning(Assignment.id))
    return done.first() is not None


def _held(phone: AppUser, form_id: int) -> tuple[ColumnElement[bool], ...]:
    return Assignment.actor_id == phone.actor_id, Assignment.form_id == form_id
