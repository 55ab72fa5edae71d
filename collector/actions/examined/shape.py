"""The shape of the database: whether it is the one this program needs."""

from __future__ import annotations

from sqlalchemy import Engine

from collector.actions.examined.finding import Finding
from forms.phrases import Phrase
from storage.shape import State, shape_of


def shape(engine: Engine) -> Finding | None:
    """What is wrong with it; None where nothing is."""
    found, about = shape_of(engine), Phrase("Database")
    if found.state is State.CURRENT:
        return None
    if found.state is State.EMPTY:
        return Finding(about, Phrase("it is empty."), Phrase("Start the server, or run collector migrate."))
    if found.state is State.OLDER:
        return Finding(
            about,
            Phrase(
                "it has the shape of step {there}; this program needs {needed}.",
                there=found.there,
                needed=found.needed,
            ),
            Phrase(
                "Start the server, or run collector migrate. Steps are done whole or not at all: "
                "one that was interrupted is begun again."
            ),
        )
    if found.state is State.NEWER:
        return Finding(
            about,
            Phrase(
                "it belongs to a newer program (step {there}; this one knows {needed}).",
                there=found.there,
                needed=found.needed,
            ),
            Phrase("Start the newer program again, or restore the backup from before it was installed."),
        )
    return Finding(
        about,
        Phrase("it holds tables that no program of ours left like this."),
        Phrase("Keep a copy of it as it is, and restore the last backup."),
    )
