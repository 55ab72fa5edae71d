"""Which records count, said once for every figure, list of arrivals and sum."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from storage.models import Submission

REJECTED = "rejected"
APPROVED = "approved"


def counting(records: Any = Submission, *, approved: bool = False) -> ColumnElement[bool]:
    """Whether a record counts: sent in earnest, not deleted, not rejected, no confirmed duplicate.

    `records` is the model, an alias of it or its plain table; `approved` narrows to what was approved, for
    a survey whose settings say `counts=approved`. Its current version is what lies in the tables of
    answers. Places are cut elsewhere (`storage.cuts`).
    """
    columns = getattr(records, "c", records)
    state = columns.review_state
    return and_(
        columns.draft.is_(False),
        columns.deleted_at.is_(None),
        columns.duplicate_of.is_(None),
        state == APPROVED if approved else or_(state.is_(None), state != REJECTED),
    )
