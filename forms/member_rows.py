"""① Members of an entity list as an office writes them in a spreadsheet: one row each, a property a column.

Silent about: which members and places are known; `collector/actions/list_upload.py` asks the memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.entities import entity_uuid
from forms.listing import Listing, read_listing
from forms.problems import EntityIdUnusable
from forms.remarks import Remark, Weight

MOST_MEMBERS = 20_000
"""Rows of one file."""

LONGEST_TEXT = 10_000
"""Characters of one cell: phones hold every list in memory."""

NAME = "name"
LABEL = "label"
HEADINGS: Mapping[str, tuple[str, ...]] = {NAME: ("name", "uuid", "Mã UUID"), LABEL: ("label", "Tên", "Nhãn")}
"""The two columns every list has, and what they may be called; properties stand under their own names."""

COLUMN_UNKNOWN = Remark(
    "The column “{name}” is no property of this list.",
    "Correct its heading, or add the property to the list.",
)
COLUMN_COMPUTED = Remark(
    "The column “{name}” is worked out by the server and is not read.", "", weight=Weight.NOTICE
)
LABEL_MISSING = Remark("The label is missing.", "Write the name that people choose this member by.")
ID_BROKEN = Remark(
    "“{text}” is not an id of a member (a version 4 UUID).",
    "Leave the cell empty for a new member, or copy the id from the downloaded list.",
)
ID_TWICE = Remark("The id stands in row {other} too.", "Each member has one row.")
TEXT_LONG = Remark("The text has more than {most} characters.", "Shorten it.")
MEMBER_DELETED = Remark(
    "The member with this id has been deleted.", "Restore it first, or leave the id out to make a new one."
)
PLACE_UNKNOWN = Remark(
    "There is no place with the code “{text}”.", "Look the code up among the places; codes keep their zeros."
)
PLACE_OUTSIDE = Remark("“{text}” lies outside the places of your account.", "Ask the office above yours.")
LIKELY_TWICE = Remark(
    "A member with this label at this place is already there; the row would make a second one.",
    "If it is the same, copy its id into the column name.",
    weight=Weight.WARNING,
)
REMARKS = (
    COLUMN_UNKNOWN,
    COLUMN_COMPUTED,
    LABEL_MISSING,
    ID_BROKEN,
    ID_TWICE,
    TEXT_LONG,
    MEMBER_DELETED,
    PLACE_UNKNOWN,
    PLACE_OUTSIDE,
    LIKELY_TWICE,
)
"""Everything that is said about a row."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A row as written. `uuid` is "" for a new member; `values` holds only the cells that are filled."""

    row: int
    uuid: str
    label: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MemberRows:
    """What a file says: its members, the headings as written there, and remarks on both."""

    rows: tuple[MemberRow, ...]
    columns: Mapping[str, str]
    remarks: tuple[Remark, ...]


def read_members(
    data: bytes, filename: str, properties: Sequence[str], *, computed: Collection[str] = ()
) -> MemberRows:
    """The members of a file (.xlsx, .xls, .csv) for a list with those properties.

    A blank cell says nothing about its property. Raises FormRefused for a file that is no such list.
    """
    headings = {**HEADINGS, **{name: (name,) for name in properties}}
    listing = read_listing(data, filename, headings, required=(LABEL,), most=MOST_MEMBERS)
    left_out = {*computed, NAME, LABEL}
    rows = tuple(
        MemberRow(
            line.row,
            line[NAME],
            " ".join(line[LABEL].split()),
            {name: _meant(text) for name, text in line.cells.items() if name not in left_out},
        )
        for line in listing.lines
    )
    remarks = [*listing.remarks, *_columns(listing, computed), *_ids(rows, listing), *_texts(rows, listing)]
    return MemberRows(tuple(map(_normal, rows)), listing.columns, tuple(remarks))


def _meant(text: str) -> str:
    """A cell as it was before a download kept spreadsheet programs from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


def at(remark: Remark, row: int, column: str = "", **details: str) -> Remark:
    """The remark on a row of the file, its holes filled."""
    return Remark(remark.cause, remark.remedy, row=row, column=column, details=details, weight=remark.weight)


def _columns(listing: Listing, computed: Collection[str]) -> Iterator[Remark]:
    for heading in listing.unknown:
        yield at(COLUMN_UNKNOWN, 0, heading, name=heading)
    for name in sorted(listing.columns.keys() & set(computed)):
        yield at(COLUMN_COMPUTED, 0, name, name=name)


def _ids(rows: Sequence[MemberRow], listing: Listing) -> Iterator[Remark]:
    first: dict[str, int] = {}
    column = listing.columns.get(NAME, NAME)
    for one in rows:
        if not one.uuid:
            continue
        uuid = _uuid(one.uuid)
        if not uuid:
            yield at(ID_BROKEN, one.row, column, text=one.uuid[:100])
        elif uuid in first:
            yield at(ID_TWICE, one.row, column, other=str(first[uuid]))
        else:
            first[uuid] = one.row


def _uuid(text: str) -> str:
    try:
        return entity_uuid(text)
    except EntityIdUnusable:
        return ""


def _texts(rows: Sequence[MemberRow], listing: Listing) -> Iterator[Remark]:
    for one in rows:
        if not one.label and not one.uuid:
            yield at(LABEL_MISSING, one.row, listing.columns[LABEL])
        for name, text in {**one.values, LABEL: one.label}.items():
            if len(text) > LONGEST_TEXT:
                yield at(TEXT_LONG, one.row, listing.columns.get(name, name), most=str(LONGEST_TEXT))


def _normal(one: MemberRow) -> MemberRow:
    return MemberRow(one.row, _uuid(one.uuid), one.label, one.values)
