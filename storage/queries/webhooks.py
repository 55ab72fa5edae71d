"""Webhooks of a project, and what is still to be told to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.auditing.problems import WebhookNotFound
from storage.models import Webhook, WebhookDelivery

WAITING, TOLD, GIVEN_UP = "waiting", "told", "given_up"


def of_project(session: Session, project_id: int) -> Sequence[Webhook]:
    """The webhooks of a project, as they were made."""
    return session.scalars(
        select(Webhook)
        .where(Webhook.project_id == project_id, Webhook.deleted_at.is_(None))
        .order_by(Webhook.id)
    ).all()


def get(session: Session, project_id: int, number: int) -> Webhook:
    """One of them. Raises WebhookNotFound."""
    found = session.get(Webhook, number)
    if found is None or found.project_id != project_id or found.deleted_at is not None:
        raise WebhookNotFound(number=number)
    return found


def waiting(session: Session, several: Collection[int]) -> Mapping[int, int]:
    """How many events each webhook is still to be told."""
    counted = (
        select(WebhookDelivery.webhook_id, func.count())
        .where(WebhookDelivery.webhook_id.in_(several), WebhookDelivery.state == WAITING)
        .group_by(WebhookDelivery.webhook_id)
    )
    return dict(session.execute(counted).all())


def last(session: Session, number: int, limit: int) -> Sequence[WebhookDelivery]:
    """What a webhook was last told, newest first."""
    return session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == number)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    ).all()


def due(session: Session, now: datetime) -> list[int]:
    """The webhooks that have something to be told now."""
    return list(
        session.scalars(
            select(WebhookDelivery.webhook_id)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(
                WebhookDelivery.state == WAITING,
                WebhookDelivery.due_at <= now,
                Webhook.paused_at.is_(None),
                Webhook.deleted_at.is_(None),
            )
            .distinct()
        )
    )


@dataclass(frozen=True, slots=True)
class Parcel:
    """An event on its way: the number of its delivery, where it goes, how often it was tried."""

    number: int
    url: str
    secret_sealed: bytes
    body: Mapping[str, Any]
    attempts: int
    created_at: datetime


def claim(session: Session, number: int, now: datetime, until: datetime, limit: int) -> list[Parcel]:
    """What a webhook is to be told now, oldest first; nobody else takes it until then.

    One that failed last time gets its oldest event only, so that everything arrives in order.
    """
    hook = session.execute(
        select(Webhook).where(Webhook.id == number).with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if hook is None or hook.paused_at is not None or hook.deleted_at is not None:
        return []
    several = session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == number, WebhookDelivery.state == WAITING)
        .order_by(WebhookDelivery.id)
        .limit(1 if hook.failing_since is not None else limit)
    ).all()
    if not several or several[0].due_at > now:
        return []
    for one in several:
        one.due_at = until
    return [
        Parcel(one.id, hook.url, hook.secret_sealed, one.body, one.attempts, one.created_at)
        for one in several
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling: whether it was taken, in words; `again` when it is tried again (None: never)."""

    taken: bool
    result: str
    again: datetime | None = None


def record(session: Session, number: int, told: Told, now: datetime) -> None:
    """Write down what came of an attempt."""
    one = session.get_one(WebhookDelivery, number)
    hook = session.get_one(Webhook, one.webhook_id)
    one.attempts, one.result = one.attempts + 1, told.result
    hook.last_at, hook.last_result = now, told.result
    if told.taken:
        one.state, one.ended_at, hook.failing_since = TOLD, now, None
    else:
        hook.failing_since = hook.failing_since or now
        if told.again is None:
            one.state, one.ended_at = GIVEN_UP, now
        else:
            one.due_at = told.again


def release(session: Session, numbers: Collection[int], now: datetime) -> None:
    """Let go of what was claimed and not tried."""
    for one in session.scalars(select(WebhookDelivery).where(WebhookDelivery.id.in_(numbers))):
        one.due_at = now


def forget(session: Session, before: datetime, limit: int) -> int:
    """Delete what was told or given up before a moment; returns how many."""
    old = list(
        session.scalars(
            select(WebhookDelivery.id)
            .where(WebhookDelivery.state != WAITING, WebhookDelivery.ended_at < before)
            .limit(limit)
        )
    )
    if old:
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))
    return len(old)
