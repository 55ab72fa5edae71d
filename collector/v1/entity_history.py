"""How an entity came to be what it is: its versions, what they changed, what was done to it."""

from __future__ import annotations

from flask import Blueprint, Response

from collector.v1 import entity_documents, incoming
from collector.v1.outgoing import answer
from forms.entities import LABEL, entity_uuid
from forms.entity_history import Version, differences, tell
from storage.database import db
from storage.entities import lists
from storage.entities.reading import get_entity
from storage.models import Entity, EntityVersion
from storage.queries import member_history

blueprint = Blueprint(
    "v1_entity_history",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/datasets/<seg:name>/entities/<seg:uuid>",
)


def _entity(project_id: int, name: str, uuid: str) -> Entity:
    session = db.session()
    return get_entity(session, lists.list_by_name(session, project_id, name), entity_uuid(uuid))


@blueprint.get("/versions")
def versions(project_id: int, name: str, uuid: str) -> Response:
    """Its versions, oldest first, with their conflicts; `relevantToConflict=true` those one has to settle."""
    entity = _entity(project_id, name, uuid)
    session = db.session()
    found = member_history.history(session, entity)
    settled = entity.version if entity.conflict is None else entity.resolved_version or 0
    told = tell([_kept(one) for one in found.versions], settled)
    known = lists.property_names(session, entity.list_id)
    several = entity_documents.versions(found, told, known, extended=incoming.extended())
    if incoming.switched("relevantToConflict"):
        several = [one for one in several if one["relevantToConflict"]]
    return answer(several)


def _kept(one: EntityVersion) -> Version:
    return Version(one.version, one.base_version, one.conflict, {**one.data, LABEL: one.label}, one.received)


@blueprint.get("/diffs")
def diffs(project_id: int, name: str, uuid: str) -> Response:
    """What each version but the first changed."""
    found = member_history.history(db.session(), _entity(project_id, name, uuid))
    wholes = [{**one.data, LABEL: one.label} for one in found.versions]
    return answer([
        [{"old": one.old, "new": one.new, "propertyName": one.name} for one in changed]
        for changed in differences(wholes)
    ])


@blueprint.get("/audits")
def audits(project_id: int, name: str, uuid: str) -> Response:
    """What was done to it, newest first; `limit`, `offset`."""
    found, actors = member_history.audits(db.session(), _entity(project_id, name, uuid))
    start, limit = incoming.number("offset") or 0, incoming.number("limit")
    shown = found[start:] if limit is None else found[start : start + limit]
    extended = incoming.extended()
    return answer([entity_documents.audit(one, actors, extended=extended) for one in shown])
