"""The surveys as shipped, and the lists a phone of Sin Chải has beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from forms.schema import Schema
from forms.spreadsheet import SheetRow, Workbook, read_workbook
from forms.xform.reading import read_schema
from forms.xlsform import Converted, convert

XLSFORMS = Path(__file__).parents[2] / "xlsforms"
SURVEYS = tuple(sorted(book.stem for book in XLSFORMS.glob("f*/*.xlsx") if book.stem == book.parent.name))
VI, EN = "Tiếng Việt (vi)", "English (en)"

VILLAGE, OTHER_VILLAGE = "42ceb952-d417-4541-a323-cf2f078b0ef9", "fb1d2e4a-57bb-4a52-af44-868618abfccf"
HOUSEHOLD = "3d2a7c51-7f0e-4d26-9c43-0a4f3b1e5d01"
LEARNERS = tuple(f"5b1c9e2{number}-4a6d-4f3b-8e21-7c9d0f1a2b3{number}" for number in range(4))
CLASS, CENTRE = "9e8d7c6b-5a49-4382-a1b0-c9d8e7f60514", "0f1e2d3c-4b5a-4697-8877-665544332211"
PERSON = "7a6b5c4d-3e2f-4101-9a8b-7c6d5e4f3a2b"

Row = Mapping[str, str | int]


def book(form_id: str) -> Path:
    """The workbook of a survey."""
    return XLSFORMS / form_id / f"{form_id}.xlsx"


@cache
def workbook(form_id: str) -> Workbook:
    """Its sheets."""
    return read_workbook(book(form_id).read_bytes(), book(form_id).name)


@cache
def converted(form_id: str) -> Converted:
    """Its form."""
    return convert(book(form_id).read_bytes(), book(form_id).name)


@cache
def schema(form_id: str) -> Schema:
    """Its questions."""
    return read_schema(converted(form_id).xform)


def asked(form_id: str) -> dict[str, SheetRow]:
    """The rows of the survey sheet that carry or show something, by name."""
    return {
        row["name"]: row
        for row in workbook(form_id).rows("survey")
        if not row["type"].startswith(("begin", "end_"))
    }


def csv_file(rows: Sequence[Row]) -> bytes:
    """Rows as a list on the phone; a column missing in a row is blank there."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    lines = csv.DictWriter(text, columns, lineterminator="\n")
    lines.writeheader()
    lines.writerows(rows)
    return text.getvalue().encode()


ROUND: Row = {
    "hh_total": 84, "hh_dtts": 84, "hh_poor": 30, "pop_total": 410, "pop_f": 200,
    "p1525_t": 60, "p1525_f": 30, "p2635_t": 50, "p2635_f": 25, "p3660_t": 70, "p3660_f": 36,
    "pop_15_60": 180, "p1560_dtts": 180, "p1560_excl": 2, "p1560_away": 14,
    "il1_1525_t": 2, "il1_1525_f": 1, "il1_2635_t": 5, "il1_2635_f": 4, "il1_3660_t": 20, "il1_3660_f": 14,
    "illit1": 27, "il2_1525_t": 6, "il2_1525_f": 3, "il2_2635_t": 12, "il2_2635_f": 7, "il2_3660_t": 33,
    "il2_3660_f": 20, "illit2": 51, "relapse": 3, "rel_f": 2, "il1_dtts": 27, "il1_away": 4, "il1_61p": 15,
    "eth_codes": "08 09", "eth_p1560": "120 60", "eth_il1": "20 7", "eth_il1_f": "14 5", "eth_il2": "38 13",
    "in1_t": 12, "in1_f": 8, "in2_t": 0, "in2_f": 0, "done1_t": 5, "done1_f": 3, "done2_t": 0, "done2_f": 0,
    "done1_stock": 9, "will1_t": 10, "will1_f": 7, "n_tlg": 1, "n_tlg_hh": 6, "n_class_wanted": 1,
    "oos_6_14": 1, "oos_15_18": 4, "oos_back": 1, "has_nvh": "1", "v_reading": "tusach", "v_signal": "1",
    "v_assessed": "1", "v_elder_help": "1", "report_year_prev": 2025,
}  # fmt: skip
"""What a village said in its last round, as the next round finds it."""

