"""⑨ A report as data: what Word, PDF and the page on screen write down, each in its own way.

Source: Decree 30/2020/NĐ-CP, appendix I: the parts of an administrative document and where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Align: TypeAlias = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text; `link` is an address it leads to, "" = none. Lines are divided by line breaks."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text: `body` with an indented first line, `center`, or a small `note`."""

    runs: tuple[Run, ...]
    look: Literal["body", "center", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a part (1) or of a part of it (2)."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Blank:
    """Room for the clerk's own words: a prompt and that many dotted lines."""

    prompt: str
    lines: int = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its share of the width, how its cells stand."""

    head: str
    share: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells; of one cell over the whole width where it is a `title` among them."""

    cells: tuple[Run, ...]
    title: bool = False


@dataclass(frozen=True)
class Table:
    """A table; its head is repeated on every page."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SVG in `width` by `height` units, `share` of the width of the page; `says` it in words."""

    svg: str
    width: int
    height: int
    caption: str
    says: str
    share: float = 0.8


@dataclass(frozen=True, slots=True)
class Signature:
    """Who gets the paper, and who signs: lines of each."""

    receivers: tuple[str, ...]
    signer: tuple[str, ...]


Block: TypeAlias = Paragraph | Heading | Blank | Table | Drawing | Signature


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head: `parent` the office above ("" = none), `office` whose paper it is, its number, place and day.

    `kind` is the name of the type (BÁO CÁO), `subject` what it is about, `to` whom it is written to.
    """

    parent: str
    office: str
    number: str
    place_and_day: str
    kind: str
    subject: str
    to: str = ""


@dataclass(frozen=True)
class Part:
    """Pages in a row; those of wide tables lie across."""

    blocks: tuple[Block, ...]
    across: bool = False


@dataclass(frozen=True)
class Report:
    """All of it. `mark` stands on every page ("" = nothing), `language` is that of the text."""

    letterhead: Letterhead
    parts: tuple[Part, ...]
    mark: str = ""
    language: str = "vi"
    national: tuple[str, str] = field(
        default=("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
    )

    @property
    def blocks(self) -> Iterator[Block]:
        """The blocks of all parts."""
        return (block for part in self.parts for block in part.blocks)


MARGINS: Final = {"top": 20, "bottom": 20, "left": 30, "right": 15}
"""Millimetres around the text of an upright A4 page."""


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON: dictionaries and lists, every block with its `kind`."""
    head = report.letterhead
    return {
        "head": {name: getattr(head, name) for name in Letterhead.__dataclass_fields__},
        "national": list(report.national),
        "mark": report.mark,
        "language": report.language,
        "margins": MARGINS,
        "parts": [
            {"across": part.across, "blocks": [_block(one) for one in part.blocks]} for part in report.parts
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    if isinstance(block, Paragraph):
        return {"kind": kind, "look": block.look, "runs": [_run(one) for one in block.runs]}
    if isinstance(block, Table):
        return {
            "kind": kind,
            "caption": block.caption,
            "columns": [{"head": one.head, "share": one.share, "align": one.align} for one in block.columns],
            "rows": [{"title": row.title, "cells": [_run(one) for one in row.cells]} for row in block.rows],
        }
    if isinstance(block, Signature):
        return {"kind": kind, "receivers": list(block.receivers), "signer": list(block.signer)}
    return {"kind": kind, **{name: getattr(block, name) for name in type(block).__dataclass_fields__}}


def _run(run: Run) -> dict[str, Any]:
    return {"text": run.text, "bold": run.bold, "italic": run.italic, "link": run.link}
