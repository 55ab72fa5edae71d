"""Lists of records kept under a name: by whoever keeps them, for himself or for all of the project."""

from __future__ import annotations

from sqlalchemy.orm import Session

from collector.actions.form_notes import note_form
from collector.actions.publish import Author
from storage.list_problems import ViewUnusable
from storage.models import Form, RecordView
from storage.queries import record_views

LONGEST_NAME = 80
MOST = 50
"""Views of one list that somebody keeps."""

_LONGEST_ADDRESS = 4_000


def keep(session: Session, form: Form, name: str, address: str, author: Author) -> RecordView:
    """Keep a view for oneself. Raises ViewUnusable."""
    mine = record_views.how_many(session, form.id, author.actor_id or 0)
    if mine >= MOST or len(address) > _LONGEST_ADDRESS:
        raise ViewUnusable(longest=LONGEST_NAME, limit=MOST)
    view = RecordView(
        form_id=form.id,
        actor_id=author.actor_id or 0,
        name=_named(name),
        address=address,
        created_at=author.now,
    )
    session.add(view)
    session.flush()
    _noted(session, form, view, author, "kept")
    return view


def rename(session: Session, form: Form, view: RecordView, name: str, author: Author) -> None:
    """Give a view another name. Raises ViewUnusable."""
    view.name = _named(name)
    _noted(session, form, view, author, "renamed")


def share(session: Session, form: Form, view: RecordView, address: str | None, author: Author) -> None:
    """Offer a view to all of the project, with an `address` that names nobody; None takes that back."""
    view.shared = address is not None
    view.address = view.address if address is None else address
    _noted(session, form, view, author, "unshared" if address is None else "shared")


def delete(session: Session, form: Form, view: RecordView, author: Author) -> None:
    """Take a view away; it can be put back."""
    view.deleted_at = author.now
    _noted(session, form, view, author, "deleted")


def restore(session: Session, form: Form, view: RecordView, author: Author) -> None:
    """Put a view back."""
    view.deleted_at = None
    _noted(session, form, view, author, "restored")


def _named(name: str) -> str:
    said = " ".join(name.split())
    if not said or len(said) > LONGEST_NAME:
        raise ViewUnusable(longest=LONGEST_NAME, limit=MOST)
    return said


def _noted(session: Session, form: Form, view: RecordView, author: Author, done: str) -> None:
    # Its name and its words may be somebody's; its number tells which it was.
    note_form(session, "form.update", form, author, view=view.id, done=done)
