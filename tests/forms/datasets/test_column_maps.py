"""Files in the columns of other systems: headings, order and words as a table says."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from forms.datasets.column_maps import (
    Column,
    ColumnMap,
    filled,
    read_maps,
    unknown,
    write_csv,
    write_excel,
)
from forms.datasets.description import Dataset, Table, Value, Variable
from forms.datasets.spool import Spool

OURS = tuple(Variable(name, "text") for name in ("KEY", "commune_code"))
ROOT = Table(
    "hh",
    "",
    None,
    (*OURS, Variable("head", "text"), Variable("house", "text"), Variable("SubmissionDate", "moment")),
)
SEX = Variable("sex", "code", values=(Value("1", {"vi": "Nam"}), Value("2", {"vi": "Nữ"})))
MEMBER = Table("member", "/member", "", (*OURS, SEX, Variable("born", "whole"), Variable("day", "date")))
TOPICS = (Value("it", {"vi": "Tin học"}),)
SEVERAL = """file,system,title_vi,form,table,latest_by,heading_vi,value,format
people,pcgd,Người,hh,member,house,Mã trường,,
people,,,,,,Mã xã,commune_code,
people,,,,,,Chủ hộ,root.head,
people,,,,,,Giới tính,sex,
people,,,,,,Mã giới tính,sex,code
people,,,,,,Ngày,day,
ages,pcgd,Nhóm tuổi,hh,member,,Giới tính,sex,
ages,,,,,,Nhóm tuổi,born,born:15-25 26-35
ages,,,,,,Số người,,count
"""


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Two visits to a house, the later one first, and a house of another commune."""
    from datetime import UTC, date, datetime

    made = Spool(tmp_path, Dataset("hh", "Hộ", (ROOT, MEMBER)))
    days = [datetime(2026, 5, day, tzinfo=UTC) for day in (9, 1, 2)]
    with made.writer(ROOT) as sink:
        said = {"KEY": ["uuid:a", "uuid:b", "uuid:c"], "commune_code": ["00715", "00715", "00001"]}
        sink.add({**said, "head": ["An", "Cũ", "=1+1"], "house": ["h", "h", "i"], "SubmissionDate": days}, 3)
    with made.writer(MEMBER) as sink:
        keys = ["uuid:a/member[1]", "uuid:a/member[2]", "uuid:b/member[1]", "uuid:c/member[1]"]
        sink.add(
            {
                "KEY": keys,
                "commune_code": ["00715", "00715", "00715", "00001"],
                "sex": ["1", "2", "1", "2"],
                "born": [2001, 2011, 2001, 1991],
                "day": [date(2026, 5, 9), None, None, None],
            },
            4,
        )
    return made


def test_a_file_has_the_headings_order_and_words_of_its_map(spool: Spool, tmp_path: Path) -> None:
    people, _ages = read_maps(io.StringIO(SEVERAL))
    path = tmp_path / "x.csv"
    assert write_csv(path, people, filled(people, spool, 2026)) == 3
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_text("utf-8-sig").splitlines() == [
        "Mã trường,Mã xã,Chủ hộ,Giới tính,Mã giới tính,Ngày",
        ",00001,'=1+1,Nữ,2,",
        ",00715,An,Nam,1,09/05/2026",
        ",00715,An,Nữ,2,",
    ]


def test_people_are_counted_by_bands_of_their_year_of_birth(spool: Spool) -> None:
    _people, ages = read_maps(io.StringIO(SEVERAL))
    assert list(filled(ages, spool, 2026)) == [["Nam", "15-25", 2], ["Nữ", "15-25", 1], ["Nữ", "26-35", 1]]


def test_answers_are_said_told_apart_and_added_up_as_the_table_wants(tmp_path: Path) -> None:
    several = """file,system,title_vi,form,table,latest_by,heading_vi,value,format
x,y,,hh,member,,Xã,commune_code,
x,,,,,,Giới tính,code_of,like:sex
x,,,,,,Học,topics,each
x,,,,,,Số,,count
x,,,,,,Muốn,wants,sum
z,y,,hh,member,,Giới,code_of,words:1=Trai;2=Gái
"""
    told, worded = read_maps(io.StringIO(several))
    more = (
        Variable("code_of", "text"),
        Variable("topics", "codes", values=TOPICS),
        Variable("wants", "code"),
    )
    member = replace(MEMBER, variables=(*OURS, SEX, *more))
    made = Spool(tmp_path, Dataset("hh", "Hộ", (ROOT, member)))
    with made.writer(made.dataset.tables[1]) as sink:
        said = {"KEY": ["a/1", "b/1", "c/1"], "commune_code": ["1", "1", "1"], "code_of": ["1", "1", "2"]}
        sink.add({**said, "topics": ["it", "it farm", None], "wants": ["1", "0", "1"]}, 3)
    assert unknown(told, made.dataset) == []
    assert list(filled(told, made, 2026)) == [["1", "Nam", "Tin học", 2, 1], ["1", "Nam", "farm", 1, 0]]
    assert list(filled(worded, made, 2026)) == [["Gái"], ["Trai"], ["Trai"]]


def test_a_workbook_keeps_codes_as_text_and_days_as_days(spool: Spool, tmp_path: Path) -> None:
    people, _ages = read_maps(io.StringIO(SEVERAL))
    path = tmp_path / "x.xlsx"
    write_excel(path, people, filled(people, spool, 2026))
    sheet = load_workbook(path).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][1:4] == ["00001", "=1+1", "Nữ"]
    assert sheet["C2"].data_type == "s"
    assert sheet["F3"].is_date


def test_a_name_that_a_form_does_not_ask_is_told(spool: Spool) -> None:
    one = ColumnMap(
        "x", "y", "", "hh", "member", "nobody", (Column("A", "nope", ""), Column("B", "root.no", ""))
    )
    assert unknown(one, spool.dataset) == ["nope", "root.no", "root.nobody"]
    with pytest.raises(ValueError, match="people"):
        read_maps(io.StringIO(SEVERAL.replace("sex,code", "sex,odd")))
