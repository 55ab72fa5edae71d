"""Webhooks: others are told what happens in a project, signed, in order, again until they take it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault, new_token
from collector.actions import sending
from storage.auditing.outbox import EVENTS, iso
from storage.auditing.problems import WebhookEventUnknown
from storage.audits import Actee, note
from storage.database import db, transaction
from storage.models import Webhook
from storage.problems import PlacesTooWide
from storage.queries import webhooks
from storage.queries.webhooks import Parcel, Told
from storage.scope import current

log = logging.getLogger(__name__)

GIVES_UP = timedelta(days=3)
"""How long an event is tried."""
REMEMBERS = timedelta(days=30)
"""How long is kept what was told."""
_SOON, _LATEST = timedelta(seconds=30), timedelta(hours=6)
_LEASE = timedelta(minutes=10)
_AT_ONCE = 20
_THREADS = 8
_TEST = "test"


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """What somebody wants to be told: where, of which events, of one form (None: of all)."""

    url: str
    events: tuple[str, ...]
    form_id: int | None = None


def make(
    session: Session, project_id: int, wanted: NewWebhook, vault: Vault, *, now: datetime, by: int | None
) -> tuple[Webhook, str]:
    """A webhook and its secret, which is never shown again.

    Raises WebhookAddressUnusable, WebhookEventUnknown, and PlacesTooWide for who sees some places only.
    """
    if not current().whole:
        # It is told of every place.
        raise PlacesTooWide
    sending.checked(wanted.url)
    secret = new_token()
    made = Webhook(
        project_id=project_id,
        form_id=wanted.form_id,
        url=wanted.url,
        events=_known(wanted.events),
        secret_sealed=vault.seal(secret),
        created_by=by,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, "create", made, now)
    return made, secret


def change(
    session: Session,
    hook: Webhook,
    *,
    now: datetime,
    events: Collection[str] | None = None,
    paused: bool | None = None,
) -> None:
    """Other events, or a pause: what happens meanwhile is not told afterwards. Raises WebhookEventUnknown."""
    if not current().whole:
        raise PlacesTooWide
    if events is not None:
        hook.events = _known(events)
    if paused is not None:
        hook.paused_at = (hook.paused_at or now) if paused else None
        hook.failing_since = None
    _note(session, "update", hook, now)


def remove(session: Session, hook: Webhook, *, now: datetime) -> None:
    """Tell it nothing any more."""
    if not current().whole:
        raise PlacesTooWide
    hook.deleted_at = now
    _note(session, "delete", hook, now)


def _known(events: Collection[str]) -> list[str]:
    for event in events:
        if event not in EVENTS:
            raise WebhookEventUnknown(event=event[:40], known=", ".join(EVENTS))
    return [event for event in EVENTS if event in events]


def _note(session: Session, what: str, hook: Webhook, now: datetime) -> None:
    details = {"webhookId": hook.id, "events": hook.events, "paused": hook.paused_at is not None}
    actee = Actee("webhook", hook.id, hook.project_id, hook.form_id)
    note(session, f"webhook.{what}", actee=actee, details=details, now=now)


def try_out(hook: Webhook, vault: Vault, *, now: datetime, private: bool) -> sending.Answer:
    """Send an event `test` now; its answer. Takes as long as the other side, some seconds at most."""
    event: Mapping[str, Any] = {
        "event": _TEST,
        "project": hook.project_id,
        "form": None,
        "instanceId": None,
        "place": None,
        "at": iso(now),
        "id": 0,
    }
    secret = vault.open(hook.secret_sealed)
    return sending.send(hook.url, secret, event, at=int(now.timestamp()), private=private)


@dataclass(frozen=True)
class Courier:
    """Tells webhooks what waits for them."""

    vault: Vault
    private: bool
    clock: Callable[[], datetime]

    def serve(self, number: int) -> int:
        """Tell one webhook what is due, oldest first, until one is not taken; returns how many were."""
        now = self.clock()
        with transaction(noticed=False) as session:
            parcels = webhooks.claim(session, number, now, now + _LEASE, _AT_ONCE)
        taken = 0
        for at, parcel in enumerate(parcels):
            told = self._told(parcel)
            with transaction(noticed=False) as session:
                webhooks.record(session, parcel.number, told, self.clock())
                if not told.taken:
                    webhooks.release(session, [one.number for one in parcels[at + 1 :]], self.clock())
            if not told.taken:
                break
            taken += 1
        return taken

    def _told(self, parcel: Parcel) -> Told:
        now = self.clock()
        secret = self.vault.open(parcel.secret_sealed)
        answer = sending.send(parcel.url, secret, parcel.body, at=int(now.timestamp()), private=self.private)
        if answer.taken:
            return Told(taken=True, result=answer.told)
        if now - parcel.created_at >= GIVES_UP:
            return Told(taken=False, result=answer.told)
        return Told(taken=False, result=answer.told, again=now + pause(parcel.attempts + 1))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: half a minute, twice as long each time, six hours at most."""
    doubled: int = 2 ** min(attempts - 1, 16)
    return min(_SOON * doubled, _LATEST)


class Couriers:
    """Couriers at work beside the worker's other chores: whoever does not answer holds up nobody.

    `enter` gives each its own way to the database.
    """

    def __init__(self, enter: Callable[[], AbstractContextManager[object]], courier: Courier) -> None:
        self._enter = enter
        self._courier = courier
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="courier")
        self._lock = Lock()
        self._served: set[int] = set()
        self._taken = 0

    def look(self, now: datetime) -> int:
        """Send out whoever is due and not being served; returns how many events were taken since."""
        for number in webhooks.due(db.session(), now):
            with self._lock:
                if number in self._served:
                    continue
                self._served.add(number)
            self._pool.submit(self._serve, number)
        with self._lock:
            taken, self._taken = self._taken, 0
        return taken

    def wait(self) -> None:
        """Until everybody who is being served was told."""
        self._pool.shutdown(wait=True)

    def stop(self) -> None:
        """Wait for nobody any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _serve(self, number: int) -> None:
        taken = 0
        try:
            with self._enter():
                taken = self._courier.serve(number)
        except Exception:
            # What was claimed comes up again when its lease ends.
            log.exception("the webhook %d could not be served", number)
        finally:
            with self._lock:
                self._served.discard(number)
                self._taken += taken


def forget(now: datetime) -> int:
    """Delete what was told long ago; returns how many deliveries."""
    gone = some = 0
    while some or not gone:
        with transaction(noticed=False) as session:
            some = webhooks.forget(session, now - REMEMBERS, 1000)
        if not some:
            break
        gone += some
    return gone
