"""The programs' door on Central's wire."""

from __future__ import annotations

from flask import Blueprint

from collector.v1 import (
    app_users,
    assignments,
    drafts,
    exports,
    forms,
    odata,
    projects,
    public_links,
    roles,
    sessions,
    submissions,
    users,
)
from collector.v1.outgoing import add_headers

BLUEPRINTS: tuple[Blueprint, ...] = (
    sessions.blueprint,
    users.blueprint,
    roles.blueprint,
    assignments.blueprint,
    projects.blueprint,
    forms.blueprint,
    drafts.blueprint,
    app_users.blueprint,
    public_links.blueprint,
    submissions.blueprint,
    exports.blueprint,
    odata.blueprint,
    odata.schema,
)

for _blueprint in BLUEPRINTS:
    _blueprint.after_request(add_headers)
    audits.blueprint,
