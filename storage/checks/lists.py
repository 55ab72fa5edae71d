"""What the lists of a project say today of households, centres, people and deadlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.checks.lateness import Due
from forms.checks.rechecks import COMPARED, Pair
from forms.places import COMMUNE, VILLAGE
from forms.values import HOME
from storage.checks.reports import COMMUNE_OF, Asked, sender_of
from storage.models import Entity, EntityList, Place, Submission
from storage.queries import campaigns
from storage.queries.computed import form_id_of
from storage.queries.counting import counting
from storage.queries.households import LIST
from storage.snapshot import snapshot

_WORKING = frozenset({"1", "4"})
"""`status` of a centre that works: in operation, newly founded."""

_SENT = frozenset({"kiem", "bietphai"})
"""`employ` of a teacher who works at a centre besides, or is sent to it."""


@dataclass
class Lists:
    """Working centres and teachers by commune, people, what a centre was before, households by village."""

    centres: Counter[str] = field(default_factory=Counter)
    teachers: Counter[str] = field(default_factory=Counter)
    people: list[Mapping[str, str]] = field(default_factory=list)
    predecessors: dict[str, list[str]] = field(default_factory=dict)
    households: dict[str, int] = field(default_factory=dict)


def lists_of(session: Session, project_id: int) -> Lists:
    """What the lists say."""
    found = Lists(households=_households(session, project_id))
    codes: dict[str, str] = {}
    before: list[tuple[str, str]] = []
    for uuid, data, commune in _members(session, project_id, campaigns.CENTRES):
        codes[data.get("centre_code", "") or uuid] = uuid
        before += [(uuid, data["predecessor_of"])] if data.get("predecessor_of") else []
        if commune:
            found.centres[commune] += data.get("status") in _WORKING
    for uuid, successor in before:
        found.predecessors.setdefault(codes.get(successor, successor), []).append(uuid)
    for _uuid, data, commune in _members(session, project_id, "people"):
        found.people.append(data)
        teaching = data.get("role") == "gv" and data.get("employ") in _SENT and data.get("active") != "0"
        if commune:
            found.teachers[commune] += teaching
    return found


def _members(session: Session, project_id: int, name: str) -> Iterator[tuple[str, dict[str, str], str]]:
    rows = session.execute(
        select(Entity.uuid, Entity.data, COMMUNE_OF)
        .join(EntityList, EntityList.id == Entity.list_id)
        .outerjoin(Place, Place.code == Entity.place_code)
        .where(EntityList.project_id == project_id, EntityList.name == name, Entity.deleted_at.is_(None))
    )
    for uuid, data, commune in rows:
        yield uuid, data, commune or ""


def _households(session: Session, project_id: int) -> dict[str, int]:
    rows = session.execute(
        select(Entity.place_code, func.count())
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(EntityList.project_id == project_id, EntityList.name == LIST, Entity.deleted_at.is_(None))
        .group_by(Entity.place_code)
    )
    return {place: number for place, number in rows if place}


# Second visits -----------------------------------------------------------------------------------


def rechecked(session: Session, again: Asked | None, first: Asked | None) -> list[Pair]:
    """Each second visit with the last household form before it."""
    wanted = ("household", "visit_result", "visited", *COMPARED)
    if again is None or first is None or not (again.has(wanted) and first.has(("hh_id", *COMPARED.values()))):
        return []
    second = {
        row[0]: row
        for row in session.execute(
            select(*_whose(), *(again.column(name) for name in wanted))
            .select_from(again.source())
            .where(*again.counts)
        )
    }
    visits: dict[str, list[Sequence[Any]]] = {}
    homes = select(again.column("household")).select_from(again.source()).where(*again.counts)
    for row in session.execute(
        select(*_whose(), first.column("hh_id"), *(first.number(name) for name in COMPARED.values()))
        .select_from(first.source())
        .where(*first.counts, first.column("hh_id").in_(homes))
        .order_by(Submission.id)
    ):
        visits.setdefault(row[_KEPT], []).append(row)
    return [_pair(row, visits.get(row[_KEPT], ())) for row in second.values() if row[_KEPT]]


_KEPT = 6


def _whose() -> tuple[Any, ...]:
    return (
        Submission.id,
        Submission.place_code,
        Submission.submitter_id,
        Submission.device_id,
        Submission.created_at,
        Submission.reported_on,
    )


def _pair(row: Sequence[Any], before: Sequence[Sequence[Any]]) -> Pair:
    record, place, submitter, device, received, day, _household, result, visited, *heard = row
    earlier = [one for one in before if one[4] <= received] or list(before[:1])
    first = earlier[-1] if earlier else None
    met = str(result) == "1"
    numbers = first[_KEPT + 1 :] if first is not None else [None] * len(heard)
    return Pair(
        record,
        first[0] if first is not None else 0,
        place or "",
        str(day.year) if day else "",
        sender_of(submitter, device),
        sender_of(first[2], first[3]) if first is not None else "",
        {
            name: (_number(one), _number(other)) if met and first is not None else (None, None)
            for name, one, other in zip(COMPARED, heard, numbers, strict=True)
        },
        met and str(visited) == "0",
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


# Deadlines ---------------------------------------------------------------------------------------


def first_records(project_id: int, today: date) -> Iterator[Due]:
    """The first record of each place for every campaign whose deadline is over."""
    with snapshot() as session:
        over = [one for one in campaigns.campaigns_of(session, project_id) if one.due_on < today]
        forms = {one.id: campaigns.forms_of(session, one.id) for one in over}
    for campaign in over:
        for one in forms[campaign.id]:
            if one.unit in {VILLAGE, COMMUNE}:
                with snapshot() as session:
                    yield from _first(session, campaign, one.xml_form_id)


def _first(session: Session, campaign: Any, form: str) -> Iterator[Due]:
    number = form_id_of(session, campaign.project_id, form)
    # Whatever came by the end of the last day is in time; days are those of Viet Nam.
    rows = session.execute(
        select(Submission.place_code, func.min(Submission.id), func.min(Submission.created_at))
        .where(
            Submission.form_id == number,
            counting(),
            Submission.reported_on.between(campaign.period_from, campaign.period_to),
            Submission.place_code.is_not(None),
        )
        .group_by(Submission.place_code)
    )
    soon = campaign.due_on - timedelta(days=1)
    for _place, record, came in rows:
        day = came.astimezone(HOME).date()
        if day > soon:
            key = f"{campaign.key or campaign.id} {campaign.period_from}"
            yield Due(record, key, day, campaign.due_on)
