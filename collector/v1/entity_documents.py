"""Entity lists and entities in the shapes Central's clients know (central-api.md §2b).

Written out by hand, not through a schema: a list of a hundred thousand entities is one answer.
A creator that nobody knows (the server itself) is number 0: pyodk wants a number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from collector.v1.documents import actor
from forms.entity_history import Told
from forms.odata.names import identifier
from forms.values import iso_instant
from storage.entities.retiring import plain
from storage.entities.uses import Use, Uses
from storage.models import Actor, Audit, EntityList, EntityProperty, EntityVersion
from storage.queries.member_history import History, Record
from storage.queries.members import Line, Page

Document: TypeAlias = dict[str, Any]


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else iso_instant(moment)


def dataset(of: EntityList, counted: Mapping[str, Any] | None = None) -> Document:
    """A list; with what was `counted` in it (entities, conflicts, lastEntity) the extended shape."""
    told: Document = {
        "name": of.deleted_name or of.name,
        "projectId": of.project_id,
        "approvalRequired": of.approval_required,
        "ownerOnly": of.owner_only,
        "createdAt": iso_instant(of.created_at),
        "deletedAt": _when(of.deleted_at),
    }
    if of.deleted_at is not None:
        told["id"] = of.id
    if counted is not None:
        told |= {**counted, "lastEntity": _when(counted["lastEntity"])}
    return told


def details(
    of: EntityList,
    properties: Iterable[EntityProperty],
    writers: Mapping[str, Sequence[Use]],
    uses: Uses,
    changed_at: datetime | None,
) -> Document:
    """What is known of a list beside the above: its properties, and the forms that write and read it."""
    told: Document = {
        "lastUpdate": _when(changed_at),
        "linkedForms": plain(uses.readers),
        "sourceForms": plain(uses.writers),
        "draftLinkedForms": plain(uses.draft_readers),
        "draftSourceForms": plain(uses.draft_writers),
        "properties": [
            {
                "name": one.name,
                "publishedAt": iso_instant(one.created_at),
                "odataName": identifier(one.name),
                "forms": plain(writers.get(one.name, ())),
            }
            for one in properties
        ],
    }
    return told | ({"accessFilter": {"type": "ownerOnly"}} if of.owner_only else {})


def entities(page: Page, *, extended: bool, properties: Collection[str] = ()) -> Iterable[Document]:
    """The entities of a page; what they say, of these properties, where the page has it."""
    return (_entity(line, page, extended=extended, properties=properties) for line in page.lines)


def _entity(line: Line, page: Page, *, extended: bool, properties: Collection[str]) -> Document:
    current: Document = {
        "current": True,
        "label": line.label,
        "creatorId": line.version_creator_id or 0,
        "userAgent": page.agent(line),
        "version": line.version,
        "baseVersion": line.base_version,
        "conflictingProperties": line.conflicting or None,
        "createdAt": iso_instant(line.version_created_at),
        "branchId": line.branch_id,
        "trunkVersion": line.trunk_version,
        "branchBaseVersion": line.branch_base_version,
    }
    if hasattr(line, "received"):
        whole = {**line.data, **line.computed}
        current["data"] = {name: whole[name] for name in properties if name in whole}
        current["dataReceived"] = line.received
    told: Document = {
        "uuid": line.uuid,
        "creatorId": line.creator_id or 0,
        "conflict": line.conflict,
        "createdAt": iso_instant(line.created_at),
        "updatedAt": _when(line.updated_at),
        "deletedAt": _when(line.deleted_at),
        "currentVersion": current,
    }
    if extended:
        told["creator"] = _actor(page.actors, line.creator_id)
        current["creator"] = _actor(page.actors, line.version_creator_id)
    return told


def _actor(known: Mapping[int, Actor], number: int | None) -> Document | None:
    found = known.get(number or 0)
    return actor(found) if found else None


def versions(
    found: History, told: Sequence[Told], properties: Collection[str], *, extended: bool
) -> list[Document]:
    """The versions of an entity, oldest first, with what is told of each; the last one is current."""
    last = found.versions[-1].id
    several = []
    for one, more in zip(found.versions, told, strict=True):
        document = _version(one, found, current=one.id == last)
        if one.id == last:
            document["data"] = {name: text for name, text in one.data.items() if name in properties}
        if extended:
            document["creator"] = _actor(found.actors, one.creator_id)
        several.append(document | _told(one, more))
    return several


def _version(one: EntityVersion, found: History, *, current: bool) -> Document:
    agent = one.user_agent or found.agents.get(one.submission_version_id or 0)
    return {
        "current": current,
        "label": one.label,
        "creatorId": one.creator_id or 0,
        "userAgent": agent or "",
        "data": one.data,
        "version": one.version,
        "baseVersion": one.base_version,
        "dataReceived": one.received,
        "conflictingProperties": one.conflicting or None,
        "createdAt": iso_instant(one.created_at),
        "branchId": one.branch_id,
        "trunkVersion": one.trunk_version,
        "branchBaseVersion": one.branch_base_version,
        "source": _source(one, found),
    }


def _told(one: EntityVersion, more: Told) -> Document:
    return {
        "conflict": one.conflict,
        "resolved": more.resolved,
        "baseDiff": list(more.base_diff),
        "serverDiff": list(more.server_diff),
        "lastGoodVersion": more.last_good,
        "relevantToConflict": more.relevant,
    }


def _source(one: EntityVersion, found: History) -> Document:
    record, batch = found.records.get(one.id), found.batches.get(one.id)
    if record is not None:
        return {"submission": _record(record, found.actors)}
    if batch is None:
        return {}
    told: Document = {"name": batch.file_name, "count": batch.summary.get("added")}
    size, agent = batch.summary.get("size"), batch.summary.get("agent")
    return told | ({"size": size} if size is not None else {}) | ({"userAgent": agent} if agent else {})


def _record(record: Record, actors: Mapping[int, Actor]) -> Document:
    one, current = record.submission, record.current
    return {
        "xmlFormId": record.xml_form_id,
        "instanceId": one.instance_id,
        "submitterId": one.submitter_id,
        "submitter": _actor(actors, one.submitter_id),
        "deviceId": one.device_id,
        "userAgent": current.user_agent,
        "reviewState": one.review_state,
        "createdAt": iso_instant(one.created_at),
        "updatedAt": _when(one.updated_at),
        "deletedAt": None,
        "currentVersion": {
            "instanceId": current.instance_id,
            "instanceName": current.instance_name,
            "submitterId": current.submitter_id,
            "submitter": _actor(actors, current.submitter_id),
            "deviceId": current.device_id,
            "userAgent": current.user_agent,
            "createdAt": iso_instant(current.created_at),
            "current": True,
        },
    }


def audit(one: Audit, actors: Mapping[int, Actor], *, extended: bool) -> Document:
    """What was done, and with which words."""
    told: Document = {
        "actorId": one.actor_id,
        "action": one.action,
        "acteeId": None if one.actee_id is None else str(one.actee_id),
        "details": one.details,
        "notes": one.notes,
        "loggedAt": iso_instant(one.logged_at),
    }
    return told | ({"actor": _actor(actors, one.actor_id)} if extended else {})
