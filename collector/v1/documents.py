"""What is remembered, in the shapes Central's clients know; `schemas` writes them out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from collector.accounts.secrets import Vault
from collector.v1 import schemas
from forms.schema import Node
from forms.values import iso_instant
from storage.models import Actor, AppUser, Form, FormVersion, Project, Submission, SubmissionVersion, User
from storage.queries.attachments import Slot
from storage.queries.tallies import FormTally, ProjectTally

_EXCEL = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}
Document = dict[str, Any]


def _dump(schema: Any, values: Mapping[str, Any]) -> Document:
    dumped: Document = schema.dump(values)
    return dumped


def actor(one: Actor) -> Document:
    """A person, a phone or a link."""
    return _dump(schemas.ACTOR, actor_values(one))


def actor_values(actor: Actor) -> Document:
    """The same, to be dumped as a part of another shape."""
    return {
        "id": actor.id,
        "type": actor.type,
        "displayName": actor.display_name,
        "createdAt": actor.created_at,
        "updatedAt": actor.updated_at,
        "deletedAt": actor.deleted_at,
    }


def user(account: User, verbs: list[str] | None = None) -> Document:
    """An account; with `verbs` the extended shape."""
    values = actor_values(account.actor) | {"email": account.username, "lastLoginAt": account.last_login_at}
    if verbs is not None:
        values |= {"verbs": verbs, "preferences": {"site": {}, "projects": {}}}
    return _dump(schemas.USER, values)


def project(one: Project, tally: ProjectTally | None = None, verbs: list[str] | None = None) -> Document:
    """A project; with its tally and the caller's verbs the extended shape."""
    values: Document = {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "archived": one.archived,
        "keyId": None,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "deletedAt": one.deleted_at,
    }
    if tally is not None:
        values |= {
            "forms": tally.forms,
            "appUsers": tally.app_users,
            "datasets": tally.datasets,
            "lastSubmission": tally.last_submission,
            "lastEntity": tally.last_entity,
            "verbs": verbs or [],
        }
    return _dump(schemas.PROJECT, values)


def form(one: Form, version: FormVersion, tally: FormTally | None = None) -> Document:
    """A form as of one of its versions; with its tally the extended shape; a deleted one with its number."""
    values = _form(one, version)
    if tally is not None:
        values |= {
            "submissions": tally.submissions,
            "reviewStates": dict(tally.reviews),
            "lastSubmission": tally.last_submission,
            "createdBy": actor_values(tally.created_by) if tally.created_by else None,
            "excelContentType": excel_type(version),
            "entityRelated": tally.entity_related,
            "publicLinks": tally.public_links,
        }
    return _dump(schemas.FORM, values)


def published(one: Form, version: FormVersion, by: Mapping[int, Actor], *, noted: bool) -> Document:
    """A version in the extended shape; with its publisher's note for who may read that."""
    author = by.get(version.published_by or 0)
    values = _form(one, version) | {
        "excelContentType": excel_type(version),
        "publishedBy": actor_values(author) if author else None,
    }
    if noted:
        values["publishNotes"] = version.publish_notes
    return _dump(schemas.FORM, values)


def _form(one: Form, version: FormVersion) -> Document:
    values: Document = {
        "projectId": one.project_id,
        "xmlFormId": one.xml_form_id,
        "name": version.name or None,
        "version": version.version,
        "state": one.state,
        "hash": version.md5,
        "sha": version.sha1,
        "sha256": version.sha256,
        "keyId": None,
        "enketoId": None,
        "enketoOnceId": None,
        "draftToken": version.draft_token,
        "webformsEnabled": one.webforms_enabled,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "publishedAt": version.published_at,
    }
    if one.deleted_at is not None:
        values |= {"id": one.id, "deletedAt": one.deleted_at}
    return values


def excel_type(version: FormVersion) -> str | None:
    """The content type of the workbook a version was made from, None where it was none."""
    name = (version.workbook_name or "").lower()
    return next((kind for ending, kind in _EXCEL.items() if name.endswith(ending)), None)


def field(node: Node, name: str, path: str) -> Document:
    """A node of a form, under the name and path the client wants."""
    return _dump(
        schemas.FIELD,
        {
            "name": name,
            "path": path,
            "type": node.type,
            "binary": True if node.binary else None,
            "selectMultiple": True if node.select_multiple else None,
        },
    )


def form_attachment(slot: Slot, *, listed: bool) -> Document:
    """A file a form asks for, there or not; `listed`: a list of the server has its name."""
    stands_in = listed and slot.linked and slot.type == "file" and slot.md5 is None
    values: Document = {
        "name": slot.name,
        "type": slot.type,
        "hash": slot.md5,
        "exists": slot.md5 is not None or stands_in,
        "blobExists": slot.md5 is not None,
        "datasetExists": stands_in,
        "updatedAt": slot.updated_at,
    }
    if slot.size is not None:
        values["size"] = slot.size
    return _dump(schemas.FORM_ATTACHMENT, values)


def app_user(phone: AppUser, vault: Vault, *, by: Mapping[int, Actor] | None = None) -> Document:
    """A phone with its token, None when that was withdrawn; with `by` (actors) the extended shape."""
    values = actor_values(phone.actor) | {
        "projectId": phone.project_id,
        "token": vault.open(phone.token_sealed) if phone.token_sealed else None,
    }
    if by is not None:
        author = by.get(phone.created_by or 0)
        values |= {"createdBy": actor_values(author) if author else None, "lastUsed": phone.last_used_at}
    return _dump(schemas.APP_USER, values)


def key(number: int, public: str, made: datetime) -> Document:
    """A public key that a form brings along, as Central shows those it does not keep the other half of."""
    return {"id": number, "public": public, "managed": False, "hint": None, "createdAt": iso_instant(made)}


def submission(
    one: Submission, current: SubmissionVersion, *, agent: str | None, by: Mapping[int, Actor] | None = None
) -> Document:
    """A record with its current version; `agent` is what it was first sent with, `by` extends the shape."""
    values: Document = {
        "instanceId": one.instance_id,
        "submitterId": one.submitter_id,
        "deviceId": one.device_id,
        "userAgent": agent,
        "reviewState": one.review_state,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "deletedAt": one.deleted_at,
        "currentVersion": _version(current, by),
    }
    if by is not None:
        values["submitter"] = _submitter(one.submitter_id, by)
    return _dump(schemas.SUBMISSION, values)


def version(one: SubmissionVersion, form_version: str, by: Mapping[int, Actor] | None = None) -> Document:
    """One version of a record; with `by` the extended shape."""
    values = _version(one, by)
    if by is not None:
        values["formVersion"] = form_version
    return _dump(schemas.VERSION, values)


def _version(one: SubmissionVersion, by: Mapping[int, Actor] | None) -> Document:
    values: Document = {
        "instanceId": one.instance_id,
        "instanceName": one.instance_name,
        "submitterId": one.submitter_id,
        "deviceId": one.device_id,
        "userAgent": one.user_agent,
        "createdAt": one.created_at,
        "current": one.current,
    }
    if by is not None:
        values["submitter"] = _submitter(one.submitter_id, by)
    return values


def _submitter(number: int | None, by: Mapping[int, Actor]) -> Document | None:
    actor = by.get(number or 0)
    return actor_values(actor) if actor else None
