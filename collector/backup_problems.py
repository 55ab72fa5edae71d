"""What is refused about backups as a whole."""

from __future__ import annotations

from forms.backups import problems as documents
from forms.problems import Problem
from storage.backups import problems as places


class BackupPlaceMissing(Problem):
    """Nobody said where backups go."""

    sentence = (
        "Nobody has said where backups go. Set COLLECTOR_BACKUP_URL to a folder on another disk or a bucket "
        "(s3://…), or add --to."
    )


class BackupKeyMissing(Problem):
    """Backups that would not be encrypted."""

    sentence = (
        "There is no key for backups yet, and they hold names of people. Make one with “collector backup "
        "key”, or add --plain if the disk itself is encrypted and nobody else can get at it."
    )


class BackupKeyThere(Problem):
    """A second key."""

    sentence = (
        "There is a key for backups already. Add --again to make another one: the backups made until now "
        "still need the old one, so keep its paper."
    )


class BackupHereAlready(Problem):
    """Two backups of one server at once."""

    sentence = (
        "A backup of this server is being made at this moment. Wait until it has ended; one that was killed "
        "is given up five minutes after its last sign of life."
    )


class BackupInsideItself(Problem):
    """A backup that goes where the data is."""

    sentence = (
        "The place for backups lies in the data folder ({where}): what takes the one takes both. Name a "
        "folder on another disk."
    )


class NoIdentity(Problem):
    """A restore of something encrypted without a key."""

    sentence = (
        "This backup is encrypted. Name the file with its key (--identity FILE), or with the passphrase "
        "(--passphrase-file FILE)."
    )


class PassphraseTooShort(Problem):
    """A passphrase that can be guessed."""

    sentence = (
        "The passphrase has {length} characters; it needs {least} or more. Five words nobody puts together "
        "are good."
    )


REFUSALS: tuple[type[Problem], ...] = (
    BackupPlaceMissing,
    BackupKeyMissing,
    BackupKeyThere,
    BackupHereAlready,
    BackupInsideItself,
    NoIdentity,
    PassphraseTooShort,
    documents.RecipientUnusable,
    documents.BackupKeyUnreadable,
    documents.BackupKeyWrong,
    documents.BackupDocumentUnreadable,
    places.BackupPlaceUnknown,
    places.BackupPlaceAway,
    places.BackupPlaceFull,
    places.BackupPlaceBusy,
    places.NoBackups,
    places.BackupPieceBroken,
    places.BackupUnfaithful,
    places.BackupReadBackWrong,
    places.DatabaseShapeUnknown,
    places.DatabaseChangedShape,
    places.BackupOfOtherKind,
    places.BackupOfLater,
    places.NotEmptyHere,
    places.ServerStillRuns,
    places.NoScratchDatabase,
)
"""All that the commands of backups refuse: none of them stands behind an address."""
