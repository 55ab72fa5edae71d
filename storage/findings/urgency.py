"""What of a project is to be mended first: errors before warnings, what is due sooner before the rest.

A finding is due when the campaign is to which its record belongs: one that is open, asks for its form, and in
whose period and area it was reported. The older finding comes first among equals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, literal, or_, select
from sqlalchemy.orm import Session, aliased

from forms.checks.check import ERROR, INFO, WARNING
from forms.places import PROVINCE
from storage.models import Campaign, CampaignForm, Finding, Form, Place, Submission
from storage.queries.places import subtree

NEVER = date.max.toordinal()
"""The day on which what belongs to no campaign is due."""

MOST_CAMPAIGNS = 40
"""Open campaigns that are looked at, those due first."""


def rank(severity: SQLColumnExpression[str]) -> ColumnElement[int]:
    """What comes first: errors, then warnings, then the rest."""
    return case((severity == ERROR, 0), (severity == WARNING, 1), (severity == INFO, 2), else_=3)


@dataclass(frozen=True)
class Urgency:
    """The order of a project's findings: three expressions over `Finding` and `Submission`."""

    due: ColumnElement[int]

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """The expressions, the first to mend first."""
        return rank(Finding.severity), self.due, Finding.id.expression

    def beyond(self, place: tuple[int, int, int], *, sooner: bool = False) -> ColumnElement[bool]:
        """Whether a finding comes after that place in the order, or `sooner` than it."""
        first, second, third = self.columns
        one, two, three = place
        if sooner:
            return or_(first < one, and_(first == one, or_(second < two, and_(second == two, third < three))))
        return or_(first > one, and_(first == one, or_(second > two, and_(second == two, third > three))))


def urgency(session: Session, project_id: int) -> Urgency:
    """The order of the findings of a project as its campaigns stand now."""
    area = aliased(Place)
    rows = session.execute(
        select(Campaign, area.level)
        .outerjoin(area, area.code == Campaign.place_code)
        .where(Campaign.project_id == project_id, Campaign.closed_at.is_(None))
        .order_by(Campaign.due_on, Campaign.id)
        .limit(MOST_CAMPAIGNS)
    ).all()
    forms = _forms(session, project_id, [one.id for one, _level in rows])
    whens = [
        (_belongs(one, level, forms[one.id]), one.due_on.toordinal())
        for one, level in rows
        if forms.get(one.id)
    ]
    return Urgency(case(*whens, else_=NEVER) if whens else literal(NEVER))


def _forms(session: Session, project_id: int, campaigns: list[int]) -> dict[int, list[int]]:
    """The forms each of these campaigns asks for."""
    asked = session.execute(
        select(CampaignForm.campaign_id, Form.id)
        .join(Form, Form.xml_form_id == CampaignForm.xml_form_id)
        .where(
            CampaignForm.campaign_id.in_(campaigns), Form.project_id == project_id, Form.deleted_at.is_(None)
        )
    )
    several: dict[int, list[int]] = {}
    for campaign, form in asked if campaigns else ():
        several.setdefault(campaign, []).append(form)
    return several


def _belongs(campaign: Campaign, level: str | None, forms: list[int]) -> ColumnElement[bool]:
    parts = [
        Finding.form_id.in_(forms),
        Submission.reported_on.between(campaign.period_from, campaign.period_to),
    ]
    if level != PROVINCE:
        # A province is all there is: nobody needs to look for its communes.
        parts.append(Finding.place_code.in_(subtree([campaign.place_code])))
    return and_(*parts)
