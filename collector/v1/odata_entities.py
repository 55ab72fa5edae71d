"""The entities of a list as OData version 4: what pyodk merges with, and Power BI and Excel read.

Source: central-api.md §§2a-2c.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from collector.clock import moment
from collector.v1 import odata_asking
from collector.v1.odata_answers import answered, install, streamed, xml
from collector.v1.odata_asking import JSON, XML, Options
from forms.odata.checking import read_filter, read_order
from forms.odata.documents import ENTITIES, entities_schema_document, service_document
from forms.odata.entities import read_entity_select
from storage.database import db
from storage.entities import lists
from storage.queries.odata_entities import EntityFeed, WantedEntities, entity_model

_PREFIX = "/v1/projects/<int(max=2147483647):project_id>/datasets"
_TOKEN = "uuid"  # noqa: S105 - what a skiptoken calls an entity
blueprint = install(Blueprint("v1_odata_entities", __name__, url_prefix=_PREFIX))
schema = install(Blueprint("v1_odata_entities_schema", __name__, url_prefix=_PREFIX), in_xml=True)


@blueprint.get("/<seg:name>.svc")
def service(project_id: int, name: str) -> Response:
    """The one table there is."""
    odata_asking.check(JSON)
    lists.list_by_name(db.session(), project_id, name)
    return answered(service_document(odata_asking.service_address(0), [ENTITIES]))


@schema.get("/<seg:name>.svc/$metadata")
def metadata(project_id: int, name: str) -> Response:
    """What the table looks like."""
    odata_asking.check(XML)
    session = db.session()
    model = entity_model(session, lists.list_by_name(session, project_id, name))
    return xml(entities_schema_document(name, list(model.spelled)))


@blueprint.get("/<seg:name>.svc/Entities")
def table(project_id: int, name: str) -> Response:
    """The entities."""
    odata_asking.check(JSON, more=("search",))
    said = odata_asking.options(_TOKEN)
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    model = entity_model(session, of)
    wanted = WantedEntities(
        of.id,
        model,
        read_entity_select(said.select, model),
        moment(),
        filter=read_filter(said.filter, model.reach) if said.filter else None,
        search=request.args.get("$search", ""),
        order=read_order(said.order, model.reach) if said.order else (),
        top=said.top,
        skip=said.skip,
        after=said.after,
    )
    # What the request has read so far would be held as long as the client takes to read the rows.
    session.rollback()
    feed = EntityFeed(wanted)
    return streamed(
        feed.pages,
        context=f"{odata_asking.service_address(1)}/$metadata#{ENTITIES}",
        count=feed.count if said.count else None,
        following=lambda: _following(said, feed),
        empty=said.top == 0,
    )


def _following(said: Options, feed: EntityFeed) -> str | None:
    if said.top is None or not feed.more:
        return None
    if said.order:
        return odata_asking.next_address(skip=str(said.skip + said.top))
    return odata_asking.next_address(skiptoken=odata_asking.token(_TOKEN, feed.last))
