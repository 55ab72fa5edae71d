"""The programs' door on Central's wire."""

from __future__ import annotations

from flask import Blueprint

from collector.packing import packed
from collector.v1 import (
    app_users,
    assignments,
    audits,
    datasets,
    drafts,
    entities,
    entity_history,
    exports,
    forms,
    maps,
    odata,
    odata_entities,
    projects,
    public_links,
    roles,
    sessions,
    submission_files,
    submission_history,
    submission_routes,
    submission_writing,
    submissions,
    users,
)
from collector.v1.outgoing import add_headers

WITH_ROUTES = (submission_files, submission_history, submission_writing, submissions)
"""Modules whose views hang on a blueprint of another one."""

BLUEPRINTS: tuple[Blueprint, ...] = (
    sessions.blueprint,
    users.blueprint,
    roles.blueprint,
    assignments.blueprint,
    audits.blueprint,
    projects.blueprint,
    forms.blueprint,
    drafts.blueprint,
    app_users.blueprint,
    public_links.blueprint,
    submission_routes.live,
    submission_routes.draft,
    exports.blueprint,
    odata.blueprint,
    odata.schema,
    odata_entities.blueprint,
    odata_entities.schema,
    datasets.blueprint,
    entities.blueprint,
    entity_history.blueprint,
    maps.blueprint,
)

for _blueprint in BLUEPRINTS:
    _blueprint.after_request(packed)
    _blueprint.after_request(add_headers)
