"""Campaigns for programs: what is due when, and who has reported."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response

from collector.actions import campaigns as actions
from collector.actions.campaigns import Board, Line, State
from collector.clock import moment
from forms.values import iso_instant
from storage.database import db
from storage.models import Campaign
from storage.queries import campaigns, projects

blueprint = Blueprint("api_campaigns", __name__, url_prefix="/api/projects/<int(max=2147483647):project_id>")
Document = dict[str, Any]


@blueprint.get("/campaigns")
def listing(project_id: int) -> Response:
    """The campaigns of a project with their tallies, survey by survey."""
    session, now = db.session(), moment()
    projects.get_project(session, project_id)
    return _answer([
        _campaign(one) | {"forms": [_tally(board) for board in actions.boards(session, one, now=now)]}
        for one in campaigns.campaigns_of(session, project_id)
    ])


@blueprint.get("/campaigns/<int(max=2147483647):number>")
def single(project_id: int, number: int) -> Response:
    """One campaign with every unit: received, late, missing, waiting."""
    session, now = db.session(), moment()
    campaign = campaigns.get_campaign(session, project_id, number)
    boards = actions.boards(session, campaign, now=now)
    forms = [_tally(board) | {"units": [_unit(line) for line in board.lines]} for board in boards]
    return _answer(_campaign(campaign) | {"as_of": iso_instant(now), "forms": forms})


def _answer(document: object) -> Response:
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _campaign(one: Campaign) -> Document:
    return {
        "id": one.id,
        "key": one.key,
        "name": one.name,
        "place": one.place_code,
        "opens_on": one.opens_on,
        "due_on": one.due_on,
        "grace_days": one.grace_days,
        "period_from": one.period_from,
        "period_to": one.period_to,
        "source": one.source,
        "closed": one.closed_at is not None,
    }


def _tally(board: Board) -> Document:
    return {
        "form": board.asked.xml_form_id,
        "unit": board.asked.unit,
        "expected": board.expected,
        **{state.value: board.of(state) for state in State},
    }


def _unit(line: Line) -> Document:
    return {
        "key": line.unit.key,
        "name": line.unit.name,
        "commune": line.unit.commune,
        "state": line.state.value,
        "records": line.records,
        "first_at": iso_instant(line.first_at) if line.first_at else None,
        "last_at": iso_instant(line.last_at) if line.last_at else None,
    }
