"""Noting what somebody did, in the transaction that did it.

Who, when and with which words stands in a context that whoever starts the work enters once: the guard for
a request, the command line for a command, the worker for a chore (`acting`). What a submission brings is
not noted where it comes in, but derived afterwards (`storage.auditing.deriving`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from forms.seals import notes_digest
from storage.models import Actor, Audit, Entity, EntityList, Form, Project, Submission

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Acting:
    """On whose behalf something is done: actor (None: nobody's), when, and in whose words why."""

    actor_id: int | None
    now: datetime
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Actee:
    """To what something is done, in Central's kinds and ours, and what that belongs to.

    `kind`: project, form, dataset, user, field_key, public_link, place, programme, campaign, batch.
    """

    kind: str | None = None
    id: int | None = None
    project_id: int | None = None
    form_id: int | None = None
    instance_id: str | None = None
    entity_uuid: str | None = None
    place_code: str | None = None


_ACTING: ContextVar[Acting | None] = ContextVar("acting", default=None)


class NobodyActs(LookupError):
    """Something is noted outside of `acting` without saying when: our mistake, never a user's."""


def act(acting: Acting | None) -> Acting | None:
    """From here on somebody acts; returns who did before, to be entered again at the end."""
    before = _ACTING.get()
    _ACTING.set(acting)
    return before


@contextmanager
def acting(actor_id: int | None, now: datetime, notes: str | None = None) -> Iterator[None]:
    """Somebody acts for a while; None is the server itself."""
    before = act(Acting(actor_id, now, notes))
    try:
        yield
    finally:
        act(before)


def who_acts() -> Acting | None:
    """On whose behalf something is done now; None outside of `acting`."""
    return _ACTING.get()


_FROM_CONTEXT = -1


def note(
    session: Session,
    action: str,
    *,
    actee: Actee | None = None,
    details: Mapping[str, Any] | None = None,
    notes: str | None = None,
    actor_id: int | None = _FROM_CONTEXT,
    now: datetime | None = None,
) -> Audit:
    """Note that `action` (central-api.md §1b, or one of ours) was done to `actee`; returns the audit.

    It is written with the transaction of `session`. Who, when and why are those of the context unless
    given. `details` are ids and choices, JSON, never what somebody answered and no names of people.
    Raises NobodyActs.
    """
    known = _ACTING.get()
    who = (known.actor_id if known else None) if actor_id == _FROM_CONTEXT else actor_id
    made = Audit(**row_of(action, actee or Actee(), details=details, notes=notes, actor_id=who, now=now))
    # Given as None it is the server's own act, whoever's request it happens in.
    made.actor_id = who
    session.add(made)
    return made


def row_of(
    action: str,
    actee: Actee,
    *,
    details: Mapping[str, Any] | None,
    notes: str | None,
    actor_id: int | None,
    now: datetime | None,
) -> dict[str, Any]:
    """The columns of an audit; what is None of actor, words and moment is the context's.

    Raises NobodyActs.
    """
    known = _ACTING.get()
    moment = now or (known.now if known else None)
    if moment is None:
        raise NobodyActs(action)
    who = actor_id if actor_id is not None or known is None else known.actor_id
    return {
        "action": action,
        "actor_id": who,
        "details": None if details is None else dict(details),
        "logged_at": moment,
        **_columns(actee),
        **_words(notes if notes is not None else (known.notes if known else None)),
    }


def _columns(actee: Actee) -> dict[str, Any]:
    return {
        "actee_kind": actee.kind,
        "actee_id": actee.id,
        "project_id": actee.project_id,
        "form_id": actee.form_id,
        "instance_id": actee.instance_id,
        "entity_uuid": actee.entity_uuid,
        "place_code": actee.place_code,
    }


def _words(notes: str | None) -> dict[str, str | None]:
    if not notes:
        return {"notes": None, "notes_salt": None, "notes_digest": None}
    words, key = notes.replace("\0", ""), salt()
    return {"notes": words, "notes_salt": key, "notes_digest": notes_digest(key, words)}


def salt() -> str:
    """What makes the digest of some notes unguessable."""
    return secrets.token_hex(_SALT_BYTES)


# To what ----------------------------------------------------------------------------------------------


def of_project(project: Project) -> Actee:
    """A project."""
    return Actee("project", project.id, project_id=project.id)


def of_form(form: Form) -> Actee:
    """A form."""
    return Actee("form", form.id, project_id=form.project_id, form_id=form.id)


def of_record(session: Session, record: Submission) -> Actee:
    """A submission: its form is what is acted on, as with Central."""
    form = session.get_one(Form, record.form_id)
    return Actee(
        "form",
        form.id,
        project_id=form.project_id,
        form_id=form.id,
        instance_id=record.instance_id,
        place_code=record.place_code,
    )


def of_dataset(entities: EntityList) -> Actee:
    """A list of entities."""
    return Actee("dataset", entities.id, project_id=entities.project_id)


def of_entity(entities: EntityList, member: Entity) -> Actee:
    """A member of a list: the list is what is acted on, as with Central."""
    return Actee(
        "dataset",
        entities.id,
        project_id=entities.project_id,
        entity_uuid=member.uuid,
        place_code=member.place_code,
    )


def of_actor(actor: Actor, project_id: int | None = None) -> Actee:
    """A person, a phone or a link; the last two with their project."""
    return Actee(actor.type, actor.id, project_id=project_id)


def of_place(code: str, project_id: int | None = None) -> Actee:
    """A place, or what is done within it."""
    return Actee("place", project_id=project_id, place_code=code)
