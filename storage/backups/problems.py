"""What can go wrong between a server and its backups."""

from __future__ import annotations

from forms.problems import Problem


class BackupPlaceUnknown(Problem):
    """An address for backups that is neither a folder nor a bucket."""

    sentence = (
        "Backups cannot go to “{where}”. Name a folder (/media/usb/collector) or a bucket (s3://name/folder) "
        "with --to or COLLECTOR_BACKUP_URL."
    )


class BackupPlaceAway(Problem):
    """A folder or bucket that cannot be reached or written to."""

    sentence = (
        "The place for backups, {where}, cannot be used: {reason}. See that the disk is plugged in or the "
        "line stands, and that it may be written to; what was copied already is not copied again."
    )


class BackupPlaceFull(Problem):
    """No room left there."""

    sentence = (
        "The place for backups, {where}, is full. Make room there or name a larger one; what was copied "
        "already is not copied again. The server itself goes on."
    )


class BackupPlaceBusy(Problem):
    """Another backup writes there."""

    sentence = "Another backup is being written to {where}, since {since}. Wait until it has ended."


class NoBackups(Problem):
    """A place without any backup, or none so early."""

    sentence = "There is no backup in {where} {when}. Look at them with “collector backup list”."


class BackupPieceBroken(Problem):
    """A piece that is missing or damaged, and what cannot be restored because of it."""

    sentence = (
        "The piece {piece} of the backup {name} {fault}: {affected} cannot be restored. Fetch that file from "
        "a copy of the backups, or choose another backup with --at."
    )


class BackupUnfaithful(Problem):
    """What was restored is not what was backed up."""

    sentence = (
        "What was restored from {name} differs from what was backed up: {what}. Nothing was put in place; "
        "choose another backup with --at, and keep this one to have it looked at."
    )


class BackupReadBackWrong(Problem):
    """A place that gives back other bytes than it was given."""

    sentence = (
        "The place for backups, {where}, gave back other bytes than were written ({piece}). Do not trust "
        "this disk; take another one."
    )


class DatabaseShapeUnknown(Problem):
    """Something in the database that a backup would not bring back."""

    sentence = (
        "The database holds what a backup cannot bring back: {what}. Remove it, or put it into another "
        "schema of the database."
    )


class DatabaseChangedShape(Problem):
    """Tables made or dropped each time a backup was about to read them."""

    sentence = (
        "The tables of the database were changed while the backup began ({reason}). Start it again when "
        "nobody is publishing."
    )


class BackupOfOtherKind(Problem):
    """A backup of the other database."""

    sentence = (
        "This backup is of {kind}, and the server is set to {other}. Restore it to {kind} "
        "(COLLECTOR_DATABASE_URL), then move it with “collector migrate-to”."
    )


class BackupOfLater(Problem):
    """A backup made by a version this one does not know."""

    sentence = (
        "This backup was made by a later version (step {revision} of the database). Install that version, "
        "then restore."
    )


class NotEmptyHere(Problem):
    """A restore over something."""

    sentence = (
        "Nothing was restored: there already is {what}. Restore to a new data folder and an empty database, "
        "or add --replace: what is there is then moved aside first."
    )


class ServerStillRuns(Problem):
    """A restore over a server that is running."""

    sentence = "The server still runs with this database. Stop it, then restore again."


class NoScratchDatabase(Problem):
    """No database to restore a backup of PostgreSQL into for a try."""

    sentence = (
        "There is no PostgreSQL to restore into for a try, or its account may not make databases. Set "
        "COLLECTOR_DATABASE_URL, and let it: ALTER ROLE collector CREATEDB."
    )
