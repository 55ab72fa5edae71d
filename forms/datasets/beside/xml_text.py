"""⑨ Elements with texts that XML can hold: a label may bring a sign that it cannot."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

XML: Final = "http://www.w3.org/XML/1998/namespace"
"""The namespace of `xml:lang`."""

_LANG: Final = f"{{{XML}}}lang"
_IMPOSSIBLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CODE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def put(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    """A new element at the end of `parent`, in its namespace."""
    made = etree.SubElement(parent, name)
    for key, value in attributes.items():
        made.set(key, clean(value))
    if text:
        made.text = clean(text)
    return made


def put_in(parent: etree._Element, name: str, text: str, language: str) -> etree._Element:
    """The same in a language, which is named where it has a code."""
    made = put(parent, name, text)
    for key, value in lang(language).items():
        made.set(key, value)
    return made


def lang(language: str) -> dict[str, str]:
    """The attribute that names a language; none where it has no code."""
    return {_LANG: language} if _CODE.fullmatch(language) else {}


def clean(text: str) -> str:
    """The text without what no XML file can hold."""
    return _IMPOSSIBLE.sub("", text)
