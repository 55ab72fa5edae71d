"""An office's own files that would keep the server busy, fill its memory or make it fail."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from forms.reports.placeholders import values_of
from forms.reports.problems import TemplateDoesTooMuch, TemplateTooLarge, TemplateUnreadable
from forms.reports.sheet_template import MOST_CELLS, fill_sheet
from forms.reports.word_template import fill_word
from tests.forms.reports.made import figures, setting
from tests.forms.reports.test_templates import sheet, word

VALUES = values_of(setting(), figures(), ("rate",))


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The file with each part changed."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def within(name: str, before: bytes, added: bytes) -> Callable[[str, bytes], bytes]:
    """Put something before something in a part."""
    return lambda part, data: data.replace(before, added + before) if part.endswith(name) else data


def test_cells_merged_to_the_end_of_a_sheet_are_not_made_one_by_one() -> None:
    merged = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    data = changed(sheet(["{{ place }}"]), within("sheet1.xml", b"<pageMargins", merged))
    with pytest.raises(TemplateTooLarge):
        fill_sheet(data, VALUES)


def test_more_cells_than_a_report_has_are_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("opened"))
    cells = b'<row r="2">' + b"<c/>" * (MOST_CELLS + 1) + b"</row>"
    with pytest.raises(TemplateTooLarge):
        fill_sheet(changed(sheet(["x"]), within("sheet1.xml", b"</sheetData>", cells)), VALUES)


def test_a_sheet_whose_every_row_is_told_by_place_does_not_move_rows_for_hours() -> None:
    with pytest.raises(TemplateTooLarge):
        fill_sheet(sheet(*[["{{ place.name }}"]] * 2000), VALUES)


def test_braces_that_never_close_are_not_searched_to_the_end_each() -> None:
    with pytest.raises(TemplateTooLarge):
        fill_word(word(*["{{ place"] * 5000), VALUES)
    hidden = word("x")
    many = b"<w:p><w:r><w:t>&#123;&#123; place</w:t></w:r></w:p>" * 5000
    with pytest.raises(TemplateTooLarge):
        fill_word(changed(hidden, within("document.xml", b"<w:sectPr", many)), VALUES)


def test_a_loop_in_the_properties_of_a_file_is_not_told_without_end() -> None:
    loop = b"{% for one in places %}" + b"y" * 4_000_000 + b"{% endfor %}"

    def title(name: str, part: bytes) -> bytes:
        if not name.endswith("core.xml"):
            return part
        return re.sub(rb"<dc:title>.*?</dc:title>|<dc:title/>", b"<dc:title>" + loop + b"</dc:title>", part)

    with pytest.raises(TemplateTooLarge):
        fill_word(changed(word("x"), title), VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "{% if place > 1 %}x{% endif %}",
        "{% if 1 in place %}x{% endif %}",
        "{{ " + "(" * 2000 + "place" + ")" * 2000 + " }}",
        "{% if 1 %}" * 1500 + "{% endif %}" * 1500,
    ],
)
def test_what_a_placeholder_cannot_work_out_is_told(text: str) -> None:
    with pytest.raises(TemplateDoesTooMuch):
        fill_word(word(text), VALUES)


@pytest.mark.parametrize(("made", "fill"), [(word("x"), fill_word), (sheet(["x"]), fill_sheet)])
def test_a_locked_or_damaged_file_is_told(made: bytes, fill: Callable[..., bytes]) -> None:
    locked = bytearray(made)
    for sign, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(re.escape(sign), made):
            locked[found.start() + at] |= 1
    damaged = bytearray(made)
    damaged[120:160] = bytes(40)
    for data in (bytes(locked), bytes(damaged)):
        with pytest.raises(TemplateUnreadable):
            fill(data, VALUES)


def test_a_workbook_without_a_sheet_is_told() -> None:
    none = changed(
        sheet(["x"]),
        lambda name, part: (
            re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", part) if name.endswith("/workbook.xml") else part
        ),
    )
    with pytest.raises(TemplateUnreadable):
        fill_sheet(none, VALUES)


def test_a_template_reads_no_file_of_the_server() -> None:
    entity = b'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    def reading(name: str, part: bytes) -> bytes:
        if not name.endswith(".xml") or not part.startswith(b"<?xml"):
            return part
        head, _, rest = part.partition(b"?>")
        return head + b"?>" + entity + rest.replace(b"{{ place }}", b"{{ place }}&e;")

    for made, fill in ((word("{{ place }}"), fill_word), (sheet(["{{ place }}"]), fill_sheet)):
        with ZipFile(io.BytesIO(fill(changed(made, reading), VALUES))) as file:
            assert not any(b"root:" in file.read(name) for name in file.namelist())
