"""A form is put into the trash, with all that was sent to it, and taken out again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from collector.actions.drafting import form_exists
from collector.actions.form_notes import note_form
from collector.actions.projects import require_whole
from collector.actions.publish import Author
from storage.cells.marks import mark_definitions
from storage.entities import lists
from storage.entities.problems import EntityListGone
from storage.models import Form
from storage.problems import FormNotFound
from storage.queries import forms, projects


def delete_form(session: Session, form: Form, author: Author) -> None:
    """Take a form from phones, lists and figures; its records and versions wait in the trash with it.

    Raises NotAllowed for whoever sees the records of some places only: the others' would go, too.
    """
    require_whole()
    form.deleted_at = author.now
    _changed(session, form)
    note_form(session, "form.delete", form, author)


def restore_form(session: Session, project_id: int, number: int, author: Author) -> Form:
    """Take a form out of the trash, by its number.

    Raises FormNotFound, FormExists when another form has its id by now, and EntityListGone.
    """
    form = forms.deleted_form(session, project_id, number)
    gone = lists.deleted_of(session, form.current_id) if form.current_id else []
    if gone:
        raise EntityListGone(list=gone[0])
    try:
        forms.get_form(session, project_id, form.xml_form_id)
    except FormNotFound:
        form.deleted_at = None
        _changed(session, form)
        note_form(session, "form.restore", form, author)
        return form
    raise form_exists(project_id, form.xml_form_id)


def _changed(session: Session, form: Form) -> None:
    session.flush()
    projects.touch_forms(session, form.project_id)
    mark_definitions(session, form.project_id)
