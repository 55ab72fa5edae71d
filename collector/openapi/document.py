"""The OpenAPI document of a door, made from the addresses it serves, PERMITS, and the tables of operations.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule

from collector.accounts.permissions import PERSON, PHONE, PUBLIC, SIGNED_IN
from collector.accounts.permits import PERMITS
from collector.openapi.operations import Many, Operation
from collector.openapi.queries import QUERY
from collector.openapi.schemas import OPENAPI, Document, Shapes
from collector.openapi.tables import OPERATIONS
from collector.openapi.themes import theme
from collector.openrosa.routes import speaks_openrosa

DOORS = {
    "/v1/": (
        "Collector, as ODK Central",
        "What ODK Central's clients call: pyodk, ruODK, ODK Collect, Power BI, Excel.",
    ),
    "/api/": ("Collector, its own", "Indicators, figures, places, campaigns and findings."),
}
"""Prefix of a door's addresses to the title and the description of its document."""

_STEP = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_READS = frozenset({"GET", "HEAD"})
_PHONES = "openrosa-"
_REFUSALS = {
    "400": "The request says something that cannot be.",
    "401": "Nobody is signed in, or his session has ended.",
    "403": "The right for this is missing.",
    "404": "There is no such thing, or not for this account.",
    "409": "What is there already stands against it.",
    "413": "It is larger than the server takes at once.",
}
_SUCCESS: Document = {
    "type": "object",
    "properties": {"success": {"type": "boolean", "const": True}},
    "required": ["success"],
}
_ERROR: Document = {
    "type": "object",
    "properties": {
        "message": {"type": "string", "description": "What is wrong, and what to do now."},
        "code": {"type": "number", "description": "Its whole part is the HTTP status."},
        "details": {"type": "object", "description": "The values in the sentence."},
    },
    "required": ["message", "code", "details"],
}
_SECURITY: Document = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The token of POST /v1/sessions."},
    "basic": {"type": "http", "scheme": "basic", "description": "Name and password, on https."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "collector_session",
        "description": "A browser's; to change anything also X-CSRF-Token.",
    },
}


def document(app: Flask, door: str, version: str) -> Document:
    """Everything under `door` (a key of DOORS), as of `version` of the server."""
    shapes = Shapes()
    paths: Document = {}
    for rule in rules(app, door):
        for method in methods(rule):
            paths.setdefault(template(rule), {})[method.lower()] = _operation(app, rule, method, shapes)
    title, says = DOORS[door]
    return {
        "openapi": OPENAPI,
        "info": {"title": title, "version": version, "description": says},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**shapes.components(), "Success": _SUCCESS, "Error": _ERROR},
            "responses": {
                **{code: _refusal(says) for code, says in _REFUSALS.items()},
                **{f"{_PHONES}{code}": _refusal(says, phone=True) for code, says in _REFUSALS.items()},
            },
            "securitySchemes": _SECURITY,
        },
    }


def rules(app: Flask, door: str) -> Iterator[Rule]:
    """The addresses of a door, in the order of their text."""
    several = (rule for rule in app.url_map.iter_rules() if rule.rule.startswith(door))
    return iter(sorted(several, key=lambda rule: rule.rule))


def methods(rule: Rule) -> list[str]:
    """What it answers, without what follows from it."""
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def template(rule: Rule) -> str:
    """An address as OpenAPI writes it: `/v1/projects/{project_id}`."""
    return _STEP.sub(r"{\1}", rule.rule)


def _operation(app: Flask, rule: Rule, method: str, shapes: Shapes) -> Document:
    known = OPERATIONS.get(rule.endpoint, Operation({}))
    verb = PERMITS.get(rule.endpoint, "")
    told = inspect.getdoc(app.view_functions[rule.endpoint]) or ""
    summary, _, more = told.partition("\n\n")
    made: Document = {
        "operationId": f"{method.lower()} {template(rule)}",
        "tags": [theme(rule.endpoint)],
        "summary": " ".join(summary.split()),
        "x-verb": verb,
        "parameters": [*_steps(rule), *_asked(known), *_headers(rule, method, known)],
        "responses": {str(known.status): _answer(known, shapes), **_refusals(rule, method, verb)},
        "security": [] if verb in {PUBLIC, PHONE} else [{name: []} for name in _SECURITY],
    }
    if more:
        made["description"] = more.strip()
    if known.takes is not None:
        made["requestBody"] = {"content": shapes.content(known.takes)}
    return made


def _steps(rule: Rule) -> Iterator[Document]:
    for name in _STEP.findall(rule.rule):
        kind = type(rule._converters[name]).__name__  # noqa: SLF001 - Werkzeug tells it nowhere else
        number = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
        schema = number if kind == "IntegerConverter" else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _asked(known: Operation) -> Iterator[Document]:
    for name in known.query:
        schema, says = QUERY[name]
        yield {"name": name, "in": "query", "schema": dict(schema), "description": says}


def _headers(rule: Rule, method: str, known: Operation) -> Iterator[Document]:
    def header(name: str, says: str, schema: Document) -> Document:
        return {"name": name, "in": "header", "schema": schema, "description": says}

    if rule.endpoint.partition(".")[0] == "project":
        yield header("X-OpenRosa-Version", "Always 1.0.", {"type": "string", "const": "1.0"})
    elif rule.rule.startswith("/v1/projects") and method not in _READS:
        yield header("X-Action-Notes", "Why, for the audit; percent-encoded.", {"type": "string"})
    elif rule.endpoint.startswith("v1_") and isinstance(known.gives, Many | Schema):
        yield header("X-Extended-Metadata", "`true` for the longer shapes.", {"type": "boolean"})


def _answer(known: Operation, shapes: Shapes) -> Document:
    if known.gives is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": shapes.content(known.gives)}


def _refusals(rule: Rule, method: str, verb: str) -> Document:
    codes = {"400", "413"} if method not in _READS else {"400"}
    if verb != PUBLIC:
        codes.add("401")
    if verb not in {PUBLIC, SIGNED_IN, PERSON}:
        codes.add("403")
    if rule.arguments:
        codes |= {"404"} if method in _READS else {"404", "409"}
    kind = _PHONES if speaks_openrosa(rule.endpoint) else ""
    return {code: {"$ref": f"#/components/responses/{kind}{code}"} for code in sorted(codes)}


def _refusal(says: str, *, phone: bool = False) -> Document:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": says, "content": {"text/xml": {}} if phone else error}
