"""An XForm as a tree that is safe to walk, and who it says it is.

Why: phones decode UTF-8 whatever is declared and stop at a byte-order mark, so the bytes served must
be such; and a form without a title or an id breaks the whole list of forms on them.
Source: https://docs.getodk.org/openrosa-form-list/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn
from xml.sax.saxutils import quoteattr

from lxml import etree

from forms.problems import (
    FormIdUnusable,
    FormWithoutMeta,
    XFormDeclaresEntities,
    XFormIncomplete,
    XFormTooLarge,
    XFormUnreadable,
)

LARGEST = 32 * 1024 * 1024
"""Bytes of an XForm; one that a converter wrote may be larger than the workbook it came from."""

LONGEST_ID = 255
"""Characters of a form id or a version."""

_BOM = b"\xef\xbb\xbf"
_FILE_NAME = re.compile(r"\.(xml|xlsx?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of an XForm. `body` is None for a form that asks nothing on screen."""

    head: etree._Element
    model: etree._Element
    root: etree._Element
    body: etree._Element | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a form says it is. `version` may be empty; `encryption_key` is its own key, or ""."""

    form_id: str
    version: str
    title: str
    encryption_key: str = ""


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def without_prefix(name: str) -> str:
    """A name or a path without prefixes: `/data/orx:meta` is `/data/meta`."""
    return re.sub(r"(^|/)[^/:]*:", r"\1", name)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of that local name."""
    return next((found for found in element if local(found) == name), None)


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The children of that local name."""
    return (found for found in element if local(found) == name)


def attribute(element: etree._Element, name: str) -> str:
    """An attribute by local name, whatever its prefix; "" where it is not."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def strip_mark(data: bytes) -> bytes:
    """The bytes without a byte-order mark, which phones stumble over."""
    return data.removeprefix(_BOM)


def open_xform(data: bytes) -> Document:
    """Parse an XForm without expanding, fetching or following anything.

    Raises XFormTooLarge, XFormDeclaresEntities, XFormUnreadable (not UTF-8, not well-formed, nested
    deeper than 256) and XFormIncomplete (no head, model or primary instance).
    """
    if len(data) > LARGEST:
        raise XFormTooLarge(what="bytes", size=len(data), limit=LARGEST)
    plain = strip_mark(data)
    _require_utf8(plain)
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise XFormDeclaresEntities
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        html = etree.fromstring(plain, parser)
    except etree.XMLSyntaxError as error:
        raise XFormUnreadable(reason=_short(" ".join(error.msg.split()) or "not XML")) from error
    return _parts(html)


def _require_utf8(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise XFormUnreadable(reason=f"byte {error.start} is not UTF-8") from error


def _short(reason: str) -> str:
    return reason if len(reason) <= 200 else reason[:200] + "…"  # noqa: PLR2004  # a line on a phone


def _parts(html: etree._Element) -> Document:
    head = child(html, "head")
    if local(html) != "html" or head is None:
        _missing("h:html/h:head")
    model = child(head, "model")
    if model is None:
        _missing("model")
    instance = child(model, "instance")
    root = next(iter(instance), None) if instance is not None else None
    if root is None:
        _missing("primary instance")
    return Document(head, model, root, child(html, "body"))


def _missing(part: str) -> NoReturn:
    raise XFormIncomplete(part=part)


def identify(document: Document) -> Identity:
    """Read who the form is, and refuse what a phone could not list or a server could not tell apart.

    Raises XFormIncomplete (no id, no title), FormIdUnusable, FormWithoutMeta.
    """
    form_id = str(document.root.get("id", ""))
    version = str(document.root.get("version", ""))
    title_element = child(document.head, "title")
    title = text_of(title_element) if title_element is not None else ""
    if not form_id.strip():
        raise XFormIncomplete(part="form id", field="formId")
    if len(form_id) > LONGEST_ID or form_id != form_id.strip() or _FILE_NAME.search(form_id):
        raise FormIdUnusable(form_id=form_id[:LONGEST_ID], limit=LONGEST_ID, field="formId")
    if not title:
        _missing("title (h:title)")
    if len(version) > LONGEST_ID:
        raise XFormTooLarge(what="characters in its version", size=len(version), limit=LONGEST_ID)
    _require_instance_id(document.root)
    submission = child(document.model, "submission")
    key = attribute(submission, "base64RsaPublicKey") if submission is not None else ""
    return Identity(form_id, version, title, key)


def text_of(element: etree._Element) -> str:
    """The text of an element without its outer spaces."""
    return "".join(map(str, element.itertext())).strip()


def _require_instance_id(root: etree._Element) -> None:
    meta = child(root, "meta")
    if meta is None or child(meta, "instanceID") is None:
        raise FormWithoutMeta


_TAG = re.compile(r"<(?P<name>[^\s/>!?]+)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^>\"'])*?)/?>")
_ATTRIBUTE = re.compile(r"(?P<name>[^\s=\"']+)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*')")
_INSTANCE = re.compile(r"<(?:[^\s/>:]+:)?instance[\s>]")
_NO_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def with_version(xform: bytes, version: str) -> bytes:
    """The same XForm with another version; no other byte changes but a byte-order mark, which goes.

    Raises what `open_xform` raises.
    """
    open_xform(xform)
    text = strip_mark(xform).decode("utf-8")
    start, end = _root_attributes(text)
    said = f"version={quoteattr(version)}"
    for found in _ATTRIBUTE.finditer(text, start, end):
        if found["name"] == "version":
            return (text[: found.start()] + said + text[found.end() :]).encode("utf-8")
    return f"{text[:start]} {said}{text[start:]}".encode()


def _root_attributes(text: str) -> tuple[int, int]:
    """Where the attributes of the primary instance's root begin and end."""
    # Comments are blanked, not cut: the places found are those of the text itself.
    markup = _NO_MARKUP.sub(lambda found: " " * len(found[0]), text)
    instance = _INSTANCE.search(markup)
    tag = _TAG.search(markup, instance.end() - 1) if instance else None
    return tag.span("attributes") if tag else _missing("primary instance")
