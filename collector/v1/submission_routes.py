"""What the addresses of single records have in common: live ones, and test ones of a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from storage.database import db
from storage.models import Form, Submission, SubmissionVersion
from storage.problems import SubmissionNotFound
from storage.queries import forms, records, submissions

_FORM = "/v1/projects/<int(max=2147483647):project_id>/forms/<seg:form_id>"
live = Blueprint("v1_submissions", __name__, url_prefix=f"{_FORM}/submissions")
draft = Blueprint("v1_draft_submissions", __name__, url_prefix=f"{_FORM}/draft/submissions")

View = TypeVar("View", bound=Callable[..., Response])


def both(rule: str, *, methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """Route a view at `rule` for the records of a form and for those of its draft."""

    def mark(view: View) -> View:
        for blueprint in (live, draft):
            blueprint.add_url_rule(rule, view_func=view, methods=methods)
        return view

    return mark


def of_draft() -> bool:
    """Whether the test records of a draft are meant."""
    return request.blueprint == draft.name


def form_of(session: Session, project_id: int, form_id: str) -> Form:
    """The form of the address. Raises FormNotFound, NoDraft."""
    form = forms.get_form(session, project_id, form_id)
    if of_draft():
        forms.draft_version(session, form)
    return form


def found(session: Session, form: Form, instance_id: str) -> Submission:
    """The record of that id, no deleted one. Raises SubmissionNotFound."""
    one = submissions.get_submission(session, form, instance_id, draft=of_draft())
    if one.deleted_at is not None:
        raise SubmissionNotFound(instance=instance_id)
    return one


def found_or_moved(project_id: int, form_id: str, instance_id: str, tail: str = "") -> Submission:
    """The same; the id of one of its versions leads to that version's address, `tail` included."""
    session = db.session()
    form = form_of(session, project_id, form_id)
    try:
        return found(session, form, instance_id)
    except SubmissionNotFound:
        root = records.root_of_version(session, form.id, instance_id, draft=of_draft())
        if root is None:
            raise
        raise _Moved(_version_address(form, root, instance_id) + tail) from None


def version_found(
    project_id: int, form_id: str, instance_id: str, version_id: str
) -> tuple[Submission, SubmissionVersion]:
    """A record and one of its versions. Raises SubmissionNotFound."""
    session = db.session()
    one = found(session, form_of(session, project_id, form_id), instance_id)
    return one, records.version_of(session, one, version_id)


class _Moved(HTTPException):
    """The id of an older version: its place is under the record."""

    code = 301

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location

    def get_headers(self, *_about: object, **_more: object) -> list[tuple[str, str]]:
        """Where to."""
        return [("Location", self.location)]


def _version_address(form: Form, root: str, instance_id: str) -> str:
    within = ("draft", "submissions") if of_draft() else ("submissions",)
    steps = (form.xml_form_id, *within, root, "versions", instance_id)
    path = "/".join(quote(step, safe="") for step in steps)
    return f"{request.root_url}v1/projects/{form.project_id}/forms/{path}"
