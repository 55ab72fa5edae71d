"""⑤ An encrypted form as it arrives: an envelope in the clear round files that nobody here can open.

Source: https://getodk.github.io/xforms-spec/encryption; what Collect makes of it is openrosa.md §8. Names are
matched without their namespace, for Collect and the specification write different ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from forms import values
from forms.rows import Finding, Flat

FINDING = "encrypted"
"""The check that says nobody here can read the answers."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What an envelope says: the record's key and signature, base64, as sent ("" where it has none).

    `media` are the files beside the answers in their order, on which the key of each rests;
    `form_file` is the one that holds the answers, "" where the envelope names none that can be used.
    """

    key: str
    signature: str
    media: tuple[str, ...]
    form_file: str

    @property
    def files(self) -> tuple[str, ...]:
        """Every file to wait for, once each, that of the answers last."""
        named = (*self.media, self.form_file) if self.form_file else self.media
        return tuple(dict.fromkeys(name for name in named if values.is_file_name(name)))


def read_encrypted(root: etree._Element) -> Encrypted:
    """The envelope under `root`, whatever else stands in it."""
    media = (
        (file.text or "").strip()
        for block in root.iterchildren("{*}media")
        for file in block.iterchildren("{*}file")
    )
    form_file = _said(root, "encryptedXmlFile")
    return Encrypted(
        _said(root, "base64EncryptedKey"),
        _said(root, "base64EncryptedElementSignature"),
        tuple(name for name in media if name),
        form_file if values.is_file_name(form_file) else "",
    )


def lay_encrypted(root: etree._Element, key: str) -> Flat:
    """An encrypted record laid flat: no rows, the files it names, and a finding that says why."""
    read = read_encrypted(root)
    found = [Finding(FINDING, "", key, "")]
    return Flat({}, found, list(read.files), encrypted=read.form_file)


def _said(root: etree._Element, name: str) -> str:
    element = next(root.iterchildren(f"{{*}}{name}"), None)
    return "" if element is None else (element.text or "").strip()
