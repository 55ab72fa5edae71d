"""⑨ Figures as a long table, one line a cell: CSV, SDMX-CSV and an Excel workbook.

Source: SDMX-CSV 2.0, https://github.com/sdmx-twg/sdmx-csv
Knows: openpyxl.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Final, TypeAlias

from forms.period_kinds import kind_of

Value: TypeAlias = str | float | int | date | datetime | None

COLUMNS: Final = (
    "indicator",
    "label",
    "unit",
    "period",
    "place",
    "place_name",
    "level",
    "parent",
    "parent_name",
    "split",
    "split_value",
    "numerator",
    "denominator",
    "value",
    "counted",
    "expected",
    "received",
    "completeness",
    "target",
    "comparison",
    "deadline",
    "target_plan",
    "target_source",
    "to_reach",
    "status",
    "state",
    "computed_at",
)
"""What a line says of a cell, in this order."""

MOST_LINES: Final = 1_048_575
"""Lines under the header that a sheet of Excel has room for."""

STRUCTURE: Final = "CLC:FIGURES(2.0)"
"""What an SDMX-CSV file of ours names as its structure; a new dimension makes it another one."""

SDMX_COLUMNS: Final = (
    "STRUCTURE",
    "STRUCTURE_ID",
    "ACTION",
    "FREQ",
    "REF_AREA",
    "TIME_PERIOD",
    "INDICATOR",
    "SEX",
    "AGE",
    "BREAKDOWN",
    "BREAKDOWN_VALUE",
    "OBS_VALUE",
    "UNIT_MEASURE",
    "NUMERATOR",
    "DENOMINATOR",
    "TARGET",
    "TO_REACH",
    "EXPECTED",
    "RECEIVED",
    "PROGRESS",
    "OBS_STATUS",
    "APPROVAL",
)
NOWHERE: Final = "_T"
"""What stands for all together, of places as of what figures are split by."""

UNKNOWN: Final = "_U"
"""What stands for people of whom a dimension does not know."""

_SEXES: Final[Mapping[str, str]] = {"1": "M", "2": "F"}
_BAND: Final = re.compile(r"(\d*)\.\.(\d*)|(\d+)")

_FREQUENCIES: Final[Mapping[str, str]] = {
    "month": "M",
    "quarter": "Q",
    "half": "S",
    "year": "A",
    "school_year": "A2",
}
_TEMPTING: Final = ("=", "+", "-", "@", "\t", "\r")
_LONGEST: Final = 32_767
_BOM: Final = b"\xef\xbb\xbf"
_WIDTHS: Final[Mapping[str, int]] = {"label": 48, "place_name": 28, "parent_name": 24, "target_source": 36}


def csv_pieces(
    header: Sequence[str], pages: Iterable[Iterable[Sequence[Value]]], *, for_people: bool
) -> Iterator[bytes]:
    """The lines as CSV in UTF-8, a page at a time.

    `for_people`: with a byte order mark, and nothing that a spreadsheet program would take for a formula.
    """
    yield (_BOM if for_people else b"") + _written([header], for_people=False)
    for page in pages:
        yield _written(page, for_people=for_people)


def sdmx_pieces(pages: Iterable[Iterable[Sequence[Value]]]) -> Iterator[bytes]:
    """The lines as SDMX-CSV 2.0; each of them holds the values of COLUMNS."""
    yield _written([SDMX_COLUMNS], for_people=False)
    for page in pages:
        yield _written(
            (_observation(dict(zip(COLUMNS, line, strict=True))) for line in page), for_people=False
        )


def _observation(said: Mapping[str, Value]) -> Sequence[Value]:
    period = str(said["period"])
    return (
        "dataflow",
        STRUCTURE,
        "I",
        observed_as(period),
        said["place"] or NOWHERE,
        observed_in(period),
        said["indicator"],
        *people_in(str(said["split"] or NOWHERE), str(said["split_value"])),
        said["split"] or NOWHERE,
        said["split_value"] if said["split"] else NOWHERE,
        said["value"],
        said["unit"],
        said["numerator"],
        said["denominator"],
        said["target"],
        said["to_reach"],
        said["expected"],
        said["received"],
        said["status"],
        _status(said),
        said["state"] or "open",
    )


def people_in(split: str, part: str) -> tuple[str, str]:
    """Which people a part of a figure is about: SEX and AGE, in the codes of SDMX.

    `split` is the question it is split by. Source: the cross-domain code lists CL_SEX and CL_AGE.
    """
    words = split.split("_")
    return (
        _SEXES.get(part, UNKNOWN) if "sex" in words else NOWHERE,
        _age(part) if "age" in words else NOWHERE,
    )


def _age(part: str) -> str:
    """`..14` is Y_LE14, `15..25` Y15T25, `26..` Y_GE26, one year alone Y15."""
    found = _BAND.fullmatch(part)
    if found is None or part == "..":
        return UNKNOWN
    first, last, alone = found.groups()
    if alone:
        return f"Y{alone}"
    return f"Y{first}T{last}" if first and last else f"Y_GE{first}" if first else f"Y_LE{last}"


def observed_as(period: str) -> str:
    """How often there is such a period, in the codes of SDMX."""
    return _FREQUENCIES[kind_of(period)]


def observed_in(period: str) -> str:
    """A period as SDMX writes it; a school year by its first day and its length."""
    kind = kind_of(period)
    if kind == "school_year":
        return f"{period[:4]}-09-01/P1Y"
    return period.replace("-H", "-S")


def _status(said: Mapping[str, Value]) -> str:
    """`O`: missing; `P`: units have still to report; `A`: normal."""
    if said["value"] is None:
        return "O"
    share = said["completeness"]
    return "P" if isinstance(share, int | float) and share < 100 else "A"  # noqa: PLR2004 - all of them


def _written(lines: Iterable[Sequence[Value]], *, for_people: bool) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_text(value, for_people=for_people) for value in line] for line in lines)
    return out.getvalue().encode(errors="replace")


def _text(value: Value, *, for_people: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if for_people and value.startswith(_TEMPTING) else value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


# Excel ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Book:
    """What a workbook says beside its lines.

    `titles` are those of its two sheets, `header` the words over the columns, `names` which columns they
    are; `notes` are rows of the second sheet, the first of them with its heading in bold.
    """

    titles: tuple[str, str]
    header: Sequence[str]
    names: Sequence[str]
    notes: Sequence[Sequence[Value]]


def write_workbook(file: IO[bytes], book: Book, pages: Iterable[Iterable[Sequence[Value]]]) -> int:
    """Write an .xlsx with lines and notes; returns how many lines. They are taken one by one."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    made = Workbook(write_only=True)
    sheet = made.create_sheet(book.titles[0])
    sheet.freeze_panes = "A2"
    last = get_column_letter(len(book.header))
    for number, name in enumerate(book.names, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 14)
    cells = _Cells(sheet)
    sheet.append([cells.of(text, bold=True) for text in book.header])
    count = 0
    for page in pages:
        for line in page:
            sheet.append([cells.of(value) for value in line])
            count += 1
    # The sheet's end is not known before its lines are written, and a filter is written after them.
    sheet.auto_filter.ref = f"A1:{last}{count + 1}"
    _write_notes(made.create_sheet(book.titles[1]), book.notes)
    made.save(file)
    return count


