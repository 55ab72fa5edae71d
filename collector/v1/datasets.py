"""Entity lists: which there are, what their entities say, which forms write and read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, request, stream_with_context
from marshmallow.fields import Boolean, Raw
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import datasets as actions
from collector.actions.entities import Settling
from collector.actions.projects import require_whole
from collector.bodies import Incoming, Text
from collector.clock import moment
from collector.fileresponse import disposition
from collector.parts import parts
from collector.reading_log import counted
from collector.v1 import entity_documents, etag, incoming
from collector.v1.entity_filters import asked_of
from collector.v1.outgoing import answer, success
from collector.v1.problems import FilterUnsupported, ParametersMissing, ValueUnexpected
from forms.exports import entity_table
from forms.exports.entity_table import EntityRow
from forms.values import iso_instant
from storage.database import db, transaction
from storage.entities import lists, retiring
from storage.entities.problems import EntityPropertyExists
from storage.entities.uses import property_writers, uses_of
from storage.queries import members, projects
from storage.queries.members import Page
from storage.queries.reach import places_stamp
from storage.scope import current

blueprint = Blueprint("v1_datasets", __name__, url_prefix="/v1/projects/<int(max=2147483647):project_id>")
NEW = Incoming.from_dict(
    {"name": Text(), "approvalRequired": Boolean(), "ownerOnly": Boolean()}, name="NewDataset"
)()
"""POST …/datasets."""

PATCH = Incoming.from_dict(
    {"approvalRequired": Boolean(), "ownerOnly": Boolean(), "accessFilter": Raw(allow_none=True)},
    name="DatasetPatch",
)()
"""PATCH …/datasets/<name>."""

NEW_PROPERTY = Incoming.from_dict({"name": Text()}, name="NewProperty")()
"""POST …/properties."""

_CSV = "text/csv; charset=utf-8"


@blueprint.get("/datasets")
def listing(project_id: int) -> Response:
    """The lists of the project by name; `deleted=true` those that were deleted, with their numbers."""
    projects.get_project(db.session(), project_id)
    return answer(seen(project_id, extended=incoming.extended(), deleted=incoming.switched("deleted")))


def seen(project_id: int, *, extended: bool, deleted: bool = False) -> list[dict[str, Any]]:
    """The lists of a project by name, extended with what this account sees in them."""
    session = db.session()
    found = (members.deleted_lists if deleted else lists.lists_of)(session, project_id)
    counted = members.counted(session, [one.id for one in found]) if extended else {}
    return [entity_documents.dataset(one, counted.get(one.id)) for one in found]


@blueprint.post("/datasets")
def create(project_id: int) -> Response:
    """A new list, without properties."""
    said = incoming.document(NEW)
    if not said.get("name"):
        raise ParametersMissing(expected="name", got=[])
    with transaction() as session:
        projects.get_project(session, project_id)
        of = lists.create_list(
            session,
            project_id,
            said["name"],
            approval_required=bool(said.get("approvalRequired")),
            now=moment(),
        )
        lists.set_owner_only(session, of, owner_only=bool(said.get("ownerOnly")))
        # Forms that ask for its file have one from now on.
        projects.touch_forms(session, project_id)
    return _single(project_id, said["name"])


@blueprint.get("/datasets/<seg:name>")
def single(project_id: int, name: str) -> Response:
    """One list with its properties and forms."""
    return _single(project_id, name)


def _single(project_id: int, name: str) -> Response:
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    counted = members.counted(session, [of.id]) if incoming.extended() else {}
    more = entity_documents.details(
        of,
        lists.properties(session, of.id),
        property_writers(session, of),
        uses_of(session, of),
        members.changed_at(session, of),
    )
    return answer(entity_documents.dataset(of, counted.get(of.id)) | more)


@blueprint.patch("/datasets/<seg:name>")
def change(project_id: int, name: str) -> Response:
    """Whether new entities wait for approval, and who sees what; `convert=` what becomes of those that do."""
    said = incoming.document(PATCH)
    convert = request.args.get("convert")
    if convert not in {None, "true", "false"}:
        raise ValueUnexpected(field="convert", value=str(convert)[:40], reason="it has to be true or false")
    wanted = actions.Change(
        said.get("approvalRequired"), _owner_only(said), None if convert is None else convert == "true"
    )
    settling = Settling(parts().blobs, parts().shelf)
    actions.change(project_id, name, wanted, settling, actor_id=identity().actor_id, now=moment())
    return _single(project_id, name)


def _owner_only(said: dict[str, Any]) -> bool | None:
    """What the newer way to say it means, else what the older one does."""
    if "accessFilter" not in said:
        found: bool | None = said.get("ownerOnly")
        return found
    wanted = said["accessFilter"]
    if wanted is None:
        return False
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "property":
        # Who sees which entities follows from the places they lie in.
        raise FilterUnsupported(feature="accessFilter property")
    if kind != "ownerOnly":
        raise ValueUnexpected(
            field="accessFilter.type", value=str(kind)[:40], reason="it has to be ownerOnly"
        )
    return True


@blueprint.delete("/datasets/<seg:name>")
def delete(project_id: int, name: str) -> Response:
    """Take a list away that no form uses, and all that is in it wherever it lies."""
    with transaction() as session:
        require_whole()
        of = lists.list_by_name(session, project_id, name)
        retiring.delete_list(session, of, actor_id=identity().actor_id, now=moment())
    return success()


@blueprint.post("/datasets/<seg:name>/properties")
def add_property(project_id: int, name: str) -> Response:
    """Give the list a property."""
    said = incoming.document(NEW_PROPERTY)
    if not said.get("name"):
        raise ParametersMissing(expected="name", got=[])
    with transaction() as session:
        of = lists.list_by_name(session, project_id, name)
        if said["name"].lower() in {one.lower() for one in lists.property_names(session, of.id)}:
            raise EntityPropertyExists(list=of.name, name=said["name"])
        lists.add_property(session, of, said["name"], now=moment())
    return success()


@blueprint.delete("/datasets/<seg:name>/properties/<seg:property_name>")
def delete_property(project_id: int, name: str, property_name: str) -> Response:
    """Take a property away that no form writes and no entity fills."""
    with transaction() as session:
        of = lists.list_by_name(session, project_id, name)
        retiring.delete_property(session, of, property_name, actor_id=identity().actor_id, now=moment())
    return success()


# The file ---------------------------------------------------------------------------------------------


@blueprint.get("/datasets/<seg:name>/entities.csv")
def table(project_id: int, name: str) -> Response:
    """Every entity as a line, newest first; `$filter` and `$search` choose among them."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    asked = asked_of(session, of)
    if asked.narrowed:
        return _table(
            session, of.name, members.Wanted(of.id, asked.deleted, asked.condition, data=True, named=True)
        )
    everything, seen = members.Wanted(of.id, data=True, named=True), current()
    tag = etag.tag_of(
        *members.list_state(session, of), seen.codes, seen.actor_id, seen.whole or places_stamp(session)
    )
    return etag.strong(tag, lambda: _table(session, of.name, everything))


