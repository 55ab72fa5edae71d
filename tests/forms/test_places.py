"""The places in force since 1 July 2025, and the lists phones pick them from."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path

import pytest

from forms.places import (
    Place,
    communes,
    communes_csv,
    provinces,
    provinces_csv,
    read_villages,
    unlisted_village,
    villages_csv,
)
from forms.problems import VillageListUnreadable, VillageRowUnusable

DEMO = Path(__file__).parents[2] / "xlsforms" / "places" / "villages_demo.csv"
LUNG_CU = Place("00715", "commune", "Xã Lũng Cú", "08")
VINH_TUY = Place("01156", "commune", "Xã Vĩnh Tuy", "08")
UUID_1 = "42ceb952-d417-4541-a323-cf2f078b0ef9"
UUID_2 = "fb1d2e4a-57bb-4a52-af44-868618abfccf"
HEADER = "name,label,village_code,commune_code\n"


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


def test_there_are_34_provinces() -> None:
    found = {place.code: place.name for place in provinces()}
    assert len(found) == 34
    assert list(found) == sorted(found)
    assert (found["01"], found["08"], found["12"]) == ("Thành phố Hà Nội", "Tuyên Quang", "Lai Châu")
    assert {(place.level, place.parent) for place in provinces()} == {("province", "")}


def test_there_are_3321_communes() -> None:
    assert sum(len(communes(province.code)) for province in provinces()) == 3_321


def test_the_communes_of_a_province_carry_five_digits_and_their_date() -> None:
    found = communes("08")
    assert len(found) == 124
    assert [place.code for place in found] == sorted(place.code for place in found)
    by_code = {place.code: place for place in found}
    assert by_code["00715"] == Place("00715", "commune", "Xã Lũng Cú", "08", {"valid_from": "2025-07-01"})


@pytest.mark.parametrize("code", ["", "8", "99", "xx"])
def test_an_unknown_province_has_no_communes(code: str) -> None:
    assert communes(code) == []


def test_the_list_of_provinces() -> None:
    assert provinces_csv([Place("08", "province", "Tuyên Quang")]) == "name,label\n08,Tuyên Quang\n".encode()


def test_the_list_of_communes_leaves_blank_what_nobody_knows() -> None:
    known = Place(
        "00715", "commune", "Xã Lũng Cú", "08", {"border": "1", "valid_from": "2025-07-01", "else": "x"}
    )
    assert communes_csv([known, VINH_TUY]).decode() == (
        "name,label,province_code,legacy_districts,legacy_communes,zone,border,especially_difficult,"
        "ethnic_mountainous,valid_from\n"
        "00715,Xã Lũng Cú,08,,,,1,,,2025-07-01\n"
        "01156,Xã Vĩnh Tuy,08,,,,,,,\n"
    )


def test_the_list_of_villages_ends_each_commune_with_the_one_not_listed() -> None:
    village = Place("00715-001", "village", "Thôn Lô Lô Chải", "00715", {"uuid": UUID_1, "hh_total": "117"})
    elsewhere = Place("02269-001", "village", "Thôn Nà Tông", "02269", {"uuid": UUID_2})
    written = rows(villages_csv([LUNG_CU, VINH_TUY], [elsewhere, village]))
    assert [(row["village_code"], row["commune_code"], row["label"]) for row in written] == [
        ("00715-001", "00715", "Thôn Lô Lô Chải"),
        ("00715-000", "00715", "Thôn/bản chưa có trong danh sách"),
        ("01156-000", "01156", "Thôn/bản chưa có trong danh sách"),
    ]
    assert (written[0]["name"], written[0]["hh_total"], written[0]["svy_relapse"]) == (UUID_1, "117", "")
    assert list(written[0])[:4] == ["name", "label", "village_code", "commune_code"]
    assert len(written[0]) == 20


def test_an_unlisted_village_keeps_its_uuid() -> None:
    # Answers already given carry it: it may never change.
    assert unlisted_village(LUNG_CU).attributes["uuid"] == "950e9612-d8a1-5de4-8430-fb4248df27c9"
    assert unlisted_village(LUNG_CU).attributes != unlisted_village(VINH_TUY).attributes


def test_an_unlisted_village_loaded_as_a_place_is_not_written_twice() -> None:
    assert len(rows(villages_csv([LUNG_CU], [unlisted_village(LUNG_CU)]))) == 1


def test_the_villages_of_the_demo_are_usable() -> None:
    villages = read_villages(DEMO.read_bytes())
    assert len(villages) == 12
    known = {place.code for place in communes("08")}
    assert {village.parent for village in villages} == {"00715", "01156", "02269"} <= known
    assert all(uuid.UUID(village.attributes["uuid"]).version == 4 for village in villages)
    assert villages[0] == Place(
        "00715-001",
        "village",
        "Thôn Lô Lô Chải",
        "00715",
        {"uuid": UUID_1, "legacy_district_name": "Đồng Văn"},
    )


def test_what_is_written_is_read_again() -> None:
    villages = read_villages(DEMO.read_bytes())
    parents = [place for place in communes("08") if place.code in {village.parent for village in villages}]
    again = read_villages(villages_csv(parents, villages))
    assert [village for village in again if not village.code.endswith("-000")] == villages


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"name,label\n",
        "name,label,village_code,commune_code\nThôn".encode("utf-16"),
        f'{HEADER}{UUID_1},"Thôn A'.encode(),
    ],
    ids=["empty", "columns missing", "not UTF-8", "quote left open"],
)
def test_a_file_that_is_no_list_of_villages_is_refused(text: bytes) -> None:
    with pytest.raises(VillageListUnreadable, match="name, label, village_code, commune_code"):
        read_villages(text)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"{UUID_2},,00715-002,00715", "label"),
        ("7,Thôn A,00715-002,00715", "name"),
        (f"{UUID_1},Thôn A,00715-002,00715", "name"),
        (f"{UUID_2},Thôn A,00715-001,00715", "village_code"),
        (f"{UUID_2},Thôn A,00715-2,00715", "village_code"),
        (f"{UUID_2},Thôn A,00715-002,01156", "village_code"),
        (f"{UUID_2},Thôn A", "village_code"),
    ],
)
def test_a_row_that_would_blur_villages_is_refused_by_its_line(row: str, column: str) -> None:
    with pytest.raises(VillageRowUnusable) as refused:
        read_villages(f"{HEADER}{UUID_1},Thôn Lô Lô Chải,00715-001,00715\n{row}\n".encode())
    assert (refused.value.details["line"], refused.value.details["column"]) == (3, column)


def test_a_file_saved_by_excel_is_read() -> None:
    (village,) = read_villages(b"\xef\xbb\xbf" + f"{HEADER}{UUID_1}, Thôn A ,00715-001,00715\r\n".encode())
    assert village == Place("00715-001", "village", "Thôn A", "00715", {"uuid": UUID_1})