def _write_notes(sheet: Any, notes: Sequence[Sequence[Value]]) -> None:
    for letter, width in zip("ABCDEF", (28, 48, 60, 40, 16, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    cells = _Cells(sheet)
    for row in notes:
        sheet.append([cells.of(value, bold=len(row) == 1) for value in row])


class _Cells:
    """Makes the cells of a sheet: texts as texts, numbers as numbers."""

    def __init__(self, sheet: Any) -> None:
        from openpyxl.styles import Font

        self._sheet = sheet
        self._bold = Font(bold=True)

    def of(self, value: Value, *, bold: bool = False) -> Any:
        """A cell, or nothing for nothing."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            text = _clean(value)
            # openpyxl takes any text with a sign of equality in front for a formula.
            return self._made(text, bold=bold) if bold or text.startswith("=") else text
        if isinstance(value, datetime):
            # Excel knows no time zones.
            return self._made(value.replace(tzinfo=None), form="yyyy-mm-dd hh:mm")
        if isinstance(value, date):
            return self._made(value, form="yyyy-mm-dd")
        return value

    def _made(self, value: str | date, *, bold: bool = False, form: str = "@") -> Any:
        from openpyxl.cell import WriteOnlyCell

        made = WriteOnlyCell(self._sheet, value=value)  # type: ignore[arg-type]
        if isinstance(value, str):
            made.data_type = "s"
        made.number_format = form
        if bold:
            made.font = self._bold
        return made


def _clean(text: str) -> str:
    """A text without what a workbook cannot hold, and no longer than a cell may be."""
    if text.isprintable():
        return text[:_LONGEST]
    return "".join(one for one in text if one.isprintable() or one == "\n")[:_LONGEST]
