"""Campaigns: which units are expected to report, and which have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from forms.places import COMMUNE, PROVINCE, UNLISTED_ENDING, VILLAGE
from storage.models import (
    Campaign,
    CampaignForm,
    Entity,
    EntityList,
    Form,
    FormVersion,
    Place,
    PlacePath,
    Submission,
)
from storage.problems import CampaignNotFound
from storage.projection.catalogue import answer_tables
from storage.queries.counting import counting
from storage.queries.places import subtree

CENTRE = "centre"
CENTRES = "centres"
"""The entity list whose members are the centres."""

UNITS = (VILLAGE, COMMUNE, CENTRE, PROVINCE)
"""What may be expected to report: each gives one record of a form, at least."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One that is expected to report: the code of a place, or the uuid of a centre."""

    key: str
    name: str
    commune: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came from a unit: how many records, and when the first and the last one did."""

    key: str
    records: int
    first_at: datetime
    last_at: datetime


def campaigns_of(session: Session, project_id: int) -> Sequence[Campaign]:
    """The campaigns of a project, the one due last first."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.project_id == project_id)
        .order_by(Campaign.due_on.desc(), Campaign.id.desc())
    ).all()


def open_since(session: Session, project_id: int, day: date) -> Sequence[Campaign]:
    """The campaigns of a project nobody has ended whose last day is that day or later, by that day."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.project_id == project_id, Campaign.closed_at.is_(None), Campaign.due_on >= day)
        .order_by(Campaign.due_on, Campaign.id)
    ).all()


def get_campaign(session: Session, project_id: int, number: int) -> Campaign:
    """A campaign of a project. Raises CampaignNotFound."""
    found = session.scalars(
        select(Campaign).where(Campaign.id == number, Campaign.project_id == project_id)
    ).one_or_none()
    if found is None:
        raise CampaignNotFound(number=number)
    return found


def forms_of(session: Session, campaign_id: int) -> Sequence[CampaignForm]:
    """What a campaign asks for, by form id."""
    return session.scalars(
        select(CampaignForm).where(CampaignForm.campaign_id == campaign_id).order_by(CampaignForm.xml_form_id)
    ).all()


def forms_of_several(session: Session, numbers: Collection[int]) -> dict[int, list[CampaignForm]]:
    """What each of these campaigns asks for, by form id."""
    query = select(CampaignForm).where(CampaignForm.campaign_id.in_(numbers))
    found: dict[int, list[CampaignForm]] = {}
    for one in session.scalars(query.order_by(CampaignForm.campaign_id, CampaignForm.xml_form_id)):
        found.setdefault(one.campaign_id, []).append(one)
    return found


def form_titles(session: Session, project_id: int) -> dict[str, str]:
    """The titles of the published forms of a project, by form id."""
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.name)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
    )
    return {row.xml_form_id: row.name or row.xml_form_id for row in rows}


def expected(session: Session, campaign: Campaign, unit: str, *, area: str = "") -> list[Unit]:
    """The units of that kind in the campaign's area today that were there while it ran, by communes.

    With `area` only those in that place of it.
    """
    inside = subtree([campaign.place_code])
    query = _centres(campaign, inside) if unit == CENTRE else _places(campaign, unit, inside)
    if area:
        place = Entity.place_code if unit == CENTRE else Place.code
        query = query.where(place.in_(subtree([area])))
    return [Unit(*row) for row in session.execute(query)]


def _places(campaign: Campaign, level: str, inside: Select[str]) -> Select[*tuple[Any, ...]]:
    commune = Place.parent_code if level == VILLAGE else Place.code
    return (
        select(Place.code, Place.name, func.coalesce(commune, ""), Place.sort_key)
        .where(
            Place.level == level,
            # The village "not on the list yet" of every commune reports nothing.
            ~Place.code.endswith(UNLISTED_ENDING),
            # What was closed counts with what it became: its records have followed it there.
            Place.valid_to.is_(None),
            or_(Place.valid_from.is_(None), Place.valid_from <= campaign.period_to),
            Place.code.in_(inside),
        )
        .order_by(Place.parent_code, Place.sort_key, Place.code)
    )


def places_asked(campaign: Campaign, level: str) -> Select[*tuple[Any, ...]]:
    """Code, name, commune and sort key of the places of a level that are to report, by communes."""
    return _places(campaign, level, subtree([campaign.place_code]))


def _replaced() -> ColumnElement[bool]:
    """Whether a place became part of another, with which its records count: nobody is left to report."""
    replaced = select(PlacePath.id).where(
        PlacePath.descendant == Place.code, PlacePath.via == "link", PlacePath.valid_to.is_(None)
    )
    return replaced.exists()


def _centres(campaign: Campaign, inside: Select[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(Entity.uuid, Entity.label, func.coalesce(Entity.place_code, ""), Entity.label)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(
            EntityList.project_id == campaign.project_id,
            EntityList.name == CENTRES,
            Entity.deleted_at.is_(None),
            Entity.place_code.in_(inside),
        )
        .order_by(Entity.place_code, Entity.label)
    )


def arrivals(session: Session, campaign: Campaign, asked: CampaignForm, *, area: str = "") -> list[Arrival]:
    """What came of a form for the campaign's period, by unit; records of no unit are left out.

    With `area` only what came from that place; centres are asked for all at once.
    """
    form = session.scalars(
        select(Form).where(
            Form.project_id == campaign.project_id,
            Form.xml_form_id == asked.xml_form_id,
            Form.deleted_at.is_(None),
        )
    ).one_or_none()
    if form is None:
        return []
    query = _by_centre(session, form) if asked.unit == CENTRE else _by_place(asked.unit)
    if query is None:
        return []
    conditions = list(_counting(form, campaign))
    if asked.unit != CENTRE:
        # Place by place all that is asked for stands in an index; without it every record is looked up.
        conditions.append(Submission.place_code.in_(subtree([area or campaign.place_code])))
    rows = session.execute(query.where(*conditions))
    return [Arrival(str(row[0]), row[1], row[2], row[3]) for row in rows if row[0]]


def _counting(form: Form, campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    return (
        Submission.form_id == form.id,
        counting(),
        Submission.reported_on.between(campaign.period_from, campaign.period_to),
    )


_MOMENTS = (func.min(Submission.created_at), func.max(Submission.created_at))


def _by_place(unit: str) -> Select[*tuple[Any, ...]]:
    if unit == VILLAGE:
        place = Submission.place_code
        query = select(place, func.count(), *_MOMENTS)
        return query.group_by(place)
    # A record of a village also tells that its commune has reported.
    commune = select(PlacePath.descendant, PlacePath.ancestor).join(Place, Place.code == PlacePath.ancestor)
    above = commune.where(
        Place.level == unit, PlacePath.via == "tree", PlacePath.valid_to.is_(None)
    ).subquery()
    return (
        select(above.c.ancestor, func.count(), *_MOMENTS)
        .select_from(Submission)
        .join(above, above.c.descendant == Submission.place_code)
        .group_by(above.c.ancestor)
    )


def _by_centre(session: Session, form: Form) -> Select[*tuple[Any, ...]] | None:
    version = session.get(FormVersion, form.current_id) if form.current_id else None
    marks = version.sheets.get("marks", {}) if version else {}
    root = answer_tables(session, form.id, draft=False).get("")
    asked = [path for path, mark in marks.items() if mark.get("unit") == CENTRE]
    paths = [path for path in asked if root is not None and path in root.questions]
    if root is None or not paths:
        return None
    centre = root.column(paths[-1])
    return (
        select(centre, func.count(), *_MOMENTS)
        .select_from(Submission)
        .join(root.joined, root.table.c.submission_id == Submission.id)
        .group_by(centre)
    )
