"""What communes are since a day, entered from a list batch by batch, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from forms.phrases import Phrase
from forms.place_facts import Facts, with_facts
from forms.place_problems import PlaceBatchGone
from storage.groups import in_groups
from storage.models import Batch, BatchItem
from storage.places.closure import spans_of
from storage.places.operations import change_since, plain_span, replace_spans, span_of

NOUN = "commune"
_SEVERAL = 200


def enter_facts(session: Session, batch_id: int, facts: Mapping[str, Sequence[Facts]]) -> int:
    """Enter what rows say of some communes; returns how many changed.

    What lies in what stays as it is, so the closure does too.
    """
    before = spans_of(session, facts.keys())
    after = {code: with_facts(before[code], several) for code, several in facts.items()}
    changed = {code: spans for code, spans in after.items() if spans != before[code]}
    if changed:
        replace_spans(session, changed)
        items = [
            {"batch_id": batch_id, "noun": NOUN, "key": code, "before": _plain(before[code])}
            for code in sorted(changed)
        ]
        session.execute(insert(BatchItem.__table__), items)  # type: ignore[arg-type]
    return len(changed)


def require_undoable(session: Session, batch: Batch) -> None:
    """Refuse to take back what a later operation or list rests on. Raises PlaceBatchGone."""
    if batch.undone_at is not None:
        raise PlaceBatchGone(number=batch.id, cause=Phrase("it was undone before"))
    keys = session.scalars(select(BatchItem.key).where(BatchItem.batch_id == batch.id)).all()
    other = change_since(session, batch.created_at, keys)
    if other is not None:
        cause = Phrase("operation {other} touched the same places", other=other)
        raise PlaceBatchGone(number=batch.id, cause=cause)
    later = _list_since(session, batch, keys)
    if later is not None:
        raise PlaceBatchGone(
            number=batch.id, cause=Phrase("list {other} changed the same places", other=later)
        )


def _list_since(session: Session, batch: Batch, keys: Collection[str]) -> int | None:
    query = select(BatchItem.batch_id).join(Batch, Batch.id == BatchItem.batch_id)
    live = Batch.id > batch.id, Batch.undone_at.is_(None), BatchItem.noun == NOUN
    for some in in_groups(sorted(keys)):
        found = session.scalar(query.where(*live, BatchItem.key.in_(some)).limit(1))
        if found is not None:
            return found
    return None


def take_back_some(session: Session, batch_id: int) -> bool:
    """Restore what some communes of a batch were; whether there are more."""
    items = session.execute(
        select(BatchItem.id, BatchItem.key, BatchItem.before)
        .where(BatchItem.batch_id == batch_id, BatchItem.noun == NOUN)
        .limit(_SEVERAL)
    ).all()
    if items:
        replace_spans(session, {item.key: [span_of(one) for one in item.before["spans"]] for item in items})
        session.execute(delete(BatchItem).where(BatchItem.id.in_([item.id for item in items])))
    return len(items) == _SEVERAL


def _plain(spans: Sequence[Any]) -> dict[str, Any]:
    return {"spans": [*map(plain_span, spans)]}
