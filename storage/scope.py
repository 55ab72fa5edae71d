"""Whose places are meant: what a person may see of the map, for as long as his request is answered.

What follows from it for every statement stands in `storage.cuts`, where it is also entered.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Codes of places with everything in them; None is the whole tree, an empty tuple nothing at all.

    `actor_id` is who looks: what he made himself and what has no place, such as a batch, stays his.
    """

    codes: tuple[str, ...] | None = None
    actor_id: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is cut."""
        return self.codes is None

    def joined(self, other: Scope) -> Scope:
        """What either of the two sees."""
        if self.codes is None or other.codes is None:
            return Scope(None, self.actor_id)
        return Scope(tuple(sorted({*self.codes, *other.codes})), self.actor_id)


WHOLE = Scope()
NOTHING = Scope(())

IN_FORCE: ContextVar[Scope] = ContextVar("scope", default=WHOLE)
"""What `storage.cuts.enter` sets; the whole tree until somebody enters less."""


def current() -> Scope:
    """Whose places are meant now."""
    return IN_FORCE.get()
