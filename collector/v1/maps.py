"""Records and entities on a map: GeoJSON.

A record lies where its version's first geographical question outside of repeats says, or where the question
that `fieldpath` names does; an entity where its property `geometry` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from flask import Blueprint, Response, request, stream_with_context
from lxml import etree

from collector.clock import moment
from collector.parts import parts
from collector.reading_log import counted
from collector.v1 import etag, incoming
from collector.v1.entity_filters import asked_of
from collector.v1.problems import QueryContradictory
from forms.entities import entity_uuid
from forms.exports import geojson
from forms.schema import Node, Schema
from forms.submission import read
from storage.database import db
from storage.entities import lists
from storage.models import Form, SubmissionVersion
from storage.queries import forms, geometries, members, records, submissions
from storage.queries.geometries import Spot, Wanted
from storage.queries.odata_filter import submissions_filter

blueprint = Blueprint("v1_maps", __name__, url_prefix="/v1/projects/<int(max=2147483647):project_id>")
_JSON = "application/json; charset=utf-8"
_GEOMETRY = "geometry"
"""What entities call the place they lie at."""


def _collection(pages: Iterable[Sequence[bytes]], limit: int | None = None) -> Response:
    cut = pages if limit is None else _cut(pages, limit)
    return Response(stream_with_context(geojson.collection(counted(cut))), content_type=_JSON)


def _cut(pages: Iterable[Sequence[bytes]], limit: int) -> Iterator[Sequence[bytes]]:
    left = limit
    for page in pages:
        yield page[:left]
        left -= len(page)
        if left <= 0:
            return


def _paths() -> list[str]:
    """The questions that are asked for, each once."""
    return list(dict.fromkeys(path for path in request.args.getlist("fieldpath") if path))


# Records ----------------------------------------------------------------------------------------------


@blueprint.get("/forms/<seg:form_id>/submissions.geojson")
def every_record(project_id: int, form_id: str) -> Response:
    """Every record that lies on a map, newest first; `fieldpath`, `limit`, `$filter`."""
    session = db.session()
    form = forms.get_form(session, project_id, form_id)
    paths = _paths()
    if len(paths) > 1:
        raise QueryContradictory(names="fieldpath", reason="name one question at most")
    chosen = submissions_filter(session, form, request.args.get("$filter", ""), now=moment())
    schemas = _Schemas(form)
    wanted = Wanted(form.id, schemas.default_path, paths[0] if paths else None, chosen)
    limit = incoming.number("limit") or None

    def make() -> Response:
        # What the request has read so far would be held as long as the client takes to read the answer.
        db.session().rollback()
        return _collection(map(_features, geometries.spots(wanted)), limit)

    return etag.weak(etag.records_tag(session, form), make)


class _Schemas:
    """The versions of a form, as its records answer them."""

    def __init__(self, form: Form) -> None:
        self._generation = form.generation

    def get(self, version_id: int) -> Schema:
        """What a version asks."""
        shelved = parts().shelf.get(version_id, draft=False, generation=self._generation)
        return shelved.writer.schema

    def default_path(self, version_id: int) -> str | None:
        """The path of the question that puts records of a version on the map."""
        found = geojson.default_question(self.get(version_id))
        return found.path if found else None


def _features(spots: Sequence[Spot]) -> list[bytes]:
    found = []
    for spot in spots:
        if spot.repeated:
            shape = geojson.geometries(spot.texts, spot.type)
        else:
            shape = geojson.geometry(spot.texts[0], spot.type)
        if shape is not None:
            told = {"fieldpath": spot.path} if spot.by_default else None
            found.append(geojson.feature(spot.instance_id, shape, told))
    return found


@blueprint.get("/forms/<seg:form_id>/submissions/<seg:instance_id>.geojson")
def record(project_id: int, form_id: str, instance_id: str) -> Response:
    """Where one record lies; `fieldpath` several times for several questions."""
    session = db.session()
    form = forms.get_form(session, project_id, form_id)
    one = submissions.get_submission(session, form, instance_id)
    return _record(form, submissions.current_version_of(session, one.id))


@blueprint.get("/forms/<seg:form_id>/submissions/<seg:instance_id>/versions/<seg:version_id>.geojson")
def record_version(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """Where a record lay as one of its versions said."""
    session = db.session()
    form = forms.get_form(session, project_id, form_id)
    one = submissions.get_submission(session, form, instance_id)
    return _record(form, records.version_of(session, one, version_id))


def _record(form: Form, version: SubmissionVersion) -> Response:
    schema = _Schemas(form).get(version.form_version_id)
    paths = _paths()
    nodes: list[Node | None] = [schema.by_path.get(path) for path in paths]
    if not paths:
        nodes = [geojson.default_question(schema)]
    root = read(_xml(version)).root
    shapes = [shape for node in nodes if node is not None and (shape := _shape(root, node)) is not None]
    shape = geojson.together(shapes)
    told = {"fieldpath": nodes[0].path} if not paths and nodes[0] is not None else None
    return _collection([[] if shape is None else [geojson.feature(version.instance_id, shape, told)]])


def _shape(root: etree._Element, node: Node) -> geojson.Geometry | None:
    texts = geojson.texts_at(root, node.path)
    if node.table:
        return geojson.geometries(texts, node.type)
    return geojson.geometry(texts[0], node.type) if texts else None


def _xml(version: SubmissionVersion) -> bytes:
    stored, blob = submissions.stored_xml(db.session(), version.id)
    if stored is not None:
        return stored
    with parts().blobs.open(blob or "") as handle:
        return handle.read()


# Entities ---------------------------------------------------------------------------------------------


@blueprint.get("/datasets/<seg:name>/entities.geojson")
def every_entity(project_id: int, name: str) -> Response:
    """Every entity that lies on a map, newest first; `limit`, `$filter`, `$search`."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    asked = asked_of(session, of)
    condition = asked.condition & members.says_something(_GEOMETRY)
    there = _GEOMETRY in lists.property_names(session, of.id)
    wanted = members.Wanted(of.id, asked.deleted, condition, data=True)
    limit = incoming.number("limit") or None
    session.rollback()
    return _collection(map(_entity_features, members.pages(wanted)) if there else [], limit)


def _entity_features(page: members.Page) -> list[bytes]:
    shapes = ((line.uuid, geojson.any_geometry(line.data.get(_GEOMETRY, ""))) for line in page.lines)
    return [geojson.feature(number, shape) for number, shape in shapes if shape is not None]


@blueprint.get("/datasets/<seg:name>/entities/<seg:uuid>/geojson")
def entity(project_id: int, name: str, uuid: str) -> Response:
    """Where one entity lies."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    page = members.single(session, of, entity_uuid(uuid))
    there = _GEOMETRY in lists.property_names(session, of.id)
    return _collection([_entity_features(page) if there else []])
