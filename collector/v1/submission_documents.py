"""Records, their comments and whoever sent them, in the shapes Central's clients know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Integer, Nested, String

from collector.v1 import documents, incoming
from collector.v1.schemas import ACTOR, Incoming, Moment, Text
from storage.database import db
from storage.models import Actor, Submission, SubmissionComment
from storage.queries import records, submissions

NEW_COMMENT = Incoming.from_dict(
    {"body": Text(required=True, validate=validate.Length(min=1))}, name="NewComment"
)()
"""POST …/comments."""

REVIEW = Incoming.from_dict({"reviewState": Text(required=True, allow_none=True)}, name="Review")()
"""PATCH …/submissions/<id>."""

COMMENT = Schema.from_dict(
    {"body": String(), "actorId": Integer(), "createdAt": Moment(), "actor": Nested(ACTOR)}, name="Comment"
)()
"""A comment; `actor` in the extended shape only."""


def record(one: Submission) -> documents.Document:
    """A record with its current version, in the shape the client asks for."""
    session = db.session()
    current = submissions.current_version_of(session, one.id)
    page = records.single(session, one, current)
    by = page.actors if incoming.extended() else None
    return documents.submission(one, current, agent=page.agent(one, current), by=by)


def comment(one: SubmissionComment, by: Mapping[int, Actor]) -> documents.Document:
    """A comment; `by` are the actors who may have made it."""
    values: dict[str, Any] = {"body": one.body, "actorId": one.actor_id, "createdAt": one.created_at}
    if incoming.extended():
        author = by.get(one.actor_id or 0)
        values["actor"] = documents.actor_values(author) if author else None
    dumped: documents.Document = COMMENT.dump(values)
    return dumped
