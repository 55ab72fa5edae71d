"""Phones of a project, and the forms they are cut to."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.accounts.permissions import APP_USER
from collector.actions import phones
from collector.actions.accounts import NewPhone, create_app_user
from collector.clock import moment
from collector.parts import parts
from collector.v1 import documents, incoming
from collector.v1 import people_documents as shapes
from collector.v1.outgoing import answer, success
from storage.access_problems import RoleNotGiven
from storage.database import db, transaction
from storage.models import AppUser
from storage.queries import actors, forms, projects, tallies

blueprint = Blueprint("v1_app_users", __name__, url_prefix="/v1/projects/<int(max=2147483647):project_id>")
_NUMBER = "int(max=2147483647)"


@blueprint.get("/app-users")
def listing(project_id: int) -> Response:
    """The phones with their tokens, those without access last."""
    session = db.session()
    projects.get_project(session, project_id)
    several = actors.app_users_of(session, project_id)
    by = tallies.actors_by_id(session, (one.created_by for one in several)) if incoming.extended() else None
    return answer([documents.app_user(one, parts().vault, by=by) for one in several])


@blueprint.post("/app-users")
def create(project_id: int) -> Response:
    """A phone's access, to every form until it is assigned to single ones."""
    said = incoming.document(shapes.NEW_APP_USER)
    codes = tuple(said.get("places", ()))
    with transaction() as session:
        projects.get_project(session, project_id)
        phones.known_places(session, codes)
        phone = NewPhone(project_id, said["displayName"], place_codes=codes, created_by=identity().actor_id)
        made, _token = create_app_user(session, phone, parts().vault, now=moment())
        return answer(documents.app_user(made, parts().vault))


@blueprint.get(f"/app-users/<{_NUMBER}:actor_id>")
def single(project_id: int, actor_id: int) -> Response:
    """One phone."""
    session = db.session()
    found = _phone(session, project_id, actor_id)
    by = tallies.actors_by_id(session, [found.created_by]) if incoming.extended() else None
    return answer(documents.app_user(found, parts().vault, by=by))


@blueprint.patch(f"/app-users/<{_NUMBER}:actor_id>")
def change(project_id: int, actor_id: int) -> Response:
    """Another name of a phone, or other places it works in."""
    said = incoming.document(shapes.APP_USER_PATCH)
    with transaction() as session:
        found = _phone(session, project_id, actor_id)
        name, codes = said.get("displayName"), said.get("places")
        phones.change(session, found, name=name, codes=codes, now=moment())
        by = tallies.actors_by_id(session, [found.created_by]) if incoming.extended() else None
        return answer(documents.app_user(found, parts().vault, by=by))


def _phone(session: Session, project_id: int, actor_id: int) -> AppUser:
    found = actors.get_app_user(session, project_id, actor_id)
    if found is None or found.actor.deleted_at is not None:
        abort(404)
    return found


@blueprint.delete(f"/app-users/<{_NUMBER}:actor_id>")
def remove(project_id: int, actor_id: int) -> Response:
    """Take a phone's access away and out of the list; what it sent stays."""
    with transaction() as session:
        phones.remove(session, _phone(session, project_id, actor_id), now=moment())
    return success()


def _require_phones_role(said: str) -> None:
    """Raises RoleNotGiven for a role that is none of a phone's."""
    number = shapes.role_number(said)
    if number is None:
        abort(404)
    if number != APP_USER:
        raise RoleNotGiven(role=said)


@blueprint.post(f"/forms/<seg:form_id>/assignments/<role>/<{_NUMBER}:actor_id>")
def assign(project_id: int, form_id: str, role: str, actor_id: int) -> Response:
    """Cut a phone to this form, beside those it is assigned to already."""
    _require_phones_role(role)
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        phones.assign(session, _phone(session, project_id, actor_id), form.id, now=moment())
    return success()


@blueprint.delete(f"/forms/<seg:form_id>/assignments/<role>/<{_NUMBER}:actor_id>")
def unassign(project_id: int, form_id: str, role: str, actor_id: int) -> Response:
    """Take this form away from a phone that is assigned to it."""
    _require_phones_role(role)
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        if not phones.unassign(session, _phone(session, project_id, actor_id), form.id, now=moment()):
            abort(404)
    return success()
