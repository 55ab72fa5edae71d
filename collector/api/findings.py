"""Findings for programs: a list with its filters, one of them, and what is said to it."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request

from collector import finding_words
from collector.accounts.guard import identity
from collector.actions import findings as actions
from collector.actions.findings import Verdict
from collector.api.first import first_unless_said, routed
from collector.clock import moment
from collector.finding_table import table
from forms.values import iso_instant
from storage.database import db, transaction
from storage.findings import queue
from storage.findings.messages import Messages, messages
from storage.findings.queue import Asked, Line
from storage.findings.reporting import OPEN, STATES
from storage.queries import projects

blueprint = Blueprint("api_findings", __name__, url_prefix="/api")

MOST = 1_000
"""Findings in one answer."""

first_unless_said(blueprint)


@routed(blueprint, "/findings")
def listing(project_id: int) -> Response:
    """The first to mend first; `state=`, `severity=`, `check=`, `form=`, `place=`, `owner=` narrow it.

    `state` is `open` unless said, `all` for every one. `limit=` as many in one answer, `after=` the id of
    the last one seen; `open` is how many wait in the whole project.
    """
    session = db.session()
    projects.get_project(session, project_id)
    lines = queue.listing(session, _asked(project_id))
    own = messages(session, {line.finding.form_id or 0 for line in lines})
    found = [_document(line, own) for line in lines]
    return _answer({"open": queue.open_findings(session, project_id, waiting=None), "findings": found})


@routed(blueprint, "/findings.csv")
def download(project_id: int) -> Response:
    """The same as a table, all of them."""
    projects.get_project(db.session(), project_id)
    body = b"".join(table(db.session(), _asked(project_id), for_people=False))
    return Response(body, content_type="text/csv; charset=utf-8")


@routed(blueprint, "/findings/<int(max=2147483647):number>")
def single(number: int, project_id: int) -> Response:
    """One finding."""
    session = db.session()
    line = queue.one(session, project_id, number)
    return _answer(_document(line, messages(session, {line.finding.form_id or 0})))


@routed(blueprint, "/findings/<int(max=2147483647):number>", method="PATCH")
def change(number: int, project_id: int) -> Response:
    """Say something to it: `state` with `reason`, or `owner` (the number of an account, or null)."""
    said: Any = request.get_json(silent=True)
    said = said if isinstance(said, dict) else {}
    with transaction(noticed=False) as session:
        queue.one(session, project_id, number)
        if "owner" in said:
            owner = said["owner"]
            actions.assign(session, project_id, number, owner if isinstance(owner, int) else None)
        if "state" in said or "owner" not in said:
            verdict = Verdict(
                str(said.get("state", "")), str(said.get("reason") or ""), identity().actor_id, moment()
            )
            actions.judge(session, project_id, number, verdict)
    return single(number, project_id)


def _asked(project_id: int) -> Asked:
    asked = request.args
    state = asked.get("state", OPEN)
    return Asked(
        project_id,
        state=state if state in STATES else "",
        severity=asked.get("severity", "")[:255],
        check=asked.get("check", "")[:255],
        form=asked.get("form", "")[:255],
        place=asked.get("place", "")[:255],
        owner=asked.get("owner", "")[:255],
        after=asked.get("after", type=int),
        limit=min(max(asked.get("limit", 100, type=int), 1), MOST),
    )


def _answer(document: object) -> Response:
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _document(line: Line, own: Messages) -> dict[str, Any]:
    found = line.finding
    return {
        "id": found.id,
        "check": found.check,
        "title": finding_words.title(found.check, found.form_id, own),
        "sentence": finding_words.sentence(found, own),
        "remedy": finding_words.remedy(found),
        "severity": found.severity,
        "state": found.state,
        "reason": found.reason,
        "form": line.form_id or None,
        "record": line.instance_id or None,
        "question": found.path or None,
        "row": found.key or None,
        "value": found.value,
        "expected": found.expected,
        "subject": found.subject,
        "place": found.place_code,
        "owner": found.owner_id,
        "details": found.details,
        "found_at": iso_instant(found.created_at),
        "changed_at": iso_instant(found.changed_at) if found.changed_at else None,
        "changed_by": found.changed_by,
    }
