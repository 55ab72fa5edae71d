"""What is done to a form, noted with whoever did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from storage.audits import Actee, note
from storage.models import Form

if TYPE_CHECKING:
    from collector.actions.publish import Author


def note_form(session: Session, action: str, form: Form, author: Author, **details: Any) -> None:
    """Note `action` of a form by its author; the form has its number already."""
    note(
        session,
        action,
        actee=form_actee(form),
        details=details or None,
        notes=author.notes,
        actor_id=author.actor_id,
        now=author.now,
    )


def form_actee(form: Form) -> Actee:
    """A form as what something is done to."""
    return Actee("form", form.id, project_id=form.project_id, form_id=form.id)
