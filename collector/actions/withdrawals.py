"""The access of many phones taken away at once, and given back as it was when that was a mistake.

What is needed for that lies sealed with the batch, for a day: a lost phone must not come back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import null, update
from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault, fingerprint
from collector.actions.accounts import revoke
from storage.audits import note, of_actor
from storage.database import db, transaction
from storage.groups import in_groups
from storage.models import AppUser, Batch, BatchItem
from storage.problems import BatchUndone
from storage.queries import actors, volunteers
from storage.queries.batches import batches_of, items_of, open_batch

KIND, NOUN = "withdrawal", "app_user"
MOST = 1000
UNDO_WITHIN = timedelta(hours=24)
_STEP = 25


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Whose access is taken away, by whom, why and when."""

    project_id: int
    numbers: Sequence[int]
    reason: str
    actor_id: int | None
    now: datetime


def can_be_undone(batch: Batch, now: datetime) -> bool:
    """Whether the access can still be given back as it was."""
    return batch.undone_at is None and now - batch.created_at < UNDO_WITHIN


def withdraw(wanted: Withdrawal) -> int:
    """Take the access of phones away, some in each transaction; returns the number of the batch."""
    with transaction() as session:
        for old in batches_of(session, wanted.project_id, KIND):
            if not can_be_undone(old, wanted.now):
                _forget(session, old.id)
        summary = {"phones": 0, "reason": wanted.reason}
        batch = Batch(kind=KIND, project_id=wanted.project_id, actor_id=wanted.actor_id, summary=summary)
        batch.created_at = wanted.now
        session.add(batch)
        session.flush()
        number = batch.id
    for some in in_groups(list(dict.fromkeys(wanted.numbers))[:MOST], _STEP):
        with transaction() as session:
            done = 0
            for phone in volunteers.phones_of(session, wanted.project_id, some):
                sealed = (phone.token_sealed or b"").decode()
                before = {"token": sealed, "pin": phone.pin_hash}
                session.add(BatchItem(batch_id=number, noun=NOUN, key=str(phone.actor_id), before=before))
                revoke(session, phone, now=wanted.now, reason=wanted.reason)
                done += 1
            kept = session.get_one(Batch, number)
            kept.summary = {**kept.summary, "phones": kept.summary["phones"] + done}
    return number


def undo(project_id: int, number: int, vault: Vault, *, actor_id: int | None, now: datetime) -> int:
    """Give the access back as it was, with the same codes; returns to how many.

    Whoever got a new code meanwhile keeps that. Raises BatchNotFound, BatchUndone.
    """
    batch = open_batch(db.session(), project_id, KIND, number)
    if not can_be_undone(batch, now):
        raise BatchUndone(number=number)
    items = [(int(one.key), dict(one.before or {})) for one in items_of(db.session(), number, NOUN)]
    db.session.rollback()
    back = 0
    for some in in_groups(items, _STEP):
        with transaction() as session:
            back += sum(_give_back(session, project_id, one, vault, now) for one in some)
    with transaction() as session:
        done = session.get_one(Batch, number)
        done.undone_at, done.undone_by = now, actor_id
        done.summary = {**done.summary, "given_back": back}
        _forget(session, number)
    return back


def _give_back(
    session: Session, project_id: int, item: tuple[int, dict[str, str | None]], vault: Vault, now: datetime
) -> bool:
    number, before = item
    phone: AppUser | None = actors.get_app_user(session, project_id, number)
    sealed = (before.get("token") or "").encode()
    if phone is None or phone.token_hash is not None or phone.actor.deleted_at is not None or not sealed:
        return False
    phone.token_sealed, phone.token_hash = sealed, fingerprint(vault.open(sealed))
    phone.pin_hash = before.get("pin")
    phone.revoked_at = phone.revoked_reason = None
    phone.actor.updated_at = now
    session.flush()
    note(session, "field_key.session.renew", actee=of_actor(phone.actor, project_id), now=now)
    return True


def _forget(session: Session, number: int) -> None:
    mine = (BatchItem.batch_id == number) & (BatchItem.noun == NOUN)
    session.execute(update(BatchItem).where(mine).values(before=null()))
