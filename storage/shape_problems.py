"""Why a database cannot be brought to the shape a version needs."""

from __future__ import annotations

from forms.problems import Problem


class DatabaseNewer(Problem):
    """A later release than the next one has changed the database."""

    sentence = (
        "The database belongs to a newer version of this server: it has step {found}, this version knows "
        "steps up to {known}. Install that version again, or restore the backup from before it."
    )


class TablesHeld(Problem):
    """Somebody reads or writes for so long that the tables could not be changed."""

    sentence = (
        "The database could not be brought to its new shape: for {seconds} seconds something else held its "
        "tables, a long export or another program. Nothing was changed; end that, then start again."
    )
