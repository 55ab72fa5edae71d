"""What is kept under the server's key: phone tokens and Collect passwords, sealed and never in clear.

Knows: cryptography. The key itself is COLLECTOR_SECRET_KEY, or a file in the data folder only its
owner can read; without it no sealed thing can be shown again, so it belongs in the backup.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$"  # noqa: S105 - the alphabet of tokens
TOKEN_LENGTH = 64
# Without what a person would misread on a printed sheet: no 0/O, 1/l/I.
_PASSWORD_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105


def new_token() -> str:
    """A fresh token of 64 characters in Central's alphabet (384 bits)."""
    return "".join(secrets.choice(TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))


def new_password(length: int = 12) -> str:
    """A fresh password that can be read out and typed on a phone."""
    return "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(length))


def fingerprint(token: str) -> str:
    """What a token is found by: its SHA-256. The token is random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Vault:
    """Seals and opens small secrets under keys derived from the server's key."""

    secret: str

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose."""
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
        return kdf.derive(self.secret.encode())

    @cached_property
    def _box(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derived("collector sealed fields")))

    def seal(self, text: str) -> bytes:
        """Encrypt."""
        return self._box.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made under the same server key."""
        return self._box.decrypt(sealed).decode()


def server_secret(home: Path, configured: str | None) -> str:
    """The server's key: as configured, else from `secret_key` in the data folder, made when absent."""
    if configured:
        return configured
    path = home / "secret_key"
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
    return path.read_text().strip()
