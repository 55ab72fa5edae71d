"""Pieces packed and encrypted for whoever holds the key on paper; the server itself cannot open them again.

Packed with zstandard, encrypted with age (age-encryption.org/v1): with the key and the two public programs
`age` and `zstd` a piece can be opened without us.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyrage
import zstandard

from forms.backups.problems import BackupKeyUnreadable, BackupKeyWrong, RecipientUnusable

_LEVEL = 3
_SEALED = b"age-encryption.org/v1"
_IDENTITY = "AGE-SECRET-KEY-"
_LARGEST = 1 << 31
"""Bytes nothing of ours unpacks to: a piece from elsewhere may claim any."""


def new_key() -> tuple[str, str]:
    """A fresh pair: the identity, for paper, and the recipient, for the server."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


class Sealer:
    """Packs pieces, and seals them for a recipient (`age1…`) if there is one."""

    def __init__(self, recipient: str | None) -> None:
        self._packer = zstandard.ZstdCompressor(level=_LEVEL)
        self._recipients = None if recipient is None else [read_recipient(recipient)]

    @property
    def seals(self) -> bool:
        """Whether it encrypts."""
        return self._recipients is not None

    def seal(self, data: bytes) -> bytes:
        """Pack and encrypt."""
        packed = self._packer.compress(data)
        return packed if self._recipients is None else pyrage.encrypt(packed, self._recipients)


class Opener:
    """Opens pieces with the identities of a key file; without any only what was never encrypted."""

    def __init__(self, identities: Sequence[str] = ()) -> None:
        self._identities = [_identity(one) for one in identities]

    @property
    def has_keys(self) -> bool:
        """Whether somebody brought a key."""
        return bool(self._identities)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt and unpack. Raises BackupKeyWrong, or ValueError where the bytes are damaged."""
        if sealed.startswith(_SEALED):
            if not self._identities:
                raise BackupKeyWrong
            try:
                sealed = pyrage.decrypt(sealed, self._identities)
            except pyrage.DecryptError as error:
                if "matching" in str(error).lower():
                    raise BackupKeyWrong from error
                raise ValueError(str(error)) from error
        try:
            return zstandard.ZstdDecompressor().decompress(sealed, max_output_size=_LARGEST)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error


def is_sealed(data: bytes) -> bool:
    """Whether bytes are encrypted with age."""
    return data.startswith(_SEALED)


def read_recipient(said: str) -> pyrage.x25519.Recipient:
    """A recipient as it is written. Raises RecipientUnusable."""
    try:
        return pyrage.x25519.Recipient.from_str(said.strip())
    except pyrage.RecipientError as error:
        raise RecipientUnusable from error


def identities_in(text: str) -> list[str]:
    """The identities of a key file: its lines that are no comment. Raises BackupKeyUnreadable."""
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line.upper().startswith(_IDENTITY)]
    if not found:
        raise BackupKeyUnreadable
    for one in found:
        _identity(one)
    return found


def _identity(said: str) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(said.upper())
    except pyrage.IdentityError as error:
        raise BackupKeyUnreadable from error


def lock_identity(identity: str, passphrase: str) -> bytes:
    """An identity under a passphrase: takes some seconds on purpose."""
    locked: bytes = pyrage.passphrase.encrypt(identity.encode(), passphrase)
    return locked


def unlock_identity(locked: bytes, passphrase: str) -> str:
    """The identity again. Raises BackupKeyWrong."""
    try:
        return bytes(pyrage.passphrase.decrypt(locked, passphrase)).decode()
    except pyrage.DecryptError as error:
        raise BackupKeyWrong from error
