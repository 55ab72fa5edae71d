"""Lists of villages as offices have them: what is read, and what is said of each cell that is wrong."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from forms import village_list
from forms.place_problems import VillageColumnsMissing, VillageFileUnreadable
from forms.village_list import Known, VillageList, check, read_list

UUID = "42ceb952-d417-4541-a323-cf2f078b0ef9"
KNOWN = Known(
    communes={"00715", "01156"},
    villages={"00715-001"},
    closed={"00715-009"},
    uuids={UUID: "00715-001"},
    names={
        ("00715", "thôn cũ"): {"00715-001": ""},
        ("00715", "bản pho"): {"00715-004": "00712", "00715-005": "00713"},
    },
)
HEAD = "Mã xã,Tên thôn/bản,Mã thôn,uuid,Số hộ,Biên giới"


def read(text: str, *, convert: bool = True) -> VillageList:
    return check(read_list(text.encode(), "x.csv", convert=convert), KNOWN)


def told(found: VillageList) -> list[str]:
    return [str(fault) for fault in found.faults]


def workbook(rows: list[list[object]], merge: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_headings_may_be_vietnamese_or_english_and_stand_below_a_title() -> None:
    for head in (HEAD, "commune_code,label,village_code,name,hh_total,border"):
        found = read(f"DANH SÁCH THÔN\n\n{head}\n715,Thôn  Mới,,,117,x\n00715,Thôn Hai,00715-002,,,0\n")
        assert told(found) == []
        assert [dict(row.cells) for row in found.rows] == [
            {"commune_code": "00715", "label": "Thôn  Mới", "hh_total": "117", "border": "1"},
            {"commune_code": "00715", "label": "Thôn Hai", "village_code": "00715-002", "border": "0"},
        ]
        assert found.rows[0].row == 4


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("99999,Thôn A,,,,", "Mã xã", "The commune 99999 is not in force."),
        (",Thôn A,,,,", "Mã xã", "The commune is missing."),
        ("00715,,,,12,", "Tên thôn/bản", "The name of the village is missing. A merged cell"),
        (f"00715,{'x' * 256},,,,", "Tên thôn/bản", "more than 255 characters"),
        ("00715,Thôn A,00715-1,,,", "Mã thôn", "00715-1 is no code of a village of this commune"),
        ("00715,Thôn A,01156-001,,,", "Mã thôn", "01156-001 is no code of a village of this commune"),
        ("00715,Thôn A,00715-000,,,", "Mã thôn", "Codes ending in -000 are kept"),
        ("00715,Thôn A,00715-009,,,", "Mã thôn", "never used again"),
        ("00715,Thôn A,,7,,", "uuid", "“7” is no uuid."),
        (f"00715,Thôn A,,{UUID},,", "uuid", "belongs to the village 00715-001"),
        ("00715,Thôn A,,,nhiều,", "Số hộ", "“nhiều” is no number"),
        ("00715,Thôn A,,,-3,", "Số hộ", "“-3” is no number"),
        ("00715,Thôn A,,,,có thể", "Biên giới", "“có thể” says neither yes nor no"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(row: str, column: str, sentence: str) -> None:
    (fault,) = told(read(f"{HEAD}\n01156,Thôn Đúng,,,,\n{row}\n"))
    assert fault.startswith(f"Row 3, column {column}: ")
    assert sentence in fault


def test_what_is_there_twice_names_both_rows() -> None:
    key = "fb1d2e4a-57bb-4a52-af44-868618abfccf"
    found = read(f"{HEAD}\n00715,A,00715-003,{key},,\n00715,a,00715-003,{key},,\n01156,A,,,,\n")
    assert [(fault.row, fault.column, fault.details["other"]) for fault in found.faults] == [
        (3, "Tên thôn/bản", 2),
        (3, "Mã thôn", 2),
        (3, "uuid", 2),
    ]


@pytest.mark.parametrize(
    ("label", "former", "code"),
    [
        ("Thôn Cũ", "", "00715-001"),
        ("THÔN  CŨ", "", "00715-001"),
        ("Tho\u0302n Cu\u0303", "00712", "00715-001"),
        ("Thôn Cu", "", None),
        ("Bản Pho", "00713", "00715-005"),
        ("Bản Pho", "00714", None),
    ],
)
def test_a_village_without_a_code_is_known_by_its_name(label: str, former: str, code: str | None) -> None:
    found = read(f"Mã xã,Tên thôn/bản,Mã xã cũ\n00715,{label},{former}\n01156,{label},{former}\n")
    assert told(found) == []
    # The same name in another commune is another village.
    assert [row.cells.get("village_code") for row in found.rows] == [code, None]


def test_a_name_that_several_have_needs_the_code() -> None:
    (fault,) = told(read(f"{HEAD}\n00715,Bản Pho,,,,\n"))
    assert fault == (
        "Row 2, column Tên thôn/bản: Several villages of this commune are called “Bản Pho”: "
        "00715-004, 00715-005. Write the code of the one that is meant."
    )
    assert told(read(f"{HEAD}\n00715,Bản Pho,00715-001,,,\n")) == []


def test_a_village_known_by_its_name_is_there_once() -> None:
    (fault,) = told(read(f"{HEAD}\n00715,Thôn Cũ,,,,\n00715,Thôn Mới,00715-001,,,\n"))
    assert fault.startswith("Row 3, column Mã thôn: The code 00715-001 is there twice, in row 2 too.")


def test_a_merged_cell_counts_for_its_first_row() -> None:
    rows: list[list[object]] = [
        ["Mã xã", "Tên thôn"],
        ["00715", "Thôn A"],
        ["00715", "Thôn B"],
        [715, "Thôn C"],
    ]
    assert told(check(read_list(workbook(rows), "x.xlsx"), KNOWN)) == []
    found = check(read_list(workbook(rows, merge="A2:A3"), "x.xlsx"), KNOWN)
    assert [(fault.row, fault.column) for fault in found.faults] == [(3, "Mã xã")]
    assert "a merged cell counts for its first row only" in told(found)[0]


@pytest.mark.parametrize(
    ("text", "encoding", "font"),
    [
        ("M· x·,Tªn th«n\n00715,Th«n B¶n Pho\n00715,B¶n M­êng Lµi\n", "utf-8", "TCVN3"),
        ("M· x·,Tªn th«n\n00715,Th«n B¶n Pho\n00715,B¶n M­êng Lµi\n", "latin-1", "TCVN3"),
        ("Maõ xaõ,Teân thoân\n00715,Thoân Baûn Pho\n00715,Baûn Möôøng Laøi\n", "cp1252", "VNI"),
    ],
)
def test_an_old_font_is_recognised_and_read_as_meant(text: str, encoding: str, font: str) -> None:
    found = check(read_list(text.encode(encoding), "x.csv"), KNOWN)
    assert found.written_in == font
    assert told(found) == []
    assert [row.cells["label"] for row in found.rows] == ["Thôn Bản Pho", "Bản Mường Lài"]
    as_typed = read_list(text.encode(encoding), "x.csv", convert=False)
    assert as_typed.written_in == font
    assert as_typed.rows[0].cells["label"] != "Thôn Bản Pho"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_whatever_its_bytes(encoding: str) -> None:
    found = read_list("Mã xã;Tên bản\n00715;Bản Pho\n".encode(encoding), "x.csv")
    assert [dict(row.cells) for row in found.rows] == [{"commune_code": "00715", "label": "Bản Pho"}]


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"PK\x03\x04 broken", b"\x00\x01\x02", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", workbook([])],
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises((VillageFileUnreadable, VillageColumnsMissing)):
        read_list(data, "x.csv")


def test_missing_columns_are_named() -> None:
    with pytest.raises(VillageColumnsMissing, match="label, commune_code"):
        read_list(b"a,b\n1,2\n", "x.csv")


def test_every_fault_is_listed() -> None:
    said = {value for name, value in vars(village_list).items() if name.isupper() and isinstance(value, str)}
    assert set(village_list.FAULTS) <= said