_VILLAGE: Row = {"commune_code": "00715", "legacy_commune_name": "Sín Chéng cũ", "__version": 3}
_LEARNER: Row = {
    "village_id": VILLAGE, "village_code": "00715-001", "commune_code": "00715", "ethnic": "08",
    "household_id": HOUSEHOLD, "class_id": CLASS, "state": "1", "xmc_done": "", "__version": 1,
}  # fmt: skip
_NAMES = (
    ("Giàng Thị Mỷ", "2", 1988, "1"),
    ("Vàng Seo Páo", "1", 1975, "1"),
    ("Lù Thị Dợ", "2", 1994, "2"),
    ("Sùng A Chúa", "1", 1969, "1"),
)

LISTS: dict[str, Sequence[Row]] = {
    "provinces.csv": [{"name": "08", "label": "Tuyên Quang"}],
    "communes.csv": [
        {
            "name": "00715", "label": "Đồng Văn", "province_code": "08", "legacy_districts": "Đồng Văn",
            "border": "1", "especially_difficult": "1", "ethnic_mountainous": "1",
        },
    ],
    "villages.csv": [
        {**_VILLAGE, "name": VILLAGE, "label": "Thôn Lô Lô Chải", "village_code": "00715-001", **ROUND},
        {**_VILLAGE, "name": "c0a1b2c3-d4e5-4f60-8172-93a4b5c6d7e8", "village_code": "00715-000",
         "label": "Thôn/bản chưa có trong danh sách"},
    ],
    "households.csv": [
        {
            "name": HOUSEHOLD, "label": "Vàng Seo Páo (1975)", "__version": 2, "village_id": VILLAGE,
            "village_code": "00715-001", "head_name": "Vàng Seo Páo", "head_birth_year": 1975,
            "head_ethnic": "08", "members_n": 2, "learners_n": 2, "cluster": "Cụm 1",
            "last_visit": "2025-08-02", "recheck": "1", "enumerator": "tnv.lung.cu",
        },
    ],
    "learners.csv": [
        {
            **_LEARNER, "name": LEARNERS[number], "label": f"{name} ({born})", "full_name": name, "sex": sex,
            "birth_year": born, "phase_due": due, "lit_status": "mc1" if due == "1" else "mc2",
            "class_id": CLASS if number < 3 else "",
        }
        for number, (name, sex, born, due) in enumerate(_NAMES)
    ],
    "classes.csv": [
        {
            "name": CLASS, "label": "XMC Lô Lô Chải – GĐ1, kỳ 3", "__version": 1,
            "class_name": "XMC Lô Lô Chải",
            "centre_id": CENTRE, "commune_code": "00715", "village_id": VILLAGE, "village_code": "00715-001",
            "organiser": "tt", "venue": "nvh", "phase": "1", "term": "3", "start_date": "2026-03-02",
            "end_date": "2026-08-30", "sessions_plan": 90, "learners_n": 3, "state": "open",
            "decision_no": "12/QĐ-UBND",
        },
    ],
    "centres.csv": [
        {
            "name": CENTRE, "label": "TTHTCĐ xã Đồng Văn", "__version": 1, "centre_code": "TT-00715",
            "commune_code": "00715", "status": "1", "ctype": "cl", "office": "rieng", "report_year": "2025",
            "report_period": "y", "predecessor_of": "", "self_rate": "kha", "has_library": "1",
            "free_wifi": "1", "pcs_net": "2", "it_use": "khong", "dx_level": "0",
        },
    ],
    "people.csv": [
        {
            "name": PERSON, "label": "Lò Văn Ước (1981)", "__version": 1, "full_name": "Lò Văn Ước",
            "sex": "1", "birth_year": 1981, "ethnic": "03", "role": "gv", "employ": "kiem",
            "inst": "Trường TH Đồng Văn", "centre_id": CENTRE, "commune_code": "00715", "active": "1",
        },
    ],
}  # fmt: skip
"""The rows of each list on that phone: one village, one household met before, one class, one centre."""


def media(form_id: str, **other: Sequence[Row]) -> dict[str, bytes]:
    """The files beside a survey on that phone; `villages=…` puts other rows into a list."""
    beside = {file.name: file.read_bytes() for file in (XLSFORMS / form_id).glob("media/*")}
    lists = LISTS | {f"{name}.csv": rows for name, rows in other.items()}
    return beside | {name: csv_file(rows) for name, rows in lists.items()}
