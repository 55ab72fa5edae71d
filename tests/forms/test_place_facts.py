"""A list of what communes are: read whatever its shape, each row held to the map of its day."""

from __future__ import annotations

from datetime import date

import pytest

from forms import place_facts
from forms.place_facts import FactList, Facts, check, read_list, with_facts
from forms.place_problems import FactColumnsMissing, VillageFileUnreadable
from forms.place_tree import Span
from tests.forms.test_village_list import workbook

REFORM, TODAY = date(2025, 7, 1), date(2026, 8, 3)
KNOWN = {
    "00715": [
        Span("commune", "Xã Lũng Cú", "026", None, date(2025, 6, 30)),
        Span("commune", "Xã Lũng Cú", "08", REFORM),
    ],
    "01153": [
        Span("commune", "Thị trấn Việt Quang", "034", None, date(2025, 6, 30)),
        Span("commune", "Xã Bắc Quang", "08", REFORM),
    ],
    "034": [Span("district", "Huyện Bắc Quang", "02", None, date(2025, 6, 30))],
    "99999": [Span("commune", "Xã Mới", "08", REFORM)],
}


def looked(data: bytes) -> FactList:
    return check(read_list(data, "x.csv"), KNOWN, TODAY)


def test_headings_are_english_or_vietnamese_and_cells_as_offices_write_them() -> None:
    english = (
        b"commune_code,zone,border,especially_difficult,ethnic_mountainous,valid_from\n"
        b"715,III,1,1,1,2026-01-01\n"
    )
    vietnamese = (
        "Danh sách xã,,,,,\nMã xã,Khu vực,Biên giới,ĐBKK,Dân tộc miền núi,Từ ngày\n"
        "00715,Khu vực III,có,x,Có,1/1/2026\n"
    ).encode()
    book = workbook([
        ["Mã xã", "Khu vực", "Biên giới", "ĐBKK", "DTTS&MN", "Năm"],
        [715, 3, 1, "x", "x", 2026],
    ])
    said = {"zone": "III", "border": "1", "especially_difficult": "1", "ethnic_mountainous": "1"}
    for data in (english, vietnamese):
        found = looked(data)
        assert found.faults == ()
        assert [(row.code, row.name, row.since, dict(row.said)) for row in found.rows] == [
            ("00715", "Xã Lũng Cú", date(2026, 1, 1), said)
        ]
    found = looked(book)
    assert found.faults == ()
    assert found.rows[0].since == date(2026, 1, 1)
    assert found.rows[0].said["zone"] == "III"


FAULTS = [
    (",III,", 2, "Mã xã", "code is missing"),
    ("12345,III,", 2, "Mã xã", "Nobody knows the commune 12345"),
    ("00715,IV,", 2, "Khu vực", "“IV” is no area"),
    ("00715,,maybe", 2, "Biên giới", "neither yes nor no"),
    ("00715,,", 2, "Mã xã", "says nothing"),
    ("00715,I,,soon", 2, "Từ ngày", "“soon” is no day"),
    ("00715,I,,2026-02-30", 2, "Từ ngày", "is no day"),
    ("00715,I,,2027", 2, "Từ ngày", "is after today"),
    ("00715,I,\n00715,II,", 3, "Mã xã", "twice for the same day, in row 2 too"),
    ("034,I,,2024", 2, "Mã xã", "Nobody knows the commune 00034"),
    ("99999,I,,2024", 2, "Mã xã", "99999 was no commune on 2024-01-01"),
    ("01153,I,,2024,Xã Bắc Quang", 2, "Tên xã", "was Thị trấn Việt Quang, not Xã Bắc Quang"),
]


@pytest.mark.parametrize(("rows", "row", "column", "told"), FAULTS)
def test_what_is_wrong_is_named_by_row_and_column(rows: str, row: int, column: str, told: str) -> None:
    (fault,) = looked(f"Mã xã,Khu vực,Biên giới,Từ ngày,Tên xã\n{rows}\n".encode()).faults
    assert (fault.row, fault.column) == (row, column)
    assert told in str(fault)


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(FactColumnsMissing, match="commune_code"):
        read_list("Khu vực\nI\n".encode(), "x.csv")
    with pytest.raises(FactColumnsMissing, match="zone"):
        read_list("Mã xã\n00715\n".encode(), "x.csv")
    with pytest.raises(VillageFileUnreadable):
        read_list(b"PK\x03\x04 broken", "x.xlsx")


def told(since: date | None, **said: str) -> Facts:
    return Facts(2, "00715", "", since, said)


def test_a_row_holds_from_its_day_on() -> None:
    spans = with_facts(KNOWN["00715"], [told(date(2026, 1, 1), zone="III")])
    assert [(span.valid_from, span.valid_to, dict(span.attributes)) for span in spans] == [
        (None, date(2025, 6, 30), {}),
        (REFORM, date(2025, 12, 31), {}),
        (date(2026, 1, 1), None, {"zone": "III"}),
    ]
    again = with_facts(spans, [told(date(2026, 1, 1), zone="III")])
    assert again == spans
    without_day = with_facts(KNOWN["00715"], [told(None, border="1")])
    assert [dict(span.attributes) for span in without_day] == [{}, {"border": "1"}]


def test_an_older_list_does_not_speak_over_a_later_one() -> None:
    later = with_facts(KNOWN["00715"], [told(date(2026, 1, 1), zone="III", border="1")])
    both = with_facts(later, [told(REFORM, zone="I")])
    assert [span.attributes.get("zone") for span in both] == [None, "I", "III"]
    corrected = with_facts(both, [told(REFORM, border="0")])
    assert [span.attributes.get("border") for span in corrected] == [None, "0", "1"]


def test_every_fault_is_listed() -> None:
    said = {value for name, value in vars(place_facts).items() if name.isupper() and isinstance(value, str)}
    assert set(place_facts.FAULTS) <= said
