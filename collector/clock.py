"""The clock, read by doors and the command line only, and handed in from there."""

from __future__ import annotations

from datetime import UTC, datetime


def moment() -> datetime:
    """Now in UTC, to the millisecond: what the database keeps and what programs are shown."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
