"""The picture of a table, to be sent on where people talk: as wide as a phone shows it without zooming.

Knows: Pillow, and where the font's file lies.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from collector.desk.today_words import Table

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH = 1080

_KEPT = 64
_EDGE = 44
_ROW = 58
_NUMBER = 150
"""Width of a column of numbers."""

_PLAIN, _STRONG = 400, 700
_TITLE, _TEXT, _CELL, _HEAD = 42, 30, 32, 26
_COLOURS = 64

_PAPER, _INK, _SOFT, _LINE, _SUNK = "#ffffff", "#17211c", "#56655d", "#d9e0da", "#eef2ee"
_BRAND, _LATE, _MISSING = "#0b6e4f", "#7a4f00", "#a1261b"

_TONES = (_INK, _BRAND, _LATE, _MISSING)
"""Of the columns of numbers; a nought is soft."""


@lru_cache(maxsize=_KEPT)
def draw(table: Table) -> bytes:
    """The table as a PNG, WIDTH pixels wide; the same table is drawn once."""
    from PIL import Image, ImageDraw

    title = _lines(table.title, WIDTH - 2 * _EDGE, _font(_TITLE, _STRONG))
    facts = [line for fact in table.facts for line in _lines(fact, WIDTH - 2 * _EDGE, _font(_TEXT, _PLAIN))]
    top = _EDGE + len(title) * 54 + len(facts) * 42 + 26
    height = top + (len(table.rows) + 2) * _ROW + 84
    image = Image.new("RGB", (WIDTH, height), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 12), fill=_BRAND)
    y = _EDGE
    for line in title:
        pen.text((_EDGE, y), line, font=_font(_TITLE, _STRONG), fill=_INK)
        y += 54
    for line in facts:
        pen.text((_EDGE, y + 8), line, font=_font(_TEXT, _PLAIN), fill=_SOFT)
        y += 42
    _rows(pen, table, top)
    pen.text((_EDGE, height - 60), table.foot, font=_font(_HEAD, _PLAIN), fill=_SOFT)
    out = BytesIO()
    image.quantize(_COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _rows(pen: ImageDraw, table: Table, top: int) -> None:
    y = top
    _row(pen, ("", *table.heads), y, head=True)
    for number, row in enumerate(table.rows):
        y += _ROW
        if number % 2 == 0:
            pen.rectangle((_EDGE - 16, y, WIDTH - _EDGE + 16, y + _ROW), fill=_SUNK)
        _row(pen, row, y)
    y += _ROW
    pen.line((_EDGE - 16, y, WIDTH - _EDGE + 16, y), fill=_INK, width=3)
    _row(pen, table.total, y, strong=True)


def _row(pen: ImageDraw, row: tuple[str, ...], y: int, *, head: bool = False, strong: bool = False) -> None:
    font = _font(_HEAD if head else _CELL, _STRONG if head or strong else _PLAIN)
    middle = y + _ROW // 2
    name, *numbers = row
    room = WIDTH - 2 * _EDGE - len(numbers) * _NUMBER - 12
    pen.text((_EDGE, middle), _fitted(name, room, font), font=font, fill=_INK, anchor="lm")
    for place, text in enumerate(numbers):
        right = WIDTH - _EDGE - (len(numbers) - 1 - place) * _NUMBER
        tone = _SOFT if head or text == "0" else _TONES[place]
        pen.text((right, middle), text, font=font, fill=tone, anchor="rm")


def _lines(text: str, room: int, font: FreeTypeFont) -> list[str]:
    """A text in lines that fit, two at most."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if font.getlength(longer) <= room or not found[-1]:
            found[-1] = longer
        else:
            found.append(word)
    if len(found) > 2:  # noqa: PLR2004 - of more nothing would be left of the picture
        found = [found[0], " ".join(found[1:])]
    return [_fitted(line, room, font) for line in found]


def _fitted(text: str, room: int, font: FreeTypeFont) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


@cache
def _font(size: int, weight: int) -> FreeTypeFont:
    from PIL import ImageFont

    file = files("fontpkg_roboto") / "files" / "Roboto[wdth,wght].ttf"
    font = ImageFont.truetype(BytesIO(file.read_bytes()), size)
    # The font holds all weights; its axes are told in its own order.
    axes = [
        float(weight if bytes(axis["name"]) == b"Weight" else axis["default"] or 0)
        for axis in font.get_variation_axes()
    ]
    font.set_variation_by_axes(axes)
    return font
