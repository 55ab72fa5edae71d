"""What the author of a form is told: where, why, what to do.

Knows: the sentences converters speak, turned into ours, which can be translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class Weight(StrEnum):
    """How much a remark weighs: an error refuses, a warning may be ignored, a notice only informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know about a form.

    `cause` and `remedy` are English templates; `details` fills their `{named}` holes. `row` counts
    from 1 as Excel shows it, 0 = no row; `sheet` and `column` may be empty.
    """

    cause: str
    remedy: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    details: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    weight: Weight = Weight.ERROR

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The whole remark as one line, in the language of `translate` (a gettext)."""
        told = " ".join(
            translate(template).format_map(self.details) for template in (self.cause, self.remedy) if template
        )
        where = self.place(translate)
        return f"{where}: {told}" if where else told

    def place(self, translate: Callable[[str], str] = str) -> str:
        """Where it is ("Sheet survey, row 4, column type"), or nothing."""
        holes = {"sheet": self.sheet, "row": str(self.row), "column": self.column}
        template = PLACES.get((bool(self.sheet), bool(self.row), bool(self.column)), "")
        return translate(template).format_map(holes) if template else ""

    def __str__(self) -> str:
        """The whole remark in English."""
        return self.text()

    def plain(self) -> dict[str, str | int]:
        """The remark for programs, in English."""
        return {
            "weight": self.weight.value,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "cause": self.cause.format_map(self.details),
            "remedy": self.remedy.format_map(self.details),
        }


PLACES: Mapping[tuple[bool, bool, bool], str] = {
    (True, True, True): "Sheet {sheet}, row {row}, column {column}",
    (True, True, False): "Sheet {sheet}, row {row}",
    (True, False, True): "Sheet {sheet}, column {column}",
    (True, False, False): "Sheet {sheet}",
    (False, True, True): "Row {row}, column {column}",
    (False, True, False): "Row {row}",
    (False, False, True): "Column {column}",
}
"""Which of sheet, row and column are known, to how the place is said."""

AS_TOLD = "{told}"
AS_TOLD_REMEDY = "Correct this in the form and send it again."


@dataclass(frozen=True, slots=True)
class Known:
    """A sentence of a converter and how we say it; named groups of `pattern` become the details.

    `sheet` and `column` say where the fault is when the sentence itself does not.
    """

    pattern: re.Pattern[str]
    cause: str
    remedy: str
    sheet: str = ""
    column: str = ""


def _known(pattern: str, cause: str, remedy: str, *, sheet: str = "", column: str = "") -> Known:
    return Known(re.compile(pattern, re.IGNORECASE | re.DOTALL), cause, remedy, sheet, column)


