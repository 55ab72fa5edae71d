"""② The questions of an XForm, in document order.

Why: the primary instance is the shape of every submission; binds say what its leaves hold, the body
says what repeats and what is asked how. Field types are Central's, so that `/fields` is a listing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, takewhile

from lxml import etree

from forms.problems import XFormTooLarge
from forms.schema import Choice, MediaSlot, Node, Schema
from forms.xform.document import (
    Document,
    attribute,
    child,
    children,
    identify,
    local,
    open_xform,
    text_of,
    without_prefix,
)
from forms.xform.entities import read_declarations
from forms.xform.lists import Lists, read_lists
from forms.xform.media import expected_files, is_default_picture
from forms.xform.texts import Texts, read_texts

MOST_NODES = 20_000
"""Questions, groups and repeats of one form; each question becomes a column."""

CONTROLS = {
    "input": "input",
    "secret": "input",
    "select": "select",
    "select1": "select1",
    "rank": "odk:rank",
    "upload": "upload",
    "trigger": "trigger",
    "range": "range",
    "group": "group",
    "repeat": "repeat",
}
"""Element of the body to the control it is; anything else there is no control."""

TYPES = {
    "integer": "int",
    "long": "int",
    "short": "int",
    "double": "decimal",
    "float": "decimal",
    "datetime": "dateTime",
    "select_one": "select1",
    "rank": "odk:rank",
}
"""Names older tools give a type, to the name all others know."""

AUDIT = "/meta/audit"


@dataclass(frozen=True, slots=True)
class _Control:
    """What the body says of a path."""

    kind: str
    labels: Mapping[str, str]
    choices: str = ""


def read_schema(xform: bytes) -> Schema:
    """Read a form.

    Raises what `open_xform` and `identify` raise, and XFormTooLarge for more questions than MOST_NODES.
    """
    document = open_xform(xform)
    identity = identify(document)
    texts = read_texts(document.model)
    elements = list(_elements(document.body))
    lists = read_lists(document.model, texts, elements)
    binds = _binds(document)
    body = _Body(document, texts, lists, binds.by_id)
    nodes = tuple(_Instance(binds.types, body.controls).nodes(document.root))
    asked = _submission(document.model)
    return Schema(
        form_id=identity.form_id,
        version=identity.version,
        title=identity.title,
        root=local(document.root),
        nodes=nodes,
        choices={**lists.inside, **body.inline},
        media=tuple(MediaSlot(name, kind) for name, kind in expected_files(document, elements, texts.media)),
        languages=texts.languages,
        instance_name=any(node.path == "/meta/instanceName" for node in nodes),
        encryption_key=identity.encryption_key,
        client_editable=asked.get("client-editable") == "true",
        defaults=_defaults(document.root, nodes),
        auto_send=asked.get("auto-send", ""),
        auto_delete=asked.get("auto-delete", ""),
        entities=read_declarations(document, nodes).declared,
    )


def _submission(model: etree._Element) -> dict[str, str]:
    """What `<submission>` asks of the phone, by attribute without prefix."""
    element = child(model, "submission")
    if element is None:
        return {}
    return {str(name).rpartition("}")[2]: str(value) for name, value in element.attrib.items()}


def _elements(body: etree._Element | None) -> Iterator[etree._Element]:
    """The controls of the body in document order."""
    for element in body.iter() if body is not None else ():
        if local(element) in CONTROLS:
            yield element


def resolve(reference: str, context: str) -> str:
    """An absolute path without prefixes for a reference made at `context` (`/data/group`)."""
    plain = without_prefix(reference.strip())
    steps = [] if plain.startswith("/") else context.split("/")
    for step in plain.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in {"", "."}:
            steps.append(step)
    return "/" + "/".join(step for step in steps if step)


@dataclass(frozen=True, slots=True)
class _Binds:
    types: Mapping[str, str]
    by_id: Mapping[str, str]


def _binds(document: Document) -> _Binds:
    """Type and id of every bind; a path may have several, and the first that tells its type counts."""
    root = f"/{local(document.root)}"
    types: dict[str, str] = {}
    by_id: dict[str, str] = {}
    for bind in children(document.model, "bind"):
        path = resolve(attribute(bind, "nodeset") or attribute(bind, "ref"), root)
        kind = attribute(bind, "type")
        if kind:
            types.setdefault(path, _type(kind))
        if bind.get("id"):
            by_id[str(bind.get("id"))] = path
    return _Binds(types, by_id)


def _type(written: str) -> str:
    name = written.strip().rpartition(":")[2]
    return TYPES.get(name.lower(), name) or "string"


class _Body:
    """What the body says, by path below the root: one control each, the answers written inline."""

    def __init__(self, document: Document, texts: Texts, lists: Lists, binds: Mapping[str, str]) -> None:
        self.controls: dict[str, _Control] = {}
        self.inline: dict[str, tuple[Choice, ...]] = {}
        self._root = f"/{local(document.root)}"
        self._texts = texts
        self._lists = lists
        self._binds = binds
        if document.body is not None:
            self._read(document.body, self._root, {})

    def _read(self, parent: etree._Element, context: str, label: Mapping[str, str]) -> None:
        for element in parent:
            kind = CONTROLS.get(local(element))
            if kind is None:
                self._read(element, context, label)
                continue
            path = self._path(element, context)
            labels = self._texts.label_of(element)
            if path:
                self._keep(element, kind, path, labels or (label if kind == "repeat" else {}))
            self._read(element, path or context, labels)

    def _path(self, element: etree._Element, context: str) -> str:
        by_id = self._binds.get(str(element.get("bind", "")))
        reference = attribute(element, "nodeset") or attribute(element, "ref")
        if by_id:
            return by_id
        return resolve(reference, context) if reference else ""

    def _keep(self, element: etree._Element, kind: str, path: str, labels: Mapping[str, str]) -> None:
        if not path.startswith(self._root + "/"):
            return
        below = path.removeprefix(self._root)
        known = self.controls.get(below)
        # A repeat stands inside a group of the same path, which carries the label.
        if known is not None and (known.kind != "group" or kind == "group"):
            return
        choices, inline = self._lists.of(element, below, self._texts)
        if inline:
            self.inline[below] = inline
        self.controls[below] = _Control(kind, labels or (known.labels if known else {}), choices)


@dataclass(slots=True)
class _Instance:
    """Walks the primary instance, joining what binds and body say of each element."""

    types: Mapping[str, str]
    controls: Mapping[str, _Control]
    seen: set[str] = field(default_factory=set)

    def nodes(self, root: etree._Element) -> Iterator[Node]:
        return self._below(root, "", "", f"/{local(root)}")

    def _below(self, parent: etree._Element, path: str, table: str, root: str) -> Iterator[Node]:
        for element in parent:
            here = f"{path}/{local(element)}"
            control = self.controls.get(here)
            kind = self._kind(element, here, root, control)
            # pyxform writes a repeat twice, as template and as first row; the second adds nothing,
            # unless a hand-written form hides a question there.
            if here not in self.seen:
                yield self._node(here, kind, table, control)
            if kind in {"structure", "repeat"}:
                yield from self._below(element, here, here if kind == "repeat" else table, root)

    def _kind(self, element: etree._Element, path: str, root: str, control: _Control | None) -> str:
        if control is not None and control.kind == "repeat":
            return "repeat"
        grouped = control is not None and control.kind == "group"
        if len(element) or grouped or path == "/meta" or path.endswith("/meta/entity"):
            return "structure"
        if path == AUDIT:
            return "binary"
        return self.types.get(root + path, "string")

    def _node(self, path: str, kind: str, table: str, control: _Control | None) -> Node:
        if len(self.seen) >= MOST_NODES:
            raise XFormTooLarge(what="questions", size=f"> {MOST_NODES}", limit=MOST_NODES)
        order = len(self.seen)
        self.seen.add(path)
        if control is None:
            return Node(path, kind, order, table)
        return Node(path, kind, order, table, control.kind, control.choices, control.labels)


def _defaults(root: etree._Element, nodes: tuple[Node, ...]) -> dict[str, str]:
    """Default pictures by the path of the question that shows them."""
    binaries = {node.path for node in nodes if node.binary}
    found: dict[str, str] = {}
    for element in chain.from_iterable(section.iter() for section in root):
        text = text_of(element) if not len(element) else ""
        path = _path_in(root, element) if is_default_picture(text) else ""
        if path in binaries:
            found.setdefault(path, text)
    return found


def _path_in(root: etree._Element, element: etree._Element) -> str:
    above = takewhile(lambda ancestor: ancestor is not root, element.iterancestors())
    return "/" + "/".join(reversed([local(step) for step in chain([element], above)]))
