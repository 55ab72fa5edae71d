"""The data dictionary: what each column is, whom it was asked, which codes it has, how many answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from collector.saying import say_in
from forms.datasets.beside.codebook import (
    HIDDEN,
    codebook_heads,
    codebook_rows,
    measure,
    value_heads,
    value_rows,
)
from forms.datasets.beside.codebook_book import codebook_book
from forms.datasets.beside.ddi import ddi
from forms.datasets.beside.universe import Universe
from forms.datasets.description import Dataset, Table, Value, Variable
from forms.datasets.material import Material, Origin
from forms.datasets.plain_words import plain
from tests.forms.datasets.made import made_material, made_origin, made_spool


@pytest.fixture
def material(tmp_path: Path) -> Material:
    return made_material(tmp_path)


def _rows(material: Material, origin: Origin | None = None) -> dict[tuple[object, object], dict[str, object]]:
    origin = origin or material.origin
    heads = codebook_heads(material.spool, origin)
    rows: list[dict[str, object]] = [
        dict(zip(heads, row, strict=True)) for row in codebook_rows(material.spool, origin)
    ]
    return {(row[heads[0]], row[heads[2]]): row for row in rows}


def test_every_column_of_every_table_has_a_row_in_order(material: Material) -> None:
    found = [row[:3] for row in codebook_rows(material.spool, material.origin)]
    assert found == [
        (table.name, number, one.name)
        for table in material.spool.dataset.tables
        for number, one in enumerate(table.variables, 1)
    ]


def test_a_row_says_all_of_a_question(material: Material) -> None:
    assert _rows(material)["member", "tongues"] == {
        "Table": "member",
        "Order": 14,
        "Name of the variable": "tongues",
        "Label (vi)": "Nói được tiếng nào",
        "Label (en)": "Languages spoken",
        "Type": "several codes, spaces between",
        "Measure": "nominal (names without order)",
        "Codes": "vie = Tiếng Việt; hmn = Tiếng Mông; tha = Tiếng Thái",
        "Codes that say why there is no answer": "",
        "Who was asked": "where Tuổi ≥ 3",
        "Asked when": "${age} >= 3",
        "Must be answered": "",
        "Rule for the answer": "",
        "Group in the form": "Thành viên trong hộ",
        "Repeated group": "Thành viên",
        "Question and hint": "Nói được tiếng nào",
        "Personal data": "none",
        "First version": "2026010100",
        "Last version": "2026060100",
        "Has an answer": 2,
        "Left blank": 1,
        "Not asked": 1,
        "Could not be read": 0,
        "Lowest": None,
        "Highest": None,
        "Mean": None,
    }


def test_it_is_said_in_the_language_of_the_file(material: Material) -> None:
    found = _rows(material, replace(material.origin, say=say_in("vi")))["ho_gia_dinh", "head_name"]
    assert found["Hỏi những ai"] == "khi Hộ có đồng ý trả lời không? là “Có”"
    assert found["Dữ liệu cá nhân"] == "trực tiếp: nhận ra người"
    assert (found["Kiểu"], found["Có trả lời"], found["Không hỏi"]) == ("chữ", 2, 1)


def test_each_code_has_a_row_with_how_often_it_was_given(material: Material) -> None:
    heads = value_heads(material.spool, material.origin)
    rows = [dict(zip(heads, row, strict=True)) for row in value_rows(material.spool, material.origin)]
    assert rows[2] == {
        "Table": "ho_gia_dinh",
        "Variable": "consent",
        "Code": "9",
        "Label (vi)": "Từ chối trả lời",
        "Label (en)": "Refused",
        "Says why there is no answer": "yes",
        "Times": 1,
    }


def test_a_protected_dataset_tells_no_small_number_of_persons(material: Material) -> None:
    origin = replace(material.origin, protection={"Mức": "Không nhận ra ai"})
    times = {(row[1], row[2]): row[-1] for row in value_rows(material.spool, origin)}
    heads = codebook_heads(material.spool, origin)
    assert "Not asked" not in heads
    assert "Not asked, or taken out to protect persons" in heads
    assert times["sex", "1"] == HIDDEN
    assert times["consent", "1"] == 2


def test_a_list_of_persons_is_not_told_where_persons_are_protected(tmp_path: Path) -> None:
    values = (Value("h1", {"vi": "Hộ Vàng A Sùng"}),)
    asked = Variable("household", "code", "/household", values=values, pii="direct")
    spool = made_spool(tmp_path, Dataset("f", "F", (Table("f", "", None, (asked,)),)))
    protected = replace(made_origin(), protection={"Mức": "Cao"})
    for origin, told in ((made_origin(), True), (protected, False)):
        rows = [*codebook_rows(spool, origin), *value_rows(spool, origin)]
        assert ("Vàng A Sùng" in str(rows)) is told
        assert ("Vàng A Sùng".encode() in ddi(spool, origin)) is told


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("<b>Tuổi</b> của ${m_name}?", "Tuổi của …?"),
        ("**Họ** và _tên_", "Họ và tên"),
        ("# Phần A\nHộ gia đình", "Phần A Hộ gia đình"),
        ('[Xem](https://vi.example) <span style="color:red">đỏ</span><br/>dưới', "Xem đỏ dưới"),
        ("<font color='red'>Đỏ</font> &amp; xanh", "Đỏ & xanh"),
        ("Tuổi < 5 và > 3", "Tuổi < 5 và > 3"),
        ("Tên_chủ_hộ", "Tên_chủ_hộ"),
        ("- Một\n- Hai", "• Một • Hai"),
        ("  hai\n dòng ", "hai dòng"),
    ],
)
def test_a_label_is_plain_words(label: str, words: str) -> None:
    assert plain(label) == words


@pytest.mark.parametrize(
    ("relevant", "said"),
    [
        ("", "every row of “Người”"),
        ("${sex} = '2' and ${age} >= 15", "where Giới tính is “Nữ” and Tuổi ≥ 15"),
        ("selected(${sex}, '2')", "where Giới tính includes “Nữ”"),
        ("${gone} = 'x'", "where gone is “x”"),
        ("today() > ${born}", "where today() > ${born}"),
        ("count-selected(${sex}) > 1", "where count-selected(${sex}) > 1"),
        ("not an expression (", "where not an expression ("),
    ],
)
def test_who_was_asked_is_said_in_words(relevant: str, said: str) -> None:
    sex = Variable("sex", "code", "/m/sex", {"vi": "Giới tính"}, (Value("2", {"vi": "Nữ"}),))
    asked = Variable("q", "text", "/m/q", relevant=relevant)
    table = Table(
        "m", "/m", "", (sex, Variable("age", "whole", "/m/age", {"vi": "Tuổi"}), asked), {"vi": "Người"}
    )
    dataset = Dataset("f", "F", (Table("f", "", None, ()), table))
    assert Universe(dataset, made_origin()).of(table, asked) == said


@pytest.mark.parametrize(
    ("variable", "found"),
    [
        (Variable("age", "whole"), "scale"),
        (Variable("sex", "code", values=(Value("1"), Value("2"))), "nominal"),
        (Variable("age", "code", values=(Value("0-14"), Value("15"), Value("16+"))), "ordinal"),
        (Variable("village", "code", values=(Value("03127-001"), Value("A-2"))), "nominal"),
        (Variable("name", "text"), "nominal"),
    ],
)
def test_how_answers_compare(variable: Variable, found: str) -> None:
    assert measure(variable) == found


def test_a_long_list_says_how_long_it_is(material: Material) -> None:
    values = tuple(Value(f"{number}", {"vi": f"Bản {number}"}) for number in range(100))
    table = Table("f", "", None, (Variable("village", "code", "/village", values=values),))
    spool = made_spool(material.folder / "long", Dataset("f", "F", (table,)))
    [row] = codebook_rows(spool, material.origin)
    assert str(row[6]).endswith("59 = Bản 59; … 100 codes in all")
    assert len(list(value_rows(spool, material.origin))) == 100


def test_the_workbook_of_its_own_opens_with_numbers_texts_and_days(material: Material) -> None:
    data = codebook_book(material)
    book = load_workbook(BytesIO(data))
    assert book.sheetnames == ["Variables", "Codes", "Export report"]
    rows = list(book["Variables"].iter_rows(values_only=True))
    assert len(rows) == 1 + sum(len(table.variables) for table in material.spool.dataset.tables)
    by_name = {(row[0], row[2]): row for row in rows}
    assert by_name["ho_gia_dinh", "visited_on"][-3] == datetime(2026, 8, 1)  # noqa: DTZ001 - Excel knows no zones
    assert [row[2] for row in book["Codes"].iter_rows(values_only=True) if row[1] == "ethnic"] == [
        "01",
        "08",
        "98",
    ]
    assert book["Variables"].freeze_panes == "D2"
    assert codebook_book(material) == data
