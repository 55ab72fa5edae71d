"""What was done on this server, by whom, to what (central-api.md §1b)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from collector.accounts.guard import identity
from collector.actions import auditing
from collector.clock import moment
from collector.problems import ParameterWrong
from collector.v1 import documents, incoming
from collector.v1.outgoing import stream
from storage.auditing.outbox import iso
from storage.database import db
from storage.models import Actor, Audit, EntityList, Form, Project
from storage.queries import audits, projects

blueprint = Blueprint("v1_audits", __name__, url_prefix="/v1")

_READ = "audit.read"
_SPACE = uuid.UUID("8b8f6f57-9f0e-4a35-93f3-2f6d6a3cf6e1")
_KINDS_OF_ACTORS = frozenset({"user", "field_key", "public_link"})


@blueprint.get("/audits")
def listing() -> Response:
    """Everything that was done, newest first: `action`, `start`, `end` (not included), `limit`, `offset`."""
    auditing.derive(moment())
    wanted = audits.Wanted(
        projects=seen(),
        action=request.args.get("action") or None,
        start=_instant("start"),
        end=_instant("end"),
        limit=incoming.number("limit"),
        offset=incoming.number("offset") or 0,
    )
    extended = incoming.extended()
    # What the request has read so far would be held as long as the client takes to read the list.
    db.session.rollback()
    return stream(shown(page.rows, page.named) for page in audits.pages(wanted, naming=extended))


def seen() -> audits.Seen | None:
    """The projects whose audits the asker may see, with his places in each; None for all there is."""
    who = identity()
    if any(one.project_id is None and one.place_code is None and _READ in one.verbs for one in who.grants):
        return None
    every = projects.list_projects(db.session())
    return {one.id: who.scope((_READ,), one.id) for one in every if who.may(_READ, one.id)}


def shown(several: Iterable[Audit], known: audits.Named | None = None) -> list[documents.Document]:
    """Audits as programs read them; with what they name (`audits.named_in`) the extended shape."""
    if known is None:
        return [_document(one) for one in several]
    return [
        _document(one)
        | {
            "actor": _shown(known, known.actors.get(one.actor_id or 0)),
            "actee": _shown(known, known.actee(one)),
        }
        for one in several
    ]


def _document(one: Audit) -> documents.Document:
    return {
        "actorId": one.actor_id,
        "action": one.action,
        "acteeId": _actee_id(one),
        "details": one.details,
        "notes": one.notes,
        "loggedAt": iso(one.logged_at),
    }


def _actee_id(one: Audit) -> str | None:
    """Programs of Central know what is acted on by a UUID; here it is made of kind and number."""
    if one.actee_kind is None or one.actee_id is None:
        return None
    kind = "actor" if one.actee_kind in _KINDS_OF_ACTORS else one.actee_kind
    return str(uuid.uuid5(_SPACE, f"{kind}:{one.actee_id}"))


def _shown(known: audits.Named, one: Actor | Project | Form | EntityList | None) -> documents.Document | None:
    match one:
        case Actor():
            return documents.actor(one)
        case Project():
            return documents.project(one)
        case Form():
            version = known.versions.get(one.current_id or one.draft_id or 0)
            return {"xmlFormId": one.xml_form_id} if version is None else documents.form(one, version)
        case EntityList():
            return {"id": one.id, "name": one.name, "projectId": one.project_id}
    return None


def _instant(name: str) -> datetime | None:
    said = request.args.get(name, "")
    if not said:
        return None
    try:
        # A plus in an address is a space.
        found = datetime.fromisoformat(said.strip().replace(" ", "+"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        reason = "it has to be a date like 2026-01-31 or 2026-01-31T07:00:00Z"
        raise ParameterWrong(field=name, value=said[:40], reason=reason) from None
