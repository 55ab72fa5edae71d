"""Projects: survey campaigns."""

from __future__ import annotations

from flask import Blueprint, Response

from collector.accounts.guard import identity, looking_into
from collector.actions import projects as actions
from collector.clock import moment
from collector.v1 import datasets, documents, forms, incoming
from collector.v1 import people_documents as shapes
from collector.v1.outgoing import answer, success
from storage.cuts import within
from storage.database import db, transaction
from storage.models import Project
from storage.queries import projects, tallies

blueprint = Blueprint("v1_projects", __name__, url_prefix="/v1")
_ONE = "/projects/<int(max=2147483647):project_id>"
_LISTS_FORMS = ("form.list", "open_form.list")


@blueprint.get("/projects")
def listing() -> Response:
    """The projects this account may see; never a refusal.

    `?forms=true` puts into each its forms as `formList`, `?datasets=true` its entity lists as `datasetList`.
    """
    who = identity()
    several = projects.list_projects(db.session())
    return answer([_listed(one) for one in several if who.may("project.read", one.id)])


def _listed(one: Project) -> documents.Document:
    document = _document(one)
    if incoming.switched("forms"):
        document["formList"] = _forms(one.id)
    if incoming.switched("datasets"):
        document["datasetList"] = _datasets(one.id)
    return document


def _forms(project_id: int) -> list[documents.Document]:
    who = identity()
    if not any(who.may(verb, project_id) for verb in _LISTS_FORMS):
        return []
    with within(who.scope(_LISTS_FORMS, project_id)):
        return forms.seen(project_id, extended=True)


def _datasets(project_id: int) -> list[documents.Document]:
    who = identity()
    if not who.may("dataset.list", project_id):
        return []
    with within(who.scope(("dataset.list",), project_id)):
        return datasets.seen(project_id, extended=True)


@blueprint.post("/projects")
def create() -> Response:
    """An empty project."""
    said = incoming.document(shapes.NEW_PROJECT)
    with transaction() as session:
        made = actions.create(session, said["name"], said.get("description"), now=moment())
        return answer(documents.project(made))


@blueprint.get(_ONE)
def single(project_id: int) -> Response:
    """One project."""
    return answer(_document(projects.get_project(db.session(), project_id)))


@blueprint.patch(_ONE)
def change(project_id: int) -> Response:
    """Another name or description, archived or not."""
    said = incoming.document(shapes.PROJECT_PATCH)
    with transaction() as session:
        actions.change(session, projects.get_project(session, project_id), said, now=moment())
    return answer(_document(projects.get_project(db.session(), project_id)))


@blueprint.delete(_ONE)
def remove(project_id: int) -> Response:
    """Take a project off, with everything in it; nothing of it is destroyed."""
    with transaction() as session:
        actions.remove(session, projects.get_project(session, project_id), now=moment())
    return success()


def _document(one: Project) -> documents.Document:
    if not incoming.extended():
        return documents.project(one)
    with looking_into(one.id):
        tally = tallies.project_tally(db.session(), one.id)
    return documents.project(one, tally, identity().verbs(one.id))
