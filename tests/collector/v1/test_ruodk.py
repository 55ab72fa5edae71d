"""The 34 requests of ruODK, header by header as it sends them, and the keys it reads of the answers.

ruODK (https://github.com/ropensci/ruODK) proves itself by name and password with every request, asks for
XML where it wants JSON, and turns what is nested into columns: where those keys are missing, R stops.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from tests.asked import answered
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import Program
from tests.collector.v1.shared import basic
from tests.office import ADMIN, ADMIN_PASSWORD, Office

FORM = """
| survey |
| | type | name | label |
| | begin_group | where | Where |
| | geopoint | point | Point |
| | end_group | | |
| | image | photo | Photo |
| | begin_repeat | person | Person |
| | text | called | Name |
| | integer | age | Age |
| | end_repeat | | |
| settings |
| | form_id | version |
| | Hộ-gia.đình | 1 |
"""
FORM_ID, RECORD, LIST = "Hộ-gia.đình", "uuid:ru", "households"
ANSWERS = (
    "<where><point>21.02 105.84 12 4.5</point></where><photo>p.jpg</photo>"
    "<person><called>Lan</called><age>30</age></person><person><called>Mai</called><age>4</age></person>"
)
JSON, XML = "application/json", "application/xml"
FORMS = "projects/1/forms/H%E1%BB%99-gia.%C4%91%C3%ACnh"
RECORDS, DATASETS = f"{FORMS}/submissions", "projects/1/datasets"
ENTITIES = f"{DATASETS}/{LIST}/entities"

_ACTOR = ("id", "type", "displayName", "createdAt", "updatedAt", "deletedAt")
_PROJECT = ("id", "name", "description", "archived", "keyId", "createdAt", "updatedAt", "deletedAt")
_LONG_PROJECT = (*_PROJECT, "forms", "appUsers", "datasets", "lastSubmission", "lastEntity", "verbs")
_FORM = (
    *("projectId", "xmlFormId", "name", "version", "state", "hash", "keyId", "enketoId", "enketoOnceId"),
    *("createdAt", "updatedAt", "publishedAt", "submissions", "lastSubmission", "excelContentType"),
    *(f"createdBy/{key}" for key in _ACTOR),
    *("reviewStates/received", "reviewStates/hasIssues", "reviewStates/edited"),
)
_RECORD = (
    *("instanceId", "submitterId", "deviceId", "userAgent", "reviewState", "createdAt", "updatedAt"),
    *(f"submitter/{key}" for key in _ACTOR),
    *("currentVersion/instanceId", "currentVersion/instanceName", "currentVersion/submitterId"),
    *("currentVersion/createdAt", "currentVersion/current"),
)
_VERSION = (
    *("current", "label", "creatorId", "userAgent", "version", "baseVersion", "conflictingProperties"),
    *("createdAt", "branchId", "trunkVersion", "branchBaseVersion"),
)
_ENTITY = (
    *("uuid", "creatorId", "conflict", "createdAt", "updatedAt", "deletedAt"),
    *(f"currentVersion/{key}" for key in _VERSION),
)
_FIELD = ("name", "type", "path")
_AUDIT = ("actorId", "action", "acteeId", "details", "loggedAt")
_DATASET = ("name", "projectId", "approvalRequired", "createdAt")


@dataclass(frozen=True)
class Call:
    """A request of ruODK, and the keys (`a/b`: b inside a) it reads of each thing in the answer."""

    function: str
    path: str
    keys: Sequence[str] = ()
    method: str = "GET"
    accept: str | None = JSON
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    extended: bool = False
    kind: str = JSON

    def __str__(self) -> str:
        """What it is called among the tests."""
        return self.function


CALLS = (
    Call("project_list", "projects", _LONG_PROJECT, accept=XML, extended=True),
    Call("project_detail", "projects/1", _LONG_PROJECT, accept=XML, extended=True),
    Call("form_list", "projects/1/forms", _FORM, accept=XML, extended=True),
    Call("form_detail", FORMS, _FORM, accept=XML, extended=True),
    Call("form_xml", f"{FORMS}.xml", accept=XML, kind=XML),
    Call("form_schema", f"{FORMS}/fields", _FIELD, query={"flatten": "FALSE", "odata": "FALSE"}),
    Call("form_schema of a draft", f"{FORMS}/draft/fields", _FIELD, query={"odata": "TRUE"}),
    Call("submission_list", RECORDS, _RECORD, extended=True),
    Call("submission_detail", f"{RECORDS}/{RECORD}", _RECORD, accept=f"{JSON}; extended", extended=True),
    Call("submission_get", f"{RECORDS}/{RECORD}.xml", accept=None, kind=XML),
    Call("submission_audit_get", f"{RECORDS}/{RECORD}/audits", _AUDIT, accept=None),
    Call("submission_export", f"{RECORDS}.csv.zip", method="POST", accept=None,
         query={"deletedFields": "true"}, kind="application/zip"),
    Call("submission_export without files", f"{RECORDS}.csv.zip", method="POST", accept=None,
         query={"attachments": "false", "deletedFields": "false"}, body={"1": ""}, kind="application/zip"),
    Call("submission_export without repeats", f"{RECORDS}.csv", method="POST", accept=None,
         query={"deletedFields": "false"}, kind="text/csv"),
    Call("attachment_list", f"{RECORDS}/{RECORD}/attachments", ("name", "exists")),
    Call("attachment_get", f"{RECORDS}/{RECORD}/attachments/p.jpg", accept=None, kind="image/jpeg"),
    Call("encryption_key_list", f"{RECORDS}/keys", accept=None),
    Call("user_list", "users", (*_ACTOR, "email"), accept=None, query={"q": ""}),
    Call("audit_get", "audits", _AUDIT, query={"action": "nonverbose", "limit": 10, "offset": 0}),
    Call("odata_service_get", f"{FORMS}.svc", ("name", "kind", "url")),
    Call("odata_metadata_get", f"{FORMS}.svc/$metadata", accept=XML, kind=XML),
    Call("odata_submission_get", f"{FORMS}.svc/Submissions",
         ("__id", "__system/submitterName", "where/point"),
         query={"$count": "true", "$wkt": "false", "$skip": 0, "$top": 5}),
    Call("odata_submission_get of a repeat", f"{FORMS}.svc/Submissions.person",
         ("__id", "__Submissions-id", "age"), query={"$count": "true", "$wkt": "true"}),
    Call("odata_submission_get of everything", f"{FORMS}.svc/Submissions", ("__id", "person"),
         query={"$count": "false", "$wkt": "true", "$expand": "*",
                "$filter": "year(__system/submissionDate) gt 2000"}),
    Call("entitylist_list", DATASETS, (*_DATASET, "entities", "lastEntity", "conflicts"), extended=True),
    Call("entitylist_detail", f"{DATASETS}/{LIST}", (*_DATASET, "properties", "linkedForms", "sourceForms")),
    Call("entitylist_update", f"{DATASETS}/{LIST}", _DATASET, method="PATCH",
         body={"approvalRequired": False}),
    Call("entitylist_download", f"{ENTITIES}.csv", accept="text/csv; charset=utf-8", kind="text/csv"),
    Call("entity_list", ENTITIES, _ENTITY),
    Call("entity_list of those deleted", ENTITIES, _ENTITY, query={"deleted": "true"}),
    Call("entity_detail", f"{ENTITIES}/ENTITY", (*_ENTITY, "currentVersion/data/village")),
    Call("entity_versions", f"{ENTITIES}/ENTITY/versions", _VERSION, query={"relevantToConflict": "False"},
         extended=True),
    Call("entity_changes", f"{ENTITIES}/ENTITY/diffs", accept=JSON, extended=True),
    Call("entity_audits", f"{ENTITIES}/ENTITY/audits", (*_AUDIT, "notes", "actor/displayName"),
         extended=True),
    Call("entity_create", f"{ENTITIES}/", _ENTITY, method="POST",
         body={"label": "Hộ A", "data": {"village": "Pả"}}),
    Call("entity_create of several", f"{ENTITIES}/", ("success",), method="POST",
         body={"entities": [{"label": "Hộ B", "data": {"village": "Pả"}}],
               "source": {"name": "R", "size": 1}}),
    Call("entity_update", f"{ENTITIES}/ENTITY", (*_ENTITY, "currentVersion/data/village"), method="PATCH",
         query={"force": "TRUE", "resolve": "FALSE"}, body={"label": "Hộ C", "data": {"village": "Thèn"}}),
    Call("entity_update of a version", f"{ENTITIES}/ENTITY", _ENTITY, method="PATCH",
         query={"force": "FALSE", "resolve": "FALSE", "baseVersion": "NOW"},
         body={"label": "Hộ D", "data": {}}),
    Call("entity_delete", f"{ENTITIES}/GONE", ("success",), method="DELETE"),
    Call("odata_entitylist_service_get", f"{DATASETS}/{LIST}.svc", ("name", "kind", "url")),
    Call("odata_entitylist_metadata_get", f"{DATASETS}/{LIST}.svc/$metadata", accept=XML, kind=XML),
    Call("odata_entitylist_data_get", f"{DATASETS}/{LIST}.svc/Entities",
         ("__id", "label", "__system/version", "village"),
         query={"$top": 3, "$skip": 0, "$count": "true", "$orderby": "__system/createdAt desc"}),
)  # fmt: skip
"""Every function with each of its ways to ask."""


@dataclass(frozen=True)
class Server:
    """An office in which ruODK finds something of everything."""

    office: Office
    entity: str

    def ask(self, call: Call, **more: Any) -> TestResponse:
        """A request as R sends it."""
        headers = basic(ADMIN, ADMIN_PASSWORD) | {"User-Agent": "libcurl/8.5.0 r-curl/6.2.0 httr/1.4.7"}
        if call.accept:
            headers["Accept"] = call.accept
        if call.extended:
            headers["X-Extended-Metadata"] = "true"
        path = call.path.replace("ENTITY", self.entity)
        query = {name: self._now(value) for name, value in call.query.items()}
        if "GONE" in path:
            path = path.replace("GONE", self._another())
        more |= {"headers": headers, "json": call.body, "query_string": query}
        return self.office.client().open(f"/v1/{path}", method=call.method, buffered=True, **more)

    def _now(self, value: Any) -> Any:
        if value != "NOW":
            return value
        return Program(self.office).get(f"{ENTITIES}/{self.entity}")["currentVersion"]["version"]

    def _another(self) -> str:
        made = Program(self.office).post(ENTITIES, json={"label": "Hộ X", "data": {}})
        return str(made["uuid"])


@pytest.fixture(scope="module")
def server(kept_office: Office) -> Server:
    kept_office.parts.authentication._trusted = (ip_network("127.0.0.0/8"),)
    form = kept_office.publish(FORM)
    xml = answered(FORM_ID, "1", ANSWERS, instance_id=RECORD)
    assert Volunteer(kept_office, form=form).post(xml, {"p.jpg": JPEG}).status_code == 201
    program = Program(kept_office)
    program.post(f"{FORMS}/draft")
    program.post(DATASETS, json={"name": LIST})
    program.post(f"{DATASETS}/{LIST}/properties", json={"name": "village"})
    made = program.post(ENTITIES, json={"label": "Hộ", "data": {"village": "Pả Vi"}})
    gone = program.post(ENTITIES, json={"label": "Hộ cũ", "data": {"village": "Pả Vi"}})
    assert program.ask("DELETE", f"{ENTITIES}/{gone['uuid']}").status_code == 200
    path = f"{ENTITIES}/{made['uuid']}?baseVersion=1"
    assert program.ask("PATCH", path, json={"data": {"village": "Sủng Là"}}).status_code == 200
    return Server(kept_office, made["uuid"])


def things(answer: Any) -> list[Any]:
    """What R makes a row of: the elements of a list, the rows of a table, else the thing itself."""
    if isinstance(answer, dict) and isinstance(answer.get("value"), list):
        return list(answer["value"])
    return list(answer) if isinstance(answer, list) else [answer]


def missing(thing: Any, keys: Sequence[str]) -> list[str]:
    """Which of the keys are not there; what they lie in has to be an object."""
    found = []
    for key in keys:
        inside = thing
        for step in key.split("/"):
            if not isinstance(inside, dict) or step not in inside:
                found.append(key)
                break
            inside = inside[step]
    return found


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_ruodk_reads_what_it_asks_for(server: Server, call: Call) -> None:
    answer = server.ask(call)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == call.kind or (call.kind, answer.mimetype) == (XML, "text/xml")
    if call.kind == JSON:
        several = things(answer.json)
        assert several or not call.keys
        assert [missing(one, call.keys) for one in several if missing(one, call.keys)] == []
    elif call.kind == XML:
        assert len(etree.fromstring(answer.data)) > 0
    elif call.kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
            assert any(name.endswith(".csv") for name in opened.namelist())
    else:
        assert answer.data


def test_all_of_its_34_functions_are_here() -> None:
    functions = {call.function.partition(" ")[0]: call.method for call in CALLS}
    assert len(functions) == 34
    assert sorted(functions.values()) == ["DELETE", *["GET"] * 29, "PATCH", "PATCH", "POST", "POST"]


def test_the_root_of_a_record_is_called_data(server: Server) -> None:
    answer = server.ask(Call("submission_get", f"{RECORDS}/{RECORD}.xml", accept=None))
    assert etree.QName(etree.fromstring(answer.data)).localname == "data"


def test_what_one_asked_for_stays_until_it_changes(server: Server) -> None:
    call = Call("entitylist_download", f"{ENTITIES}.csv", accept="text/csv; charset=utf-8")
    etag = server.ask(call).headers["ETag"]
    headers = basic(ADMIN, ADMIN_PASSWORD) | {"If-None-Match": etag}
    again = server.office.client().get(f"/v1/{ENTITIES}.csv", headers=headers)
    assert (again.status_code, again.data) == (304, b"")


def test_a_password_is_taken_on_https_and_on_trusted_networks_only(server: Server) -> None:
    call = CALLS[0]
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert server.ask(call, environ_base=elsewhere).status_code == 401
    assert server.ask(call, environ_base=elsewhere, base_url="https://localhost").status_code == 200
