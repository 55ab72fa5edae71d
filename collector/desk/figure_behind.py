"""The records, list members or places that a figure was counted from, each with a link to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions.definitions import Defined
from collector.actions.rows_behind import AskedBehind, Behind, read_behind
from collector.desk.page import now
from collector.desk.standpoint import Standpoint
from forms.indicators.definition import Measure, Rows
from forms.phrases import template
from storage.cells.behind import DENOMINATOR, EXCLUDED, NUMERATOR, SIDES, Row
from storage.queries.figure_places import member_names, record_names

A_PAGE = 100
"""Rows on a page."""

REASONS: Mapping[str, str] = {
    "deleted": template("deleted"),
    "duplicate": template("a duplicate of another record"),
    "rejected": template("rejected"),
    "unapproved": template("not approved yet"),
    "replaced": template("a later record of the same unit counts"),
    "again": template("counted once already"),
    "blank": template("an answer it needs is blank"),
    "condition": template("it is not among those asked for"),
}
"""Why a row counts for nothing, in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it is shown.

    `name` is what it is of and `number` which row there, 0 for the whole; `link` "" leads nowhere, `reason`
    says why it is left out.
    """

    row: Row
    name: str
    number: int
    link: str
    place: str
    reason: str


@dataclass(frozen=True)
class Shown:
    """A page of rows behind a figure. `rests_on` are the indicators it is reckoned from."""

    behind: Behind
    rows: tuple[Told, ...]
    side: str
    sides: tuple[str, ...]
    split: str


def read_rows(session: Session, defined: Defined, at: Standpoint) -> Shown:
    """The rows of `?side=` behind the figure of a place and period, and of `?split=` of it."""
    asked = request.args.get("side")
    side = asked if asked in SIDES else NUMERATOR
    split = request.args.get("split", "")[:200]
    after = request.args.get("after", "")
    found = read_behind(session, defined, AskedBehind(at.period, at.area, split, side, after, A_PAGE), now())
    measure = defined.indicator.numerator
    if side == DENOMINATOR:
        measure = defined.indicator.denominator or measure
    names = _names(session, defined.project_id, measure, found)
    rows = tuple(
        Told(
            one,
            names.get(one.record) or one.record,
            _number(one),
            _link(defined.project_id, measure, one),
            found.names.get(one.place, one.place),
            gettext(REASONS[one.reason]) if one.reason else "",
        )
        for one in found.rows
    )
    sides = SIDES if defined.indicator.denominator else (NUMERATOR, EXCLUDED)
    return Shown(found, rows, side, sides, split)


def _names(session: Session, project_id: int, measure: Measure, found: Behind) -> Mapping[str, str]:
    """What the reader may call the records, members or places."""
    ids = {one.record for one in found.rows}
    match measure.source.rows:
        case Rows.FORM if identity().may("submission.read", project_id):
            return record_names(session, ids)
        case Rows.ENTITIES if identity().may("entity.read", project_id):
            return member_names(session, ids)
    return found.names


def _number(row: Row) -> int:
    """Which row of a repeat it is, 0 for a record as a whole."""
    number = row.key.rpartition("[")[2].removesuffix("]")
    return int(number) if row.key != row.record and number.isdecimal() else 0


def _link(project_id: int, measure: Measure, row: Row) -> str:
    source = measure.source
    if source.rows is Rows.FORM:
        may = identity().may("submission.read", project_id) and row.reason != "deleted"
        page, form_id = "desk.records.show", source.name
        return url_for(page, project_id=project_id, form_id=form_id, instance_id=row.record) if may else ""
    if source.rows is Rows.ENTITIES:
        may = identity().may("entity.read", project_id)
        page, name = "desk.lists.member", source.name
        return url_for(page, project_id=project_id, name=name, uuid=row.record) if may else ""
    return url_for("desk.places.show", project_id=project_id, code=row.record)
