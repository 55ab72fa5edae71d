"""How much there is in places: records, households and volunteers of each, all that lies in it included."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import Approval, AppUser, Entity, Form, PlacePath, Submission
from storage.queries.households import household_list


@dataclass(frozen=True, slots=True)
class Counts:
    """Live records, households of the list and volunteers with access of one place."""

    records: int = 0
    households: int = 0
    volunteers: int = 0


def counts_of(session: Session, project_id: int, codes: Collection[str]) -> dict[str, Counts]:
    """The counts of these places, each with what lies in it today."""
    records: dict[str, int] = {}
    households: dict[str, int] = {}
    listed = household_list(session, project_id)
    forms = session.scalars(select(Form.id).where(Form.project_id == project_id, Form.deleted_at.is_(None)))
    numbers = list(forms)
    for some in in_groups(sorted(codes)):
        records |= _by_place(session, _records(some, numbers))
        if listed is not None:
            households |= _by_place(session, _members(some, listed.id))
    volunteers = _volunteers(session, project_id, codes)
    return {
        code: Counts(records.get(code, 0), households.get(code, 0), volunteers.get(code, 0)) for code in codes
    }


def _by_place(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def _pairs(codes: Sequence[str]) -> Select[str, str]:
    """Each of these places with all that lies in it, once."""
    columns = PlacePath.ancestor, PlacePath.descendant
    return select(*columns).where(PlacePath.ancestor.in_(codes), PlacePath.valid_to.is_(None)).distinct()


def _records(codes: Sequence[str], forms: Sequence[int]) -> Select[str, int]:
    inside = _pairs(codes).subquery()
    return (
        select(inside.c.ancestor, func.count())
        .join(Submission, Submission.place_code == inside.c.descendant)
        .where(Submission.form_id.in_(forms), ~Submission.draft, Submission.deleted_at.is_(None))
        .group_by(inside.c.ancestor)
    )


def _members(codes: Sequence[str], list_id: int) -> Select[str, int]:
    inside = _pairs(codes).subquery()
    return (
        select(inside.c.ancestor, func.count())
        .join(Entity, Entity.place_code == inside.c.descendant)
        .where(Entity.list_id == list_id, Entity.deleted_at.is_(None))
        .group_by(inside.c.ancestor)
    )


def _volunteers(session: Session, project_id: int, codes: Collection[str]) -> dict[str, int]:
    phones = select(AppUser.actor_id, AppUser.place_codes).where(
        AppUser.project_id == project_id, AppUser.token_hash.is_not(None)
    )
    several = [(row[0], tuple(row[1] or ())) for row in session.execute(phones)]
    wanted = {code for _phone, places in several for code in places}
    above: dict[str, set[str]] = {}
    for some in in_groups(sorted(wanted)):
        lie = select(PlacePath.descendant, PlacePath.ancestor).where(
            PlacePath.descendant.in_(some), PlacePath.valid_to.is_(None)
        )
        for descendant, ancestor in session.execute(lie):
            above.setdefault(descendant, set()).add(ancestor)
    found = dict.fromkeys(codes, 0)
    for _phone, places in several:
        for code in set().union(*(above.get(one, set()) for one in places)) & found.keys():
            found[code] += 1
    return found


def moved_counts(session: Session, codes: Collection[str]) -> tuple[int, int]:
    """How many live records and members of lists lie in these places, all that lies in them included."""
    records = members = 0
    inside = _pairs(sorted(codes)).with_only_columns(PlacePath.descendant).distinct()
    live = select(func.count()).select_from(Submission)
    records = session.scalar(live.where(Submission.place_code.in_(inside), ~Submission.draft)) or 0
    kept = select(func.count()).select_from(Entity)
    alive = Entity.deleted_at.is_(None)
    members = session.scalar(kept.where(Entity.place_code.in_(inside), alive)) or 0
    return records, members


def locked_periods(session: Session, codes: Collection[str]) -> list[str]:
    """The periods for which the figures of one of these places were signed, the latest first."""
    query = select(Approval.period).where(Approval.place_code.in_(sorted(codes))).distinct()
    return sorted(session.scalars(query), reverse=True)
