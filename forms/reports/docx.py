"""⑨ A report as a Word file that a clerk goes on writing in: real headings, real tables, Times New Roman.

Knows: python-docx.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from forms.reports.document import (
    MARGINS,
    Align,
    Blank,
    Block,
    Drawing,
    Heading,
    Letterhead,
    Paragraph,
    Part,
    Report,
    Run,
    Signature,
    Table,
)
from forms.reports.packing import repacked
from forms.reports.typesetting import picture

FONT: Final = "Times New Roman"
_DAY: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UPRIGHT: Final = (210, 297)
_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_BODY, _SMALL, _TABLE, _WIDE_TABLE = 13, 11, 11, 9.5


def docx(report: Report) -> bytes:
    """The file; the same bytes for the same report."""
    writer = _Writer(report)
    for at, part in enumerate(report.parts):
        writer.part(part, first=at == 0)
    out = io.BytesIO()
    writer.document.save(out)
    return repacked(out.getvalue())


class _Writer:
    """Writes block after block at the end of a document."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.document = Document()
        self.width = 0.0
        _styles(self.document, report)
        _properties(self.document, report)

    def part(self, part: Part, *, first: bool) -> None:
        """The pages of a part."""
        self._page(part, first=first)
        if first:
            self._letterhead(self.report.letterhead)
        for block in part.blocks:
            self._block(block, part)

    def _page(self, part: Part, *, first: bool) -> None:
        document = self.document
        section = document.sections[0] if first else document.add_section(WD_SECTION.NEW_PAGE)
        short, long = _UPRIGHT
        width, height = (long, short) if part.across else (short, long)
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.orientation = WD_ORIENT.LANDSCAPE if part.across else WD_ORIENT.PORTRAIT
        sides = _turned() if part.across else MARGINS
        section.top_margin, section.bottom_margin = Mm(sides["top"]), Mm(sides["bottom"])
        section.left_margin, section.right_margin = Mm(sides["left"]), Mm(sides["right"])
        section.header_distance = Mm(9)
        self.width = width - sides["left"] - sides["right"]
        section.different_first_page_header_footer = first
        if first:
            self._header(section.header, numbered=True)
            self._header(section.first_page_header, numbered=False)

    def _header(self, header: Any, *, numbered: bool) -> None:
        line = header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if numbered:
            _field(line, "PAGE")
        if self.report.mark:
            marked = header.add_paragraph() if numbered else line
            marked.alignment = WD_ALIGN_PARAGRAPH.CENTER
            run = marked.add_run(self.report.mark)
            run.bold, run.font.size, run.font.color.rgb = True, Pt(10), RGBColor(0x80, 0x80, 0x80)

    def _letterhead(self, head: Letterhead) -> None:
        table = self.document.add_table(rows=2, cols=2)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _widths(table, [0.42 * self.width, 0.58 * self.width])
        left, right = table.rows[0].cells
        if head.parent:
            _said(left.paragraphs[0], head.parent, size=12, align="center")
        office = left.add_paragraph() if head.parent else left.paragraphs[0]
        _said(office, head.office, size=12, bold=True, align="center")
        _underlined(office)
        _said(right.paragraphs[0], self.report.national[0], size=12, bold=True, align="center")
        motto = right.add_paragraph()
        _said(motto, self.report.national[1], size=13, bold=True, align="center")
        _underlined(motto)
        left, right = table.rows[1].cells
        _said(left.paragraphs[0], head.number, size=13, align="center")
        _said(right.paragraphs[0], head.place_and_day, size=13, italic=True, align="center")
        title = self.document.add_paragraph(style="Title")
        title.add_run(head.kind)
        subject = self.document.add_paragraph()
        _said(subject, head.subject, size=14, bold=True, align="center")
        _underlined(subject)
        if head.to:
            _said(self.document.add_paragraph(), f"Kính gửi: {head.to}", size=13, align="center", after=8)

    def _block(self, block: Block, part: Part) -> None:
        if isinstance(block, Heading):
            self.document.add_heading(block.text, block.level)
        elif isinstance(block, Paragraph):
            self._paragraph(block)
        elif isinstance(block, Blank):
            self._blank(block)
        elif isinstance(block, Table):
            self._table(block, _WIDE_TABLE if part.across else _TABLE)
        elif isinstance(block, Drawing):
            self._drawing(block)
        else:
            self._signature(block)

    def _paragraph(self, block: Paragraph) -> None:
        line = self.document.add_paragraph(style="Body Text" if block.look == "body" else None)
        if block.look == "center":
            line.alignment, line.paragraph_format.keep_with_next = WD_ALIGN_PARAGRAPH.CENTER, True
        for run in block.runs:
            _run(line, run, size=_SMALL if block.look == "note" else None)

    def _blank(self, block: Blank) -> None:
        if block.prompt:
            _run(self.document.add_paragraph(), Run(block.prompt, italic=True))
        for _ in range(block.lines):
            line = self.document.add_paragraph()
            stops = line.paragraph_format.tab_stops
            stops.add_tab_stop(Mm(self.width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
            line.add_run("\t")

    def _table(self, block: Table, size: float) -> None:
        count = len(block.columns)
        table = self.document.add_table(rows=1 + len(block.rows), cols=count, style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        total = sum(one.share for one in block.columns)
        widths = [one.share / total * self.width for one in block.columns]
        _widths(table, widths)
        rows = list(table.rows)
        for cell, column in zip(rows[0].cells, block.columns, strict=True):
            _cell(cell, Run(column.head, bold=True), "center", size)
        _repeated(rows[0])
        for row, said in zip(rows[1:], block.rows, strict=True):
            cells = row.cells
            _unbroken(row)
            if said.title:
                merged = cells[0].merge(cells[-1])
                _cell(merged, said.cells[0], "left", size)
                continue
            for cell, run, column in zip(cells, said.cells, block.columns, strict=True):
                _cell(cell, run, column.align, size)
        self.document.add_paragraph().paragraph_format.space_after = Pt(2)

    def _drawing(self, block: Drawing) -> None:
        image = picture(block.svg, block.width, block.height)
        line = self.document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.keep_with_next = True
        placed = line.add_run().add_picture(io.BytesIO(image), width=Mm(block.share * self.width))
        # A reader who cannot see hears the same.
        placed._inline.docPr.set("descr", block.says)  # noqa: SLF001 - python-docx has no other way
        _said(
            self.document.add_paragraph(style="Caption"), block.caption, size=11, italic=True, align="center"
        )

    def _signature(self, block: Signature) -> None:
        table = self.document.add_table(rows=1, cols=2)
        _widths(table, [self.width / 2, self.width / 2])
        left, right = table.rows[0].cells
        _unbroken(table.rows[0])
        _said(left.paragraphs[0], "Nơi nhận:", size=12, bold=True, italic=True)
        for at, who in enumerate(block.receivers, start=1):
            end = "." if at == len(block.receivers) else ";"
            _said(left.add_paragraph(), f"- {who}{end}", size=11)
        _said(right.paragraphs[0], "\n".join(block.signer), size=13, bold=True, align="center")
        _said(right.add_paragraph(), "(Ký, ghi rõ họ tên, đóng dấu)", size=12, italic=True, align="center")
        for _ in range(4):
            right.add_paragraph()


def _turned() -> dict[str, int]:
    """The margins of a page that lies across: its bound side is the upper one."""
    return {
        "top": MARGINS["left"],
        "bottom": MARGINS["right"],
        "left": MARGINS["top"],
        "right": MARGINS["bottom"],
    }


def _styles(document: Doc, report: Report) -> None:
    for name, size, bold in (
        ("Normal", _BODY, False),
        ("Body Text", _BODY, False),
        ("Title", 15, True),
        ("Heading 1", _BODY, True),
        ("Heading 2", _BODY, True),
        ("Caption", _SMALL, False),
        ("Header", _BODY, False),
    ):
        style: Any = document.styles[name]
        style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for part in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{part}"), FONT)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(0), Pt(4)
    styles: Any = document.styles
    styles["Body Text"].paragraph_format.first_line_indent = Cm(1)
    styles["Body Text"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    styles["Heading 1"].paragraph_format.space_before = Pt(10)
    styles["Heading 2"].font.italic = True
    styles["Heading 2"].paragraph_format.space_before = Pt(6)
    title = styles["Title"]
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(12)
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), f"{report.language}-VN")
    styles["Normal"].element.get_or_add_rPr().append(language)


def _properties(document: Doc, report: Report) -> None:
    said, head = document.core_properties, report.letterhead
    said.title, said.author = f"{head.kind} {head.subject}"[:255], " ".join(head.office.split())[:255]
    said.comments, said.last_modified_by, said.language = report.mark, "", f"{report.language}-VN"
    said.created = said.modified = _DAY
    said.revision = 1


def _said(line: Line, text: str, *, align: Align = "left", after: float = 0, **look: Any) -> None:
    size = look.pop("size")
    line.alignment = _ALIGN[align]
    line.paragraph_format.space_after = Pt(after)
    _run(line, Run(text, **look), size=size)


def _run(line: Line, run: Run, size: float | None = None) -> None:
    """Append text; one with a link is a hyperlink that looks like the text around it."""
    made = line.add_run(run.text)
    made.bold, made.italic = run.bold or None, run.italic or None
    if size is not None:
        made.font.size = Pt(size)
    if run.link:
        link: Any = OxmlElement("w:hyperlink")
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        link.set(qn("r:id"), line.part.relate_to(run.link, kind, is_external=True))
        link.set(qn("w:history"), "1")
        element: Any = made._r  # noqa: SLF001 - python-docx makes no links itself
        element.getparent().replace(element, link)
        link.append(element)


def _cell(cell: Any, run: Run, align: Align, size: float) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    line = cell.paragraphs[0]
    line.alignment = _ALIGN[align]
    line.paragraph_format.space_after = Pt(0)
    _run(line, run, size=size)


def _widths(table: Any, millimetres: Sequence[float]) -> None:
    table.autofit = False
    for column, wide in zip(table.columns, millimetres, strict=True):
        column.width = Mm(wide)
    for row in table.rows:
        for cell, wide in zip(row.cells, millimetres, strict=True):
            cell.width = Mm(wide)


def _repeated(row: Any) -> None:
    """Let a row stand at the top of every page of its table."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
    _unbroken(row)


def _unbroken(row: Any) -> None:
    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))  # noqa: SLF001


def _underlined(line: Line) -> None:
    """A short line under a paragraph, as under the office and the motto."""
    width = line.paragraph_format
    width.space_after = Pt(6)
    properties = line._p.get_or_add_pPr()  # noqa: SLF001
    border: Any = OxmlElement("w:pBdr")
    bottom: Any = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    properties.insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    width.left_indent = width.right_indent = Cm(1.6)


def _field(line: Line, name: str) -> None:
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        run = line.add_run()._r  # noqa: SLF001
        if kind:
            mark: Any = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run.append(mark)
