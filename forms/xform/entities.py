"""② Which entity lists a form writes: what it declares, and what its author has to mend before it may.

Why: a phone refuses to open a form of a spec version it does not know, and drops a property whose name it
cannot hold; the author is the one who can still change it.
Source: https://getodk.github.io/xforms-spec/entities; names by the rules of Central.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from forms.problems import EntitiesUnusable
from forms.remarks import Remark
from forms.schema import Declaration, Node
from forms.xform.document import Document, attribute, child, children, local, without_prefix

VERSIONS = ("2022.1", "2023.1", "2024.1", "2025.1")
"""The versions of the spec that phones in use open."""

SEVERAL_FROM = "2025.1"
"""The first version with entities in repeats and several lists in one form."""

LONGEST_LIST = 100
LONGEST_PROPERTY = 255

NO_VERSION = Remark(
    "The form writes entity lists but does not say by which version of the entity specification.",
    "Add entities:entities-version to the model, or convert the workbook anew.",
)
TOO_NEW = Remark(
    "The form follows version {version} of the entity specification, which this server and the phones do not "
    "know.",
    "Convert it with a tool that writes one of: {known}.",
)
NOT_SEVERAL = Remark(
    "The form writes several entity lists, or one from a repeat, but follows version {version} of the entity "
    "specification.",
    "Convert the workbook anew, so that it follows version 2025.1.0.",
)
LIST_UNUSABLE = Remark(
    "The entity list cannot be called “{name}”.",
    "Use letters, digits, _ and -, begin with a letter or _, do not begin with __, and use at most 100.",
    sheet="entities",
    column="list_name",
)
PROPERTY_UNUSABLE = Remark(
    "The question {path} cannot be saved to a property called “{name}”.",
    "Use letters, digits, _, - and ., begin with a letter or _, not with __; name and label are taken.",
    sheet="survey",
    column="save_to",
)
PROPERTIES_ALIKE = Remark(
    "The properties “{name}” and “{other}” of the list “{list}” differ only in capital letters, and phones "
    "cannot tell them apart.",
    "Write both the same way, or give one of them another name.",
    sheet="survey",
    column="save_to",
)
NO_ACTION = Remark(
    "The form names the entity list “{name}” but neither creates nor updates entities.",
    "Give the entity element the attribute create or update.",
)
FROM_INNER_REPEAT = Remark(
    "The question {path} lies in a repeat and is saved to “{name}” of an entity outside it, which is one for "
    "all rows.",
    "Declare the entity inside the repeat, or move the question out of it.",
    sheet="survey",
    column="save_to",
)
NO_ENTITY = Remark(
    "The question {path} is saved to “{name}”, but no entity is declared around it.",
    "Declare the entity list on the sheet entities, or remove save_to.",
    sheet="survey",
    column="save_to",
)
REMARKS = (
    NO_VERSION,
    TOO_NEW,
    NOT_SEVERAL,
    LIST_UNUSABLE,
    PROPERTY_UNUSABLE,
    PROPERTIES_ALIKE,
    NO_ACTION,
    FROM_INNER_REPEAT,
    NO_ENTITY,
)
"""Everything this file may say."""

# With the colon of XML names: programs name lists `uuid:…`.
_LIST = re.compile(r"(?!__)[^\W\d][\w:-]*")
_PROPERTY = re.compile(r"(?!__)(?!(?:name|label)\Z)[^\W\d][\w.-]*", re.IGNORECASE)


def is_list_name(name: str) -> bool:
    """Whether an entity list may be called so; it becomes a file name on phones."""
    return len(name) <= LONGEST_LIST and _LIST.fullmatch(name) is not None


def is_property_name(name: str) -> bool:
    """Whether a property may be called so; `name` and `label` belong to every entity."""
    return len(name) <= LONGEST_PROPERTY and _PROPERTY.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Declared:
    """The lists a form writes as far as they can be understood, and what is wrong with them."""

    declared: tuple[Declaration, ...] = ()
    faults: tuple[Remark, ...] = ()


def read_declarations(document: Document, nodes: Sequence[Node]) -> Declared:
    """Read what a form declares; one without entities costs a single look."""
    elements = dict(_entity_elements(document.root, ""))
    saved = dict(_saved(document))
    if not elements and not saved:
        return Declared()
    by_path = {node.path: node for node in nodes}
    faults: list[Remark] = []
    properties: dict[str, dict[str, str]] = {path: {} for path in elements}
    for path, name in saved.items():
        if path not in by_path:
            continue
        home = _home(path, elements)
        fault = _property_fault(path, name, home, by_path)
        if fault is not None:
            faults.append(_told(fault, path=path, name=name))
        elif home is not None:
            properties[home][path] = name
    found = tuple(
        _declaration(path, elements[path], properties[path])
        for path in sorted(elements, key=lambda path: path.count("/"))
    )
    faults[:0] = [*_version_faults(document, found, by_path), *_list_faults(found)]
    return Declared(found, tuple(faults))


def require_usable(document: Document, nodes: Sequence[Node]) -> None:
    """Raise EntitiesUnusable with a remark for each fault of the lists a form declares."""
    faults = read_declarations(document, nodes).faults
    if faults:
        raise EntitiesUnusable(faults)


def _entity_elements(parent: etree._Element, path: str) -> Iterator[tuple[str, etree._Element]]:
    """(path of what is the entity, its element) of every `meta/entity` in the primary instance."""
    meta = child(parent, "meta")
    entity = child(meta, "entity") if meta is not None else None
    if entity is not None:
        yield path, entity
    for element in parent:
        if len(element) and local(element) != "meta":
            yield from _entity_elements(element, f"{path}/{local(element)}")


def _saved(document: Document) -> Iterator[tuple[str, str]]:
    """(path of a question, property it is saved to) by the binds."""
    root = f"/{local(document.root)}"
    for bind in children(document.model, "bind"):
        name = attribute(bind, "saveto")
        if name:
            path = without_prefix(attribute(bind, "nodeset") or attribute(bind, "ref"))
            yield path.removeprefix(root), name


def _home(path: str, elements: Mapping[str, etree._Element]) -> str | None:
    """The innermost declaration around a question."""
    around = path
    while around:
        around = around.rpartition("/")[0]
        if around in elements:
            return around
    return None


def _property_fault(path: str, name: str, home: str | None, by_path: Mapping[str, Node]) -> Remark | None:
    if not is_property_name(name):
        return PROPERTY_UNUSABLE
    if home is None:
        return NO_ENTITY
    # A question's table is the innermost repeat around it; the entity's own one, or one further out, is fine.
    table = by_path[path].table
    return FROM_INNER_REPEAT if len(table) > len(home) else None


def _declaration(path: str, element: etree._Element, properties: Mapping[str, str]) -> Declaration:
    said = {str(key).rpartition("}")[2] for key in element.attrib}
    name = attribute(element, "dataset").strip()
    return Declaration(path, name, dict(properties), create="create" in said, update="update" in said)


def _version_faults(
    document: Document, declared: Sequence[Declaration], by_path: Mapping[str, Node]
) -> Iterator[Remark]:
    version = attribute(document.model, "entities-version").strip()
    if not declared:
        return
    if not version:
        yield NO_VERSION
        return
    known = version.startswith(VERSIONS) and re.fullmatch(r"\d{4}\.1(?:\.\d+)?", version)
    if not known:
        yield _told(TOO_NEW, version=version[:40], known=", ".join(VERSIONS))
        return
    repeated = any(one.path and _in_repeat(one.path, by_path) for one in declared)
    if (repeated or len(declared) > 1) and not version.startswith(SEVERAL_FROM):
        yield _told(NOT_SEVERAL, version=version)


def _in_repeat(path: str, by_path: Mapping[str, Node]) -> bool:
    node = by_path.get(path)
    return node is not None and (node.type == "repeat" or bool(node.table))


def _list_faults(declared: Sequence[Declaration]) -> Iterator[Remark]:
    alike: dict[tuple[str, str], str] = {}
    for one in declared:
        if not is_list_name(one.list):
            yield _told(LIST_UNUSABLE, name=one.list)
        if not one.create and not one.update:
            yield _told(NO_ACTION, name=one.list)
        for name in one.properties.values():
            first = alike.setdefault((one.list, name.lower()), name)
            if first != name:
                yield _told(PROPERTIES_ALIKE, name=first, other=name, list=one.list)


def _told(remark: Remark, **details: str) -> Remark:
    return Remark(remark.cause, remark.remedy, sheet=remark.sheet, column=remark.column, details=details)
