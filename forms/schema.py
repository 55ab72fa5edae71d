"""② A published form as the rest of the house sees it.

`Node.type` speaks Central's field types, so that `/v1/…/fields` is a plain listing of it.
Source: ODK XForms specification; OpenRosa metadata schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Node:
    """One element of the primary instance below the root: a question, a group or a repeat.

    `path` starts with a slash and leaves the root element out (`/member/m_name`); `table` is the
    path of the innermost repeat around it ("" is the root table; a repeat lies in its parent's
    table); `type` is `structure`, `repeat`, or the bind type (`string`, `int`, `decimal`, `date`,
    `time`, `dateTime`, `geopoint`, `geotrace`, `geoshape`, `binary`, `barcode`, `odk:rank` …).
    `control` is the body element (`input`, `select1`, `select`, `odk:rank`, `upload`, `trigger`,
    `range`, `group`, `repeat`, or "" for a calculation); `choices` names the list in
    `Schema.choices`, or the media file when the list comes from one (`villages.csv`).
    """

    path: str
    type: str
    order: int
    table: str = ""
    control: str = ""
    choices: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def name(self) -> str:
        """Last step of the path."""
        return self.path.rsplit("/", 1)[1]

    @property
    def is_question(self) -> bool:
        """True for what carries an answer."""
        return self.type not in {"structure", "repeat"}

    @property
    def select_multiple(self) -> bool:
        """True where the answer is a space-separated list of codes in no order."""
        return self.control == "select"

    @property
    def binary(self) -> bool:
        """True where the answer is the name of a file sent beside the XML."""
        return self.type == "binary"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice list: its code, and its label per language ("" = no language)."""

    name: str
    labels: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class MediaSlot:
    """A file the form expects beside it (openrosa.md §4.8). `type`: image, audio, video, file."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """An entity list the form writes: one entity for each instance of the group or repeat at `path`.

    `path` is "" for the form itself. `properties` maps the path of a question to the property it is saved
    to, in document order. `create` and `update` say what the form may do.
    """

    path: str
    list: str
    properties: Mapping[str, str]
    create: bool
    update: bool


@dataclass(frozen=True)
class Schema:
    """What a form asks, in document order.

    `defaults` maps the path of a binary question to its default `jr://images/…` text, which comes
    back as an answer without a file. `languages` lists itext languages, the default one first.
    `choices` holds every list of the form itself; one that comes from a file is not here.
    `auto_send` and `auto_delete` are what the form tells the phone: "true", "false" or "" (unsaid).
    `entities` are the entity lists it writes, outer before inner.
    """

    form_id: str
    version: str
    title: str
    root: str
    nodes: tuple[Node, ...]
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    media: tuple[MediaSlot, ...] = ()
    languages: tuple[str, ...] = ()
    instance_name: bool = False
    encryption_key: str = ""
    client_editable: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    auto_send: str = ""
    auto_delete: str = ""
    entities: tuple[Declaration, ...] = ()

    @cached_property
    def by_path(self) -> dict[str, Node]:
        """Path to node."""
        return {node.path: node for node in self.nodes}

    @cached_property
    def questions(self) -> tuple[Node, ...]:
        """The nodes that carry an answer."""
        return tuple(node for node in self.nodes if node.is_question)

    @cached_property
    def repeats(self) -> tuple[Node, ...]:
        """The repeats, outer before inner: each is a table beside the root table."""
        return tuple(node for node in self.nodes if node.type == "repeat")
