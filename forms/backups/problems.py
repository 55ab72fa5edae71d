"""What is refused of keys and documents of backups."""

from __future__ import annotations

from forms.problems import Problem


class RecipientUnusable(Problem):
    """A public key for backups that is none."""

    sentence = (
        "The public key for backups cannot be read. It begins with age1; make a pair with “collector backup "
        "key”."
    )


class BackupKeyUnreadable(Problem):
    """A key file without a key."""

    sentence = (
        "There is no key in that file: a line that begins with AGE-SECRET-KEY-1, as “collector backup key” "
        "printed it. Type it from the paper again, or name the right file."
    )


class BackupKeyWrong(Problem):
    """A key or passphrase that does not open this backup."""

    sentence = (
        "This key does not open the backup. Name the file with the key that was printed when the backups "
        "began (--identity), or the passphrase (--passphrase-file)."
    )


class BackupDocumentUnreadable(Problem):
    """A document of a backup that is none of ours, or of a later version."""

    sentence = (
        "The backup {name} cannot be read: {reason}. Choose another one with --at, or use the version of the "
        "server that made it."
    )
