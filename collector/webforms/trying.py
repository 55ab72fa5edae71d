"""A draft tried out in a browser: its one form, and what is sent to test it.

Nobody stands behind a draft's token, so nothing of it is kept on the server but the test records, which
count nowhere and go when the draft is published.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request
from flask_babel import gettext

from collector import visits
from collector.clock import moment
from collector.handed import handed_file
from collector.parcels import ACCEPTS, take
from collector.visits import Visit
from collector.webforms import shelf as shelves
from collector.webforms.made import told
from collector.webforms.sending import receipted, say_limit
from storage.database import db
from storage.models import Form, FormVersion
from storage.problems import DraftGone
from storage.queries import forms, projects, webforms

KIND = "test"
"""What whoever tries a draft out is called, and its step of the address."""

blueprint = Blueprint("w_test", __name__, url_prefix="/w/test/<token>/projects/<int:project_id>")
blueprint.after_request(say_limit)


@blueprint.after_request
def _private(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


@blueprint.url_value_preprocessor
def _take_address(_endpoint: str | None, values: dict[str, object] | None) -> None:
    address = values or {}
    g.web = {name: address.pop(name) for name in ("token", "project_id") if name in address} | {"way": KIND}


def _draft() -> tuple[Visit, Form, FormVersion]:
    """The draft of the address. Raises DraftGone, ProjectNotFound."""
    visit = visits.by_draft(g.web["token"], g.web["project_id"])
    if visit.draft is None:
        raise DraftGone
    return visit, *visit.draft


def _named(form_id: str) -> tuple[Visit, FormVersion]:
    visit, form, draft = _draft()
    if form.xml_form_id != form_id:
        raise DraftGone
    return visit, draft


def who(form: Form, draft: FormVersion) -> dict[str, Any]:
    """Whoever tries a draft out, as his page shows him."""
    name = gettext("Test: %(title)s", title=draft.name or form.xml_form_id)
    return {"id": f"{KIND}-{form.id}", "name": name, "kind": KIND, "places": []}


def opened(form: Form, draft: FormVersion) -> dict[str, Any]:
    """What a draft's token opens, as `GET /w/key/<token>` says it."""
    project = projects.get_project(db.session(), form.project_id)
    named = {"project": {"id": project.id, "name": project.name}, "form": form.xml_form_id, "once": False}
    return who(form, draft) | named


@blueprint.get("/shelf")
def shelf() -> Response:
    """The draft, as the shelf of whoever fills published forms names them."""
    visit, form, draft = _draft()
    session = db.session()
    # First, because one that was not made yet is kept in a transaction of its own.
    made = told(draft.id, draft.md5, now=moment())
    listed = forms.draft_listed(session, form, draft)
    offered = shelves.offered(visit, listed, draft, made, webforms.file_sizes(session, [draft.id]))
    project = projects.get_project(session, form.project_id)
    return shelves.answer({
        "who": who(form, draft),
        "project": {"id": project.id, "name": project.name},
        "limit": ACCEPTS,
        "forms": [offered | {"edits": False, "once": False}],
    })


@blueprint.get("/forms/<seg:form_id>/versions/<seg:version>/definition")
def definition(form_id: str, version: str) -> Response:  # noqa: ARG001 - a draft has one version: the last
    """The draft as the browser's engine wants it."""
    _visit, draft = _named(form_id)
    return shelves.defined(told(draft.id, draft.md5, now=moment()))


@blueprint.get("/forms/<seg:form_id>/versions/<seg:version>/files/<seg:name>")
def file(form_id: str, version: str, name: str) -> Response:  # noqa: ARG001 - as above
    """A file of the draft."""
    visit, draft = _named(form_id)
    return handed_file(visit.asker(g.web["project_id"]), draft.id, name)


@blueprint.post("/submission")
def submission() -> Response:
    """Take a test record, or the next files of one."""
    visit, _form, _version = _draft()
    return receipted(take(visit, request.environ))
