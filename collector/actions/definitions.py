"""⑧ Everything a project's figures are defined by: its forms' workbooks and its programme, read together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from forms.compare import merged
from forms.indicators.decisions import Decided
from forms.indicators.definition import Indicator, Rows
from forms.indicators.grounds import Grounds
from forms.indicators.programme import Around, Definitions, read_definitions
from forms.indicators.recognition import Rule
from forms.indicators.targets import Target
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.schema import Schema
from forms.spreadsheet import SheetRow
from forms.workbook import DEFINITIONS, Extras
from forms.xform import read_schema
from storage.models import Form
from storage.queries import forms, indicators, programmes
from storage.queries.indicators import Survey

_KEPT = 50
_MOST_TRIES = 50


@dataclass(frozen=True)
class Defined:
    """An indicator and its project.

    `survey` is the one whose workbook defines it, None = the programme; `counted` the one whose records its
    numerator counts, None = it counts no records.
    """

    project_id: int
    indicator: Indicator
    survey: Survey | None = None
    counted: Survey | None = None

    @property
    def form_id(self) -> str:
        """The form whose workbook defines it, "" for the programme."""
        return self.survey.xml_form_id if self.survey else ""


@dataclass(frozen=True)
class Settled:
    """What holds in a project. `left_out` says which rows no longer can be read, and why."""

    project_id: int
    indicators: tuple[Defined, ...]
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    decided: Decided
    schemas: Mapping[str, Schema]
    left_out: tuple[Remark, ...] = ()


class _Shelf:
    """Definitions of projects, read once for as long as nothing they rest on changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[programmes.State, Settled]] = OrderedDict()
        self._schemas: OrderedDict[str, Schema] = OrderedDict()

    def of(self, session: Session, project_id: int) -> Settled:
        state = programmes.state(session, project_id)
        known = self._kept.get(project_id)
        if known is not None and known[0] == state:
            return known[1]
        found = _read(session, project_id, dict(state.chosen))
        self._kept[project_id] = (state, found)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def schema(self, session: Session, form_id: int) -> Schema:
        """Every question a form ever asked, under its current labels and lists."""
        several = []
        for number, digest in forms.published_ids(session, form_id):
            if digest not in self._schemas:
                self._schemas[digest] = read_schema(forms.version_xml(session, number))
            several.append(self._schemas[digest])
        while len(self._schemas) > _KEPT:
            self._schemas.popitem(last=False)
        choices = {name: choices for one in several for name, choices in one.choices.items()}
        return replace(several[-1], nodes=merged(several), choices=choices)


_shelf = _Shelf()


def definitions_of(session: Session, project_id: int) -> Settled:
    """The indicators, targets, standards and decisions in force in a project.

    A row that could be read when it was published and cannot be now, because a form or a list changed, is
    left out and told; all others keep working.
    """
    return _shelf.of(session, project_id)


def _read(session: Session, project_id: int, chosen: Mapping[str, str]) -> Settled:
    surveys = indicators.surveys(session, [project_id])
    schemas = {one.xml_form_id: _shelf.schema(session, one.form_id) for one in surveys}
    left_out: list[Remark] = []
    found: list[Defined] = []
    targets: list[Target] = []
    for survey in surveys:
        grounds = Grounds(own=schemas[survey.xml_form_id])
        around = Around(chosen=chosen, elsewhere=_owners(found))
        own, told = _readable(sheet_rows(survey.sheets), grounds, around)
        found += [Defined(project_id, one, survey, survey) for one in own.indicators]
        targets += own.targets
        left_out += told
    around = Around(chosen=chosen, elsewhere=_owners(found))
    grounds = Grounds(forms=schemas, lists=programmes.properties(session, project_id))
    plan, told = _readable(sheet_rows(programmes.sheets_of(session, project_id)), grounds, around)
    return Settled(
        project_id,
        (*found, *_of_programme(project_id, plan.indicators, surveys)),
        (*targets, *plan.targets),
        plan.rules,
        plan.decided,
        schemas,
        (*left_out, *told),
    )


def _owners(several: Sequence[Defined]) -> dict[str, str]:
    """The codes that are taken, with the form whose each is."""
    return {one.indicator.code: one.form_id for one in several}


def _of_programme(
    project_id: int, several: Sequence[Indicator], surveys: Sequence[Survey]
) -> Iterator[Defined]:
    by_form = {one.xml_form_id: one for one in surveys}
    for one in several:
        source = one.numerator.source
        yield Defined(project_id, one, None, by_form[source.name] if source.rows is Rows.FORM else None)


def sheet_rows(sheets: Mapping[str, Any]) -> dict[str, list[SheetRow]]:
    """The rows of the sheets that define figures, as a version keeps them."""
    return {
        name: [SheetRow(name, one["row"], one["cells"]) for one in sheets.get(name, ())]
        for name in DEFINITIONS
    }


def _readable(
    sheets: Mapping[str, Sequence[SheetRow]], grounds: Grounds, around: Around
) -> tuple[Definitions, list[Remark]]:
    """What can be read, and what is wrong with the rows that cannot."""
    told: list[Remark] = []
    for _try in range(_MOST_TRIES):
        try:
            return read_definitions(sheets, grounds, around), told
        except FormRefused as problem:
            told += problem.remarks
            wrong = {(one.sheet, one.row) for one in problem.remarks}
            sheets = {
                name: [row for row in rows if (name, row.row) not in wrong] for name, rows in sheets.items()
            }
    return Definitions(), told


def require_right(extras: Extras, schema: Schema) -> None:
    """Raise FormRefused for definitions of a survey's workbook that its form cannot serve."""
    read_definitions(extras.definitions, Grounds(own=schema))


def require_fitting(session: Session, form: Form, sheets: Mapping[str, Any]) -> None:
    """Raise FormRefused where a survey's definitions do not fit what the server knows.

    A code may not be that of an indicator of the programme or of another form, an area has to be known.
    """
    rows = sheet_rows(sheets)
    plan = sheet_rows(programmes.sheets_of(session, form.project_id))
    others = [one for one in indicators.surveys(session, [form.project_id]) if one.form_id != form.id]
    elsewhere = {row["code"]: "" for row in plan["indicators"]}
    around = Around(known_areas(session, rows["targets"]), elsewhere=_codes_of(others) | elsewhere)
    schema = read_schema(forms.version_xml(session, forms.draft_version(session, form).id))
    read_definitions(rows, Grounds(own=schema), around)


def require_programme(session: Session, project_id: int, sheets: Mapping[str, Any]) -> None:
    """Raise FormRefused for a programme's definitions that the project cannot serve.

    What the decisions already taken put out of force is read and checked all the same.
    """
    rows = sheet_rows(sheets)
    surveys = indicators.surveys(session, [project_id])
    schemas = {one.xml_form_id: _shelf.schema(session, one.form_id) for one in surveys}
    chosen = programmes.chosen(session, project_id)
    around = Around(known_areas(session, rows["targets"]), chosen, _codes_of(surveys))
    read_definitions(rows, Grounds(forms=schemas, lists=programmes.properties(session, project_id)), around)


def _codes_of(surveys: Sequence[Survey]) -> dict[str, str]:
    """The codes that the workbooks of some surveys define, with the form whose each is."""
    return {row["code"]: one.xml_form_id for one in surveys for row in sheet_rows(one.sheets)["indicators"]}


def known_areas(session: Session, targets: Sequence[SheetRow]) -> Collection[str]:
    """Those areas that targets name and some place has, or had."""
    return programmes.places_known(session, {row["area"] for row in targets})
