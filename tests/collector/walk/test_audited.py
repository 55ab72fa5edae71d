"""Whatever changes something leaves an audit: every route that can is asked to, its writing watched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.collector.v1.program import simple
from tests.collector.walk.asked import FIELDS
from tests.collector.walk.routes import NAMED, RECORD
from tests.collector.walk.test_walk import DONE, STEPS, ways
from tests.collector.walk.world import ADMIN, World, build, person
from tests.office import Office

_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)

OWN_WORK = frozenset({
    # The chain and the outbox, sessions and what guards them, and what the server works out by itself.
    "audit_waiting",
    "audit_readings",
    "record_names",
    "audit_seals",
    "webhook_deliveries",
    "login_sessions",
    "failed_sign_ins",
    "figure_marks",
    "figure_turns",
    "figure_units",
    "indicator_cells",
    "entity_locks",
    "entity_stamps",
    "blobs",
})
"""Tables that nobody changes on purpose."""

DERIVED = frozenset({"submission_versions"})
"""Rows that are audited from what they say."""

TRIED_OUT = "v1_draft_submissions."
"""A record of a draft is audited as it comes; what becomes of it is gone with the draft."""

BODIES: Mapping[str, Any] = {
    "desk.surveys.change_state": {"state": "closing"},
    "v1_projects.create": {"name": "Đợt khác"},
    "v1_projects.change": {"name": "Đợt này"},
    "v1_users.create": {"email": "nguoi-moi", "password": "mat khau dai 11"},
    "v1_forms.create": simple(),
    "v1_forms.change": {"state": "open"},
    "v1_app_users.create": {"displayName": "Máy mới"},
    "v1_datasets.create": {"name": "kho"},
    "v1_datasets.add_property": {"name": "tang"},
    "v1_entities.create": {"label": "Hộ mới", "data": {}},
    "api_webhooks.make": {"url": "https://example.vn/hook"},
    "api_keys.make": {"name": "Bảng tính"},
    "v1_submissions.comment": {"body": "Đã gọi điện"},
    "v1_submissions.judge": {"reviewState": "hasIssues"},
    "desk.lists.make": {"name": "lop"},
}
"""What a route has to be sent so that it changes something."""


@contextmanager
def watched() -> Iterator[set[str]]:
    """The tables that are written meanwhile."""
    written: set[str] = set()

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found = _WRITES.match(statement)
        if found:
            written.add(found[1].lower())

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield written
    finally:
        event.remove(Engine, "before_cursor_execute", look)


@pytest.fixture
def world(office: Office) -> World:
    return build(office)


def test_case_40_whatever_changes_something_leaves_an_audit(world: World) -> None:
    admin = person(world, ADMIN)
    endpoints = {
        rule.endpoint
        for rule in world.office.app.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    # What is named is changed first: others take away what it names.
    order = [one for one in NAMED if one in endpoints] + sorted(endpoints - set(NAMED) - LAST) + sorted(LAST)
    silent, changed = [], set()
    for endpoint in order:
        ids = world.there | {"token": "none"} | ({RECORD: STEPS[endpoint]} if endpoint in STEPS else {})
        body = FIELDS.get(endpoint, BODIES.get(endpoint))
        for method, path in ways(world, endpoint, ids):
            if method == "GET" or endpoint.startswith(TRIED_OUT):
                continue
            with watched() as written:
                status = admin.ask(method, path, body).status_code
            meant = written - OWN_WORK - {"audits"}
            if status not in DONE or not meant:
                continue
            changed.add(endpoint)
            if "audits" not in written and not meant & DERIVED:
                silent.append((method, path, sorted(meant)))
    assert silent == []
    assert set(BODIES) - changed == set()
    # What is left needs files and tickets, has tests of its own, and writes rows that note themselves.
    assert len(changed) >= 50, sorted(endpoints - changed)


LAST = {"v1_projects.remove", "v1_sessions.sign_out", "v1_sessions.end", "desk.signin.leave"}
"""After these nothing else works."""
