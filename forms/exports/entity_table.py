"""⑨ An entity list as the CSV programs know: what each entity says, who made it and how often it changed.

Source: Central's `entities.csv` (central-api.md §2b): the columns and their order, LF at the ends of lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FIRST = ("__id", "label")
LAST = ("__createdAt", "__creatorId", "__creatorName", "__updates", "__updatedAt", "__version")
"""The columns before and behind the properties."""


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity: `values` by property, moments as the wire writes them, "" where there is none."""

    uuid: str
    label: str
    values: Mapping[str, str]
    created_at: str
    creator_id: str
    creator: str
    updated_at: str
    version: int


def header(properties: Sequence[str]) -> bytes:
    """The first line (UTF-8, without a byte order mark)."""
    return _lines([[*FIRST, *properties, *LAST]])


def lines(rows: Iterable[EntityRow], properties: Sequence[str]) -> bytes:
    """The lines of some entities, in their order; a property that one lacks is empty."""
    return _lines(
        [
            one.uuid,
            one.label,
            *(one.values.get(name, "") for name in properties),
            one.created_at,
            one.creator_id,
            one.creator,
            str(one.version - 1),
            one.updated_at,
            str(one.version),
        ]
        for one in rows
    )


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(errors="replace")
