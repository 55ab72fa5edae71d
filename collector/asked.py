"""Each request has a number: in its answer, on its error page, in each line of the log that it leads to.

Why: an officer who sees an error reads eight letters over the telephone, and the line is found. Nothing else
of a request is kept: no address (it may hold a token), no name, no answer.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Asked:
    """What may be told of a request: its number, at which door and route, by which account (its number)."""

    number: str
    door: str
    endpoint: str | None = None
    account: int | None = None
    status: int = 0
    milliseconds: float | None = None


_current: ContextVar[Asked | None] = ContextVar("asked", default=None)


def begin(one: Asked | None) -> None:
    """From now on this is the request that is answered here."""
    _current.set(one)


def asked() -> Asked | None:
    """The request that is answered here and now; None beside requests."""
    return _current.get()


def number() -> str:
    """The number of that request, such as `3f9a-1c07`; empty beside requests."""
    found = _current.get()
    return found.number if found else ""


def note(*, account: int | None = None, endpoint: str | None = None) -> None:
    """Who asks, or at which route, as soon as that is known."""
    found = _current.get()
    if found is not None:
        found.account = account or found.account
        found.endpoint = endpoint or found.endpoint
