"""A made form as HTML: only tags, attributes and addresses that a form needs are written.

Why: an author's labels, lists and addresses reach browsers of people who are signed in. The page also
forbids script and style by its headers; this is the other lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from forms.webform.colours import face

_TAGS = """
a audio br datalist details div em fieldset form h1 h2 h3 h4 h5 h6 img input label legend li ol option p
section select span strong sub summary sup textarea ul video
"""
TAGS = frozenset(_TAGS.split())
"""Tags a form may hold; any other is left out, its text kept."""

_WITHOUT_TEXT = frozenset(["iframe", "math", "object", "script", "style", "svg", "template", "title", "xmp"])
"""Tags that go with all that is in them."""

_EMPTY = frozenset(["br", "img", "input"])

_ATTRIBUTES = """
accept alt autocomplete capture class controls dir disabled hidden id lang list max min multiple name
novalidate open readonly start step type value
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
"""Attributes any tag may have, besides those that begin with `data-`; addresses and styles have their own."""

_SWITCHES = frozenset(["controls", "disabled", "hidden", "multiple", "novalidate", "open", "readonly"])
_OWN_DATA = re.compile(r"^data-[a-z0-9-]+$")
_MEDIA = re.compile(r"^jr://[a-z-]+/[^/\\]+$")
_AWAY = re.compile(r"^(https?://|mailto:|tel:)[^\s\x00-\x20]", re.IGNORECASE)
_BARE = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff]")

_QUOTE = '"'

_Attributes = dict[str, str]


def written(form: etree._Element) -> str:
    """The `<form>` element as HTML."""
    parts: list[str] = []
    _write(form, parts)
    return "".join(parts)


def _write(element: etree._Element, parts: list[str]) -> None:
    tag = element.tag
    if isinstance(tag, str) and tag in TAGS:
        parts.append(_start(element, tag))
        if tag not in _EMPTY:
            _inside(element, parts)
            parts.append(f"</{tag}>")
    elif isinstance(tag, str) and _plain_name(tag) not in _WITHOUT_TEXT:
        _inside(element, parts)


def _plain_name(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _inside(element: etree._Element, parts: list[str]) -> None:
    parts.append(_text(element.text))
    for part in element:
        _write(part, parts)
        parts.append(_text(part.tail))


def _text(text: str | None) -> str:
    """Text without the room the sheets leave between tags."""
    if not text:
        return ""
    if not text.strip():
        return " " if "\n" not in text else ""
    return _escaped(text)


def _escaped(text: str) -> str:
    # Most texts hold neither, and there are thousands.
    if "&" in text:
        text = text.replace("&", "&amp;")
    return text.replace("<", "&lt;").replace(">", "&gt;") if "<" in text or ">" in text else text


def _start(element: etree._Element, tag: str) -> str:
    attributes: _Attributes = {}
    for name, value in element.attrib.items():
        _KEPT.get(str(name), _plain)(attributes, str(name), str(value))
    if tag == "a" and "or-big-image" not in attributes.get("class", ""):
        attributes |= {"rel": "noopener noreferrer", "target": "_blank"}
    said = "".join(_said(name, value) for name, value in attributes.items())
    return f"<{tag}{said}>"


def _said(name: str, value: str) -> str:
    return f" {name}" if name in _SWITCHES else f' {name}="{_escaped(value).replace(_QUOTE, "&quot;")}"'


def _plain(kept: _Attributes, name: str, value: str) -> None:
    if name in ATTRIBUTES or _OWN_DATA.match(name.lower()):
        kept[name.lower()] = value


def _source(kept: _Attributes, name: str, value: str) -> None:
    """A picture, sound or film: only a file of the form."""
    if _MEDIA.match(value):
        kept[name] = value


def _address(kept: _Attributes, name: str, value: str) -> None:
    """Where a link leads: a file of the form, or a page, a letter, a call; never a script."""
    if _MEDIA.match(value) or _AWAY.match(_BARE.sub("", value)):
        kept[name] = _BARE.sub("", value) if not _MEDIA.match(value) else value


def _style(kept: _Attributes, _name: str, value: str) -> None:
    """A style as what the page's own sheets know: hidden, or a colour and a face by class."""
    if re.sub(r"\s", "", value).rstrip(";") == "display:none":
        kept["hidden"] = ""
        return
    classes = [kept["class"]] if kept.get("class") else []
    classes += face(value)
    if classes:
        kept["class"] = " ".join(classes)


_KEPT: dict[str, Callable[[_Attributes, str, str], None]] = {
    "src": _source,
    "href": _address,
    "style": _style,
}


def classes_of(form: etree._Element) -> Iterator[str]:
    """The classes of the form itself, as its author's style gives them ("pages", "theme-grid")."""
    yield from str(form.get("class", "")).split()
