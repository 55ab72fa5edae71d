"""The programs' door on Central's wire."""

from __future__ import annotations

from flask import Blueprint

from collector.v1 import app_users, drafts, exports, forms, projects, sessions, submissions
from collector.v1.outgoing import add_headers

BLUEPRINTS: tuple[Blueprint, ...] = (
    sessions.blueprint,
    projects.blueprint,
    forms.blueprint,
    drafts.blueprint,
    app_users.blueprint,
    submissions.blueprint,
    exports.blueprint,
)

for _blueprint in BLUEPRINTS:
    _blueprint.after_request(add_headers)
