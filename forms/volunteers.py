"""① A list of volunteers as offices write it: who, which phone number, where, which forms.

Silent about: whether those places and forms exist; `collector/actions/volunteers.py` asks the memory.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.listing import Line, Listing, read_listing
from forms.remarks import Remark, Weight
from forms.vietnamese import folded

MOST_PEOPLE = 1000
"""People in one file: so many are entered in a single step, all of them or none."""

LONGEST_NAME = 100
LONGEST_ORGANISATION = 100

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("Họ và tên", "Họ tên", "Tên", "Tình nguyện viên", "Name", "Full name"),
    "phone": ("Số điện thoại", "Điện thoại", "SĐT", "Phone", "Phone number"),
    "organisation": ("Tổ chức", "Đoàn thể", "Đơn vị", "Organisation", "Organization"),
    "commune": ("Xã", "Xã, phường", "Xã/phường", "Tên xã", "Mã xã", "Commune"),
    "villages": ("Thôn, bản", "Thôn/bản", "Thôn", "Bản", "Thôn bản", "Địa bàn", "Villages", "Village"),
    "forms": ("Mẫu phiếu", "Phiếu", "Forms", "Form", "Surveys"),
}
"""Column to the headings it may stand under, the one of the sample file first."""

SAMPLE = (
    ("Lò Thị Mỷ", "0912345678", "Đoàn Thanh niên", "Mường Lai", "Nà Tông; Bản Pho", ""),
    ("Giàng A Páo", "0387654321", "Hội Nông dân", "", "08926-004", "f01_hh_survey"),
)
"""Two people of a sample file, in the order of HEADINGS."""

NAME_MISSING = Remark("The name is missing.", "Write the full name of the person.")
NAME_LONG = Remark("The name has more than {most} characters.", "Shorten it.")
PHONE_BAD = Remark(
    "“{text}” is not a Vietnamese phone number.",
    "Write ten digits that begin with 0, for example 0912345678.",
)
PHONE_OLD = Remark(
    "“{text}” is an old number of 11 digits, which has not worked since 2018.",
    "Ask for the present number of ten digits.",
)
PHONE_NONE = Remark(
    "There is no phone number, so this person cannot fetch a lost code with a PIN.",
    "Add the number, or leave it: the printed code works without it.",
    weight=Weight.NOTICE,
)
PHONE_TWICE = Remark(
    "The number {text} stands in row {other} too.",
    "Each person needs a number of his own; leave the cell empty where two share a phone.",
)
PHONE_TAKEN = Remark(
    "{name} already has access with the number {text}.",
    "Remove the row, or withdraw that access first.",
)
PLACE_MISSING = Remark("It is not said where this person works.", "Name one village or more, or the commune.")
PLACE_UNKNOWN = Remark(
    "There is no place “{text}” here.", "Correct the name, or write the code of the village."
)
PLACE_NEAR = Remark("There is no place “{text}” here.", "Did you mean: {near}?")
PLACE_SEVERAL = Remark(
    "There are several places “{text}”: {several}.", "Write the code, or name the commune in its column."
)
PLACE_OUTSIDE = Remark("“{text}” lies outside the places of your account.", "Ask the office above yours.")
FORM_UNKNOWN = Remark("There is no form “{text}” in this project.", "Use one of: {known}.")
REMARKS = (
    NAME_MISSING,
    NAME_LONG,
    PHONE_BAD,
    PHONE_OLD,
    PHONE_NONE,
    PHONE_TWICE,
    PHONE_TAKEN,
    PLACE_MISSING,
    PLACE_UNKNOWN,
    PLACE_NEAR,
    PLACE_SEVERAL,
    PLACE_OUTSIDE,
    FORM_UNKNOWN,
)
"""Everything that is said about a row."""


@dataclass(frozen=True, slots=True)
class Person:
    """A row as written, split but not looked up; `phone` as `phone_number` writes it, "" = none."""

    row: int
    name: str
    phone: str
    organisation: str
    commune: str
    villages: tuple[str, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Volunteers:
    """What a file says: its people, the headings as written there, and remarks on both."""

    people: tuple[Person, ...]
    columns: Mapping[str, str]
    remarks: tuple[Remark, ...]


def at(remark: Remark, row: int, column: str = "", **details: str) -> Remark:
    """The remark on a row of the file, its holes filled."""
    return Remark(remark.cause, remark.remedy, row=row, column=column, details=details, weight=remark.weight)


def read_volunteers(data: bytes, filename: str) -> Volunteers:
    """The people of a file (.xlsx, .xls, .csv). Raises FormRefused for one that is no such list."""
    listing = read_listing(data, filename, HEADINGS, required=("name", "villages"), most=MOST_PEOPLE)
    people = tuple(_person(line) for line in listing.lines)
    return Volunteers(people, listing.columns, (*listing.remarks, *_remarks(listing, people)))


def _person(line: Line) -> Person:
    return Person(
        line.row,
        re.sub(r"\s+", " ", line["name"]),
        phone_number(line["phone"]) or "",
        line["organisation"][:LONGEST_ORGANISATION],
        line["commune"],
        split(line["villages"]),
        split(line["forms"]),
    )


def split(text: str) -> tuple[str, ...]:
    """The entries of a cell, separated by semicolons, commas or lines; each once."""
    return tuple(dict.fromkeys(part for piece in re.split(r"[;,\n]", text) if (part := piece.strip())))


def phone_number(text: str) -> str | None:
    """A Vietnamese phone number as ten digits (a landline: eleven), None where it is none.

    Takes +84 and 84 for the leading 0, and puts back the 0 that Excel takes off numbers.
    """
    digits = re.sub(r"[\s.\-()]", "", text)
    if digits.startswith(("+84", "0084")) or (digits.startswith("84") and len(digits) in {11, 12}):
        digits = "0" + digits.split("84", 1)[1].lstrip("0")
    elif re.fullmatch(r"[235789][0-9]{8,9}", digits):
        digits = f"0{digits}"
    return digits if re.fullmatch(r"0[35789][0-9]{8}|02[0-9]{8,9}", digits) else None


def _remarks(listing: Listing, people: Sequence[Person]) -> Iterator[Remark]:
    seen: dict[str, int] = {}
    heading = listing.columns.get
    for line, person in zip(listing.lines, people, strict=True):
        if not person.name:
            yield at(NAME_MISSING, line.row, heading("name", ""))
        elif len(person.name) > LONGEST_NAME:
            yield at(NAME_LONG, line.row, heading("name", ""), most=str(LONGEST_NAME))
        yield from _phone_remarks(line, person.phone, seen, heading("phone", ""))
        if not person.villages and not person.commune:
            yield at(PLACE_MISSING, line.row, heading("villages", ""))


def _phone_remarks(line: Line, number: str, seen: dict[str, int], column: str) -> Iterator[Remark]:
    text = line["phone"]
    if not text:
        yield at(PHONE_NONE, line.row, column)
    elif not number:
        old = re.fullmatch(r"0?1[0-9]{9}", re.sub(r"[\s.\-]", "", text))
        yield at(PHONE_OLD if old else PHONE_BAD, line.row, column, text=text[:40])
    elif number in seen:
        yield at(PHONE_TWICE, line.row, column, text=number, other=str(seen[number]))
    else:
        seen[number] = line.row


_KINDS = re.compile(
    r"(thon ban|to dan pho|tieu khu|khu pho|thon|ban|xom|lang|ap|khu|to|tdp|buon|bon|plei|xa|phuong"
    r"|thi tran|dac khu) "
)


def bare(name: str) -> str:
    """A place's name folded, without the word for its kind: “Bản Nà Tông” and “Thôn Nà Tông” are the same."""
    plain = folded(name)
    return _KINDS.sub("", plain, count=1) if _KINDS.match(plain) else plain


