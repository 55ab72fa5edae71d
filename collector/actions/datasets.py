"""What changes about an entity list as a whole: whether it asks for approval, and who sees what of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.actions.entities import Settling
from storage.audits import note, of_dataset
from storage.database import transaction
from storage.entities import lists
from storage.entities.outcomes import pending_for
from storage.entities.problems import RecordsPending


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a list; None leaves it as it is.

    `convert`: whether records that wait for approval make their entities now that nobody asks for it any
    more; None: ask, where there are any.
    """

    approval_required: bool | None = None
    owner_only: bool | None = None
    convert: bool | None = None


def change(
    project_id: int, name: str, wanted: Change, settling: Settling, *, actor_id: int | None, now: datetime
) -> None:
    """Change a list. Raises EntityListNotFound, RecordsPending."""
    freed = wanted.approval_required is False
    with transaction() as session:
        of = lists.list_by_name(session, project_id, name)
        if freed and wanted.convert is None and (count := pending_for(session, of.id)):
            raise RecordsPending(count=count)
        data: dict[str, bool] = {}
        if wanted.approval_required is not None:
            lists.set_approval(session, of, required=wanted.approval_required)
            data["approvalRequired"] = wanted.approval_required
        if wanted.owner_only is not None:
            lists.set_owner_only(session, of, owner_only=wanted.owner_only)
            data["ownerOnly"] = wanted.owner_only
        if data:
            details = {"data": data, "autoConvert": wanted.convert}
            note(
                session,
                "dataset.update",
                actee=of_dataset(of),
                details=details,
                actor_id=actor_id,
                now=now,
            )
    if freed and wanted.convert:
        settling.settle_pending(project_id, now)
