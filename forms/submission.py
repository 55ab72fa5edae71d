"""⑤ A filled form as sent: its tree, and what its envelope says.

The bytes are stored as they came; what is mended here is a copy, made only to be read.
Source: https://docs.getodk.org/openrosa-form-submission/, https://docs.getodk.org/openrosa-metadata/
Knows: what clients really send (control characters, any prefix or none, any encoding declaration).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from lxml import etree

from forms.problems import (
    EntitiesDeclared,
    FormIdMissing,
    IdTooLong,
    InstanceIdMissing,
    Problem,
    SubmissionTooDeep,
    SubmissionUnreadable,
)
from forms.rows import Finding

LONGEST_ID = 255
"""Characters of a form id, a version or an instance id."""

LONGEST_NAME = 1000
"""Characters of an instance name; the rest is cut, for it is only shown."""

DEEPEST = 256
"""Elements inside one another; libxml2 stops there by itself."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Which form a submission answers, and who it says it is; absent or empty is None.

    `version` alone is "" then, because that is how a form without a version is listed.
    """

    form_id: str
    version: str
    instance_id: str | None
    instance_name: str | None
    deprecated_id: str | None
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A submission read: its root element, its envelope, and which characters were left out."""

    root: etree._Element
    envelope: Envelope
    removed: tuple[str, ...] = ()

    def findings(self, key: str) -> list[Finding]:
        """What had to be left out to read it at all: empty for almost every submission."""
        if not self.removed:
            return []
        return [Finding("character_removed", "", key, " ".join(self.removed))]


def read(data: bytes) -> Reading:
    """The submission in the bytes of `xml_submission_file`: UTF-8, whatever they declare.

    Raises SubmissionUnreadable, SubmissionTooDeep, EntitiesDeclared, FormIdMissing,
    InstanceIdMissing (encrypted ones need it) or IdTooLong.
    """
    text = data.lstrip(_BEFORE_XML)
    # Only a document type can declare entities, and none that phones send has one.
    if b"<!DOCTYPE" in text and b"<!ENTITY" in text:
        raise EntitiesDeclared
    removed: tuple[str, ...] = ()
    try:
        root = etree.fromstring(text, _parser())
    except etree.XMLSyntaxError as error:
        if error.code not in _MENDABLE:
            raise _refusal(error) from error
        text, removed = _without_forbidden(text)
        try:
            root = etree.fromstring(text, _parser())
        except etree.XMLSyntaxError as second:
            raise _refusal(second) from second
    return Reading(root, _envelope(root), removed)


_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"

_MENDABLE = {
    etree.ErrorTypes.ERR_INVALID_CHAR,
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    # An ampersand that begins no reference: programs write ids and names as they are.
    etree.ErrorTypes.ERR_NAME_REQUIRED,
}

_LOCAL = threading.local()


def _parser() -> etree.XMLParser:
    """The running thread's parser: it loads nothing, expands nothing, and keeps libxml2's bounds."""
    parser: etree.XMLParser | None = getattr(_LOCAL, "parser", None)
    if parser is None:
        parser = _LOCAL.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            # Not collect_ids=False: it saves little, and makes libxml2 load the document type after all.
        )
    return parser


def _refusal(error: etree.XMLSyntaxError) -> Problem:
    if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT and "depth" in (error.msg or ""):
        return SubmissionTooDeep(limit=DEEPEST)
    cause = (error.msg or "not XML").partition(", line ")[0].strip()
    return SubmissionUnreadable(line=error.lineno or 1, cause=cause[:200])


# Phones write a control character as a reference, which XML 1.0 forbids all the same. Where `&#` is
# plain text, that matches first and stays. A bare NUL stays too: that is UTF-16, not to be guessed at.
_FORBIDDEN = re.compile(
    r"(?P<plain><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))"
    r"|&#(?P<code>[0-9]+|x[0-9a-fA-F]+);"
    r"|(?P<and>&(?![#\w:]))"
    r"|[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]",
    re.DOTALL,
)
# Some write an emoji as two references, one for each half: 55296-56319 and 56320-57343.
_HALVES = re.compile(
    r"&#(5529[6-9]|55[3-9][0-9]{2}|56[0-2][0-9]{2}|563[01][0-9]|x[dD][89abAB][0-9a-fA-F]{2});"
    r"&#(563[2-9][0-9]|56[4-9][0-9]{2}|57[0-2][0-9]{2}|573[0-3][0-9]|5734[0-3]|x[dD][c-fC-F][0-9a-fA-F]{2});"
)
_LONGEST_CODE = len("x0010FFFF")
_LAST_CHARACTER = 0x10FFFF
_MOST_KINDS = 50


