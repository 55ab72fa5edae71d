"""The log of what was done, against its chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from collector.actions.examined.finding import Finding
from forms.phrases import Phrase, template
from forms.seals import Break
from storage.auditing import sealing

_BROKEN = {
    "gap": template("a link was taken out"),
    "gone": template("what was done was deleted"),
    "changed": template("what was done was changed"),
    "notes": template("the notes were changed"),
}


def chain(session: Session, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Finding:
    """Whether every entry is as it was written."""
    about, looked = Phrase("Log"), sealing.look_through(session, progress)
    if looked.broken is None and not looked.outside and not looked.lost:
        last = sealing.head(session)
        if last is None:
            return Finding(
                about, Phrase("all {number} entries are as they were written.", number=looked.links)
            )
        return Finding(
            about,
            Phrase(
                "all {number} entries are as they were written. It ends at {end}; note that down elsewhere.",
                number=looked.links,
                end=f"{last.position}:{last.hash}",
            ),
        )
    told = next(iter(_told(looked.broken, looked.outside, looked.lost)))
    return Finding(
        about,
        told,
        Phrase(
            "Somebody changed the database past the server. Keep it as it is, "
            "compare it with the last backup, and tell whoever answers for the data."
        ),
    )


def _told(broken: Break | None, outside: int, lost: int) -> Iterator[Phrase]:
    if broken is not None:
        yield Phrase(
            "the chain breaks at position {position} (entry {entry}): {reason}.",
            position=broken.position,
            entry=broken.audit_id,
            reason=Phrase(_BROKEN[broken.reason]),
        )
    if outside:
        yield Phrase("{number} entries stand outside of the chain.", number=outside)
    if lost:
        yield Phrase("{number} entries were taken out before they were sealed.", number=lost)


def held_to(session: Session, noted: str) -> Finding:
    """The chain against an end that was noted down before, as `position:hash`."""
    about, (position, _, digest) = Phrase("Log"), noted.partition(":")
    known = (
        sealing.hash_at(session, int(position))
        if position.isdigit() and len(position) < len("9" * 18)
        else None
    )
    if known == digest:
        return Finding(
            about, Phrase("it still holds the end that was noted down at {position}.", position=position)
        )
    return Finding(
        about,
        Phrase("it does not hold {noted}: entries were cut off or written anew.", noted=noted[:90]),
        Phrase(
            "Keep the database as it is, and compare it with the backup of the day the end was noted down."
        ),
    )
