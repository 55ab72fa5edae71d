"""`python web/tools/icons.py`: draws the icons of the web forms from the mark of the desk.

Why: a home screen wants PNG of fixed sizes, and one that may be cut to a circle. The drawing is a few lines,
so that the pictures can be made again and are never touched by hand.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).parents[1] / "public" / "icons"
GREEN, PALE, WHITE = "#0b6e4f", "#bfe6d6", "#ffffff"
_FINE = 4  # drawn so many times larger, then made small: smooth edges
_LINES = (((9, 10.5), (17, 10.5)), ((9, 16), (15, 16)), ((9, 21.5), (14, 21.5)))
_TICK = ((17, 20.5), (20.2, 23.7), (25.5, 15))


def icon(size: int, *, maskable: bool) -> Image.Image:
    """The mark, `size` pixels wide; a maskable one is filled to its edges and smaller in the middle."""
    wide = size * _FINE
    picture = Image.new("RGBA", (wide, wide), GREEN if maskable else (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    if not maskable:
        pen.rounded_rectangle((0, 0, wide - 1, wide - 1), radius=wide // 4, fill=GREEN)
    scale = wide / 32 * (0.78 if maskable else 1)
    middle = (17.25, 17.0) if maskable else (16.0, 16.0)

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return (wide / 2 + (point[0] - middle[0]) * scale, wide / 2 + (point[1] - middle[1]) * scale)

    for line in _LINES:
        _stroke(pen, [at(point) for point in line], 2.4 * scale, PALE)
    _stroke(pen, [at(point) for point in _TICK], 3 * scale, WHITE)
    small = picture.resize((size, size), Image.Resampling.LANCZOS)
    # Three colours and their edges: a palette weighs a quarter.
    return small.quantize(32, method=Image.Quantize.FASTOCTREE)


def _stroke(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: float, colour: str) -> None:
    pen.line(points, fill=colour, width=round(width), joint="curve")
    for x, y in points:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)


def main() -> None:
    """Write them all."""
    ICONS.mkdir(parents=True, exist_ok=True)
    for size in (192, 512):
        icon(size, maskable=False).save(ICONS / f"{size}.png", optimize=True)
        icon(size, maskable=True).save(ICONS / f"maskable-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
