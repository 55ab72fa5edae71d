"""③ An entity list as the phones' CSV: a header and a line for each member.

Why: a phone drops a list whose header it cannot read, and keeps a member's old values until its version
grows; so the header is there without rows too, and the version is a plain whole number.
Source: https://docs.getodk.org/central-entities/; RFC 4180.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ENTITY_COLUMNS = ("name", "label", "__version")
"""What every list begins with: uuid, label and version of a member."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a list as phones see it: `values` by property."""

    uuid: str
    label: str
    version: int
    values: Mapping[str, str]


def header(properties: Sequence[str]) -> bytes:
    """The first line (UTF-8, without a byte order mark): the columns of every list, then its properties."""
    return _lines([[*ENTITY_COLUMNS, *properties]])


def lines(members: Iterable[Member], properties: Sequence[str]) -> bytes:
    """The lines of some members, in their order; a property a member lacks is empty."""
    return _lines(
        [one.uuid, one.label, str(one.version), *(one.values.get(name, "") for name in properties)]
        for one in members
    )


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(errors="replace")
