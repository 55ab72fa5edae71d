"""Roles: what there are, and what each may."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from collector.v1 import people_documents as documents
from collector.v1.outgoing import answer

blueprint = Blueprint("v1_roles", __name__, url_prefix="/v1")


@blueprint.get("/roles")
def listing() -> Response:
    """Every role this server knows."""
    return answer([documents.role(number) for number in documents.SYSTEM])


@blueprint.get("/roles/<role>")
def single(role: str) -> Response:
    """One of them, by number or name."""
    number = documents.role_number(role)
    return answer(documents.role(number if number is not None else abort(404)))
