"""What the browser engine's own transformer made of our forms, and how two makings are compared."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

FOLDER = Path(__file__).parent
_SWITCHES = {"controls", "disabled", "multiple", "novalidate", "readonly"}
_ADDRESSES = {"href", "src"}


@cache
def goldens(name: str) -> dict[str, dict[str, str]]:
    """The goldens of a file by the name of their form: `xform`, and `form` and `model` or `error`."""
    found: dict[str, dict[str, str]] = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return found


def lines(element: etree._Element, depth: int = 0) -> Iterator[str]:
    """A tree as lines that are the same for two trees that mean the same.

    Left out: comments, room between tags, prefixes, the order and spelling of attributes that are only
    there or not, the escaping of addresses, and the names of languages, which we say in their own words.
    """
    tag = etree.QName(element).localname
    attributes = " ".join(f"{name}={value!r}" for name, value in sorted(_attributes(element)))
    yield f"{' ' * depth}<{tag} {attributes}>"
    above = element.getparent()
    listed = tag == "option" and above is not None and above.get("id") == "form-languages"
    yield from () if listed else _text(element.text, depth + 1)
    for child in element:
        if isinstance(child.tag, str):
            yield from lines(child, depth + 1)
        yield from _text(child.tail, depth + 1)


def _text(text: str | None, depth: int) -> Iterator[str]:
    said = " ".join((text or "").split())
    if said.startswith("jr://"):
        said = unquote(said)
    if said:
        yield f"{' ' * depth}{said}"


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        name = etree.QName(key).localname if key.startswith("{") else str(key)
        if name in _SWITCHES:
            yield name, ""
        elif name in _ADDRESSES:
            yield name, re.sub(r"/$", "", unquote(str(value)))
        else:
            yield name, " ".join(str(value).split())


def declared(model: etree._Element) -> list[dict[str, str]]:
    """The prefixes the root of each instance can be asked by, in their order."""
    return [
        {str(prefix): uri for prefix, uri in own.nsmap.items() if prefix}
        for own in model.iterfind("{*}instance/*")
    ]
