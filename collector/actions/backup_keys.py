"""The keys of backups: the public half stays on the server, the other one goes onto paper.

Whoever steals the server gets what is on it, but not what was there last month.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from collector.accounts.secrets import Vault
from collector.backup_problems import BackupKeyMissing, BackupKeyThere, NoIdentity, PassphraseTooShort
from forms.backups.pieces import Namer
from forms.backups.sealing import (
    Sealer,
    identities_in,
    lock_identity,
    new_key,
    read_recipient,
    unlock_identity,
)
from storage.backups.repository import Repository

RECIPIENT, LOCKED = "backup_recipient", "backup_identity.age"
PLAIN = "plain"
LEAST = 16
"""Characters of a passphrase."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What of the keys is on this server: `recipient` (`age1…`), `locked` the identity under a passphrase.

    `plain`: whoever keeps the server has said that backups are not encrypted.
    """

    recipient: str | None
    locked: bytes | None
    plain: bool = False


def keys_of(home: Path, configured: str | None) -> Keys:
    """The keys as configured, else as they lie in the data folder. Raises RecipientUnusable."""
    if configured == PLAIN:
        return Keys(None, None, plain=True)
    path, locked = home / RECIPIENT, home / LOCKED
    said = configured or (path.read_text().strip() if path.exists() else "")
    if said:
        read_recipient(said)
    return Keys(said or None, locked.read_bytes() if locked.exists() else None)


def make_keys(home: Path, passphrase: str | None, *, again: bool) -> tuple[str, str]:
    """Make a pair; returns identity and recipient. Raises BackupKeyThere, PassphraseTooShort.

    The recipient is kept in the data folder; the identity only under a passphrase, if one is given.
    """
    if (home / RECIPIENT).exists() and not again:
        raise BackupKeyThere
    if passphrase is not None and len(passphrase) < LEAST:
        raise PassphraseTooShort(length=len(passphrase), least=LEAST)
    identity, recipient = new_key()
    (home / LOCKED).unlink(missing_ok=True)
    if passphrase is not None:
        write_secret(home / LOCKED, lock_identity(identity, passphrase))
    write_secret(home / RECIPIENT, recipient.encode())
    return identity, recipient


def write_secret(path: Path, data: bytes) -> None:
    """Write a file only its owner reads, whole or not at all."""
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def sealer(keys: Keys, *, plain: bool) -> Sealer:
    """What seals for the recipient. Raises BackupKeyMissing where there is none and nobody said plain."""
    if keys.recipient is None and not plain:
        raise BackupKeyMissing
    return Sealer(None if plain else keys.recipient)


def namer(vault: Vault) -> Namer:
    """What names pieces on this server."""
    return Namer(vault.derived("backup pieces"))


def identities(repository: Repository, identity: Path | None, passphrase: Path | None) -> list[str]:
    """The identities somebody brought to open a backup; none where it needs none.

    Raises BackupKeyUnreadable, BackupKeyWrong, NoIdentity.
    """
    if identity is not None:
        return identities_in(identity.read_text("utf-8", errors="replace"))
    if passphrase is None:
        return []
    locked = repository.identity()
    if locked is None:
        raise NoIdentity
    return [unlock_identity(locked, passphrase.read_text("utf-8").strip())]
