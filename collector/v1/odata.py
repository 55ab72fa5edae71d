"""The tables of a form's answers as OData version 4: for Power BI, Excel, ruODK and pyodk.

Source: OData Protocol 4.0; central-api.md §§2a-2c.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort

from collector.clock import moment
from collector.parts import parts
from collector.v1 import etag, odata_asking
from collector.v1.odata_answers import answered, install, streamed, xml
from collector.v1.odata_asking import JSON, XML, Options
from forms.odata.checking import read_filter, read_order
from forms.odata.documents import schema_document, service_document
from forms.odata.model import ROOT, Model, Table, model_of
from forms.odata.selecting import read_select
from storage.database import db
from storage.models import Form
from storage.problems import SubmissionNotFound
from storage.projection.shelf import Shelved
from storage.queries import forms
from storage.queries.odata import Feed, Showing, Wanted
from storage.queries.submissions import get_submission
from storage.snapshot import report_snapshot

_PREFIX = "/v1/projects/<int(max=2147483647):project_id>/forms"
LIVE, DRAFT = "/<seg:form_id>.svc", "/<seg:form_id>/draft.svc"
blueprint = install(Blueprint("v1_odata", __name__, url_prefix=_PREFIX))
schema = install(Blueprint("v1_odata_schema", __name__, url_prefix=_PREFIX), in_xml=True)


@blueprint.after_request
@schema.after_request
def say_version(response: Response) -> Response:
    """Every answer names the version it speaks (OData Protocol 4.0 §8.1.5)."""
    response.headers["OData-Version"] = odata_asking.VERSION
    return response


@dataclass(frozen=True)
class _Ground:
    """A form whose tables are asked for, and the version that says what they look like."""

    form: Form
    shelved: Shelved
    draft: bool

    @property
    def model(self) -> Model:
        return model_of(self.shelved.writer.schema)


def _ground(project_id: int, form_id: str, *, draft: bool) -> _Ground:
    """Raises FormNotFound, NoDraft."""
    session = db.session()
    form = forms.get_form(session, project_id, form_id)
    version = forms.draft_version(session, form) if draft else forms.current_version(session, form)
    shelved = parts().shelf.get(version.id, draft=draft, generation=form.generation)
    return _Ground(form, shelved, draft)


@blueprint.get(LIVE, defaults={"draft": False})
@blueprint.get(DRAFT, defaults={"draft": True}, endpoint="draft_service")
def service(project_id: int, form_id: str, *, draft: bool) -> Response:
    """The tables there are."""
    odata_asking.check(JSON)
    model = _ground(project_id, form_id, draft=draft).model
    return answered(service_document(odata_asking.service_address(0), model.by_name))


@schema.get(f"{LIVE}/$metadata", defaults={"draft": False})
@schema.get(f"{DRAFT}/$metadata", defaults={"draft": True}, endpoint="draft_metadata")
def metadata(project_id: int, form_id: str, *, draft: bool) -> Response:
    """What the tables look like."""
    odata_asking.check(XML)
    model = _ground(project_id, form_id, draft=draft).model
    return xml(schema_document(model))


@blueprint.get(f"{LIVE}/<seg:table>", defaults={"draft": False})
@blueprint.get(f"{DRAFT}/<seg:table>", defaults={"draft": True}, endpoint="draft_table")
def table(project_id: int, form_id: str, table: str, *, draft: bool) -> Response:
    """The rows of a table: records, or the rows of a repeat."""
    odata_asking.check(JSON)
    ground = _ground(project_id, form_id, draft=draft)
    asked = ground.model.by_name.get(table) or abort(404)
    said = odata_asking.options(_token_name(asked))
    answer = _Answer(ground, asked, said, odata_asking.service_address(1))
    if draft or said.top == 0 or "now" in said.filter:
        return answer.response()
    return etag.weak(etag.records_tag(db.session(), ground.form), answer.response)


@blueprint.get(f"{LIVE}/Submissions('<seg:instance_id>')", defaults={"draft": False})
@blueprint.get(f"{DRAFT}/Submissions('<seg:instance_id>')", defaults={"draft": True}, endpoint="draft_single")
def single(project_id: int, form_id: str, instance_id: str, *, draft: bool) -> Response:
    """One record."""
    odata_asking.check(JSON)
    ground = _ground(project_id, form_id, draft=draft)
    root = ground.model.tables[""]
    said = odata_asking.options(_token_name(root))
    answer = _Answer(ground, root, said, odata_asking.service_address(1), _record(ground, instance_id))
    return answer.response()


@blueprint.get(f"{LIVE}/Submissions('<seg:instance_id>')/<path:below>", defaults={"draft": False})
@blueprint.get(
    f"{DRAFT}/Submissions('<seg:instance_id>')/<path:below>",
    defaults={"draft": True},
    endpoint="draft_rows_below",
)
def rows_below(project_id: int, form_id: str, instance_id: str, below: str, *, draft: bool) -> Response:
    """The rows of a repeat of one record."""
    odata_asking.check(JSON)
    ground = _ground(project_id, form_id, draft=draft)
    read = odata_asking.below(below)
    asked = ground.model.by_name.get(".".join((ROOT, *read.names))) or abort(404)
    said = odata_asking.options(_token_name(asked))
    record = _record(ground, instance_id)
    address = odata_asking.service_address(1 + len(read.names))
    answer = _Answer(ground, asked, said, address, record, read.inside, read.row)
    return answer.response()


def _token_name(asked: Table) -> str:
    return "repeatId" if asked.path else "instanceId"


def _record(ground: _Ground, instance_id: str) -> str:
    """The id of a live record. Raises SubmissionNotFound."""
    called = instance_id.replace("''", "'")
    found = get_submission(db.session(), ground.form, called, draft=ground.draft)
    if found.deleted_at is not None:
        raise SubmissionNotFound(instance=called)
    return called


@dataclass(frozen=True)
class _Answer:
    """Rows of a table, as they were asked for."""

    ground: _Ground
    table: Table
    options: Options
    address: str
    record: str | None = None
    inside: str | None = None
    row: str | None = None

    def response(self) -> Response:
        feed = self._feed()
        # What the request has read so far would be held as long as the client takes to read the rows.
        db.session().rollback()
        return streamed(
            feed.pages,
            context=f"{self.address}/$metadata#{self.table.name}",
            count=feed.count if self.options.count else None,
            following=lambda: self._following(feed),
            empty=self.options.top == 0,
            blanks=False,
        )

    def _feed(self) -> Feed:
        said, model = self.options, self.ground.model
        reach = model.reach(self.table)
        wanted = Wanted(
            self.ground.form.id,
            self.ground.draft,
            self.table.path,
            moment(),
            filter=read_filter(said.filter, reach) if said.filter else None,
            order=read_order(said.order, reach) if said.order else (),
            top=said.top,
            skip=said.skip,
            after=said.after,
            record=self.record,
            inside=self.inside,
            row=self.row,
        )
        showing = Showing(model, read_select(said.select, self.table), said.wkt, said.expanded)
        return Feed(wanted, showing, self.ground.shelved.writer.tables, self.ground.form.generation)

    def _following(self, feed: Feed) -> str | None:
        said = self.options
        if said.top is None or not feed.more:
            return None
        if said.order:
            return odata_asking.next_address(skip=str(said.skip + said.top))
        with report_snapshot() as session:
            key = feed.last_id(session)
        return odata_asking.next_address(skiptoken=odata_asking.token(_token_name(self.table), key))
