"""⑤ The entities a submission brings, and what a change means to what has changed meanwhile.

Why: a phone without a network names its own versions of an entity (trunk, branch, base); the server has to
find out what the volunteer saw when he wrote, and to say when two people have written differently.
Source: https://getodk.github.io/xforms-spec/entities; Central's rules of offline entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.problems import (
    EntityBaseVersionMissing,
    EntityBranchMissing,
    EntityIdUnusable,
    EntityLabelMissing,
    EntityNumberUnusable,
)
from forms.schema import Declaration, Schema

SOFT, HARD = "soft", "hard"
"""A conflict where nobody wrote the same property differently, and one where somebody did."""

LABEL = "label"
"""What a conflict calls the label among the properties; no property can be called so."""

_UUID4 = re.compile(
    r"(?:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})", re.IGNORECASE
)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_TRUE = frozenset({"1", "true"})
_TEMPLATE = "{http://openrosa.org/javarosa}template"
_LONGEST_SAID = 100


@dataclass(frozen=True, slots=True)
class Brought:
    """An entity element of a submission, as sent, with the answers saved to it.

    `declared` is what the form said of it; `list` what the submission says. A property that was asked and
    left blank is "" in `data`; one that was not asked is not there.
    """

    declared: Declaration
    list: str
    create: bool
    update: bool
    id: str
    label: str
    base_version: str
    trunk_version: str
    branch_id: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A `Brought` entity with its attributes understood. `label` is "" where none was given."""

    uuid: str
    label: str
    data: Mapping[str, str]
    base_version: int | None = None
    trunk_version: int | None = None
    branch_id: str | None = None

    @property
    def received(self) -> dict[str, str]:
        """What the change brought, the label among the properties."""
        return {**self.data, LABEL: self.label} if self.label else dict(self.data)


@dataclass(frozen=True, slots=True)
class State:
    """What an entity is in one of its versions."""

    label: str
    data: Mapping[str, str]

    @property
    def whole(self) -> dict[str, str]:
        """Label and properties."""
        return {**self.data, LABEL: self.label}

    def with_change(self, change: Change) -> State:
        """What it becomes: what the change does not say stays."""
        return State(change.label or self.label, {**self.data, **change.data})


def entity_uuid(text: str) -> str:
    """The id of an entity: a version 4 UUID in lower case, with or without `uuid:` before it.

    Raises EntityIdUnusable.
    """
    found = _UUID4.fullmatch(text.strip())
    if found is None:
        raise EntityIdUnusable(id=text.strip()[:_LONGEST_SAID])
    return found[1].lower()


def brought(root: etree._Element, schema: Schema) -> list[Brought]:
    """The entities a submission under `root` wants made or changed, outer before inner, in document order."""
    found = [
        one
        for declaration in schema.entities
        for element in _at(root, declaration.path)
        for one in _entity(element, declaration)
    ]
    return [one for one in found if one.create or one.update]


def _at(root: etree._Element, path: str) -> list[etree._Element]:
    """Every element at a path, repeats included."""
    elements = [root]
    for step in path.split("/")[1:]:
        elements = [found for element in elements for found in element.iterchildren(f"{{*}}{step}")]
    return [element for element in elements if element.get(_TEMPLATE) is None]


def _entity(element: etree._Element, declaration: Declaration) -> Iterator[Brought]:
    for node in _at(element, "/meta/entity")[:1]:
        said = {etree.QName(key).localname: value.strip() for key, value in node.attrib.items()}
        labels = _at(node, "/label")
        yield Brought(
            declared=declaration,
            list=said.get("dataset", ""),
            create=said.get("create", "") in _TRUE,
            update=said.get("update", "") in _TRUE,
            id=said.get("id", ""),
            label=(labels[0].text or "").strip() if labels else "",
            base_version=said.get("baseVersion", ""),
            trunk_version=said.get("trunkVersion", ""),
            branch_id=said.get("branchId", ""),
            data=_saved(element, declaration),
        )


def _saved(element: etree._Element, declaration: Declaration) -> dict[str, str]:
    data: dict[str, str] = {}
    for path, name in declaration.properties.items():
        answers = _at(element, path.removeprefix(declaration.path))
        # Of two questions saved to one property, the one that was asked last counts.
        if answers:
            data[name] = answers[0].text or ""
    return data


def as_creation(one: Brought) -> Change:
    """The change of an entity that is to be created.

    Raises EntityIdUnusable, EntityLabelMissing.
    """
    uuid = entity_uuid(one.id)
    if not one.label:
        raise EntityLabelMissing(uuid=uuid)
    return Change(uuid, one.label, one.data, branch_id=_branch(one))


def as_update(one: Brought) -> Change:
    """The change of an entity that exists.

    Raises EntityIdUnusable, EntityBaseVersionMissing, EntityNumberUnusable, EntityBranchMissing.
    """
    uuid = entity_uuid(one.id)
    base = _number(one.base_version, "baseVersion")
    if base is None:
        raise EntityBaseVersionMissing(uuid=uuid)
    branch, trunk = _branch(one), _number(one.trunk_version, "trunkVersion")
    if trunk is not None and branch is None:
        raise EntityBranchMissing(uuid=uuid)
    return Change(uuid, one.label, one.data, base, trunk, branch)


def _branch(one: Brought) -> str | None:
    return entity_uuid(one.branch_id) if one.branch_id else None


def _number(text: str, what: str) -> int | None:
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise EntityNumberUnusable(what=what, text=text[:_LONGEST_SAID])
    return int(text)


def conflicting(change: Change, base: State, current: State) -> list[str]:
    """The properties that were written differently since `base`: what the office has to look at."""
    before, now, wanted = base.whole, current.whole, change.received
    return [
        name
        for name, text in wanted.items()
        if now.get(name, "") != before.get(name, "") and now.get(name, "") != text
    ]


def differing(change: Change, current: State) -> list[str]:
    """The properties the change would say differently from what is there."""
    now = current.whole
    return [name for name, text in change.received.items() if now.get(name, "") != text]


def worse(one: str | None, other: str | None) -> str | None:
    """The graver of two conflicts."""
    return max((one, other), key=_GRAVITY.index)


_GRAVITY = (None, SOFT, HARD)
