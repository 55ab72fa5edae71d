"""The surveys of a project as the checks go by them: form, roles, numbers, versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.checks.interviews import Survey
from forms.checks.roles import Roles, read_roles
from forms.checks.thresholds import Thresholds
from forms.corrections.logic import read_logic
from forms.xform import read_schema
from storage.checks.blocks import Reading, again
from storage.findings.thresholds import rows_of, thresholds
from storage.models import Form, FormVersion
from storage.queries import forms

SHEET = "roles"

Shipped = Sequence[Mapping[str, str]]
"""The rows of `xlsforms/programme/roles.csv`."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A survey with how its records are read."""

    survey: Survey
    reading: Reading

    @property
    def form(self) -> str:
        """Its form id."""
        return self.survey.form


def surveys(session: Session, project_id: int, shipped: Shipped, today: date) -> list[Checked]:
    """Every published survey of a project."""
    numbers = thresholds(session, project_id)
    return [
        _checked(session, form, shipped, numbers, today)
        for form in forms.list_forms(session, project_id)
        if form.current_id is not None
    ]


def _checked(session: Session, form: Form, shipped: Shipped, numbers: Thresholds, today: date) -> Checked:
    version = session.get_one(FormVersion, form.current_id)
    xml = forms.version_xml(session, version.id)
    schema = read_schema(xml)
    own = [dict(row.cells) for row in rows_of(version.sheets, SHEET)]
    roles = Roles(
        schema, {**read_roles(shipped, form.xml_form_id), **read_roles(own)}, version.sheets.get("marks", {})
    )
    reading = Reading(form.id, roles)
    published = session.execute(
        select(FormVersion.id, FormVersion.version, FormVersion.published_at).where(
            FormVersion.form_id == form.id, FormVersion.published_at.is_not(None)
        )
    )
    survey = Survey(
        form.xml_form_id,
        schema,
        roles,
        cache(partial(numbers.of, form=form.xml_form_id)),
        today,
        {number: (name, moment) for number, name, moment in published if moment is not None},
        read_logic(xml, schema).required,
        partial(again, reading),
    )
    return Checked(survey, reading)


def reading_only(checked: Checked, paths: Collection[str]) -> Reading:
    """The same survey, of which only some questions are read."""
    return replace(checked.reading, only=frozenset(paths))
