"""A person taken out of a filled form: his row of a repeat, or every answer that names somebody.

What names him elsewhere in the same record (the head of the household, the name of the record) goes with
it. The rest stays letter for letter as it was sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.corrections.comparing import same_rows
from forms.corrections.filled import Filled, Row
from forms.corrections.logic import Logic
from forms.schema import Node, Schema
from forms.submission import read

DIRECT = "direct"
"""The class of what names a person (column `pii` of the survey sheet)."""

_AUDIT = "/meta/audit"
_TEXTS = frozenset({"string", "barcode"})
_SAID = ("input", "")
"""Controls of answers: typed, else worked out."""
_ID = re.compile(r"(?:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SHORTEST = 2
_DIGITS = 6
"""A shorter number is an age or a count, and names nobody."""


@dataclass(frozen=True)
class Redacted:
    """A filled form without somebody: its bytes, and the paths of other answers that named him."""

    xml: bytes
    blanked: tuple[str, ...] = ()


def named_directly(schema: Schema, marks: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """The paths of the questions that name a person; `marks` is what the survey sheet says of each path."""
    return frozenset(
        path for path, mark in marks.items() if mark.get("pii") == DIRECT and path in schema.by_path
    )


def holds_row(data: bytes, schema: Schema, key: str) -> bool:
    """Whether a filled form has the row of that key (`/member[2]`)."""
    return key in Filled(read(data).root, schema).rows and key != ""


def row_in_each(versions: Mapping[str, bytes], key: str, logic: Logic) -> dict[str, str]:
    """The same person's row in each version of a record, by the version's name; where he is not, none.

    `versions` go from the newest, where he stands under `key`, to the oldest. A row whose words were all
    corrected is told by its place among those around it.
    """
    found: dict[str, str] = {}
    newer: Filled | None = None
    here: str | None = key
    for name, data in versions.items():
        filled = Filled(read(data).root, logic.schema)
        if newer is not None and here is not None:
            here = same_rows(filled, newer, logic).get(here)
        if here is None or here not in filled.rows:
            return found
        found[name], newer = here, filled
    return found


def traces_of_row(data: bytes, schema: Schema, key: str, direct: Collection[str]) -> frozenset[str]:
    """What names the person of a row, ready to be looked for: his answers to `direct` questions.

    Where the form says of no question in the row that it names somebody, that is the first answer that was
    typed in it, and every long number; of rows inside it only where the form says so of no question at all.
    """
    row = Filled(read(data).root, schema).rows[key]
    return frozenset(one for text in _telling(row, schema, direct) if len(one := plain(text)) >= _SHORTEST)


def called(data: bytes, schema: Schema, key: str, direct: Collection[str]) -> str:
    """What the person of a row is called, as it was typed; the key of the row where nothing says so."""
    row = Filled(read(data).root, schema).rows[key]
    return next((text for text in _telling(row, schema, direct) if text), key)


def _telling(row: Row, schema: Schema, direct: Collection[str], *, inner: bool = False) -> Iterator[str]:
    asked = [node for node in schema.questions if node.table == row.table and _is_typed(node)]
    # What the form carries along may be the id of the whole household; what was typed names the person.
    several = [
        [node for node in asked if node.path in direct and node.control == control] for control in _SAID
    ]
    marked = next((one for one in several if any(row.text(node.path) for node in one)), None)
    typed = [text for node in marked or asked if (text := row.text(node.path)) and not _ID.fullmatch(text)]
    if marked:
        yield from typed
    elif not (inner and direct):
        yield from typed[:1]
        yield from (text for text in typed if sum(map(str.isdigit, text)) >= _DIGITS)
    for one in (one for inside in row.inner.values() for one in inside):
        yield from _telling(one, schema, direct, inner=True)


def _is_typed(node: Node) -> bool:
    return node.type in _TEXTS and not node.choices


def without_row(data: bytes, schema: Schema, key: str | None, traces: Collection[str]) -> Redacted:
    """A filled form without a row (None: it is not in this version) and without what names its person.

    The phone's log of how it was filled in (audit.csv) goes too: it holds answers as they were typed.
    """
    root = read(data).root
    filled = Filled(root, schema)
    if key is not None:
        element = filled.rows[key].element
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    blanked = _wiped(root, schema, traces)
    return Redacted(_written(root), blanked)


def without_names(data: bytes, schema: Schema, direct: Collection[str]) -> Redacted | None:
    """A filled form without its answers to `direct` questions; None where there are none left."""
    root = read(data).root
    filled = Filled(root, schema)
    held = [row.answers[path] for row in filled.rows.values() for path in direct if row.text(path)]
    if not held:
        return None
    traces = {plain(one.text or "") for one in held}
    for element in held:
        element.text = None
    blanked = _wiped(root, schema, {one for one in traces if len(one) >= _SHORTEST})
    return Redacted(_written(root), blanked)


def names_in(data: bytes, schema: Schema, direct: Collection[str]) -> frozenset[str]:
    """What a filled form answers to `direct` questions, ready to be looked for."""
    filled = Filled(read(data).root, schema)
    found = (plain(row.text(path)) for row in filled.rows.values() for path in direct)
    return frozenset(one for one in found if len(one) >= _SHORTEST)


def plain(text: str) -> str:
    """A text as it is compared: composed, small letters, one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def names_him(text: str, traces: Collection[str]) -> bool:
    """Whether a text is one of those traces, or holds one of several words or of many digits."""
    said = plain(text)
    return any(said == one or (_is_telling(one) and _holds(said, one)) for one in traces)


def _is_telling(trace: str) -> bool:
    return " " in trace or sum(map(str.isdigit, trace)) >= _DIGITS


def _holds(said: str, trace: str) -> bool:
    return trace in said and re.search(rf"(?<!\w){re.escape(trace)}(?!\w)", said) is not None


def _wiped(root: etree._Element, schema: Schema, traces: Collection[str]) -> tuple[str, ...]:
    """Empty every text that names him, questions or not; returns their paths."""
    blanked: dict[str, None] = {}
    for element, path in _leaves(root, ""):
        node = schema.by_path.get(path)
        if not element.text or (node is not None and node.is_question and not _is_open(node)):
            continue
        if path == _AUDIT or names_him(element.text, traces):
            element.text = None
            if path != _AUDIT:
                blanked[path] = None
    return tuple(blanked)


def _is_open(node: Node) -> bool:
    return _is_typed(node) or node.path == _AUDIT


def _leaves(element: etree._Element, path: str) -> Iterator[tuple[etree._Element, str]]:
    children = list(element.iterchildren("*"))
    if not children:
        yield element, path
    for child in children:
        yield from _leaves(child, f"{path}/{etree.QName(child).localname}")


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
