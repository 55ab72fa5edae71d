"""Entities of a list: read, made one by one or many at once, changed, taken out and put back."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from flask import Blueprint, Response, abort, request

from collector.accounts.guard import identity
from collector.actions import members as actions
from collector.actions.members import Where
from collector.clock import moment
from collector.v1 import entity_documents, incoming
from collector.v1.documents import actor
from collector.v1.outgoing import answer, stream, success
from collector.v1.problems import BodyUnreadable
from forms import entity_json
from forms.entities import entity_uuid
from forms.entity_json import Said
from storage.database import db, transaction
from storage.entities import by_hand, lists
from storage.entities.by_hand import Terms, Written
from storage.entities.writing import Source
from storage.queries import members

blueprint = Blueprint(
    "v1_entities",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/datasets/<seg:name>/entities",
)
LARGEST = 100_000_000
"""Bytes of JSON with entities, many at once, as in Central; any other JSON is at most 250,000."""

_MOST = 5_000_000
"""Commas and opened brackets in such a body: in memory, 100 MB of `{},` are 3 GB of objects."""

_LONGEST_AGENT = 255


def _source() -> Source:
    agent = str(request.user_agent)[:_LONGEST_AGENT]
    return Source(identity().actor_id, moment(), user_agent=agent or None)


def _said() -> dict[str, Any]:
    """The JSON object in the body, an empty one where there is no body. Raises BodyUnreadable."""
    data = incoming.body(LARGEST)
    if not data.strip():
        return {}
    if sum(map(data.count, (b",", b"[", b"{"))) > _MOST:
        abort(413)
    try:
        said = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable from error
    if not isinstance(said, dict):
        raise BodyUnreadable
    return said


@blueprint.get("")
def listing(project_id: int, name: str) -> Response:
    """Every entity without what it says, newest first; `deleted=true` those that were taken out."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    extended = incoming.extended()
    wanted = members.Wanted(of.id, incoming.switched("deleted"), versions=True, named=extended)
    # What the request has read so far would be held as long as the client takes to read the list.
    session.rollback()
    return stream(entity_documents.entities(page, extended=extended) for page in members.pages(wanted))


@blueprint.get("/creators")
def creators(project_id: int, name: str) -> Response:
    """Who made entities of the list, by name."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    return answer([actor(one) for one in members.creators(session, of.id)])


@blueprint.get("/<seg:uuid>")
def single(project_id: int, name: str, uuid: str) -> Response:
    """One entity with what it says."""
    return _single(project_id, name, uuid)


def _single(project_id: int, name: str, number: str) -> Response:
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    page = members.single(session, of, entity_uuid(number))
    known = lists.property_names(session, of.id)
    [found] = entity_documents.entities(page, extended=incoming.extended(), properties=known)
    return answer(found)


@blueprint.post("")
def create(project_id: int, name: str) -> Response:
    """An entity, or many at once: all of them or none."""
    said = _said()
    if said.get("entities") is not None:
        several = entity_json.read_many(said)
        origin = entity_json.read_source(said.get("source"))
        actions.create_many(Where(project_id, name), several, origin, _source())
        return success()
    one = entity_json.read_new(said)
    written = Written(one.uuid or str(uuid.uuid4()), one.label, one.data)
    with transaction() as session:
        by_hand.create(session, lists.list_by_name(session, project_id, name), [written], _source())
    return _single(project_id, name, written.uuid)


@blueprint.patch("/<seg:uuid>")
def change(project_id: int, name: str, uuid: str) -> Response:
    """The next version of an entity, the rest of it stays; `baseVersion=`, `force=true`, `resolve=true`."""
    said = _said()
    resolve = incoming.switched("resolve")
    # Without a version nothing is changed: none is number 0.
    base = None if incoming.switched("force") else incoming.number("baseVersion") or 0
    terms = Terms(base, resolve=resolve)
    with transaction() as session:
        of = lists.list_by_name(session, project_id, name)
        if resolve and not said:
            by_hand.resolve(session, of, uuid, _source(), terms)
        else:
            by_hand.update(session, of, _written(uuid, entity_json.read_change(said)), _source(), terms)
    return _single(project_id, name, uuid)


def _written(number: str, one: Said) -> Written:
    return Written(number, one.label, one.data)


@blueprint.delete("/<seg:uuid>")
def delete(project_id: int, name: str, uuid: str) -> Response:
    """Take an entity out of every list; it can be put back."""
    with transaction() as session:
        by_hand.delete(session, lists.list_by_name(session, project_id, name), uuid, _source())
    return success()


@blueprint.post("/<seg:uuid>/restore")
def restore(project_id: int, name: str, uuid: str) -> Response:
    """Put an entity back."""
    with transaction() as session:
        by_hand.restore(session, lists.list_by_name(session, project_id, name), uuid, _source())
    return success()


@blueprint.post("/bulk-delete")
def delete_many(project_id: int, name: str) -> Response:
    """Take the entities `{"ids": […]}` out; says how many were in."""
    ids = entity_json.read_ids(_said().get("ids"))
    return answer({"count": actions.turn_out(Where(project_id, name), ids, _source())})


@blueprint.post("/bulk-restore")
def restore_many(project_id: int, name: str) -> Response:
    """Put the entities `{"ids": […]}` back; says how many were out."""
    ids = entity_json.read_ids(_said().get("ids"))
    return answer({"count": actions.turn_out(Where(project_id, name), ids, _source(), back=True)})
