"""How a cell, its place and its target are written in the JSON of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.actions.cells import Freshness, Line
from forms.values import iso_instant
from storage.queries.whereabouts import Spot

if TYPE_CHECKING:
    from forms.indicators.targets import Target

Document = dict[str, Any]


def plain(number: float | None) -> float | int | None:
    """Counts without `.0`."""
    return int(number) if number is not None and float(number).is_integer() else number


def spot_document(spot: Spot | None) -> Document | None:
    """A place; None is the whole country, or several that have none in common."""
    if spot is None:
        return None
    return {"place": spot.code, "name": spot.name, "level": spot.level, "parent": spot.parent_code}


def freshness_document(fresh: Freshness) -> Document:
    """Of what moment figures are, and how many changes they do not show yet."""
    return {"as_of": iso_instant(fresh.as_of) if fresh.as_of else None, "pending": fresh.pending}


def figure_document(line: Line) -> Document:
    """What every figure says, worked out ahead or not."""
    cell = line.cell
    return {
        "numerator": plain(cell.numerator),
        "denominator": plain(cell.denominator),
        "value": plain(cell.value),
        "counted": cell.counted,
    }


def line_document(line: Line | None) -> Document:
    """A cell with how it stands; all null where there is none."""
    if line is None:
        return dict.fromkeys((*_FIGURE, *_STANDING), None)
    cell = line.cell
    return {
        **figure_document(line),
        "by": cell.split,
        "target": plain(cell.target_value),
        "target_key": cell.target_key,
        "comparison": line.target.comparison if line.target else None,
        "deadline": line.target.deadline.isoformat() if line.target and line.target.deadline else None,
        "target_source": line.target.source if line.target else None,
        "status": cell.status,
        "to_reach": plain(cell.to_reach),
        "expected": cell.expected,
        "received": cell.received,
        "completeness": plain(line.completeness),
        "state": line.state or None,
    }


_FIGURE = ("numerator", "denominator", "value", "counted")
_STANDING = (
    "by",
    "target",
    "target_key",
    "comparison",
    "deadline",
    "target_source",
    "status",
    "to_reach",
    "expected",
    "received",
    "completeness",
    "state",
)


def row_document(line: Line) -> Document:
    """A cell with its place and split, as a row of a table."""
    spot = spot_document(line.place) or {"place": None, "name": None, "level": None, "parent": None}
    return {**spot, "split": dict(line.split), **line_document(line)}


def target_document(one: Target) -> Document:
    """A target as its plan says it."""
    return {
        "key": one.key,
        "plan": one.plan,
        "area": one.area or None,
        "where": one.where.text if one.where else None,
        "level": one.level or None,
        "period": [one.period.first.isoformat(), one.period.last.isoformat()] if one.period else None,
        "deadline": one.deadline.isoformat() if one.deadline else None,
        "comparison": one.comparison,
        "value": plain(one.value),
        "binding": one.binding,
        "milestone": one.milestone,
        "source": one.source,
        "quote": one.quote,
    }
