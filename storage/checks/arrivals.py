"""What villages were to send and sent, and how many units they count from year to year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from forms.checks.coverage import Arrived, Counted, Round
from forms.places import VILLAGE
from storage.checks.surveys import Checked
from storage.models import Campaign, CampaignForm, Entity, EntityList, Submission
from storage.projection.catalogue import answer_tables
from storage.queries import campaigns
from storage.queries.counting import counting
from storage.queries.households import LIST
from storage.queries.places import subtree

_DAY = timedelta(days=1)


def rounds(session: Session, project_id: int, today: date) -> list[tuple[Campaign, CampaignForm, Round]]:
    """The campaigns that run today, with each form they ask villages for."""
    found = []
    for campaign in campaigns.campaigns_of(session, project_id):
        if campaign.closed_at is None and campaign.opens_on <= today <= campaign.due_on:
            for asked in campaigns.forms_of(session, campaign.id):
                if asked.unit == VILLAGE:
                    key = f"{campaign.key or campaign.id} {campaign.period_from}"
                    found.append((
                        campaign,
                        asked,
                        Round(asked.xml_form_id, key, campaign.opens_on, campaign.due_on),
                    ))
    return found


def arrived(
    session: Session, campaign: Campaign, asked: CampaignForm, checked: Checked | None, now: datetime
) -> Iterator[Arrived]:
    """Every village of a campaign: what was awaited of it and what came."""
    came = {one.key: one.records for one in campaigns.arrivals(session, campaign, asked)}
    lately = _lately(session, checked, now)
    known, absent = _households(session, campaign, checked)
    for unit in campaigns.expected(session, campaign, VILLAGE):
        expected = max(known[unit.key], 1)
        yield Arrived(
            unit.key,
            expected,
            min(came.get(unit.key, 0), expected),
            lately[unit.key],
            known[unit.key],
            absent[unit.key],
        )


def _lately(session: Session, checked: Checked | None, now: datetime) -> Counter[str]:
    if checked is None:
        return Counter()
    rows = session.execute(
        select(Submission.place_code, func.count())
        .where(Submission.form_id == checked.reading.form_id, counting(), Submission.created_at >= now - _DAY)
        .group_by(Submission.place_code)
    )
    return Counter({code: count for code, count in rows if code})


def _households(
    session: Session, campaign: Campaign, checked: Checked | None
) -> tuple[Counter[str], Counter[str]]:
    """Households of the list by village, and those without a record of the form in the campaign's period."""
    path = checked.survey.roles.path("household") if checked else None
    if checked is None or path is None:
        return Counter(), Counter()
    root = answer_tables(session, checked.reading.form_id, draft=False)[""]
    if path not in root.questions:
        return Counter(), Counter()
    visited = (
        select(root.column(path))
        .select_from(root.joined.join(Submission, Submission.id == root.table.c.submission_id))
        .where(
            Submission.form_id == checked.reading.form_id,
            counting(),
            Submission.reported_on.between(campaign.period_from, campaign.period_to),
            root.column(path).is_not(None),
        )
    )
    known = _listed(session, _of_list(campaign))
    return known, _listed(session, _of_list(campaign).where(Entity.uuid.not_in(visited)))


def _of_list(campaign: Campaign) -> Select[str | None, int]:
    return (
        select(Entity.place_code, func.count())
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(
            EntityList.project_id == campaign.project_id,
            EntityList.name == LIST,
            Entity.deleted_at.is_(None),
            Entity.place_code.in_(subtree([campaign.place_code])),
        )
        .group_by(Entity.place_code)
    )


def _listed(session: Session, query: Select[str | None, int]) -> Counter[str]:
    return Counter({code: count for code, count in session.execute(query) if code})


def counted(session: Session, one: Checked, year: int) -> Iterator[Counted]:
    """Units by village in a year beside the year before: households where they are known, else records."""
    now, before = (_units(session, one, each) for each in (year, year - 1))
    for place, number in before.items():
        yield Counted(one.form, place, year, now[place], number)


def _units(session: Session, one: Checked, year: int) -> Counter[str]:
    root = answer_tables(session, one.reading.form_id, draft=False)[""]
    path = one.survey.roles.path("household")
    known = path is not None and path in root.questions
    what: ColumnElement[int] = func.count(root.column(path).distinct()) if known and path else func.count()
    rows = session.execute(
        select(Submission.place_code, what)
        .select_from(root.joined.join(Submission, Submission.id == root.table.c.submission_id))
        .where(
            Submission.form_id == one.reading.form_id,
            counting(),
            Submission.reported_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(Submission.place_code)
    )
    return Counter({code: count for code, count in rows if code})


def last_round(session: Session, project_id: int, form: str, today: date) -> int:
    """The year whose round of a form is over: this one once a campaign of it is, else the last one."""
    due = session.scalars(
        select(Campaign.due_on)
        .join(CampaignForm, CampaignForm.campaign_id == Campaign.id)
        .where(Campaign.project_id == project_id, CampaignForm.xml_form_id == form)
    )
    over: Sequence[date] = [day for day in due if day < today and day.year == today.year]
    return today.year if over else today.year - 1
