"""Webhooks of a project for programs: made, paused, tried out, deleted; the secret is shown once."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response
from marshmallow import validate
from marshmallow.fields import Boolean, List

from collector import bodies
from collector.accounts.guard import identity
from collector.actions import webhooks as actions
from collector.actions.webhooks import NewWebhook
from collector.clock import moment
from collector.parts import parts
from forms.values import iso_instant
from storage.auditing.outbox import EVENTS
from storage.database import db, transaction
from storage.models import Form, Webhook, WebhookDelivery
from storage.queries import forms, projects, webhooks

blueprint = Blueprint(
    "api_webhooks", __name__, url_prefix="/api/projects/<int(max=2147483647):project_id>/webhooks"
)
Document = dict[str, Any]

_ONE = "/<int(max=2147483647):number>"
_SHOWN = 20
_EVENTS = List(bodies.Text(), validate=validate.Length(min=1, max=len(EVENTS)))
NEW_WEBHOOK = bodies.Incoming.from_dict(
    {
        "url": bodies.Text(required=True, validate=validate.Length(min=1, max=2000)),
        "events": _EVENTS,
        "form": bodies.Text(allow_none=True),
    },
    name="NewWebhook",
)()
WEBHOOK_PATCH = bodies.Incoming.from_dict({"events": _EVENTS, "paused": Boolean()}, name="WebhookPatch")()


@blueprint.get("")
def listing(project_id: int) -> Response:
    """Every webhook, and how many events wait for it."""
    session = db.session()
    projects.get_project(session, project_id)
    several = webhooks.of_project(session, project_id)
    waiting = webhooks.waiting(session, [one.id for one in several])
    return _answer([_webhook(one) | {"waiting": waiting.get(one.id, 0)} for one in several])


@blueprint.post("")
def make(project_id: int) -> Response:
    """A webhook with its `secret`."""
    said = bodies.document(NEW_WEBHOOK)
    with transaction() as session:
        projects.get_project(session, project_id)
        form_id = forms.get_form(session, project_id, said["form"]).id if said.get("form") else None
        wanted = NewWebhook(said["url"], tuple(said.get("events", EVENTS)), form_id)
        made, secret = actions.make(
            session, project_id, wanted, parts().vault, now=moment(), by=identity().actor_id
        )
        return _answer(_webhook(made) | {"secret": secret})


@blueprint.get(_ONE)
def single(project_id: int, number: int) -> Response:
    """One of them, with what it was last told."""
    session = db.session()
    hook = webhooks.get(session, project_id, number)
    return _answer(
        _webhook(hook) | {"deliveries": [_delivery(one) for one in webhooks.last(session, hook.id, _SHOWN)]}
    )


@blueprint.patch(_ONE)
def change(project_id: int, number: int) -> Response:
    """Other events, a pause or its end."""
    said = bodies.document(WEBHOOK_PATCH)
    with transaction() as session:
        hook = webhooks.get(session, project_id, number)
        actions.change(session, hook, now=moment(), events=said.get("events"), paused=said.get("paused"))
        return _answer(_webhook(hook))


@blueprint.delete(_ONE)
def remove(project_id: int, number: int) -> Response:
    """Tell it nothing any more."""
    with transaction() as session:
        actions.remove(session, webhooks.get(session, project_id, number), now=moment())
    return _answer({"success": True})


@blueprint.post(f"{_ONE}/test")
def try_out(project_id: int, number: int) -> Response:
    """Send it an event `test` now; says what came of it."""
    hook = webhooks.get(db.session(), project_id, number)
    db.session.expunge(hook)
    # Nobody's database waits for somebody else's server.
    db.session.rollback()
    told = actions.try_out(hook, parts().vault, now=moment(), private=parts().settings.webhook_private)
    return _answer({"taken": told.taken, "result": told.told})


def _answer(document: object) -> Response:
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _webhook(one: Webhook) -> Document:
    form = db.session().get(Form, one.form_id) if one.form_id is not None else None
    return {
        "id": one.id,
        "url": one.url,
        "events": list(one.events),
        "form": None if form is None else form.xml_form_id,
        "paused": one.paused_at is not None,
        "createdAt": iso_instant(one.created_at),
        "failingSince": iso_instant(one.failing_since) if one.failing_since else None,
        "lastAt": iso_instant(one.last_at) if one.last_at else None,
        "lastResult": one.last_result,
    }


def _delivery(one: WebhookDelivery) -> Document:
    return {
        "id": one.audit_id,
        "event": one.event,
        "state": one.state,
        "attempts": one.attempts,
        "result": one.result,
        "createdAt": iso_instant(one.created_at),
        "endedAt": iso_instant(one.ended_at) if one.ended_at else None,
    }
