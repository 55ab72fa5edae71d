"""⑨ Drawings of a report as SVG: bars of places, a line over the years against its milestones.

Lines, letters and shades of grey alone, so that they survive an office's printer and its copier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from forms.charts import Chart, Told, chart, scale_of
from forms.period_kinds import last_day
from forms.reports.document import Drawing
from forms.reports.figures import Figure, Way
from forms.reports.wording import amount, bare_name, number, period_words

FONTS: Final = "Noto Serif, Times New Roman, serif"
_INK, _SOFT, _BAR, _LATE = "#1a1a1a", "#8a8a8a", "#4f7cac", "#b5654a"

MOST_BARS: Final = 20
"""Bars of one drawing; of more places the highest and the lowest are drawn."""

_BAR_HEIGHT, _NAMES, _WIDTH, _ROOM = 17, 150, 480, 46
UNTIL: Final = date(2030, 12, 31)


def bars(figures: Sequence[Figure]) -> Drawing | None:
    """The figures of several places, the highest first; None where fewer than two have one."""
    several = sorted(
        (one for one in figures if one.value is not None), key=lambda one: (-(one.value or 0), one.place)
    )
    if len(several) < 2:  # noqa: PLR2004 - one bar compares nothing
        return None
    half = MOST_BARS // 2
    shown = several if len(several) <= MOST_BARS else [*several[:half], *several[-half:]]
    top, _step = scale_of([one.value or 0 for one in shown] + [one.target or 0 for one in shown])
    width = _WIDTH - _NAMES - _ROOM
    height = len(shown) * _BAR_HEIGHT + 8
    drawn = [piece for at, one in enumerate(shown) for piece in _bar(one, 4 + at * _BAR_HEIGHT, width / top)]
    first = several[0]
    left = f" ({half} nơi cao nhất và {half} nơi thấp nhất)" if len(shown) < len(several) else ""
    says = "; ".join(f"{one.place_name}: {amount(one.value, one.unit)}" for one in shown)
    caption = f"{first.label}, {period_words(first.period)}, theo địa bàn{left}"
    return Drawing(_svg(_WIDTH, height, drawn), _WIDTH, height, caption, says, 1.0)


def _bar(one: Figure, y: float, scale: float) -> Iterator[str]:
    middle, length = y + 12, max(0.5, max(0.0, one.value or 0) * scale)
    late = one.status == "behind"
    yield _text(_NAMES - 6, middle, _short(bare_name(one.place_name)), anchor="end")
    colour, thick = _LATE if late else _BAR, _BAR_HEIGHT - 5
    yield f'<rect x="{_NAMES}" y="{y + 2}" width="{length:.1f}" height="{thick}" fill="{colour}"/>'
    if one.target is not None and one.comparison != "increase":
        at = _NAMES + one.target * scale
        yield _line((at, at), (y, y + _BAR_HEIGHT - 1), _INK, 1.2)
    yield _text(_NAMES + length + 5, middle, amount(one.value, one.unit))


def _short(name: str) -> str:
    longest = 24
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def trend(figures: Sequence[Figure], way: Way) -> Drawing | None:
    """The figure of a place over the years to 2030 against its milestones; None without a way to see."""
    several = [one for one in figures if one.value is not None]
    if not several or len(several) + len(way.steps) < 2:  # noqa: PLR2004 - one dot is no line
        return None
    points = [Told(last_day(one.period), one.value, "", amount(one.value, one.unit)) for one in several]
    aims = [Told(day, value, "", amount(value, several[0].unit)) for day, value in way.steps if day <= UNTIL]
    drawing = chart(points, aims, way.knots, (), UNTIL)
    said = [f"{period_words(one.period)}: {amount(one.value, one.unit)}" for one in several]
    said += [f"mục tiêu đến {one.day:%d/%m/%Y}: {one.label}" for one in aims]
    signs = "chấm: kết quả; hình thoi: mục tiêu; nét đứt: tiến độ cần đạt"
    caption = f"{several[0].label}: tiến độ đến năm 2030 ({signs})"
    svg = _svg(drawing.width, drawing.height, list(_lines(drawing)))
    return Drawing(svg, drawing.width, drawing.height, caption, "; ".join(said), 0.7)


def _lines(drawing: Chart) -> Iterator[str]:
    for y, value in drawing.ticks:
        yield _line((drawing.left, drawing.right), (y, y), "#d8d8d8", 0.7)
        yield _text(drawing.left - 5, y + 4, number(value), anchor="end", fill=_SOFT)
    for at, one in enumerate(drawing.years):
        yield _text(one.x, one.y, one.label, anchor="middle" if at else "end", fill=_SOFT)
    if drawing.pace:
        dashed = f'stroke="{_SOFT}" stroke-dasharray="4 3"'
        yield f'<polyline points={quoteattr(drawing.pace)} fill="none" {dashed}/>'
    for run in drawing.track:
        yield f'<polyline points={quoteattr(run)} fill="none" stroke="{_BAR}" stroke-width="2"/>'
    for one in drawing.targets:
        yield f'<path d="M{one.x} {one.y - 5} l5 5 l-5 5 l-5 -5z" fill="white" stroke="{_INK}"/>'
        yield _text(one.x - 8, one.y - 5 if one.y > 30 else one.y + 13, one.label, anchor="end")  # noqa: PLR2004
    for one in drawing.points:
        yield f'<circle cx="{one.x}" cy="{one.y}" r="3.5" fill="{_BAR}"/>'
        yield _text(one.x, one.y - 8, one.label, anchor="middle")


def _line(x: tuple[float, float], y: tuple[float, float], colour: str, width: float) -> str:
    where = f'x1="{x[0]:.1f}" x2="{x[1]:.1f}" y1="{y[0]}" y2="{y[1]}"'
    return f'<line {where} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'


def _svg(width: int, height: int, pieces: Sequence[str]) -> str:
    looks = f'viewBox="0 0 {width} {height}" font-family="{FONTS}" font-size="11"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {looks}>'
    return "".join([head, *pieces, "</svg>"])
