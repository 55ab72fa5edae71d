"""Which backups are kept, and when the next one is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from forms.values import HOME

STAMP = "%Y%m%dT%H%M%SZ"
"""How a backup is called: the moment it was made, in UTC."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Of how many days, weeks and months the newest backup is kept."""

    days: int = 7
    weeks: int = 4
    months: int = 12


def kept(several: Mapping[str, datetime], keep: Keep) -> set[str]:
    """The names of those that stay: the newest of each of the last days, weeks and months that have one.

    The newest of all stays whatever is asked. Days are those of Viet Nam.
    """
    newest_first = sorted(several, key=lambda name: (several[name], name), reverse=True)
    stay = set(newest_first[:1])
    periods: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (keep.days, lambda here: here.date()),
        (keep.weeks, lambda here: here.isocalendar()[:2]),
        (keep.months, lambda here: (here.year, here.month)),
    )
    for number, period in periods:
        seen: set[object] = set()
        for name in newest_first:
            of = period(several[name].astimezone(HOME))
            if of not in seen and len(seen) < number:
                seen.add(of)
                stay.add(name)
    return stay


def newest_until(several: Mapping[str, datetime], at: datetime | None) -> str | None:
    """The newest one, or the newest that was made by a moment; None where there is none."""
    chosen = [name for name, made in several.items() if at is None or made <= at]
    return max(chosen, key=lambda name: (several[name], name), default=None)


def due(at: time, tried: Iterable[datetime], now: datetime, *, failed: datetime | None = None) -> bool:
    """Whether a backup of every day at a time of Viet Nam is to begin.

    `tried`: when those before began; one that was to begin while the machine was off begins later.
    `failed`: when the last one failed, if it did; it is tried again an hour later.
    """
    here = now.astimezone(HOME)
    last = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if last > here:
        last -= timedelta(days=1)
    if any(one >= last for one in tried):
        return failed is not None and now - failed >= timedelta(hours=1)
    return True