def _without_forbidden(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A copy of the text without what XML forbids, and what that was."""
    removed: dict[str, None] = {}
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") > data.count("\ufffd".encode()):
        removed["not UTF-8"] = None

    def mend(found: re.Match[str]) -> str:
        code = found["code"]
        if found["plain"] is not None or (code and _is_character(_number(code))):
            return found[0]
        if found["and"]:
            return "&amp;"
        if len(removed) < _MOST_KINDS:
            removed[f"&#{code[:_LONGEST_CODE] if code else ord(found[0])};"] = None
        return ""

    whole = _HALVES.sub(lambda pair: _joined(_number(pair[1]), _number(pair[2])), text)
    return _FORBIDDEN.sub(mend, whole).encode(), tuple(removed)


def _number(code: str) -> int:
    if len(code) > _LONGEST_CODE:
        return _LAST_CHARACTER + 1
    return int(code[1:], 16) if code[0] == "x" else int(code)


def _joined(high: int, low: int) -> str:
    """One character of two halves, as UTF-16 joins them."""
    return (chr(high) + chr(low)).encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _is_character(code: int) -> bool:
    """Source: https://www.w3.org/TR/xml/#charsets."""
    return (
        code in {0x9, 0xA, 0xD}
        or 0x20 <= code <= 0xD7FF  # noqa: PLR2004 - as the standard lists them
        or 0xE000 <= code <= 0xFFFD  # noqa: PLR2004
        or 0x10000 <= code <= _LAST_CHARACTER  # noqa: PLR2004
    )


def _envelope(root: etree._Element) -> Envelope:
    meta = _meta(root)
    encrypted = (
        _attribute(root, "encrypted").lower() == "yes"
        or next(root.iterchildren("{*}base64EncryptedKey"), None) is not None
    )
    envelope = Envelope(
        form_id=_bounded(_attribute(root, "id"), "form id"),
        version=_bounded(_attribute(root, "version"), "form version"),
        instance_id=_bounded(_instance_id(root, meta), "instanceID") or None,
        instance_name=meta.get("instanceName", "")[:LONGEST_NAME] or None,
        deprecated_id=_bounded(meta.get("deprecatedID", ""), "deprecatedID") or None,
        encrypted=encrypted,
    )
    if not envelope.form_id:
        raise FormIdMissing
    if encrypted and envelope.instance_id is None:
        # The key of each file is derived from it.
        raise InstanceIdMissing(form_id=envelope.form_id)
    return envelope


def _meta(root: etree._Element) -> dict[str, str]:
    """What the meta blocks say, by local name; of two that say the same thing, the first."""
    said: dict[str, str] = {}
    for block in root.iterchildren("{*}meta"):
        for element in block.iterchildren("*"):
            text = (element.text or "").strip()
            if text:
                said.setdefault(etree.QName(element).localname, text)
    return said


def _instance_id(root: etree._Element, meta: dict[str, str]) -> str:
    """The instance id; before there was a meta block it was a question or an attribute."""
    if "instanceID" in meta:
        return meta["instanceID"]
    for element in root.iterchildren("{*}instanceID"):
        return (element.text or "").strip()
    return _attribute(root, "instanceID")


def _attribute(root: etree._Element, name: str) -> str:
    text = root.get(name)
    if text is None:
        text = next((root.attrib[key] for key in root.attrib if key.endswith("}" + name)), "")
    return text.strip()


def _bounded(text: str, what: str) -> str:
    if len(text) > LONGEST_ID:
        raise IdTooLong(what=what, limit=LONGEST_ID)
    return text
