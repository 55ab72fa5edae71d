"""A phone that encrypts what it sends, written anew from the specification, step by step and slowly.

Source: https://getodk.github.io/xforms-spec/encryption. It shares nothing with the code under test: the
cipher is fed back by hand, the vectors are counted rather than walked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

SECRET = bytes(range(32))
"""The key of every record these tests make."""


@cache
def pair(number: int) -> RSAPrivateKey:  # noqa: ARG001 - the cache goes by it
    """A private key; another for each number."""
    return generate_private_key(65537, 2048)


def public_text(number: int = 0) -> str:
    """What stands in `public_key` of the settings sheet."""
    der = pair(number).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def private_pem(number: int = 0) -> bytes:
    """The file an office keeps."""
    return pair(number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class Sealed:
    """What goes over the wire: the envelope, and the files by name."""

    envelope: bytes
    files: Mapping[str, bytes]


def sealed(
    form: tuple[str, str], instance_id: str, xml: bytes, media: Mapping[str, bytes] | None = None
) -> Sealed:
    """A filled form of that (id, version), encrypted as Collect does it."""
    form_id, version = form
    key64 = _rsa(SECRET)
    media = media or {}
    files = {
        f"{name}.enc": encrypted(instance_id, number, data)
        for number, (name, data) in enumerate(media.items())
    }
    files["submission.xml.enc"] = encrypted(instance_id, len(media), xml)
    lines = [form_id, *([version] if version else []), key64, instance_id]
    lines += [f"{name}::{hashlib.md5(data).hexdigest()}" for name, data in media.items()]  # noqa: S324
    lines.append(f"submission.xml::{hashlib.md5(xml).hexdigest()}")  # noqa: S324
    signature = _rsa(hashlib.md5(("\n".join(lines) + "\n").encode()).digest())  # noqa: S324
    named = "".join(f"<media><file>{name}.enc</file></media>" for name in media)
    envelope = (
        f'<data xmlns="http://www.opendatakit.org/xforms/encrypted" id="{form_id}" version="{version}" '
        f'encrypted="yes"><base64EncryptedKey>{key64}</base64EncryptedKey>'
        '<orx:meta xmlns:orx="http://openrosa.org/xforms">'
        f"<orx:instanceID>{instance_id}</orx:instanceID></orx:meta>{named}"
        "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile>"
        f"<base64EncryptedElementSignature>{signature}</base64EncryptedElementSignature></data>"
    )
    return Sealed(envelope.encode(), files)


def encrypted(instance_id: str, number: int, data: bytes) -> bytes:
    """The file of that number: each block of the cipher's output is laid over the next of the text."""
    seed = hashlib.md5(instance_id.encode() + SECRET).digest()  # noqa: S324
    # Byte i was raised once for each of the numbers 0 … number that leave i when divided by 16.
    feedback = bytes((byte + (number - place + 16) // 16) % 256 for place, byte in enumerate(seed))
    block = Cipher(algorithms.AES(SECRET), modes.ECB()).encryptor()  # noqa: S305
    left = 16 - len(data) % 16
    padded = data + bytes([left]) * left
    made = b""
    for start in range(0, len(padded), 16):
        mask = block.update(feedback)
        feedback = bytes(a ^ b for a, b in zip(padded[start : start + 16], mask, strict=True))
        made += feedback
    return made


def _rsa(data: bytes) -> str:
    return base64.b64encode(pair(0).public_key().encrypt(data, OAEP(MGF1(SHA256()), SHA256(), None))).decode()
