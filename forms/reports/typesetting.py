"""⑨ Paper and pictures set by Typst: one fixed layout, all words handed to it as data.

Why: what people wrote is never part of the layout's own language, so no answer says what the layout does.
Knows: typst, the fonts of fontpkg.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typst import Fonts

_EPOCH: Final = 1_577_836_800
"""The moment every file is said to be of (2020-01-01), so that the same report has the same bytes."""

_PICTURE: Final = b"""
#let data = json(bytes(sys.inputs.data))
#set page(width: data.width * 1pt, height: data.height * 1pt, margin: 0pt)
#image(bytes(data.svg), format: "svg", width: 100%, height: 100%)
"""

DOTS_PER_INCH: Final = 200.0


@cache
def _fonts() -> Fonts:
    import fontpkg_noto_serif
    from typst import Fonts

    # A machine's own fonts would make other bytes of the same report.
    folder = str(Path(fontpkg_noto_serif.__file__).parent / "files")
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@cache
def _layout(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()


def paper(layout: str, data: Mapping[str, Any]) -> bytes:
    """A PDF of that layout (a file beside this one), filled with the data; the same bytes for the same."""
    return _set(_layout(layout), data, "pdf")


def picture(svg: str, width: int, height: int) -> bytes:
    """A drawing as PNG."""
    return _set(_PICTURE, {"svg": svg, "width": width, "height": height}, "png")


def _set(source: bytes, data: Mapping[str, Any], form: str) -> bytes:
    from typst import Compiler

    compiler = Compiler(source, font_paths=_fonts(), ignore_system_fonts=True)
    said = {"data": json.dumps(data, ensure_ascii=False)}
    made = compiler.compile(format=form, ppi=DOTS_PER_INCH, sys_inputs=said, timestamp=_EPOCH)  # type: ignore[arg-type]
    return made if isinstance(made, bytes) else b"".join(made or ())
