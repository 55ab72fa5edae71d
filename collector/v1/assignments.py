"""Roles given and taken: on the server, in a project; in a form those of phones (`app_users`)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from collector.accounts.guard import identity
from collector.accounts.permissions import APP_USER
from collector.actions import assignments as actions
from collector.actions.assignments import OF_PEOPLE, Where
from collector.clock import moment
from collector.v1 import incoming
from collector.v1 import people_documents as documents
from collector.v1.outgoing import answer, success
from storage.access_problems import RoleNotGiven
from storage.database import db, transaction
from storage.problems import NotAllowed
from storage.queries import forms, people
from storage.queries.people import Holder

blueprint = Blueprint("v1_assignments", __name__, url_prefix="/v1")
_PROJECT = "/projects/<int(max=2147483647):project_id>"
_FORM = f"{_PROJECT}/forms/<seg:form_id>/assignments"
_ACTOR = "<role>/<int(max=2147483647):actor_id>"


def _role(said: str) -> int:
    number = documents.role_number(said)
    return number if number is not None else abort(404)


def _listed(several: list[Holder]) -> Response:
    extended = incoming.extended()
    return answer([documents.assignment(one, extended=extended) for one in several])


@blueprint.get("/assignments")
@blueprint.get(f"{_PROJECT}/assignments", endpoint="of_project")
def listing(project_id: int | None = None) -> Response:
    """Who holds which role on the whole server, or in a project."""
    _require_right_to_list(project_id)
    return _listed(people.holders(db.session(), project_id))


@blueprint.get("/assignments/<role>")
@blueprint.get(f"{_PROJECT}/assignments/<role>", endpoint="holders_in_project")
def holders(role: str, project_id: int | None = None) -> Response:
    """Who holds one role there."""
    _require_right_to_list(project_id)
    return answer(documents.actors(people.holders(db.session(), project_id, _role(role))))


def _require_right_to_list(project_id: int | None) -> None:
    # Whoever may do so in one project has not yet the right to the server's.
    if project_id is None and not identity().may_everywhere("assignment.list"):
        raise NotAllowed


@blueprint.post(f"/assignments/{_ACTOR}")
@blueprint.post(f"{_PROJECT}/assignments/{_ACTOR}", endpoint="give_in_project")
def give(role: str, actor_id: int, project_id: int | None = None) -> Response:
    """Give a person a role, with `?place=CODE` (may be repeated) in places, instead of what he held of it."""
    number, codes = _of_person(role), request.args.getlist("place")
    with transaction() as session:
        user = people.account(session, actor_id) or abort(404)
        where = Where(project_id, tuple(codes))
        actions.give(session, identity(), user, number, where, now=moment())
    return success()


@blueprint.delete(f"/assignments/{_ACTOR}")
@blueprint.delete(f"{_PROJECT}/assignments/{_ACTOR}", endpoint="take_in_project")
def take(role: str, actor_id: int, project_id: int | None = None) -> Response:
    """Take a role from a person, in all places the taker sees."""
    number = _of_person(role)
    with transaction() as session:
        user = people.account(session, actor_id) or abort(404)
        if not actions.take(session, identity(), user, number, Where(project_id), now=moment()):
            abort(404)
    return success()


def _of_person(said: str) -> int:
    number = _role(said)
    if number not in OF_PEOPLE:
        raise RoleNotGiven(role=said)
    return number


@blueprint.get(_FORM, endpoint="of_form")
def of_form(project_id: int, form_id: str) -> Response:
    """Which phones are offered a form; those that are offered every form, too."""
    form = forms.get_form(db.session(), project_id, form_id)
    several = people.phones_on(db.session(), [form], APP_USER)
    return answer([
        {name: value for name, value in one.items() if name != "xmlFormId"}
        for one in (documents.assignment(one, extended=incoming.extended()) for one in several)
    ])


@blueprint.get(f"{_FORM}/<role>", endpoint="holders_of_form")
def holders_of_form(project_id: int, form_id: str, role: str) -> Response:
    """The same for one role: in a form only phones hold one."""
    form = forms.get_form(db.session(), project_id, form_id)
    there = _role(role) == APP_USER
    return answer(documents.actors(people.phones_on(db.session(), [form], APP_USER) if there else []))


@blueprint.get(f"{_PROJECT}/assignments/forms")
@blueprint.get(f"{_PROJECT}/assignments/forms/<role>", endpoint="matrix_of_role")
def matrix(project_id: int, role: str | None = None) -> Response:
    """Which phones are offered which form of a project."""
    if role is not None and _role(role) != APP_USER:
        return answer([])
    session = db.session()
    return _listed(people.phones_on(session, forms.list_forms(session, project_id), APP_USER))
