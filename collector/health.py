"""Whether the server lives, and whether it can work."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import text

from storage.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return Response("ok\n", content_type="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the database answers too; a failing database raises and becomes a 503."""
    db.session.execute(text("SELECT 1"))
    return Response("ready\n", content_type="text/plain")
