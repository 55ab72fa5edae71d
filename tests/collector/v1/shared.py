"""People of an office that many tests share, each by a name of his own."""

from __future__ import annotations

import base64

from werkzeug.test import TestResponse

from collector.actions.accounts import create_user
from storage.database import transaction
from storage.models import Assignment
from tests.collector.v1.program import Program
from tests.office import NOW, Office

PASSWORD = "mat khau cua ban"


def account(
    office: Office,
    name: str,
    role: int | None = None,
    *,
    project_id: int | None = 1,
    place: str | None = None,
) -> int:
    """Somebody with an account, and a role of him if one is named: his number."""
    with office.app.app_context(), transaction() as session:
        made = create_user(session, name, PASSWORD, now=NOW)
        if role is not None:
            session.add(
                Assignment(actor_id=made.actor_id, role=role, project_id=project_id, place_code=place)
            )
        return made.actor_id


def program(office: Office, name: str, role: int | None = None, *, project_id: int | None = 1) -> Program:
    """The same, signed in."""
    account(office, name, role, project_id=project_id)
    return Program(office, name, PASSWORD)


def basic(name: str, password: str) -> dict[str, str]:
    """The header of a name and password."""
    said = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {said}"}


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def code(response: TestResponse) -> float | None:
    """Central's code of an answer in JSON."""
    said = response.json
    return said.get("code") if isinstance(said, dict) else None
