"""What is refused about figures that were signed for."""

from __future__ import annotations

from forms.problems import Problem


class FiguresUnconfirmed(Problem):
    """A lock on figures that communes have not confirmed."""

    sentence = (
        "The figures of {period} cannot be locked yet: {count} communes have not confirmed theirs "
        "({names}). Ask them, or lock all the same and say so."
    )


class FiguresLocked(Problem):
    """Something about figures that are locked already, by themselves or with a wider place."""

    sentence = (
        "The figures of {place} for {period} are locked. Ask the province to unlock them, with a reason."
    )


class FiguresNotLocked(Problem):
    """An unlocking of what is not locked."""

    sentence = "The figures of {place} for {period} are not locked, so there is nothing to unlock."