@blueprint.get("/trash/datasets/<int(max=2147483647):number>/entities.csv")
def deleted_table(project_id: int, number: int) -> Response:
    """The entities a deleted list had, by the number the list of deleted lists gives."""
    session = db.session()
    of = retiring.deleted_list(session, project_id, number)
    wanted = members.Wanted(of.id, data=True, named=True)
    return _table(session, f"{of.deleted_name}-deleted", wanted)


def _table(session: Session, name: str, wanted: members.Wanted) -> Response:
    names = lists.property_names(session, wanted.list_id)
    # What the request has read so far would be held as long as the client takes to read the file.
    session.rollback()
    rows = counted(list(_rows(page)) for page in members.pages(wanted))
    response = Response(stream_with_context(_pieces(rows, names)), content_type=_CSV)
    response.headers["Content-Disposition"] = disposition(f"{name}.csv")
    return response


def _pieces(pages: Iterator[Sequence[EntityRow]], names: list[str]) -> Iterator[bytes]:
    yield entity_table.header(names)
    for rows in pages:
        yield entity_table.lines(rows, names)


def _rows(page: Page) -> Iterator[EntityRow]:
    for line in page.lines:
        maker = page.actors.get(line.creator_id or 0)
        yield EntityRow(
            line.uuid,
            line.label,
            {**line.data, **line.computed},
            iso_instant(line.created_at),
            str(line.creator_id or ""),
            maker.display_name if maker else "",
            iso_instant(line.updated_at) if line.updated_at else "",
            line.version,
        )
