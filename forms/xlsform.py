"""① A form as its author sends it, made into the XForm that phones fill in.

Why: the author works in Excel; a fault must come back with its row and column and what to do, not as
a Python error. The workbook is read once by us, so pyxform never opens a file.
Knows: the only file that knows pyxform. Source: https://xlsform.org
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from forms.problems import FormRefused, XFormUnreadable
from forms.remarks import Remark, Weight, from_sentence
from forms.spreadsheet import LARGEST_FILE, Sheet, Workbook, read_workbook, require_size
from forms.xform import identify, open_xform
from forms.xform.document import strip_mark

OUR_COLUMNS = frozenset({"pii", "unit"})
"""Columns of the survey sheet that are ours; the converter does not get to see them."""

CONVERTED_SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")
"""Sheets that make the XForm; all others are ours or the author's notes."""

NO_FORM_ID = Remark(
    "The form has no form_id.",
    "Add a sheet named settings with the column form_id, and fill it in.",
    sheet="settings",
    column="form_id",
)
NOT_CONVERTED = Remark(
    "The converter could not make sense of the workbook ({kind}).",
    "Compare the sheets survey, choices and settings with a form that works; look for a cell in the wrong "
    "column.",
)
REMARKS = (NO_FORM_ID, NOT_CONVERTED)
"""What this file says by itself; all else comes from `forms.remarks`."""


@dataclass(frozen=True, slots=True)
class Converted:
    """An accepted form: the XForm as it will be served, what to warn of, and the workbook behind it.

    `workbook` is None for a form sent as XML; `itemsets` is the itemsets.csv that goes with a
    `select_one_external`, else empty.
    """

    xform: bytes
    warnings: tuple[Remark, ...] = ()
    workbook: Workbook | None = None
    itemsets: bytes = b""


def convert(data: bytes, filename: str, *, form_id_fallback: str = "") -> Converted:
    """Make an .xlsx, .xls, .md or .xml file into an accepted XForm.

    A workbook without a form_id gets `form_id_fallback`, or else the name of the file; one without a
    version has the version "" as in Central. The bytes of an XML file stay as they are, but for a
    byte-order mark.

    Raises FormRefused with a remark for each fault, and whatever `open_xform` and `identify` raise.
    """
    require_size(len(data), LARGEST_FILE, "bytes")
    if is_xml(data, filename):
        xform = strip_mark(data)
        identify(open_xform(xform))
        return Converted(xform)
    workbook = read_workbook(data, filename)
    converted = _from_workbook(workbook, form_id_fallback or PurePosixPath(filename).stem)
    try:
        identify(open_xform(converted.xform))
    except XFormUnreadable as error:
        # The author sent no XML and cannot mend it.
        raise FormRefused([_not_converted(str(error.details["reason"]))], converted.warnings) from error
    return converted


def is_xml(data: bytes, filename: str) -> bool:
    """True for what claims to be an XForm, by its name or its first character."""
    return filename.lower().endswith(".xml") or strip_mark(data[:64]).lstrip().startswith(b"<")


def _from_workbook(workbook: Workbook, fallback: str) -> Converted:
    from pyxform.errors import PyXFormError

    sheets = _sheets_to_convert(workbook)
    if not fallback and not _says_form_id(sheets.get("settings")):
        raise FormRefused([NO_FORM_ID])
    told: list[str] = []
    try:
        xform = _run_pyxform(_for_pyxform(sheets, workbook, fallback), fallback, told)
    except PyXFormError as error:
        remarks = [_located(remark, sheets) for remark in _remarks(str(error))]
        raise FormRefused(remarks, _warnings(told)) from error
    except Exception as error:
        # pyxform also stumbles over workbooks it did not foresee; that is still the author's fault to find.
        raise FormRefused([_not_converted(type(error).__name__)], _warnings(told)) from error
    return Converted(
        xform=xform.encode("utf-8"),
        warnings=_warnings(told),
        workbook=workbook,
        itemsets=_itemsets(sheets),
    )


