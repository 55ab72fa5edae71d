"""Files made of tables before somebody was erased from them: they go, and the releases that stand on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from forms.phrases import template
from storage.audits import Actee, note
from storage.erasing.tombstones import Order
from storage.freezing import erasing
from storage.models import Extract, ExtractFile, Release
from storage.purging.files import Files

RECORDS = "records"
ERASED = "erased"
TOLD = template("Somebody in these data had his answers erased, so the files are gone. Ask for them again.")
"""Why an extract has no files any more, as `Extract.problem` says it."""
_OUT = ("issued", "waiting")
"""States of a release in which somebody has it, or is about to."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on the records of some forms: extracts with files, releases that are given out."""

    extracts: Sequence[int]
    releases: Sequence[int]


def standing(session: Session, form_ids: Collection[int]) -> Standing:
    """The numbers of extracts and releases that may hold records of these forms."""
    rows = session.execute(
        select(Extract.id, Extract.release_id, Extract.state)
        .where(Extract.kind == RECORDS, Extract.form_id.in_(form_ids))
        .order_by(Extract.id)
    ).all()
    named = {row.release_id for row in rows if row.release_id is not None}
    given = select(Release.id).where(Release.id.in_(named), Release.state.in_(_OUT)).order_by(Release.id)
    return Standing([row.id for row in rows if row.state == "made"], session.scalars(given).all())


def withdraw(session: Session, form_ids: Collection[int], files: Files, order: Order) -> Sequence[int]:
    """Withdraw them; returns the releases that were given out, to be made anew.

    What is being made this moment begins once more; what still waits is left alone.
    """
    found = standing(session, form_ids)
    for one in session.scalars(select(Release).where(Release.id.in_(found.releases))).all():
        before = one.state
        one.state, one.withdrawn_by, one.withdrawn_at = "withdrawn", order.actor_id, order.now
        one.reason = order.ground
        actee = Actee("release", one.id, project_id=one.project_id)
        details = {"number": one.number, "was": before, "why": ERASED}
        note(session, "release.withdraw", actee=actee, details=details, notes="", now=order.now)
    session.flush()
    with erasing():
        files.of_extracts(session, found.extracts)
        session.execute(delete(ExtractFile).where(ExtractFile.extract_id.in_(found.extracts)))
        mine = Extract.id.in_(found.extracts)
        making = select(Release.id).where(Release.state == "making")
        session.execute(update(Extract).where(mine).values(state="failed", problem=TOLD))
        again = {"state": "waiting", "problem": None, "beat_at": None, "done": 0}
        session.execute(update(Extract).where(mine, Extract.release_id.in_(making)).values(**again))
        begun = Extract.form_id.in_(form_ids) & (Extract.kind == RECORDS) & (Extract.state == "making")
        # What is made of a release is read at one moment, so it begins again as a whole.
        whole = session.scalars(
            select(Extract.release_id).where(begun, Extract.release_id.is_not(None))
        ).all()
        together = Extract.release_id.in_(whole) & (Extract.state == "making")
        session.execute(update(Extract).where(begun | together).values(**again))
    return found.releases
