"""What an author's style in a label may say, as classes of our own.

Why: `style-src 'self'` lets no style through that stands in a tag, and colours chosen by hand are often
too pale to read; each is shown as the nearest of a few that are not.
"""

from __future__ import annotations

import re

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (200, 30, 30),
    "orange": (200, 110, 0),
    "green": (20, 130, 60),
    "blue": (30, 80, 220),
    "grey": (110, 110, 110),
}
"""Class `say-<name>` to about the colour it stands for; black is what text is without one."""

_NAMES = {
    "red": "crimson darkred deeppink firebrick fuchsia hotpink magenta maroon pink red tomato",
    "orange": "brown chocolate coral darkorange gold goldenrod orange orangered sienna yellow",
    "green": "darkgreen forestgreen green lime limegreen olive seagreen teal",
    "blue": "blue cyan darkblue dodgerblue indigo mediumblue navy purple royalblue steelblue violet",
    "grey": "darkgray darkgrey dimgray dimgrey gray grey lightgray lightgrey silver white",
}
_NAMED = {written: name for name, all_of_it in _NAMES.items() for written in all_of_it.split()}
_HEX = re.compile(r"^#([0-9a-f]{3}|[0-9a-f]{6})$")
_RGB = re.compile(r"^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$")
_NEAR_BLACK = 60
_WORDS = {
    ("font-weight", "bold"): "say-bold",
    ("font-style", "italic"): "say-italic",
    ("text-decoration", "underline"): "say-underlined",
    ("font-family", "monospace"): "say-mono",
    ("font-family", "serif"): "say-serif",
}
_SHORT = 3


def face(style: str) -> list[str]:
    """The classes that say what a style says; what they cannot say is left out."""
    found = []
    for declaration in style.lower().split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        colour = _nearest(value) if name == "color" else ""
        said = f"say-{colour}" if colour else _WORDS.get((name, value.rpartition(",")[2].strip()), "")
        if said and said not in found:
            found.append(said)
    return found


def _nearest(value: str) -> str:
    """The name of the colour nearest to one by name, #hex or rgb(…); "" for black and for no colour."""
    if value in _NAMED:
        return _NAMED[value]
    # "black", like any other name, says nothing here.
    parts = _parts(value)
    if parts is None or max(parts) < _NEAR_BLACK:
        return ""
    return min(COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLOURS[name], parts, strict=True)))


def _parts(value: str) -> tuple[int, int, int] | None:
    by_hex = _HEX.match(value)
    if by_hex:
        digits = by_hex[1] if len(by_hex[1]) > _SHORT else "".join(2 * digit for digit in by_hex[1])
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        return red, green, blue
    by_number = _RGB.match(value)
    return (int(by_number[1]), int(by_number[2]), int(by_number[3])) if by_number else None
