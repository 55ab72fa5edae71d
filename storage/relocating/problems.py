"""What is refused about moving a server, and about using one that was moved."""

from __future__ import annotations

from forms.problems import Problem


class ServerRuns(Problem):
    """Something works with the data folder that must rest meanwhile."""

    sentence = (
        "This server still runs (the data folder {home} is in use). Stop it and every other collector "
        "command, then run this command again: what is copied already is not copied again."
    )


class DataResting(Problem):
    """The data is being moved: what came in now would be lost."""

    sentence = (
        "The data of {home} is being moved to another server just now. Wait until that command has "
        "ended, then start again with the settings it prints."
    )


class MovedAway(Problem):
    """The settings lead to what was left behind."""

    sentence = (
        "The {what} of this server moved on {day}, but {setting} still leads to where it was. Set "
        "{setting} to {target}. To go back to the old one for good, and without what came in since, "
        "remove the file {note}."
    )


class NowhereToMove(Problem):
    """No target, or the same as the source."""

    sentence = (
        "There is nothing to move: give --database, --blobs or both, and another address than this "
        "server has now."
    )


class TargetInUse(Problem):
    """A target that holds something."""

    sentence = (
        "The database to move to is not empty: there is something in its table {table}. Make an empty "
        "database, and give its address."
    )


class SourceOutdated(Problem):
    """A database of an earlier version."""

    sentence = (
        "The database has not the shape this version needs. Run collector migrate (or start the server "
        "once), then move it."
    )


class OthersConnected(Problem):
    """Other programs that may write to the source."""

    sentence = (
        "{count} other connections to the database are open, so something may still write to it. Stop "
        "the servers and workers on every machine, then run this command again."
    )


class RowsUnmovable(Problem):
    """The other database refuses what this one holds."""

    sentence = (
        "The table {table} could not be copied: the other database says “{reason}”. Nothing of it was "
        "kept there, and this server is as it was. Tell whoever looks after the program, with this "
        "sentence."
    )


class FilesDamaged(Problem):
    """Files that are not what their names say."""

    sentence = (
        "{count} files are not what they were when they came, beginning with {named}. Bring them back "
        "from a backup, then run this command again."
    )


class NotTheSame(Problem):
    """What arrived differs from what was sent."""

    sentence = (
        "What arrived is not what was sent: {named}. Go on with the old server, whose data is "
        "untouched; empty the other one, and move again."
    )
