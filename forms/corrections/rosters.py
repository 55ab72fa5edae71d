"""Rows of a repeat added to a filled form or taken out of it, as a phone would have sent it then.

A new row is the blank row of the form itself, with its defaults; what a phone sets in a new row and we
cannot work out stays blank. Source: ODK XForms specification, "Repeats", "setvalue"; ODK entities.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from forms.corrections.filled import Filled, Row, Spot
from forms.corrections.problems import RowUnknown
from forms.schema import NOTHING, Node, Schema
from forms.xform.document import Document, attribute, local
from forms.xform.reading import resolve

MOST_ADDED = 50
"""Rows one correction may add."""

_ROSA = "http://openrosa.org/javarosa"
_TEMPLATE = f"{{{_ROSA}}}template"


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows come and go, by their keys (`/member[3]`); new ones follow those that are there."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


NO_ROWS = Rows()


@dataclass(frozen=True)
class Repeats:
    """What a form says of its repeats, by path: a blank row of each, and the question that counts it."""

    blank: Mapping[str, bytes]
    counted_by: Mapping[str, str]


NO_REPEATS = Repeats({}, NOTHING)


def read_repeats(document: Document, schema: Schema) -> Repeats:
    """The blank rows of a form, and `jr:count` of its repeats."""
    blank = {
        node.path: _blank(found, node, schema)
        for node in schema.repeats
        if (found := _example(document.root, node.path)) is not None
    }
    return Repeats(blank, dict(_counts(document)))


def _example(root: etree._Element, path: str) -> etree._Element | None:
    """The row of a form's own instance that its phones copy: the template, else the first one."""
    level = [root]
    for step in path.strip("/").split("/"):
        level = [child for one in level for child in one.iterchildren(f"{{*}}{step}")]
        # What lies in a template is more surely blank than what lies in a first row.
        level.sort(key=lambda one: one.get(_TEMPLATE) is None)
    return level[0] if level else None


def _blank(example: etree._Element, node: Node, schema: Schema) -> bytes:
    row = deepcopy(example)
    row.tail = None
    row.attrib.pop(_TEMPLATE, None)
    inner = {one.path for one in schema.repeats if one.path.startswith(f"{node.path}/")}
    for element, path in list(_below(row, node.path)):
        if path in inner and (parent := element.getparent()) is not None:
            parent.remove(element)
    etree.cleanup_namespaces(row)
    return etree.tostring(row)


def _below(element: etree._Element, path: str) -> Iterator[tuple[etree._Element, str]]:
    for child in element.iterchildren("*"):
        here = f"{path}/{local(child)}"
        yield child, here
        yield from _below(child, here)


def _counts(document: Document) -> Iterator[tuple[str, str]]:
    root = f"/{local(document.root)}"
    body = document.body
    for repeat in body.iter("{*}repeat") if body is not None else ():
        count = repeat.get(f"{{{_ROSA}}}count", "").strip()
        if count:
            context = resolve(attribute(repeat, "nodeset"), root)
            yield context.removeprefix(root), resolve(count, context).removeprefix(root)


def next_key(filled: Filled, path: str, outer: str) -> str:
    """The key a further row of that repeat gets inside a row. Raises RowUnknown."""
    node, row = filled.schema.by_path.get(path), filled.rows.get(outer)
    if node is None or node.type != "repeat" or row is None or row.table != node.table:
        raise RowUnknown
    return f"{outer}{path[len(row.table) :]}[{len(row.inner[path]) + 1}]"


def with_rows(filled: Filled, keys: tuple[str, ...], repeats: Repeats, seed: str) -> Filled:
    """The form with these rows added, each the next of its repeat; `seed` names what new rows make.

    Raises RowUnknown.
    """
    if len(keys) > MOST_ADDED:
        raise RowUnknown
    for key in keys:
        filled = _with(filled, key, repeats, seed)
    return filled


def _with(filled: Filled, key: str, repeats: Repeats, seed: str) -> Filled:
    for node in filled.schema.repeats:
        blank = repeats.blank.get(node.path)
        for outer in filled.rows_of(node.table) if blank is not None else ():
            if next_key(filled, node.path, outer.key) == key and blank is not None:
                _append(filled, outer, node, _named(blank, f"{seed}{key}"))
                return Filled(filled.root, filled.schema)
    raise RowUnknown


def _named(blank: bytes, seed: str) -> etree._Element:
    """A blank row; the entities it makes get ids, as a phone gives them."""
    row = etree.fromstring(blank)
    for number, entity in enumerate(row.iter("{*}entity")):
        if entity.get("id") == "" and entity.get("create"):
            entity.set("id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{seed}#{number}")))
    return row


def _append(filled: Filled, outer: Row, node: Node, row: etree._Element) -> None:
    before = outer.inner[node.path]
    if before:
        last = before[-1].element
        row = _into(row, last)
        row.tail = last.tail
        last.addnext(row)
        return
    parent = filled.parent_of(outer, node.path)
    made = filled.insert(parent, node.path)
    fresh = _into(row, made)
    parent.replace(made, fresh)


def _into(row: etree._Element, like: etree._Element) -> etree._Element:
    """The row in the namespace of its neighbours: some clients send one on every element, most none."""
    theirs, ours = etree.QName(like).namespace, etree.QName(row).namespace
    for element in row.iter("*") if theirs != ours else ():
        if etree.QName(element).namespace == ours:
            element.tag = f"{{{theirs}}}{local(element)}" if theirs else local(element)
    etree.cleanup_namespaces(row)
    return row


def without_rows(filled: Filled, keys: tuple[str, ...]) -> Filled:
    """The form without these rows and what is in them. Raises RowUnknown."""
    for key in keys:
        row = filled.rows.get(key)
        if row is None or row.outer is None:
            raise RowUnknown
        parent = row.element.getparent()
        # In a row that is already out.
        if parent is not None:
            parent.remove(row.element)
    return Filled(filled.root, filled.schema)


def counting(filled: Filled, repeats: Repeats, table: str) -> Iterator[tuple[Spot, int]]:
    """The question that counts the rows of a repeat, once for each row around, and how many there are."""
    by = filled.schema.by_path.get(repeats.counted_by.get(table, ""))
    if by is None or not by.is_question:
        return
    for outer in filled.rows_of(filled.schema.by_path[table].table):
        around = outer.up_to(by.table)
        if around is not None:
            yield Spot(around.key, by.path), len(outer.inner[table])