def _run_pyxform(given: dict[str, object], fallback: str, told: list[str]) -> str:
    """The steps of pyxform's own `convert`, but for its search for external choices.

    That one walks every answer once more for each question: minutes for 2,000 questions about villages.
    """
    from pyxform.builder import create_survey_element_from_dict
    from pyxform.xls2json import workbook_to_json
    from pyxform.xls2json_backends import DefinitionData

    read = workbook_to_json(DefinitionData(**given), fallback_form_name=fallback or None, warnings=told)
    return str(
        create_survey_element_from_dict(read).to_xml(validate=False, pretty_print=False, warnings=told)
    )


def _itemsets(sheets: Mapping[str, Sheet]) -> bytes:
    """The itemsets.csv of the phones: every external choice, an empty cell where there is no text."""
    sheet = sheets.get("external_choices")
    if sheet is None or not _asks_externally(sheets.get("survey")):
        return b""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, quoting=csv.QUOTE_ALL)
    writer.writerow(["list_name" if column == "list name" else column for column in sheet.header])
    writer.writerows([row[column] for column in sheet.header] for row in sheet.rows)
    return kept.getvalue().encode("utf-8")


def _asks_externally(survey: Sheet | None) -> bool:
    rows = survey.rows if survey else ()
    return any(re.match(r"select[ _]one[ _]external\b", row["type"]) for row in rows)


def _not_converted(kind: str) -> Remark:
    return Remark(NOT_CONVERTED.cause, NOT_CONVERTED.remedy, details={"kind": kind})


def _sheets_to_convert(workbook: Workbook) -> dict[str, Sheet]:
    sheets = {name: workbook.sheets[name] for name in CONVERTED_SHEETS if name in workbook.sheets}
    if not sheets and len(workbook.sheets) == 1:
        # As in pyxform: a single sheet is the survey, whatever its name.
        return {"survey": next(iter(workbook.sheets.values()))}
    return sheets


def _says_form_id(settings: Sheet | None) -> bool:
    rows = settings.rows if settings else ()
    return any(row["form_id"] or row["id_string"] for row in rows[:1])


def _for_pyxform(sheets: dict[str, Sheet], workbook: Workbook, fallback: str) -> dict[str, object]:
    """The workbook as pyxform takes it: lists of dictionaries, with empty ones where rows are empty."""
    given: dict[str, object] = {
        "sheet_names": [sheet.name for sheet in workbook.sheets.values()],
        "fallback_form_name": fallback,
    }
    for name, sheet in sheets.items():
        header = [column for column in sheet.header if column.lower() not in OUR_COLUMNS or name != "survey"]
        given[f"{name}_header"] = [dict.fromkeys(header)]
        rows = _aligned(sheet, set(header))
        # pyxform reads the first row of the settings, empty or not.
        given[name] = [row for row in rows if row] if name == "settings" else rows
    return given


def _aligned(sheet: Sheet, columns: set[str]) -> list[dict[str, str]]:
    last = sheet.rows[-1].row if sheet.rows else 1
    aligned: list[dict[str, str]] = [{} for _ in range(last - 1)]
    for row in sheet.rows:
        # Row 1 is the header, so the row numbers pyxform tells are those of the sheet.
        aligned[row.row - 2] = {column: text for column, text in row.cells.items() if column in columns}
    return aligned


def _remarks(told: str) -> list[Remark]:
    """One remark for each fault; pyxform joins several of a kind by line breaks."""
    lines = told.splitlines()
    if len(lines) > 1 and all(line.startswith("[row : ") for line in lines):
        return [from_sentence(line) for line in lines]
    return [from_sentence(told)]


def _located(remark: Remark, sheets: Mapping[str, Sheet]) -> Remark:
    """The remark with its row, which pyxform does not tell of a wrong type, a missing label and others."""
    sheet = sheets.get(remark.sheet)
    if remark.row or sheet is None:
        return remark
    for row in sheet.rows:
        if any(value and row[column] == value for column, value in remark.details.items()):
            return replace(remark, row=row.row)
    return remark


def _warnings(told: Sequence[str]) -> tuple[Remark, ...]:
    return tuple(from_sentence(sentence, weight=Weight.WARNING) for sentence in told)
