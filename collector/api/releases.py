"""Releases for programs: listed, made, issued, withdrawn; their files and what changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from marshmallow import validate
from marshmallow.fields import Boolean, List

from collector import bodies
from collector.actions import releases as actions
from collector.actions.releases import Wanted
from collector.api.extracts import CHOICES, ONE, answer, chosen, extract_of, maker
from collector.api.first import first_unless_said, routed
from forms.values import iso_instant
from storage.database import db, transaction
from storage.models import Release
from storage.queries import projects, releases

blueprint = Blueprint("api_releases", __name__, url_prefix="/api")
first_unless_said(blueprint)
Document = dict[str, Any]

NEW_RELEASE = bodies.Incoming.from_dict(
    {
        "name": bodies.Text(required=True),
        "note": bodies.Text(),
        "forms": List(bodies.Text(), validate=validate.Length(max=200)),
        "figures": Boolean(),
        "period": bodies.Text(),
        "approve": Boolean(),
        **CHOICES,
    },
    name="NewRelease",
)()
REASON = bodies.Incoming.from_dict({"reason": bodies.Text(required=True)}, name="ReleaseReason")()


@routed(blueprint, "/releases")
def listing(project_id: int) -> Response:
    """Every release of the asker's places, the newest first."""
    session = db.session()
    projects.get_project(session, project_id)
    return answer([_release(one) for one in releases.releases_of(session, project_id)])


@routed(blueprint, "/releases", method="POST")
def make(project_id: int) -> Response:
    """Freeze surveys and figures under the next number."""
    said = bodies.document(NEW_RELEASE)
    with transaction() as session:
        wanted = Wanted(
            said["name"],
            forms=tuple(said.get("forms", ())),
            figures=said.get("figures", True),
            note=said.get("note", ""),
            period=said.get("period", ""),
            approve=said.get("approve", False),
            **chosen(said),
        )
        return answer(_release(actions.make(session, project_id, wanted, maker())))


@routed(blueprint, f"/releases/{ONE}")
def single(project_id: int, number: int) -> Response:
    """One release with its extracts, their files, and what is different from the one before."""
    session = db.session()
    release = releases.get_release(session, project_id, number)
    made = releases.with_files(session, releases.extracts_of(session, release))
    return answer(
        _release(release)
        | {"asked": release.spec, "changes": release.changes, "extracts": [extract_of(one) for one in made]}
    )


@routed(blueprint, f"/releases/{ONE}/approve", method="POST")
def approve(project_id: int, number: int) -> Response:
    """Issue one that waits."""
    with transaction() as session:
        release = releases.get_release(session, project_id, number)
        actions.issue(session, release, maker())
        return answer(_release(release))


@routed(blueprint, f"/releases/{ONE}/decline", method="POST")
def decline(project_id: int, number: int) -> Response:
    """Say no to one that waits."""
    said = bodies.document(REASON)
    with transaction() as session:
        release = releases.get_release(session, project_id, number)
        actions.decline(session, release, said["reason"], maker())
        return answer(_release(release))


@routed(blueprint, f"/releases/{ONE}/withdraw", method="POST")
def withdraw(project_id: int, number: int) -> Response:
    """Hand out an issued one no more."""
    said = bodies.document(REASON)
    with transaction() as session:
        release = releases.get_release(session, project_id, number)
        actions.withdraw(session, release, said["reason"], maker())
        return answer(_release(release))


@routed(blueprint, f"/releases/{ONE}/reissue", method="POST")
def reissue(project_id: int, number: int) -> Response:
    """Make one anew that was withdrawn, declined or failed."""
    with transaction() as session:
        release = releases.get_release(session, project_id, number)
        return answer(_release(actions.reissue(session, release, maker())))


def _release(one: Release) -> Document:
    return {
        "number": one.number,
        "name": one.name,
        "note": one.note,
        "state": one.state,
        "problem": one.problem,
        "places": [code for code in one.places if code],
        "madeAt": iso_instant(one.made_at),
        "issuedAt": iso_instant(one.issued_at) if one.issued_at else None,
        "withdrawnAt": iso_instant(one.withdrawn_at) if one.withdrawn_at else None,
        "reason": one.reason,
        "digest": one.digest,
        "dueId": one.due_id,
        "dueOn": one.due_on,
    }
