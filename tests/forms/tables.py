"""Forms as people write them in tests: markdown tables in, spreadsheets and schemas out."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest
from openpyxl import Workbook as ExcelWorkbook

from forms.problems import FormRefused
from forms.remarks import Remark
from forms.schema import Node, Schema
from forms.xform import read_schema
from forms.xlsform import convert

CHOICES = "| choices |\n| | list_name | name | label |\n| | l | a | A |\n"
SETTINGS = "\n| settings |\n| | form_id | version |\n| | hộ | 1 |\n"


def form(markdown: str) -> Schema:
    """The schema of a form written as markdown; form_id and version are added where it has no settings."""
    text = markdown if "| settings |" in markdown else markdown + SETTINGS
    return read_schema(convert(text.encode(), "form.md").xform)


def survey(*rows: str, columns: str = "type | name | label", rest: str = "") -> str:
    """A survey sheet of these rows, and what else the workbook holds."""
    lines = [f"| | {row} |" for row in (columns, *rows)]
    return "\n".join(["| survey |", *lines, rest.strip()])


def excel(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """The bytes of an .xlsx with these sheets."""
    book = ExcelWorkbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def xform(
    instance: str,
    *,
    model: str = "",
    body: str = "",
    title: str = "Form",
) -> bytes:
    """A hand-written XForm around this primary instance, without prefixes where none are needed."""
    return f"""<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"
  xmlns:odk="http://www.opendatakit.org/xforms">
<h:head><h:title>{title}</h:title><model><instance>{instance}</instance>{model}</model></h:head>
<h:body>{body}</h:body></h:html>""".encode()


def asking(questions: str = "<a/>", **parts: str) -> bytes:
    """An XForm with these questions and an instanceID."""
    return xform(f'<data id="f">{questions}<meta><instanceID/></meta></data>', **parts)


ROWS: Sequence[Sequence[object]] = [
    ["type", "name", "label"],
    ["text", "ten", "Tên chủ hộ"],
    ["integer", "tuoi", "Tuổi"],
]
SHEETS: Mapping[str, Sequence[Sequence[object]]] = {
    "survey": ROWS,
    "settings": [["form_id", "form_title", "version"], ["hộ", "Khảo sát hộ & trẻ", 2026010101]],
}
"""A small form, sheet by sheet."""

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{("&" + chr(97 + n) + ";") * 9}">'
        for n in range(12)
    )
    + "]>"
)
"""Twelve entities of ten of the one before: a trillion laughs in a kilobyte."""


def refusal(data: bytes, filename: str = "form.md") -> list[Remark]:
    """The remarks a file is refused with."""
    with pytest.raises(FormRefused) as refused:
        convert(data, filename)
    return list(refused.value.remarks)


EVERYTHING = survey(
    "start | start | | | | |",
    "deviceid | deviceid | | | | |",
    "username | username | | | | |",
    "audit | audit | | | | |",
    "note | note | Chào ${ten} | | | |",
    "text | ten | Tên | | | |",
    "integer | so | Số | | | |",
    "decimal | so_le | Số lẻ | | | |",
    "range | muc | Mức | | start=0 end=10 step=1 | |",
    "date | ngay | Ngày | | | |",
    "time | gio | Giờ | | | |",
    "dateTime | luc | Lúc | | | |",
    "geopoint | noi | Nơi | | | |",
    "geotrace | duong | Đường | | | |",
    "geoshape | vung | Vùng | | | |",
    "barcode | ma | Mã | | | |",
    "image | anh | Ảnh | | max-pixels=1024 | |",
    "audio | tieng | Tiếng | | | |",
    "video | phim | Phim | | | |",
    "file | tep | Tệp | | | |",
    "background-audio | nen | | | | |",
    "acknowledge | biet | Đã biết | | | |",
    "select_one l | mot | Một | | | |",
    "select_multiple l | nhieu | Nhiều | | | |",
    "rank l | xep | Xếp | | | |",
    "select_one_from_file thon.csv | thon | Thôn | | | |",
    "select_one_from_file xa.geojson | xa | Xã | | | |",
    "select_one s | tim | Tìm | search('tim_thon') | | |",
    "calculate | tinh | | | | 1 + 1 | |",
    "calculate | keo | | | | pulldata('gia', 'a', 'b', ${ten}) |",
    "calculate | truoc | | | | ${last-saved#ten} |",
    "hidden | an | | | | |",
    "begin_group | nhom | Nhóm | | | |",
    "begin_repeat | nguoi | Người | | | | 3",
    "text | ho_ten | Họ tên | | | |",
    "begin_repeat | con | Con | | | |",
    "text | ten_con | Tên con | | | |",
    "end_repeat | | | | | |",
    "end_repeat | | | | | |",
    "end_group | | | | | |",
    columns="type | name | label | appearance | parameters | calculation | repeat_count",
    rest=CHOICES + "| | s | ma | ten |\n| settings |\n| | form_id | instance_name |\n| | hết | ${ten} |",
)
"""One question of every kind."""


def types(schema: Schema) -> dict[str, str]:
    """Path to type of everything asked."""
    return {node.path: node.type for node in schema.nodes if not node.path.startswith("/meta")}


def node(schema: Schema, path: str) -> Node:
    """The node at a path that is there."""
    return schema.by_path[path]
