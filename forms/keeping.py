"""How long what names people is kept: months, counted as a calendar does."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

MOST_MONTHS = 600


def months_before(moment: datetime, months: int) -> datetime:
    """The same day of the month so many months earlier; its last day where that month is shorter."""
    return _moved(moment, -months)


def months_after(moment: datetime, months: int) -> datetime:
    """The same day of the month so many months later; its last day where that month is shorter."""
    return _moved(moment, months)


def _moved(moment: datetime, months: int) -> datetime:
    number = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(number, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
