"""Projects made, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storage.audits import note, of_project
from storage.models import Project
from storage.problems import NotAllowed
from storage.scope import current


def create(session: Session, name: str, description: str | None, *, now: datetime) -> Project:
    """An empty project."""
    made = Project(name=name, description=description, created_at=now)
    session.add(made)
    session.flush()
    note(session, "project.create", actee=of_project(made), details={"data": ["name"]}, now=now)
    return made


def change(session: Session, project: Project, wanted: Mapping[str, Any], *, now: datetime) -> None:
    """Another `name` or `description`; `archived` or not. Archived changes nothing but where it is listed.

    Raises NotAllowed for whoever has only places of it.
    """
    require_whole()
    for name in ("name", "description", "archived"):
        if name in wanted:
            value = wanted[name]
            setattr(project, name, bool(value) if name == "archived" else value)
    project.updated_at = now
    session.flush()
    note(session, "project.update", actee=of_project(project), details={"data": sorted(wanted)}, now=now)


def remove(session: Session, project: Project, *, now: datetime) -> None:
    """Take a project off, with everything in it: nobody finds it any more, nothing of it is destroyed.

    Raises NotAllowed for whoever has only places of it.
    """
    require_whole()
    project.deleted_at = now
    project.forms_stamp += 1
    session.flush()
    note(session, "project.delete", actee=of_project(project), now=now)


def require_whole() -> None:
    """Raises NotAllowed for whoever has only places of the project: what he does to it others would lose."""
    if not current().whole:
        raise NotAllowed
