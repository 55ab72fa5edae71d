"""What somebody has to fill in: the open surveys of a project, those that are due first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from collector.actions.campaigns import days_left
from forms.values import HOME
from storage.models import Campaign
from storage.queries import campaigns, lists

OPEN = "open"


@dataclass(frozen=True, slots=True)
class ToFill:
    """A survey to fill in, with the campaign that asks for it next; `left` are days until its last day."""

    form_id: str
    title: str
    campaign: Campaign | None = None
    left: int = 0


def to_fill(session: Session, project_id: int, now: datetime) -> list[ToFill]:
    """The surveys of a project that take records, with the asker's campaigns: due ones first."""
    today = now.astimezone(HOME).date()
    running = [one for one in campaigns.open_since(session, project_id, today) if one.opens_on <= today]
    asked = campaigns.forms_of_several(session, [one.id for one in running])
    next_of: dict[str, Campaign] = {}
    for campaign in running:
        # They come by their last day: the first one that asks for a form is the next.
        for one in asked.get(campaign.id, ()):
            next_of.setdefault(one.xml_form_id, campaign)
    found = []
    for line in lists.survey_lines(session, project_id):
        if line.form.current_id is None or line.form.state != OPEN:
            continue
        due = next_of.get(line.form.xml_form_id)
        found.append(
            ToFill(line.form.xml_form_id, line.title, due, days_left(due, now) if due is not None else 0)
        )
    return sorted(found, key=lambda one: (one.campaign is None, one.left))
