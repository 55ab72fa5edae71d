"""⑦ Checks over many records at once: those of a survey's own sheet, made anew where they changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from storage.findings.examining import examine, stale_forms
from storage.queries import forms
from storage.snapshot import snapshot

Progress = Callable[[int, int], None]


def check_new(now: datetime) -> int:
    """Let the records of every survey whose checks are new, or were not made, pass them.

    Returns how many findings were made or changed. Quick where there is nothing to do.
    """
    with snapshot() as session:
        several = stale_forms(session)
    return sum(examine(form_id, now) for form_id in several)


def check_form(project_id: int, xml_form_id: str, now: datetime, progress: Progress) -> int:
    """The same for one survey, whatever was done before. Raises FormNotFound while it is not published."""
    with snapshot() as session:
        form = forms.get_form(session, project_id, xml_form_id)
        forms.current_version(session, form)
        number = form.id
    return examine(number, now, progress)


def published(project_id: int) -> list[str]:
    """The form ids that can be checked."""
    with snapshot() as session:
        return [form.xml_form_id for form in forms.list_forms(session, project_id) if form.current_id]
