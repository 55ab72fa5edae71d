"""What somebody takes away as a file: which records, and of which forms there is a map."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from forms.exports.geojson import TYPES
from storage.cuts import visible
from storage.models import FormColumn, FormTable, Submission
from storage.scope import Scope


@dataclass(frozen=True, slots=True)
class Taken:
    """Records somebody takes away: of some places with all they hold (none: anywhere), received in a time."""

    places: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        """The condition on `Submission`."""
        parts: list[ColumnElement[bool]] = [true()]
        if self.places:
            # Said once when the file begins, as the places of whoever asks are.
            parts.append(visible(Submission.place_code, Scope(self.places)))
        if self.start is not None:
            parts.append(Submission.created_at >= self.start)
        if self.end is not None:
            parts.append(Submission.created_at < self.end)
        return and_(*parts)


def with_maps(session: Session, form_ids: Collection[int]) -> frozenset[int]:
    """Those of the forms that ask where something lies."""
    query = (
        select(FormTable.form_id)
        .join(FormColumn, FormColumn.table_id == FormTable.id)
        .where(FormTable.form_id.in_(form_ids), FormTable.draft.is_(False), FormTable.path == "")
        .where(FormColumn.type.in_(TYPES))
    )
    return frozenset(session.scalars(query.distinct()))
