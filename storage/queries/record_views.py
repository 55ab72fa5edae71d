"""Lists of records kept under a name: mine, and those offered to all of the project."""

from __future__ import annotations

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from forms.vietnamese import sort_key
from storage.list_problems import ViewNotFound
from storage.models import RecordView

# Asked with every list: built once.
_OFFERED = select(RecordView).where(
    RecordView.form_id == bindparam("form_id"),
    or_(RecordView.actor_id == bindparam("actor_id"), RecordView.shared.is_(True)),
)
_KEPT, _DELETED = (
    _OFFERED.where(RecordView.deleted_at.is_(None)),
    _OFFERED.where(RecordView.deleted_at.is_not(None)),
)


def offered(session: Session, form_id: int, actor_id: int, *, deleted: bool = False) -> list[RecordView]:
    """The views of a form's list somebody is offered, by name: his own and shared ones; or deleted ones."""
    values = {"form_id": form_id, "actor_id": actor_id}
    found = session.scalars(_DELETED if deleted else _KEPT, values)
    return sorted(found, key=lambda one: (sort_key(one.name), one.id))


def get_view(session: Session, form_id: int, actor_id: int, number: int) -> RecordView:
    """A view somebody is offered, or deleted himself. Raises ViewNotFound."""
    found = session.get(RecordView, number)
    if found is None or found.form_id != form_id or not (found.shared or found.actor_id == actor_id):
        raise ViewNotFound(number=number)
    return found


def how_many(session: Session, form_id: int, actor_id: int) -> int:
    """How many views of a form's list somebody keeps, deleted ones too."""
    query = select(func.count()).where(RecordView.form_id == form_id, RecordView.actor_id == actor_id)
    return session.scalars(query).one()