def near(text: str, names: Collection[str], *, most: int = 3) -> list[str]:
    """Those of `names` that `text` may have been meant for, the likeliest first."""
    by_name = {bare(name): name for name in names}
    return [by_name[one] for one in difflib.get_close_matches(bare(text), list(by_name), n=most, cutoff=0.6)]


def sample_workbook(forms: Sequence[tuple[str, str]], villages: Sequence[tuple[str, str, str]]) -> bytes:
    """A file to fill in; the forms (id, title) and villages (code, name, commune) stand on further sheets."""
    import io

    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheets: tuple[tuple[str, Sequence[str], Sequence[Sequence[str]]], ...] = (
        ("Tình nguyện viên", [several[0] for several in HEADINGS.values()], SAMPLE),
        ("Mẫu phiếu", ("Mã phiếu", "Tên phiếu"), forms),
        ("Danh mục thôn, bản", ("Mã", "Tên", "Xã"), villages),
    )
    from openpyxl.cell import WriteOnlyCell

    for title, header, rows in sheets:
        sheet = book.create_sheet(title)
        for column in "ABCDEF"[: len(header)]:
            sheet.column_dimensions[column].width = 24
        cells = [WriteOnlyCell(sheet, value=text) for text in header]
        for cell in cells:
            cell.font = Font(bold=True)
        sheet.append(cells)
        for row in rows:
            texts = [WriteOnlyCell(sheet, value=text) for text in row]
            for cell in texts:
                # As text: Excel would take the 0 off a phone number and make a date of a code.
                cell.number_format = "@"
                cell.data_type = "s"
            sheet.append(texts)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
