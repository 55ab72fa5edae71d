"""Projects: survey campaigns."""

from __future__ import annotations

from flask import Blueprint, Response

from collector.accounts.guard import identity, looking_into
from collector.accounts.permissions import ROLES
from collector.v1 import documents, incoming
from collector.v1.outgoing import answer
from storage.database import db
from storage.models import Project
from storage.queries import projects, tallies

blueprint = Blueprint("v1_projects", __name__, url_prefix="/v1")


@blueprint.get("/projects")
def listing() -> Response:
    """The projects this account may see; never a refusal."""
    who = identity()
    several = projects.list_projects(db.session())
    return answer([_document(one) for one in several if who.may("project.read", one.id)])


@blueprint.get("/projects/<int(max=2147483647):project_id>")
def single(project_id: int) -> Response:
    """One project."""
    return answer(_document(projects.get_project(db.session(), project_id)))


def _document(one: Project) -> documents.Document:
    if not incoming.extended():
        return documents.project(one)
    held = {
        verb
        for grant in identity().grants
        if grant.project_id in {None, one.id}
        for verb in ROLES.get(grant.role, ())
    }
    with looking_into(one.id):
        tally = tallies.project_tally(db.session(), one.id)
    return documents.project(one, tally, sorted(held))
