"""How much there is in places: records, households and volunteers of each, all that lies in it included."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import Approval, AppUser, Entity, EntityList, Form, PlacePath, Submission
from storage.queries.households import household_list
from storage.queries.places import subtree


@dataclass(frozen=True, slots=True)
class Counts:
    """Live records, households of the list and volunteers with access of one place."""

    records: int = 0
    households: int = 0
    volunteers: int = 0


def counts_of(session: Session, project_id: int, codes: Collection[str]) -> dict[str, Counts]:
    """The counts of these places, each with what lies in it today."""
    inside = _inside(session, codes)
    forms = session.scalars(select(Form.id).where(Form.project_id == project_id, Form.deleted_at.is_(None)))
    records = _added(inside, _records(session, list(forms), codes))
    listed = household_list(session, project_id)
    households = _added(inside, _members(session, [listed.id], codes)) if listed is not None else {}
    volunteers = _volunteers(session, project_id, codes)
    return {
        code: Counts(records.get(code, 0), households.get(code, 0), volunteers.get(code, 0)) for code in codes
    }


def _inside(session: Session, codes: Collection[str]) -> dict[str, set[str]]:
    """What lies in each of these places, by what lies there."""
    found: dict[str, set[str]] = {}
    for some in in_groups(sorted(codes)):
        pairs = select(PlacePath.descendant, PlacePath.ancestor).where(
            PlacePath.ancestor.in_(some), PlacePath.valid_to.is_(None)
        )
        for descendant, ancestor in session.execute(pairs):
            found.setdefault(descendant, set()).add(ancestor)
    return found


def _added(inside: Mapping[str, Collection[str]], counts: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, number in counts.items():
        for ancestor in inside.get(code, ()):
            found[ancestor] = found.get(ancestor, 0) + number
    return found


def _records(session: Session, forms: Sequence[int], codes: Collection[str]) -> dict[str, int]:
    """Live records by the place they count in, for places in these: read from the index alone."""
    query = (
        select(Submission.place_code, func.count())
        .where(
            Submission.place_code.in_(subtree(codes)),
            Submission.form_id.in_(forms),
            ~Submission.draft,
            Submission.deleted_at.is_(None),
        )
        .group_by(Submission.place_code)
    )
    return {row[0] or "": row[1] for row in session.execute(query)}


def _members(session: Session, lists: Sequence[int], codes: Collection[str]) -> dict[str, int]:
    """Live members of lists by place, the same way."""
    query = (
        select(Entity.place_code, func.count())
        .where(Entity.list_id.in_(lists), Entity.place_code.in_(subtree(codes)), Entity.deleted_at.is_(None))
        .group_by(Entity.place_code)
    )
    return {row[0] or "": row[1] for row in session.execute(query)}


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
    forms = list(session.scalars(select(Form.id)))
    lists = list(session.scalars(select(EntityList.id)))
    records, members = _records(session, forms, codes), _members(session, lists, codes)
    return sum(records.values()), sum(members.values())


def locked_periods(session: Session, codes: Collection[str]) -> list[str]:
    """The periods for which the figures of one of these places were signed, the latest first."""
    query = select(Approval.period).where(Approval.place_code.in_(sorted(codes))).distinct()
    return sorted(session.scalars(query), reverse=True)
