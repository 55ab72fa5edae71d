"""Encrypted forms (conformance 80-82): read as envelopes, opened with the private key alone."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from forms.decrypting import KEY_UNUSABLE, NOBODY_READS, Opened, key_remark, private_key
from forms.encrypted import Encrypted, lay_encrypted, read_encrypted
from forms.problems import DecryptionFailed, PrivateKeyUnusable
from tests.encrypting import Sealed, pair, private_pem, public_text, sealed

XML = "<data id='f' version='1'><name>Lò Văn Pỉnh</name></data>".encode()
PHOTOS = {f"ảnh {number}.jpg": bytes([number]) * (number * 7) for number in range(20)}
ID = "uuid:1"


@pytest.fixture(scope="module")
def sent() -> Sealed:
    return sealed(("f", "1"), ID, XML, PHOTOS)


def enveloped(data: bytes) -> Encrypted:
    return read_encrypted(etree.fromstring(data))


def opened(sent: Sealed) -> Opened:
    return Opened(pair(0), enveloped(sent.envelope), ID)


def digests(**other: bytes) -> dict[str, str]:
    whole = {**PHOTOS, "submission.xml": XML, **other}
    return {name: hashlib.md5(data).hexdigest() for name, data in whole.items()}  # noqa: S324


def test_what_collect_encrypted_is_opened() -> None:
    """Collect's own bytes, published with its makers' tests: OAEP, vectors, CFB of 128 bits, padding."""
    known: dict[str, Any] = json.loads(Path("tests/contracts/encryption/by_collect.json").read_text())
    private = private_key(known["private_key"].encode())
    # One file beside the answers, as that phone had it.
    envelope = Encrypted(known["key"], "", ("p.jpg.enc",), "submission.xml.enc")
    record = Opened(private, envelope, known["instance_id"])
    assert record.form([base64.b64decode(known["answers"])]).decode() == known["plain"]
    other = Opened(private, Encrypted(known["other_key"], "", (), ""), known["other_instance_id"])
    assert {number: other.vector(int(number)).hex() for number in known["vectors"]} == known["vectors"]


def test_twenty_photos_and_the_answers_are_opened(sent: Sealed) -> None:
    """The 17th file begins where the first did, one further on: conformance 82."""
    record = opened(sent)
    assert record.form([sent.files["submission.xml.enc"]]) == XML
    for number, (name, data) in enumerate(PHOTOS.items()):
        # In small pieces that fit no block, as a disk or a network may hand them over.
        coded = sent.files[f"{name}.enc"]
        pieces = [coded[start : start + 5] for start in range(0, len(coded), 5)]
        assert b"".join(record.media(number, pieces)) == data, name
    assert len({record.vector(number) for number in range(21)}) == 21


def test_the_signature_tells_what_was_changed_on_the_way(sent: Sealed) -> None:
    record = opened(sent)
    assert record.is_whole("f", "1", digests())
    assert not record.is_whole("f", "2", digests())
    assert not record.is_whole("f", "1", digests(**{"ảnh 3.jpg": b"another"}))
    bare = sealed(("f", ""), ID, XML)
    assert opened(bare).is_whole("f", "", digests())
    unsigned = Opened(pair(0), Encrypted(enveloped(sent.envelope).key, "", (), ""), ID)
    assert not unsigned.is_whole("f", "1", digests())


WRONG: dict[str, Callable[[Sealed], object]] = {
    "another's key": lambda sent: Opened(pair(1), enveloped(sent.envelope), ID),
    "a key that is no text of a key": lambda _: Opened(pair(0), Encrypted("???", "", (), ""), ID),
    "a file cut short": lambda sent: opened(sent).form([sent.files["submission.xml.enc"][:-5]]),
    "an empty file": lambda sent: opened(sent).form([]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_opened_says_so(case: str, sent: Sealed) -> None:
    with pytest.raises(DecryptionFailed):
        WRONG[case](sent)


def test_only_a_private_rsa_key_opens_anything() -> None:
    assert private_key(private_pem()).key_size == 2048
    for wrong in (b"", b"-----BEGIN PRIVATE KEY-----\n", public_text().encode()):
        with pytest.raises(PrivateKeyUnusable):
            private_key(wrong)


def test_a_key_no_phone_can_use_is_told_before_anybody_walks() -> None:
    short = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMb3yQJ5oFzQ0bM0ZkH8m3Cq6n9mQq7n3mQpN0b3w4cTt2V5mV1o1n8C1oQ0z3Yw"
    assert key_remark("") is None
    assert key_remark(public_text()) is NOBODY_READS
    for wrong in ("MIIB", "không phải khoá", short, public_text()[:-8], public_text().replace("A", "B")):
        assert key_remark(wrong) is KEY_UNUSABLE, wrong


def test_an_envelope_is_laid_flat_without_rows(sent: Sealed) -> None:
    flat = lay_encrypted(etree.fromstring(sent.envelope), ID)
    assert (flat.rows, flat.encrypted) == ({}, "submission.xml.enc")
    assert flat.files == [*(f"{name}.enc" for name in PHOTOS), "submission.xml.enc"]
    assert [(one.check, one.key) for one in flat.findings] == [("encrypted", ID)]


def test_an_envelope_of_any_namespace_is_read_and_bad_names_are_not_awaited() -> None:
    said = enveloped(
        b'<data encrypted="yes"><base64EncryptedKey> k </base64EncryptedKey><media><file>a.enc</file>'
        b"<file>../b.enc</file><file>a.enc</file></media><encryptedXmlFile/></data>"
    )
    assert said == Encrypted("k", "", ("a.enc", "../b.enc", "a.enc"), "")
    assert said.files == ("a.enc",)
