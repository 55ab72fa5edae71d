"""What others are to be told: made from audits as these are sealed, so that each is told of once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.models import Form, Webhook, WebhookDelivery

NEW, EDITED, REVIEWED, DELETED, RESTORED = EVENTS = ("new", "edited", "reviewed", "deleted", "restored")

_BY_ACTION = {
    "submission.create": NEW,
    "submission.update.version": EDITED,
    "submission.update": REVIEWED,
    "submission.delete": DELETED,
    "submission.restore": RESTORED,
}


def put_out(session: Session, audits: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Enter what webhooks are to be told of these audits; returns how many deliveries there are."""
    told = [(event, audit) for audit in audits if (event := event_of(audit)) is not None]
    if not told:
        return 0
    wanted = session.scalars(
        select(Webhook).where(
            Webhook.project_id.in_({audit["project_id"] for _event, audit in told}),
            Webhook.deleted_at.is_(None),
            Webhook.paused_at.is_(None),
        )
    ).all()
    if not wanted:
        return 0
    forms = _form_ids(session, {audit["form_id"] for _event, audit in told})
    rows = [
        {
            "webhook_id": hook.id,
            "audit_id": audit["id"],
            "event": event,
            "body": body(event, audit, forms.get(audit["form_id"])),
            "state": "waiting",
            "attempts": 0,
            "created_at": now,
            "due_at": now,
        }
        for event, audit in told
        for hook in wanted
        if _is_for(hook, event, audit)
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)
    return len(rows)


def event_of(audit: Mapping[str, Any]) -> str | None:
    """What others call an audit; None for what they are not told of: other actions, and drafts."""
    event = _BY_ACTION.get(audit["action"])
    if event is None or audit["instance_id"] is None:
        return None
    if event == REVIEWED and "reviewState" not in (audit["details"] or {}):
        return None
    return event


def body(event: str, audit: Mapping[str, Any], xml_form_id: str | None) -> dict[str, Any]:
    """What is sent: ids, never answers. `id` is the audit's, the same however often it is sent."""
    return {
        "event": event,
        "project": audit["project_id"],
        "form": xml_form_id,
        "instanceId": audit["instance_id"],
        "place": audit["place_code"],
        "at": iso(audit["logged_at"]),
        "id": audit["id"],
    }


def iso(moment: datetime) -> str:
    """A moment as programs are shown it: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_for(hook: Webhook, event: str, audit: Mapping[str, Any]) -> bool:
    return (
        hook.project_id == audit["project_id"]
        and hook.form_id in {None, audit["form_id"]}
        and event in hook.events
        # What happened before somebody asked to be told is old.
        and audit["logged_at"] >= hook.created_at
    )


def _form_ids(session: Session, numbers: Iterable[int | None]) -> dict[int, str]:
    known = select(Form.id, Form.xml_form_id).where(Form.id.in_({one for one in numbers if one is not None}))
    return dict(session.execute(known).all())
