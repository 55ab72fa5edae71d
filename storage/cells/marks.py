"""What changed that figures rest on, noted in the transaction of the change itself.

Why: an intake must not wait for figures, and a figure must not miss an intake. A mark says which source,
where and when; the worker works out what rests on it and removes exactly the marks it has read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from sqlalchemy import String, bindparam, insert, literal, select
from sqlalchemy.orm import Session

from storage.database import line_of
from storage.models import EntityList, FigureMark, Form, Project
from storage.swift import Line, Swift

_MARKS = FigureMark.__table__.c
_FORMS = Form.__table__.c
_LISTS, _PROJECTS = EntityList.__table__.c, Project.__table__.c

PLACES = "places"
DEFINITIONS = "definitions"

Where: TypeAlias = tuple[str | None, date | None]
"""Code of a place ("": without one) and day; None is all of them."""


def form_source(form_id: int) -> str:
    """The source that the records of a form are, by its number."""
    return f"form:{form_id}"


def files_source(form_id: int) -> str:
    """The source that the files of a form's records are: no figure rests on it."""
    return f"files:{form_id}"


def list_source(name: str) -> str:
    """The source that the members of an entity list are."""
    return f"entities:{name}"


def period_source(period: str) -> str:
    """The source that the taking back of a lock is: everything in that period."""
    return f"period:{period}"


_PLACE = bindparam("place_code", type_=_MARKS.place_code.type)
_DAY = bindparam("day", type_=_MARKS.day.type)
_ONE = Swift(
    insert(FigureMark)
    .values(project_id=bindparam("project_id"), source=bindparam("source"), place_code=_PLACE, day=_DAY)
    .inline()
)
_RECORD = Swift(
    insert(FigureMark)
    .values(
        project_id=select(_FORMS.project_id).where(_FORMS.id == bindparam("form_id")).scalar_subquery(),
        source=bindparam("source"),
        place_code=_PLACE,
        day=_DAY,
    )
    .inline()
)
_MEMBER = Swift(
    insert(FigureMark)
    .values(
        project_id=select(_LISTS.project_id).where(_LISTS.id == bindparam("list_id")).scalar_subquery(),
        source=select(literal("entities:", String()).concat(_LISTS.name))
        .where(_LISTS.id == bindparam("list_id"))
        .scalar_subquery(),
        place_code=_PLACE,
        day=_DAY,
    )
    .inline()
)
_EVERYWHERE = Swift(
    insert(FigureMark).from_select(
        ["project_id", "source"], select(_PROJECTS.id, bindparam("source", type_=String()))
    )
)


def mark(
    where: Session | Line, project_id: int, source: str, place_code: str | None, day: date | None
) -> None:
    """Note that a source of a project changed in a place on a day; None is all of them, "" no place."""
    values = {"project_id": project_id, "source": source, "place_code": place_code, "day": day}
    _ONE.many(_line(where), [values])


def mark_records(where: Session | Line, form_id: int, several: Iterable[Where]) -> None:
    """Note that live records of a form came, went or changed at these places and days."""
    rows = [
        {"form_id": form_id, "source": form_source(form_id), "place_code": code or "", "day": day}
        for code, day in _each_once(several)
    ]
    if rows:
        _RECORD.many(_line(where), rows)


def mark_files(where: Session | Line, form_id: int) -> None:
    """Note that files of live records of a form came or went, and nothing else of them changed."""
    values = {"form_id": form_id, "source": files_source(form_id), "place_code": "", "day": None}
    _RECORD.many(_line(where), [values])


def mark_form(where: Session | Line, form_id: int) -> None:
    """Note that any record of a form may have changed."""
    values = {"form_id": form_id, "source": form_source(form_id), "place_code": None, "day": None}
    _RECORD.many(_line(where), [values])


def mark_members(where: Session | Line, list_id: int, codes: Iterable[str | None]) -> None:
    """Note that members of an entity list changed in these places."""
    rows = [
        {"list_id": list_id, "place_code": code or "", "day": None}
        for code, _day in _each_once((code, None) for code in codes)
    ]
    if rows:
        _MEMBER.many(_line(where), rows)


def mark_places(where: Session | Line) -> None:
    """Note that the map changed, for every project."""
    _EVERYWHERE.many(_line(where), [{"source": PLACES}])


def mark_definitions(where: Session | Line, project_id: int) -> None:
    """Note that what a project's figures are defined by changed: a form, a programme, a decision."""
    mark(where, project_id, DEFINITIONS, None, None)


def _each_once(several: Iterable[Where]) -> list[Where]:
    return list(dict.fromkeys((code or "", day) for code, day in several))


def _line(where: Session | Line) -> Line:
    if isinstance(where, Line):
        return where
    # What the session has not written yet belongs before the mark.
    where.flush()
    return line_of(where)
