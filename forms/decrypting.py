"""⑤ Encrypted records opened again, by whoever holds the private key of their form.

Source: https://getodk.github.io/xforms-spec/encryption (openrosa.md §8): the key of a record is RSA-OAEP with
SHA-256 in both places, its files are AES-256 in CFB with 128-bit steps, padded as PKCS#7 has it.
Knows: that what the specification calls a signature is made with the public key. It shows that nothing
was lost or mixed up on the way, never who sent it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from forms.encrypted import Encrypted
from forms.problems import DecryptionFailed, PrivateKeyUnusable
from forms.remarks import Remark, Weight

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SHORTEST_KEY = 2048
"""Bits of a public key."""

ENDING = ".enc"
"""What Collect adds to the name of a file it encrypts."""

_BLOCK, _KEY = 16, 32
_FORM = "submission.xml"

KEY_UNUSABLE = Remark(
    "The public_key is no RSA public key of at least {bits} bits, so phones could not finish a single form.",
    "Make a pair with `openssl genrsa -out private.pem 2048` and `openssl rsa -in private.pem -pubout`, and "
    "put what stands between the BEGIN and END lines, on one line, into public_key.",
    sheet="settings",
    column="public_key",
    details={"bits": str(SHORTEST_KEY)},
)
NOBODY_READS = Remark(
    "The form is encrypted: nobody can read, correct or count its records here, and they bring no entities.",
    "Keep the private key in two safe places: without it every record is lost. `collector decrypt` reads "
    "them.",
    sheet="settings",
    column="public_key",
    weight=Weight.NOTICE,
)
REMARKS = (KEY_UNUSABLE, NOBODY_READS)
"""Everything this file may say of a form."""


def key_remark(public_key: str) -> Remark | None:
    """What to say of the `public_key` of a form; None of a form without one."""
    if not public_key:
        return None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return KEY_UNUSABLE
    usable = isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_KEY
    return NOBODY_READS if usable else KEY_UNUSABLE


def private_key(pem: bytes, password: bytes | None = None) -> RSAPrivateKey:
    """The private key in a PEM file. Raises PrivateKeyUnusable, also for a wrong password."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey as Rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PrivateKeyUnusable from error
    if not isinstance(key, Rsa):
        raise PrivateKeyUnusable
    return key


class Opened:
    """The key of one record, and what can be read with it. Raises DecryptionFailed for another's key."""

    def __init__(self, private: RSAPrivateKey, envelope: Encrypted, instance_id: str) -> None:
        self._private = private
        self._envelope = envelope
        self._instance_id = instance_id
        self._key = _unsealed(private, envelope.key)
        if len(self._key) != _KEY:
            raise DecryptionFailed(instance=instance_id)
        self._seed = hashlib.md5(instance_id.encode() + self._key, usedforsecurity=False).digest()

    def vector(self, number: int) -> bytes:
        """Where the cipher of a file begins: media are numbered from 0, the answers come last."""
        seed = bytearray(self._seed)
        for step in range(number + 1):
            seed[step % _BLOCK] = (seed[step % _BLOCK] + 1) % 256
        return bytes(seed)

    def media(self, number: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """A file beside the answers, piece by piece, by its number in the envelope."""
        return self._plain(self.vector(number), chunks)

    def form(self, chunks: Iterable[bytes]) -> bytes:
        """The answers: the XML the phone would have sent."""
        return b"".join(self._plain(self.vector(len(self._envelope.media)), chunks))

    def is_whole(self, form_id: str, version: str, digests: Mapping[str, str]) -> bool:
        """Whether the signature fits: `digests` are the MD5 of each file as decrypted, by its plain name.

        The answers stand under `submission.xml`; every file of the envelope has to be among them.
        """
        said = [form_id, *([version] if version else []), self._envelope.key, self._instance_id]
        said += [f"{name}::{digests[name]}" for name in (*map(plain_name, self._envelope.media), _FORM)]
        told = "".join(f"{line}\n" for line in said).encode()
        made = hashlib.md5(told, usedforsecurity=False).digest()
        try:
            return _unsealed(self._private, self._envelope.signature) == made
        except DecryptionFailed:
            return False

    def _plain(self, vector: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
        from cryptography.hazmat.primitives.padding import PKCS7

        cipher = Cipher(algorithms.AES(self._key), CFB(vector)).decryptor()
        padding = PKCS7(_BLOCK * 8).unpadder()
        try:
            for chunk in chunks:
                yield padding.update(cipher.update(chunk))
            yield padding.update(cipher.finalize()) + padding.finalize()
        except ValueError as error:
            raise DecryptionFailed(instance=self._instance_id) from error


def plain_name(name: str) -> str:
    """What a file is called when it is decrypted."""
    return name.removesuffix(ENDING)


def _oaep() -> OAEP:
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    return padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)


def _unsealed(private: RSAPrivateKey, text: str) -> bytes:
    try:
        return private.decrypt(base64.b64decode(text), _oaep())
    except (ValueError, binascii.Error) as error:
        raise DecryptionFailed(instance="") from error
