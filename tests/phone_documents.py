"""The XML a phone reads, by the rules of Collect's own parser: what it would refuse is refused here, aloud.

Source: OpenRosa form list, manifest, response; Collect's Kxml2OpenRosaResponseParser, ResponseMessageParser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

FORM_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
HASH_PREFIX = "md5:"


class PhoneComplains(Exception):
    """Collect would show an error, crash, or go on with a broken form; `status` is HTTP's, 0 = none."""

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        self.status = status
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class FormItem:
    """An entry of the form list; `hash` is bare MD5 hex, `manifest_url` "" where the form has no media."""

    form_id: str
    name: str
    version: str
    hash: str
    download_url: str
    manifest_url: str


@dataclass(frozen=True, slots=True)
class MediaFile:
    """An entry of a manifest; `type` is "", `entityList` or `approvalEntityList`."""

    filename: str
    hash: str
    download_url: str
    type: str = ""
    integrity_url: str = ""


def read_form_list(data: bytes) -> list[FormItem]:
    """The forms offered, in order. Raises PhoneComplains."""
    root = _root(data, "xforms", FORM_LIST)
    return [_form_item(_texts(item, FORM_LIST)) for item in _elements(root, FORM_LIST, "xform")]


def read_manifest(data: bytes) -> list[MediaFile]:
    """The media of a form, in order. Raises PhoneComplains."""
    root = _root(data, "manifest", MANIFEST)
    return [
        _media_file(_texts(item, MANIFEST), item.get("type", ""))
        for item in _elements(root, MANIFEST, "mediafile")
    ]


def read_message(data: bytes) -> str | None:
    """The message of an OpenRosaResponse, or None where Collect finds none."""
    if b"OpenRosaResponse" not in data:
        return None
    try:
        root = _parsed(data)
    except PhoneComplains:
        return None
    # Collect's reader knows no namespaces: it looks for the literal tag `message`.
    found = [
        e for e in root.iter(etree.Element) if e.prefix is None and etree.QName(e).localname == "message"
    ]
    return "".join(str(text) for text in found[0].itertext()) if found else None


def read_identity(xform: bytes) -> tuple[str, str]:
    """(`id`, `version`) of the root of a form's primary instance, version "" when absent.

    Raises PhoneComplains where Collect could not install the form.
    """
    root = _parsed(xform)
    names = {"h": "http://www.w3.org/1999/xhtml", "x": "http://www.w3.org/2002/xforms"}
    title = root.findtext("h:head/h:title", namespaces=names)
    instances = root.findall("h:head/x:model/x:instance", namespaces=names)
    if not title or not title.strip():
        raise PhoneComplains("The form has no title.")
    if not instances or not len(instances[0]) or not instances[0][0].get("id"):
        raise PhoneComplains("The form has no primary instance with an id.")
    return instances[0][0].get("id", ""), instances[0][0].get("version", "")


def _form_item(texts: dict[str, str]) -> FormItem:
    for needed in ("formID", "name", "downloadUrl"):
        if not texts.get(needed):
            raise PhoneComplains(f"A form in the list has no {needed}: the whole list is refused.")
    given = texts.get("hash", "")
    if not given.startswith(HASH_PREFIX):
        raise PhoneComplains(f"{texts['formID']}: hash {given!r} does not start with md5:, no download.")
    return FormItem(
        form_id=texts["formID"],
        name=texts["name"],
        version=texts.get("version", ""),
        hash=_md5(given),
        download_url=texts["downloadUrl"],
        manifest_url=texts.get("manifestUrl", ""),
    )


def _media_file(texts: dict[str, str], kind: str) -> MediaFile:
    for needed in ("filename", "hash", "downloadUrl"):
        if not texts.get(needed):
            raise PhoneComplains(f"A media file has no {needed}: the whole manifest is refused.")
    return MediaFile(
        # java.io.File.getName(): the last step of what looks like a path.
        filename=texts["filename"].rstrip("/").rsplit("/", 1)[-1],
        hash=_md5(texts["hash"]),
        download_url=texts["downloadUrl"],
        type=kind if kind in {"entityList", "approvalEntityList"} else "",
        integrity_url=texts.get("integrityUrl", ""),
    )


def _md5(given: str) -> str:
    # Collect cuts four characters off blindly; with another prefix the file would be fetched for ever.
    if not re.fullmatch(r"md5:[0-9a-f]{32}", given):
        raise PhoneComplains(f"Hash {given!r} is not md5: and 32 lower-case hex digits.")
    return given.removeprefix(HASH_PREFIX)


def _parsed(data: bytes) -> etree._Element:
    try:
        # Whatever charset is declared, Collect reads UTF-8.
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PhoneComplains("The document is not UTF-8.") from error
    if data.startswith(b"\xef\xbb\xbf<?xml"):
        raise PhoneComplains("A byte order mark stands before the XML declaration.")
    try:
        return etree.fromstring(
            data, etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
        )
    except etree.XMLSyntaxError as error:
        raise PhoneComplains(f"The document is not XML: {error}") from error


def _root(data: bytes, name: str, namespace: str) -> etree._Element:
    root = _parsed(data)
    found = etree.QName(root)
    if found.localname != name or (found.namespace or "").lower() != namespace.lower():
        raise PhoneComplains(f"The document is a {found.text}, not a {name} of {namespace}.")
    # The parser keeps no trace of it, and Collect dies of it: an empty element without an end tag.
    if re.search(rb"<(?:\w+:)?hash\s*/>", data):
        raise PhoneComplains("A self-closed <hash/> crashes Collect.")
    return root


def _elements(parent: etree._Element, namespace: str, name: str) -> list[etree._Element]:
    return [
        child
        for child in parent.iterchildren(etree.Element)
        if (etree.QName(child).namespace or "").lower() == namespace.lower()
        and etree.QName(child).localname.lower() == name
    ]


def _texts(item: etree._Element, namespace: str) -> dict[str, str]:
    return {
        etree.QName(child).localname: (child.text or "").strip()
        for child in item.iterchildren(etree.Element)
        if (etree.QName(child).namespace or "").lower() == namespace.lower()
    }
