"""A report as data: its figures and words; the same in Word and as PDF, every figure a link to its cell."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from forms.reports import wording
from forms.reports.dates import next_due, period_due
from forms.reports.described import LEVELS, read_descriptions
from forms.reports.document import Heading, Paragraph, Report, Table
from forms.reports.docx import docx
from forms.reports.drawings import MOST_BARS, bars
from forms.reports.long_table import read_figures
from forms.reports.pdf import pdf
from tests.forms.reports.made import CELL, FROZEN, RATE, SILENT, figures, report, village

PROGRAMME = Path(__file__).parents[3] / "xlsforms" / "programme"


def tables(of: Report) -> list[list[list[str]]]:
    """Every table: rows of texts, the head first."""
    return [
        [
            [column.head for column in one.columns],
            *([" ".join(run.text.split()) for run in row.cells] for row in one.rows),
        ]
        for one in of.blocks
        if isinstance(one, Table)
    ]


def any_of(one: Any) -> Any:
    """What python-docx types too narrowly to ask it for a size."""
    return one


def words(of: Report) -> str:
    return " ".join(run.text for block in of.blocks if isinstance(block, Paragraph) for run in block.runs)


def test_the_figures_of_a_place_are_told_from_those_below_and_those_of_other_years() -> None:
    found = figures()
    assert found.own["rate"] == RATE
    assert [one.place_name for one in found.below["rate"]] == ["Thôn Lô Lô Chải", "Thôn Séo Lủng <&>"]
    assert [one.period for one in found.years["rate"]] == ["2025", "2026"]


def test_a_part_that_a_target_speaks_of_stands_for_the_place() -> None:
    from dataclasses import replace

    from forms.reports.figures import gathered

    whole = replace(RATE, target=None, status="")
    late, well = (
        replace(RATE, of_part=True, value=one, status=two) for one, two in ((50.0, "behind"), (95.0, "met"))
    )
    assert gathered((whole, well, late), RATE.place, "2026").held["rate"] == late


def test_the_short_table_has_what_says_something_and_the_annex_has_all() -> None:
    short, full, places = tables(report())
    assert short[1:] == [
        ["1", "Tỷ lệ người biết chữ", "%", "80 %", "≥ 90 %", "155"],
        ["2", "Số lớp xóa mù chữ", "lớp", "7", "–", ""],
    ]
    assert full[2] == [
        *("1", "Tỷ lệ người biết chữ", "%", "1.234", "1.543", "80 %", "≥ 90 % (đến 31/12/2030)"),
        *("155", "3/4 (75 %)", "KH tỉnh, II.2"),
    ]
    assert [row[1] for row in full[2:]] == ["Tỷ lệ người biết chữ", "Số lớp xóa mù chữ", "Chưa hỏi"]
    assert [row[1:3] for row in places[1:]] == [["Thôn Lô Lô Chải", "85,5"], ["Thôn Séo Lủng <&>", "40"]]
    assert "1 chỉ tiêu chưa có số liệu" in words(report())


def test_the_head_names_office_receiver_and_span() -> None:
    head = report().letterhead
    assert (head.parent, head.office) == ("", "ỦY BAN NHÂN DÂN\nXÃ LŨNG CÚ")
    assert head.subject == "Kết quả thực hiện kế hoạch năm 2026"
    assert head.to == "Sở Giáo dục và Đào tạo tỉnh Tuyên Quang"
    assert head.place_and_day.startswith("Lũng Cú, ngày ")
    assert "Ủy ban nhân dân xã Lũng Cú báo cáo kết quả" in words(report())


def test_parts_are_numbered_without_gaps() -> None:
    found = [one.text.split(".")[0] for one in report().blocks if isinstance(one, Heading) and one.level == 1]
    assert found == ["I", "II", "III", "IV", "V"]


def test_before_the_freeze_every_page_says_so_and_after_it_the_release_is_cited() -> None:
    before, after = report(), report(FROZEN)
    assert before.mark == "SỐ LIỆU TẠM THỜI"
    assert "tính đến 08:30 ngày 01/12/2026; còn 2 thay đổi chưa tính" in words(before)
    assert after.mark == ""
    assert "bản số liệu số 3 “Chốt năm 2026”" in words(after)
    assert FROZEN.digest in words(after)


def test_word_opens_it_with_its_text_tables_links_and_headers() -> None:
    data = docx(report())
    made = Document(io.BytesIO(data))
    text = "\n".join(one.text for one in made.paragraphs)
    assert "I. TÌNH HÌNH CHUNG" in text
    assert [one.text for one in made.paragraphs if one.style and one.style.name == "Heading 1"][
        -1
    ] == "V. KHÓ KHĂN, VƯỚNG MẮC"
    assert "XÃ LŨNG CÚ" in made.tables[0].rows[0].cells[0].text
    full = next(one for one in made.tables if len(one.columns) == 10)
    assert full.rows[0]._tr.get_or_add_trPr().find(qn("w:tblHeader")) is not None
    # A hyperlink's text is no run of its paragraph, and still in it.
    assert [cell.text for cell in full.rows[2].cells][3:6] == ["1.234", "1.543", "80 %"]
    links = [one.target_ref for one in made.part.rels.values() if one.is_external]
    assert CELL in links
    first, across = (any_of(one) for one in made.sections)
    assert (round(first.page_width.mm), round(first.left_margin.mm), round(first.right_margin.mm)) == (
        210,
        30,
        15,
    )
    assert across.page_width > across.page_height
    assert first.first_page_header.paragraphs[0].text == "SỐ LIỆU TẠM THỜI"
    assert "PAGE" in first.header._element.xml
    assert made.styles["Normal"].font.name == "Times New Roman"
    assert docx(report()) == data


def test_a_frozen_report_carries_no_mark_in_word() -> None:
    with ZipFile(io.BytesIO(docx(report(FROZEN)))) as file:
        assert not any("TẠM THỜI" in file.read(name).decode() for name in file.namelist() if "header" in name)


def test_the_pdf_says_the_same_with_links_and_page_numbers() -> None:
    data = pdf(report())
    assert pdf(report()) == data
    made = PdfReader(io.BytesIO(data))
    text = [page.extract_text() for page in made.pages]
    assert "Kính gửi: Sở Giáo dục và Đào tạo tỉnh Tuyên Quang" in text[0]
    assert "Thôn Séo Lủng <&>" in text[-1]
    assert all("SỐ LIỆU TẠM THỜI" in page for page in text)
    links = {str(one.get_object()["/A"]["/URI"]) for page in made.pages for one in page.get("/Annots") or ()}
    assert CELL in links
    assert made.metadata is not None
    assert str(made.metadata.title) == "BÁO CÁO Kết quả thực hiện kế hoạch năm 2026"
    frozen = PdfReader(io.BytesIO(pdf(report(FROZEN))))
    assert not any("TẠM THỜI" in page.extract_text() for page in frozen.pages)


def test_what_people_wrote_is_never_read_as_layout() -> None:
    from dataclasses import replace

    odd = '#panic("x") *đậm* $x$ <tag> \\ "'
    made = report()
    head = replace(made.letterhead, to=odd)
    text = PdfReader(io.BytesIO(pdf(replace(made, letterhead=head)))).pages[0].extract_text()
    assert '#panic("x") *đậm* $x$ <tag> \\ "' in text.replace("”", '"').replace("“", '"')


def test_of_many_places_the_highest_and_the_lowest_are_drawn() -> None:
    several = [village(f"{at:05}", f"Xã {at}", float(at)) for at in range(50)]
    drawing = bars(several)
    assert drawing is not None
    assert drawing.says.count(":") == MOST_BARS
    assert "Xã 49: 49 %" in drawing.says
    assert "Xã 0: 0 %" in drawing.says
    assert "Xã 25:" not in drawing.says
    assert bars([several[0], SILENT]) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "–"), (0, "0"), (1234567.0, "1.234.567"), (79.9741, "80"), (1234.56, "1.234,6"), (-0.5, "-0,5")],
)
def test_numbers_are_written_as_in_vietnam(value: float | None, written: str) -> None:
    assert wording.number(value) == written


@pytest.mark.parametrize(
    ("due", "kind", "today", "on", "period"),
    [
        ("12-09", "year", date(2026, 11, 23), date(2026, 12, 9), "2026"),
        ("12-09", "year", date(2026, 12, 10), date(2027, 12, 9), "2027"),
        ("05-14", "half", date(2026, 1, 2), date(2026, 5, 14), "2026-H1"),
        ("01-09", "school_year", date(2026, 11, 23), date(2027, 1, 9), "2026-2027"),
        ("2026-12-31", "year", date(2027, 1, 1), None, "2027"),
        ("", "year", date(2026, 1, 1), None, "2026"),
    ],
)
def test_the_next_deadline_names_its_period(
    due: str, kind: str, today: date, on: date | None, period: str
) -> None:
    assert next_due(due, today) == on
    assert period_due(kind, on, today) == period


def test_the_shipped_reports_answer_lines_of_the_calendar_and_name_indicators_there_are() -> None:
    with (PROGRAMME / "reports.csv").open(encoding="utf-8", newline="") as file:
        several = read_descriptions(file)
    with (PROGRAMME / "calendar.csv").open(encoding="utf-8-sig", newline="") as file:
        calendar = {row["id"] for row in csv.DictReader(file)}
    with (PROGRAMME / "groups.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes, letters = {row["indicator"] for row in rows}, {row["group_vi"][0] for row in rows}
    assert {one.due for one in several} <= calendar
    assert {code for one in several for code in (*one.charts, *one.compared)} <= codes
    assert {letter for one in several for letter in one.groups} <= {*letters, "*"}
    assert {one.level for one in several} == set(LEVELS)


def test_a_frozen_table_is_read_in_both_its_shapes() -> None:
    people = "indicator,label,unit,period,place,split,numerator,value,expected,deadline\n"
    people += "rate,Tỷ lệ,%,2026,08,,1,50.5,4,2030-12-31\nrate,Tỷ lệ,%,2026,08,sex,1,50,4,\n"
    sdmx = "REF_AREA,PARENT,TIME_PERIOD,INDICATOR,BREAKDOWN,OBS_VALUE,UNIT_MEASURE,DEADLINE,TARGET_PLAN\n"
    sdmx += "00715,08,2025-09-01/P1Y,rate,_T,50.5,%,2030-12-31,TH\n_T,,2026-S1,rate,target,,%,,\n"
    [one] = read_figures(io.StringIO(people))
    assert (one.place, one.value, one.expected, one.deadline) == ("08", 50.5, 4, date(2030, 12, 31))
    first, part = read_figures(io.StringIO(sdmx))
    assert (first.period, first.place, first.parent, first.value) == ("2025-2026", "00715", "08", 50.5)
    assert (first.deadline, first.plan, first.of_part) == (date(2030, 12, 31), "TH", False)
    assert (part.period, part.place, part.value, part.of_part) == ("2026-H1", "", None, True)
