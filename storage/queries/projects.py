"""Projects, and the stamp that tells whether a form list is still fresh."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from storage.models import Project
from storage.problems import ProjectNotFound

_MOST = 2**31 - 1


def get_project(session: Session, project_id: int) -> Project:
    """A project. Raises ProjectNotFound."""
    # An address may name a number no database counts to.
    project = session.get(Project, project_id) if project_id <= _MOST else None
    if project is None or project.deleted_at is not None:
        raise ProjectNotFound(project=project_id)
    return project


# Asked by every page: built once, without the ORM.
_PROJECTS = Project.__table__.c
_THERE = select(_PROJECTS.id).where(_PROJECTS.id == bindparam("number"), _PROJECTS.deleted_at.is_(None))


def require_project(session: Session, project_id: int) -> None:
    """Raises ProjectNotFound unless there is such a project."""
    values = {"number": project_id}
    if project_id > _MOST or session.connection().execute(_THERE, values).first() is None:
        raise ProjectNotFound(project=project_id)


def list_projects(session: Session) -> Sequence[Project]:
    """Every project that is not deleted."""
    return session.scalars(select(Project).where(Project.deleted_at.is_(None)).order_by(Project.id)).all()


def touch_forms(session: Session, project_id: int) -> None:
    """Something a form list or manifest shows has changed."""
    session.execute(
        update(Project).where(Project.id == project_id).values(forms_stamp=Project.forms_stamp + 1)
    )
