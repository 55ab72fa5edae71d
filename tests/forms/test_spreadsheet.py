"""Files that are no form, are damaged, or would grow out of all bounds."""

from __future__ import annotations

import io
import zipfile

import pytest

from forms.spreadsheet import LARGEST_FILE
from forms.xlsform import convert
from tests.forms.tables import LAUGHS, SHEETS, excel, refusal
from tests.forms.xls_file import xls


def encrypted_workbook() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")


def with_part(name: str, content: bytes, data: bytes | None = None) -> bytes:
    """A workbook with one part added or replaced."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or excel(SHEETS))) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return kept.getvalue()


def zipped(name: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        package.writestr(name, b"x")
    return kept.getvalue()


WRONG_FILES = [
    ("nothing", b"", "form.xlsx", "neither"),
    ("a picture", b"\x89PNG\r\n", "form.xlsx", "neither"),
    ("a table of text", b"type,name\ntext,a\n", "form.csv", "neither"),
    ("a letter", zipped("word/document.xml"), "form.xlsx", "neither"),
    ("a binary workbook", zipped("xl/workbook.bin"), "form.xlsb", "neither"),
    ("no table", b"# Title\n", "form.md", "neither"),
    ("cut off", excel(SHEETS)[:2000], "form.xlsx", "cannot be opened"),
    ("a broken old workbook", xls(SHEETS)[:1500], "form.xls", "cannot be opened"),
    ("not utf-8", b"| survey |\n| | \xff |\n", "form.md", "cannot be opened"),
    ("a password", encrypted_workbook(), "form.xlsx", "password"),
    ("macros", with_part("xl/vbaProject.bin", b"x"), "form.xlsm", "macros"),
    (
        "laughs",
        with_part("xl/workbook.xml", LAUGHS.encode() + b"<x>&l;</x>"),
        "form.xlsx",
        "cannot be opened",
    ),
    (
        "hidden laughs",
        with_part("xl/styles.xml", (LAUGHS + "<x/>").encode("utf-16")),
        "form.xlsx",
        "cannot be opened",
    ),
    ("broken xml", with_part("xl/worksheets/sheet1.xml", b"<worksheet>"), "form.xlsx", "cannot be opened"),
    ("a bomb", with_part("xl/media/image1.png", bytes(65_000_000)), "form.xlsx", "larger"),
    ("a bomb of text", with_part("xl/worksheets/sheet1.xml", bytes(26_000_000)), "form.xlsx", "larger"),
    ("far too much", bytes(LARGEST_FILE + 1), "form.xlsx", "larger"),
    ("too many sheets", excel({f"s{n}": [["a"]] for n in range(41)}), "form.xlsx", "41 sheets"),
    ("too wide", excel({"survey": [[f"c{n}" for n in range(402)]]}), "form.xlsx", "columns"),
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("data", "filename", "cause"),
    [wrong[1:] for wrong in WRONG_FILES],
    ids=[wrong[0] for wrong in WRONG_FILES],
)
def test_a_file_that_is_no_form_is_refused_with_what_to_do(data: bytes, filename: str, cause: str) -> None:
    (remark,) = refusal(data, filename)
    assert cause in str(remark)
    assert remark.remedy


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.mark.timeout(60)
def test_one_text_in_a_million_cells_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(excel(SHEETS))) as package:
        types = package.read("[Content_Types].xml")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    rows = "".join(f'<row r="{n}"><c t="s" r="A{n}"><v>0</v></c></row>' for n in range(1, 5001))
    data = with_part("[Content_Types].xml", types.replace(b"</Types>", entry))
    data = with_part(
        "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'.encode(), data
    )
    data = with_part("xl/worksheets/sheet1.xml", sheet_of(rows), data)
    assert "characters" in str(refusal(data, "form.xlsx")[0])


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("row", "asked"), [(20_000, 1), (1_048_576, 0)])
def test_rows_far_below_the_form_are_never_slow(row: int, asked: int) -> None:
    def cells(number: int, *texts: str) -> str:
        inline = (
            f'<c r="{at}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for at, text in zip("ABC", texts, strict=False)
        )
        return f'<row r="{number}">{"".join(inline)}<c r="XFD{number}"><v>1</v></c></row>'

    sheet = sheet_of(cells(1, "type", "name", "label") + cells(row, "text", "a", "A"))
    made = convert(with_part("xl/worksheets/sheet1.xml", sheet), "form.xlsx")
    assert made.xform.count(b"<input") == asked


def test_one_row_too_many_is_refused() -> None:
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>x</t></is></c></row>'
    data = with_part("xl/worksheets/sheet1.xml", sheet_of("".join(row.format(n) for n in range(1, 20_002))))
    assert "20001 rows" in str(refusal(data, "form.xlsx")[0])
