"""An office's own Word and Excel files: filled with figures, and never more than that."""

from __future__ import annotations

import io
from collections.abc import Sequence
from zipfile import ZipFile

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

from forms.reports import word_template
from forms.reports.placeholders import Values, listed, values_of
from forms.reports.problems import (
    PlaceholderUnknown,
    TemplateDoesTooMuch,
    TemplateTooLarge,
    TemplateUnreadable,
)
from forms.reports.sheet_template import fill_sheet
from forms.reports.word_template import fill_word
from tests.forms.reports.made import FROZEN, figures, setting

VALUES = values_of(setting(), figures(), ("rate", "classes", "silent"))


def word(*lines: str, header: str = "") -> bytes:
    """A Word file of these lines, a table told by place, and a header."""
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    table = made.add_table(rows=3, cols=2)
    table.rows[0].cells[0].text = "{%tr for place in places %}"
    table.rows[1].cells[0].text, table.rows[1].cells[1].text = "{{ place.name }}", "{{ place.rate }}"
    table.rows[2].cells[0].text = "{%tr endfor %}"
    made.sections[0].header.paragraphs[0].text = header
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def sheet(*rows: Sequence[str | None]) -> bytes:
    made = Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_word_file_is_filled_in_text_table_and_header() -> None:
    line = "{{ place }}: {{ rate }} = {{ rate.numerator }}/{{ rate.denominator }}"
    made = Document(io.BytesIO(fill_word(word(line, header="{{ mark }}"), VALUES)))
    assert made.paragraphs[0].text == "Xã Lũng Cú: 80 % = 1.234/1.543"
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["Thôn Lô Lô Chải", "85,5 %"],
        ["Thôn Séo Lủng <&>", "40 %"],
    ]
    assert made.sections[0].header.paragraphs[0].text == "SỐ LIỆU TẠM THỜI"
    again = word("{{ place }}")
    assert fill_word(again, VALUES) == fill_word(again, VALUES)


def test_a_frozen_report_fills_in_its_release() -> None:
    values = values_of(setting(FROZEN), figures(), ("rate",))
    text = "{% if mark %}{{ mark }}{% else %}{{ release }} {{ release_name }}{% endif %}"
    made = Document(io.BytesIO(fill_word(word(text), values)))
    assert made.paragraphs[0].text == "3 Chốt năm 2026"


@pytest.mark.parametrize("name", ["nope", "rate.nope", "place.upper", "place_code.format"])
def test_an_unknown_placeholder_is_named(name: str) -> None:
    with pytest.raises(PlaceholderUnknown, match=name):
        fill_word(word(f"{{{{ {name} }}}}", header="x"), VALUES)


def test_a_header_and_a_row_told_by_place_are_looked_at_too() -> None:
    with pytest.raises(PlaceholderUnknown, match="nope"):
        fill_word(word("x", header="{{ nope }}"), VALUES)
    with pytest.raises(PlaceholderUnknown, match=r"one\.nope"):
        fill_word(word("{% for one in places %}{{ one.nope }}{% endfor %}"), VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "{{ rate.__class__ }}",
        "{{ range(10) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ rate | upper }}",
        "{{ [rate] }}",
        "{{ rate['value'] }}",
        "{% for one in rate %}{% endfor %}",
        "{% for one in places %}{% for two in places %}x{% endfor %}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% set x = 1 %}",
        "{% macro x() %}{% endmacro %}",
        "{{ rate",
    ],
)
def test_a_file_that_wants_more_than_names_is_refused(text: str) -> None:
    with pytest.raises(TemplateDoesTooMuch):
        fill_word(word(text), VALUES)


def test_what_is_no_office_file_or_unfolds_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = io.BytesIO()
    with ZipFile(empty, "w") as file:
        file.writestr("x", "y")
    for data in (b"", b"PK\x03\x04", empty.getvalue()):
        for fill in (fill_word, fill_sheet):
            with pytest.raises(TemplateUnreadable):
                fill(data, VALUES)
    monkeypatch.setattr(word_template, "MOST_UNPACKED", 1000)
    with pytest.raises(TemplateTooLarge):
        fill_word(word("x"), VALUES)


def test_a_workbook_is_filled_with_numbers_and_its_row_told_by_place() -> None:
    data = sheet(
        ["Báo cáo {{ place }}, {{ period }}", "{{ rate }}", "{{ rate.numerator }}", "{{ silent }} x"],
        ["{{ place.name }}", "{{ place.rate }}", "{{ place.rate.denominator }} người"],
        ["Tổng", '=SUM(B2:B2)+B4+$A$1&"A4"', "{{ rate.label }}"],
    )
    made = load_workbook(io.BytesIO(fill_sheet(data, VALUES))).active
    assert made is not None
    assert [[cell.value for cell in row] for row in made.iter_rows()] == [
        ["Báo cáo Xã Lũng Cú, năm 2026", 79.9741, 1234, "– x"],
        ["Thôn Lô Lô Chải", 85.5, "1.543 người", None],
        ["Thôn Séo Lủng <&>", 40, "1.543 người", None],
        ["Tổng", '=SUM(B2:B3)+B5+$A$1&"A4"', "Tỷ lệ người biết chữ", None],
    ]
    assert fill_sheet(data, VALUES) == fill_sheet(data, VALUES)


def test_merged_cells_below_a_row_told_by_place_move_with_it() -> None:
    made = Workbook()
    assert made.active is not None
    made.active["A1"], made.active["A3"] = "{{ place.name }}", "Ký tên"
    made.active.merge_cells("A3:B3")
    out = io.BytesIO()
    made.save(out)
    found = load_workbook(io.BytesIO(fill_sheet(out.getvalue(), VALUES))).active
    assert found is not None
    assert [str(one) for one in found.merged_cells.ranges] == ["A4:B4"]
    assert found["A4"].value == "Ký tên"


def test_a_name_that_looks_like_a_formula_stays_a_text() -> None:
    odd = Values({"place": "=1+1"}, [])
    made = load_workbook(io.BytesIO(fill_sheet(sheet(["{{ place }}"]), odd))).active
    assert made is not None
    assert (made["A1"].value, made["A1"].data_type) == ("=1+1", "s")


@pytest.mark.parametrize("name", ["nope", "rate.nope", "place.nope", "place.name.x"])
def test_an_unknown_placeholder_of_a_workbook_is_named(name: str) -> None:
    with pytest.raises(PlaceholderUnknown, match=name):
        fill_sheet(sheet([f"{{{{ {name} }}}}"]), VALUES)


def test_every_placeholder_is_listed_with_its_present_value() -> None:
    found = {name: (label, value) for name, label, value in listed(VALUES)}
    assert found["rate"] == ("Tỷ lệ người biết chữ", "80 %")
    assert found["place"] == ("", "Xã Lũng Cú")
    assert found["silent"] == ("Chưa hỏi", "–")
