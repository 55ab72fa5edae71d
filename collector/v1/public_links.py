"""Links by which anybody fills one form."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import public_links as actions
from collector.actions.public_links import NewLink
from collector.clock import moment
from collector.parts import parts
from collector.v1 import incoming
from collector.v1 import people_documents as documents
from collector.v1.outgoing import answer, success
from storage.database import db, transaction
from storage.models import Form, PublicLink
from storage.queries import access, forms, tallies

blueprint = Blueprint(
    "v1_public_links",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/forms/<seg:form_id>/public-links",
)
_NUMBER = "/<int(max=2147483647):actor_id>"


@blueprint.get("")
def listing(project_id: int, form_id: str) -> Response:
    """The links to a form, revoked ones last."""
    session = db.session()
    several = access.links_of(session, forms.get_form(session, project_id, form_id).id)
    by = tallies.actors_by_id(session, (one.created_by for one in several)) if incoming.extended() else None
    return answer([documents.public_link(one, parts().vault, by=by) for one in several])


@blueprint.post("")
def create(project_id: int, form_id: str) -> Response:
    """A link; `places` cuts it, `once` asks browsers to send one record only."""
    said = incoming.document(documents.NEW_LINK)
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        wanted = NewLink(
            said["displayName"],
            said.get("once", False),
            tuple(said.get("places", ())),
            created_by=identity().actor_id,
        )
        made = actions.make(session, form, wanted, parts().vault, now=moment())
        return answer(documents.public_link(made, parts().vault))


def _found(session: Session, project_id: int, form_id: str, actor_id: int) -> tuple[Form, PublicLink]:
    form = forms.get_form(session, project_id, form_id)
    return form, access.get_link(session, form.id, actor_id) or abort(404)


@blueprint.get(_NUMBER)
def single(project_id: int, form_id: str, actor_id: int) -> Response:
    """One link."""
    session = db.session()
    _form, link = _found(session, project_id, form_id, actor_id)
    return _answer(session, link)


def _answer(session: Session, link: PublicLink) -> Response:
    by = tallies.actors_by_id(session, [link.created_by]) if incoming.extended() else None
    return answer(documents.public_link(link, parts().vault, by=by))


@blueprint.patch(_NUMBER)
def change(project_id: int, form_id: str, actor_id: int) -> Response:
    """Another name, other places, once or often."""
    said = incoming.document(documents.LINK_PATCH)
    with transaction() as session:
        form, link = _found(session, project_id, form_id, actor_id)
        actions.change(
            session,
            link,
            form,
            name=said.get("displayName"),
            once=said.get("once"),
            codes=said.get("places"),
            now=moment(),
        )
        return _answer(session, link)


@blueprint.delete(_NUMBER)
def remove(project_id: int, form_id: str, actor_id: int) -> Response:
    """End a link and take it out of the list; what came by it stays."""
    with transaction() as session:
        form, link = _found(session, project_id, form_id, actor_id)
        actions.remove(session, link, form, now=moment())
    return success()