KNOWN: tuple[Known, ...] = (
    _known(
        r"must have a sheet named 'survey'",
        "The workbook has no sheet named survey.",
        "Name the sheet with the questions “survey”, in small letters.",
    ),
    _known(
        r"Unknown question type '(?P<type>.*?)'",
        "The question type “{type}” does not exist.",
        "Use a type of the XLSForm list, such as text, integer, date or select_one followed by a list name.",
        sheet="survey",
        column="type",
    ),
    _known(
        r"Question with no type",
        "The question has no type.",
        "Fill in the column type, or empty the row.",
        sheet="survey",
        column="type",
    ),
    _known(
        r"Question or group with no name",
        "The question or group has no name.",
        "Give it a name of letters, digits and underscores that begins with a letter.",
        sheet="survey",
        column="name",
    ),
    _known(
        r"'name' value 'meta' is invalid",
        "The name meta is reserved.",
        "Choose another name.",
        column="name",
    ),
    _known(
        r"'name' value '(?P<name>.*?)' is invalid.*(must be unique within|must unique anywhere)",
        "The name “{name}” is used twice.",
        "Rename one of the two; names are unique within a group, and names of repeats in the whole form.",
        column="name",
    ),
    _known(
        r"'name' value '(?P<name>.*?)' is problematic",
        "The name “{name}” differs from another one only by capital letters.",
        "Rename one of the two.",
        column="name",
    ),
    _known(
        r"'name' value '(?P<name>.*?)' is invalid.*same as the survey root",
        "A repeat cannot be named “{name}”, which is the name of the whole form.",
        "Rename the repeat.",
        column="name",
    ),
    _known(
        r"Names must begin with a letter or underscore",
        "This name holds characters a name cannot have.",
        "Begin with a letter or underscore and go on with letters, digits, underscores, hyphens or full "
        "stops; no spaces.",
    ),
    _known(
        r"Unmatched 'begin_(?P<kind>\w+)'.*for the name '(?P<name>.*?)'",
        "The {kind} “{name}” begins here and never ends.",
        "Add a row of type end_{kind} where it ends.",
        sheet="survey",
        column="type",
    ),
    _known(
        r"Unmatched 'end_(?P<kind>\w+)'",
        "A {kind} ends here that did not begin.",
        "Remove this row, or add the row begin_{kind} where it begins.",
        sheet="survey",
        column="type",
    ),
    _known(
        r"List name not in (?:external )?choices sheet: (?P<list>[^\n]+)",
        "The list “{list}” is not on the choices sheet.",
        "Add its answers to the choices sheet under this list_name, or correct the name in the type.",
        sheet="survey",
        column="type",
    ),
    _known(
        r"There should be a choices sheet in this xlsform",
        "The form has selects but no choices sheet.",
        "Add a sheet named choices with the columns list_name, name and label.",
        sheet="survey",
        column="type",
    ),
    _known(
        r"Could not find the name '(?P<name>.*?)'",
        "It refers to ${{{name}}}, and no question has that name.",
        "Correct the name between the braces, or add the question.",
    ),
    _known(
        r"The name '(?P<name>.*?)' appears more than once",
        "It refers to ${{{name}}}, and several questions have that name.",
        "Rename them so that each name is used once.",
    ),
    _known(
        r"Reference variables must start with",
        "A reference to a question is not written well.",
        "Write ${{name}} with the name of a question between the braces.",
    ),
    _known(
        r"Choice names must be unique for each choice list",
        "Two answers of one list have the same name.",
        "Rename one of them, or set allow_choice_duplicates to yes on the settings sheet if this is meant.",
        column="name",
    ),
    _known(
        r"Choices must have a name",
        "The answer has no name.",
        "Fill in the column name, or empty the row.",
        column="name",
    ),
    _known(
        r"Choices should have a label",
        "The answer has no label.",
        "Fill in the column label; the phone shows the name instead.",
        column="label",
    ),
    _known(
        r"Choice names with spaces cannot be added to multiple choice selects\. "
        r"See \[(?P<name>.*?)\] in \[(?P<list>.*?)\]",
        "The answer name “{name}” of the list “{list}”, which a select_multiple uses, holds a space.",
        "Write it without spaces, for example with underscores.",
        sheet="choices",
        column="name",
    ),
    _known(
        r"(?P<kind>Group|Repeat) has no label",
        "The group or repeat has no label.",
        "Fill in the column label, or leave it if nothing is to be shown.",
        sheet="survey",
        column="label",
    ),
    _known(
        r"The survey element named '(?P<name>.*?)' has no label or hint",
        "The question “{name}” has neither label nor hint.",
        "Fill in the column label.",
        sheet="survey",
        column="label",
    ),
    _known(
        r"Row without name, text, or label is being skipped",
        "The row has no type, name or label and was skipped.",
        "Empty the row, or complete it.",
        sheet="survey",
    ),
    _known(
        r"Missing calculation",
        "The calculate has no calculation.",
        "Fill in the column calculation.",
        sheet="survey",
        column="calculation",
    ),
    _known(
        r"Use the max-pixels parameter",
        "Pictures are sent in full size.",
        "Write max-pixels=1024 in the column parameters; phones then send faster.",
        sheet="survey",
        column="parameters",
    ),
    _known(
        r"Language '(?P<language>.*?)' is missing the (?P<what>survey|choices) (?:columns )?"
        r"(?P<columns>.*?)(?: column)?\.",
        "The language “{language}” has no column {columns} on the sheet {what}.",
        "Add the column, with “::{language}” after its name.",
    ),
    _known(
        r"language declarations do not contain valid machine-readable codes: (?P<languages>.*?)\. Learn",
        "The languages {languages} carry no code.",
        "Write the code in brackets after the name, for example “Tiếng Việt (vi)”.",
    ),
    _known(
        r"Headers that are different names for the same column were found: (?P<columns>.*?)\. Rename",
        "Two columns mean the same: {columns}.",
        "Remove one of them.",
    ),
    _known(
        r"required column headers were not found: (?P<columns>.*?)\. Learn",
        "A column is missing: {columns}.",
        "Add it to the first row of the sheet.",
    ),
    _known(
        r"'choices' sheet, the '(?P<header>.*?)' value is invalid\. Column headers must not be empty",
        "The column name “{header}” holds a space, and the column is left out.",
        "Write the column name without spaces.",
    ),
)
"""Tried in this order."""

_ROW = re.compile(r"\[row : (?P<row>\d+)\]")
_SHEET = re.compile(r"[Oo]n the '(?P<sheet>[^']+)' sheet|for sheet: '(?P<other>[^']+)'")
_COLUMN = re.compile(r"sheet, the '(?P<column>[^']+)' value")
_PLACE = re.compile(r"^\s*On the '[^']+' sheet, the '[^']+' value is invalid\.")


def from_sentence(told: str, *, weight: Weight = Weight.ERROR) -> Remark:
    """A converter's sentence as a remark; an unknown one is passed on in its own words."""
    sheet = _SHEET.search(told)
    row = _ROW.search(told)
    column = _COLUMN.search(told)
    where = {
        "sheet": (sheet["sheet"] or sheet["other"]) if sheet else "",
        "column": column["column"] if column else "",
    }
    number = int(row["row"]) if row else 0
    for known in KNOWN:
        found = known.pattern.search(told)
        if found:
            return Remark(
                known.cause,
                known.remedy,
                sheet=where["sheet"] or known.sheet,
                row=number,
                column=where["column"] or known.column,
                details={name: value for name, value in found.groupdict().items() if value is not None},
                weight=weight,
            )
    words = _PLACE.sub("", _ROW.sub("", told)).strip()
    remedy = AS_TOLD_REMEDY if weight is Weight.ERROR else ""
    return Remark(AS_TOLD, remedy, row=number, details={"told": words}, weight=weight, **where)


def templates() -> Iterator[str]:
    """Every sentence of this file that a catalogue of translations needs."""
    yield from PLACES.values()
    yield AS_TOLD_REMEDY
    for known in KNOWN:
        yield known.cause
        yield known.remedy
