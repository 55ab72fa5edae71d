"""③④ formList, manifest, form and media out; submissions in.

The same resources stand under four addresses (openrosa.md §1): a phone's token, a draft's token, a
session, and plainly at the root behind a challenge.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5
from urllib.parse import quote

from flask import Blueprint, Response, g, request

from collector import visits
from collector.actions.delivery import Asker
from collector.handed import handed_file
from collector.openrosa import direct, documents, visit
from collector.openrosa.direct import HEADERS, TEXT_XML
from collector.openrosa.problems import OpenRosaVersionMissing
from collector.openrosa.rendered import BASE, rendered
from collector.parcels import take
from collector.parts import parts
from collector.visits import Visit
from storage.database import db
from storage.models import FormVersion
from storage.problems import NotAllowed, NotSignedIn
from storage.queries import forms
from storage.queries.forms import Listed

_NO_VERSION = "___"
"""How an address says that a form has no version, as Central does."""
_LEVEL = 6

DOORS = frozenset({
    "key", "key_files", "test", "test_files", "project", "project_files", "root", "root_project",
    "root_project_files",
})  # fmt: skip
"""The names these blueprints are registered under."""

lists = Blueprint("lists", __name__)
files = Blueprint("files", __name__)
draft_files = Blueprint("draft_files", __name__)


def _visit(verb: str) -> Visit:
    address = g.openrosa
    kind = (request.blueprint or "").removesuffix("_files")
    if kind == "key":
        return visits.by_key(address["token"], address["project_id"])
    if kind == "test":
        return visits.by_draft(address["token"], address["project_id"], address["draft_form_id"])
    if kind == "project":
        return _at_project(address["project_id"], verb)
    return visit.by_challenge(verb, address.get("project_id"))


def _at_project(project_id: int, verb: str) -> Visit:
    link = request.args.get("st")
    if link is not None:
        return visit.by_link(link, project_id)
    if not speaks_openrosa(request.endpoint or ""):
        # Other programs fetch these, with the right of one who looks at forms.
        return visits.by_session(project_id, verb, "form.read")
    if "X-OpenRosa-Version" not in request.headers:
        raise OpenRosaVersionMissing
    try:
        return visits.by_session(project_id, verb)
    except NotAllowed as error:
        # Central answers 401 in both cases here, and so do we.
        raise NotSignedIn from error


def speaks_openrosa(endpoint: str) -> bool:
    """Whether that route of this door answers as OpenRosa has it.

    Under `/v1/projects` a form's XML and files belong to Central's plain interface.
    """
    door, _, name = endpoint.rpartition(".")
    return door in DOORS and (door != "project_files" or name.endswith(("manifest", "integrity")))


def _take_address(_endpoint: str | None, values: dict[str, object] | None) -> None:
    address = values or {}
    g.openrosa = {
        name: address.pop(name) for name in ("token", "project_id", "draft_form_id") if name in address
    }


for _blueprint in (lists, files, draft_files):
    _blueprint.url_value_preprocessor(_take_address)


def _xml(body: bytes, status: int = 200) -> Response:
    return Response(body, status, content_type=TEXT_XML)


def _fresh(tag: str, body: Callable[[], bytes]) -> Response:
    """The document, or 304 where the phone has it: its copy is named by `tag` and how it was packed."""
    packed = "gzip" in request.headers.get("Accept-Encoding", "") and request.accept_encodings["gzip"] > 0
    # If-Modified-Since is not answered: a change within the same second would be missed (§0.8).
    if "If-None-Match" in request.headers and _is_known(tag):
        response = Response(status=304)
    elif packed:
        response = _xml(gzip.compress(body(), _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = _xml(body())
    response.headers["ETag"] = f'"{tag}-gzip"' if packed else f'"{tag}"'
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _is_known(tag: str) -> bool:
    asked = request.if_none_match
    return asked.contains_weak(tag) or asked.contains_weak(f"{tag}-gzip")


@lists.get("/formList")
def form_list() -> Response:
    """The forms this phone is offered (openrosa.md §3)."""
    caller = _visit("open_form.list")
    wanted = request.args.get("formID") or None
    verbose = request.args.get("verbose") == "true"
    every = request.args.get("listAllVersions") == "true"

    def render() -> bytes:
        return _render_list(caller, wanted, verbose=verbose, every=every)

    if caller.draft is not None or wanted is not None:
        # Rarely asked: kept, they would push out what every phone wants.
        found = rendered(render())
    else:
        found = parts().form_lists.get((caller.stamps, caller.only, verbose, every), render)
    base = caller.base
    return _fresh(found.tag(base), lambda: found.at(base))


def _render_list(caller: Visit, wanted: str | None, *, verbose: bool, every: bool) -> bytes:
    session = db.session()
    if caller.draft is not None:
        found = [forms.draft_listed(session, *caller.draft)]
        found = [one for one in found if wanted in {None, one.xml_form_id}]
    else:
        found = forms.listed_forms(
            session, caller.project_ids, only=caller.only, xml_form_id=wanted, every_version=every
        )

    def address(form: Listed) -> str:
        url = f"{BASE}projects/{form.project_id}/forms/{quote(form.xml_form_id, safe='')}"
        if caller.draft is not None:
            return f"{url}/draft"
        return url if form.current else f"{url}/versions/{_version_step(form.version)}"

    return documents.form_list(found, address, verbose=verbose)


def _version_step(version: str) -> str:
    return quote(version or _NO_VERSION, safe="")


@dataclass(frozen=True, slots=True)
class _Reached:
    """A form version that was asked for, and for whom.

    `address` is the absolute URL its resources stand under, `lists` the one of its entity lists.
    """

    version: FormVersion
    address: str
    lists: str
    asker: Asker


def _asker(caller: Visit) -> Asker:
    return caller.asker(g.openrosa["project_id"])


def _reach(form_id: str, version: str | None) -> _Reached:
    caller = _visit("open_form.read")
    session = db.session()
    project = f"{caller.base}projects/{g.openrosa['project_id']}"
    asker = _asker(caller)
    if caller.draft is not None:
        form, draft = caller.draft
        address = f"{project}/forms/{quote(form.xml_form_id, safe='')}/draft"
        return _Reached(draft, address, address, asker)
    form = forms.get_form(session, g.openrosa["project_id"], form_id)
    if caller.only is not None and form.id not in caller.only:
        raise NotAllowed
    address = f"{project}/forms/{quote(form_id, safe='')}"
    if version is None:
        return _Reached(forms.current_version(session, form), address, project, asker)
    found = forms.get_version(session, form, "" if version == _NO_VERSION else version)
    return _Reached(found, f"{address}/versions/{_version_step(found.version)}", project, asker)


@files.get("/forms/<seg:form_id>.xml")
@files.get("/forms/<seg:form_id>/versions/<seg:version>.xml", endpoint="version_xml")
@draft_files.get("/draft.xml", endpoint="draft_xml")
def form_xml(form_id: str = "", version: str | None = None) -> Response:
    """The XForm, byte for byte as its hash in the list says."""
    found = _reach(form_id, version).version
    return _fresh(found.md5, lambda: forms.version_xml(db.session(), found.id))


@files.get("/forms/<seg:form_id>/manifest")
@files.get("/forms/<seg:form_id>/versions/<seg:version>/manifest", endpoint="version_manifest")
@draft_files.get("/draft/manifest", endpoint="draft_manifest")
def manifest(form_id: str = "", version: str | None = None) -> Response:
    """The files that belong to a form (openrosa.md §4)."""
    reached = _reach(form_id, version)
    body = documents.manifest(
        parts().deliveries.files(db.session(), reached.asker, reached.version.id),
        lambda name: f"{reached.address}/attachments/{quote(name, safe='')}",
        lambda name: f"{reached.lists}/datasets/{quote(name, safe='')}/integrity",
    )
    return _fresh(md5(body, usedforsecurity=False).hexdigest(), lambda: body)


@files.get("/forms/<seg:form_id>/attachments/<seg:name>")
@files.get(
    "/forms/<seg:form_id>/versions/<seg:version>/attachments/<seg:name>", endpoint="version_attachment"
)
@draft_files.get("/draft/attachments/<seg:name>", endpoint="draft_attachment")
def attachment(name: str, form_id: str = "", version: str | None = None) -> Response:
    """One file of a form."""
    reached = _reach(form_id, version)
    return handed_file(reached.asker, reached.version.id, name)


@files.get("/datasets/<seg:name>/integrity")
@draft_files.get("/draft/datasets/<seg:name>/integrity", endpoint="draft_integrity")
def integrity(name: str) -> Response:
    """Of the members a phone asks after, which it has to drop (openrosa.md §7.5)."""
    caller = _visit("open_form.read")
    asked = [uuid for uuid in request.args.get("id", "").split(",") if uuid]
    asker = _asker(caller)
    return _xml(documents.integrity(parts().deliveries.gone(db.session(), asker, name, asked)))


@lists.route("/submission", methods=["HEAD", "GET"])
def submission_welcome() -> Response:
    """204 tells Collect that this is a place to send to, and how much at a time (openrosa.md §5.1)."""
    _visit("submission.create")
    return Response(status=204)


@lists.post("/submission")
def submission() -> Response:
    """Take a submission, or the next batch of one (openrosa.md §5)."""
    refusal = request.environ.get(direct.REFUSAL)
    if refusal is not None:
        raise refusal
    take(_visit("submission.create"), request.environ)
    return _xml(direct.TAKEN, 201)


def add_headers(response: Response) -> Response:
    """What every answer of this door carries (openrosa.md §0)."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


for _blueprint in (lists, files, draft_files):
    _blueprint.after_request(add_headers)
