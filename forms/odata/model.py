"""A form as OData sees it: a table for the records and one for each repeat, every name spelled once.

The service document, the schema document, the rows and the `$filter` all go by this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeAlias

from forms.odata.names import identifier, unused
from forms.odata.tree import Field, Kind, Source
from forms.schema import Node, Schema

ROOT = "Submissions"

SYSTEM: Mapping[str, Kind] = {
    "submissionDate": Kind.MOMENT,
    "updatedAt": Kind.MOMENT,
    "deletedAt": Kind.MOMENT,
    "submitterId": Kind.NUMBER,
    "submitterName": Kind.TEXT,
    "attachmentsPresent": Kind.NUMBER,
    "attachmentsExpected": Kind.NUMBER,
    "status": Kind.TEXT,
    "reviewState": Kind.TEXT,
    "deviceId": Kind.TEXT,
    "edits": Kind.NUMBER,
    "formVersion": Kind.TEXT,
}
"""What the server notes of a record, in the order of the rows."""

ID, PARENT_ID = "__id", "__parent"
"""What a row is called, and what the row around it."""

_EDM = {
    "int": "Edm.Int64",
    "decimal": "Edm.Decimal",
    "boolean": "Edm.Boolean",
    "date": "Edm.Date",
    "dateTime": "Edm.DateTimeOffset",
    "geopoint": "Edm.GeographyPoint",
    "geotrace": "Edm.GeographyLineString",
    "geoshape": "Edm.GeographyPolygon",
}
_KINDS = {
    "int": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "boolean": Kind.TRUTH,
    "date": Kind.DAY,
    "dateTime": Kind.MOMENT,
    "geopoint": Kind.SHAPE,
    "geotrace": Kind.SHAPE,
    "geoshape": Kind.SHAPE,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A question of a row: its name there, and its node in the form."""

    name: str
    node: Node

    @property
    def edm(self) -> str:
        """The type OData gives it."""
        return _EDM.get(self.node.type, "Edm.String")

    @property
    def kind(self) -> Kind:
        """What it can be compared with."""
        return _KINDS.get(self.node.type, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Group:
    """A group: an object in the row, always there. `steps` are the names from the root of the form."""

    name: str
    node: Node
    steps: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repeat: a table of its own, to which the row links. `path` names the table."""

    name: str
    node: Node
    steps: tuple[str, ...]

    @property
    def path(self) -> str:
        """The path of the repeat in the form."""
        return self.node.path


Item: TypeAlias = Leaf | Group | Repeat


@dataclass(frozen=True)
class Table:
    """A table: `path` of its repeat in the form ("" the root), `parent` that of the table around it.

    `steps` are the names after `Submissions`; `parent_id` is the property that names the row around.
    """

    path: str
    parent: str | None
    steps: tuple[str, ...]
    parent_id: str
    items: tuple[Item, ...]

    @property
    def name(self) -> str:
        """The name of the entity set."""
        return ".".join((ROOT, *self.steps))

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every question of a row, in the order of the form."""
        return tuple(_leaves(self.items))

    @cached_property
    def by_name(self) -> dict[str, Item]:
        """Every item by its names in a row, as `group/question`."""
        return dict(_named(self.items, ""))

    @cached_property
    def fields(self) -> dict[str, Field]:
        """What a row answers, by how a `$filter` may write it: as the rows do, or as the form does."""
        found = {
            leaf.node.path[len(self.path) + 1 :]: Field(Source.ANSWER, leaf.node.path, leaf.kind, self.path)
            for leaf in self.leaves
        }
        spelled = {name: one for name, one in self.by_name.items() if isinstance(one, Leaf)}
        return found | {
            name: Field(Source.ANSWER, one.node.path, one.kind, self.path) for name, one in spelled.items()
        }


def _leaves(items: tuple[Item, ...]) -> Iterator[Leaf]:
    for item in items:
        if isinstance(item, Leaf):
            yield item
        elif isinstance(item, Group):
            yield from _leaves(item.items)


def _named(items: tuple[Item, ...], before: str) -> Iterator[tuple[str, Item]]:
    for item in items:
        yield f"{before}{item.name}", item
        if isinstance(item, Group):
            yield from _named(item.items, f"{before}{item.name}/")


@dataclass(frozen=True)
class Model:
    """The tables of a form by the path of their repeat, the root ("") first."""

    form_id: str
    tables: Mapping[str, Table]

    @property
    def namespace(self) -> str:
        """Where the types of the form live."""
        return f"org.opendatakit.user.{identifier(self.form_id)}"

    @cached_property
    def by_name(self) -> dict[str, Table]:
        """The tables by the name of their entity set."""
        return {table.name: table for table in self.tables.values()}

    def reach(self, table: Table) -> dict[str, Field]:
        """Every field a `$filter` over that table may name, by how it is written.

        The record itself stands under `$root/Submissions/`; in the root table without it too.
        """
        root = self.tables[""]
        record = {
            **root.fields,
            ID: Field(Source.SYSTEM, ID, Kind.TEXT),
            **{f"__system/{name}": Field(Source.SYSTEM, name, kind) for name, kind in SYSTEM.items()},
        }
        known = {f"$root/{ROOT}/{name}": one for name, one in record.items()}
        if not table.path:
            return known | record
        own = {
            ID: Field(Source.SYSTEM, ID, Kind.TEXT, table.path),
            table.parent_id: Field(Source.SYSTEM, PARENT_ID, Kind.TEXT, table.path),
        }
        return known | table.fields | own


@dataclass
class _Place:
    """A table, a group or a repeat while its items are gathered."""

    node: Node | None
    name: str
    steps: tuple[str, ...]
    inside: list[_Place | Leaf] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def items(self) -> tuple[Item, ...]:
        return tuple(one if isinstance(one, Leaf) else one.item() for one in self.inside)

    def item(self) -> Item:
        node = self.node
        if node is None:
            raise TypeError("the root is no item")
        if node.type == "repeat":
            return Repeat(self.name, node, self.steps)
        return Group(self.name, node, self.steps, self.items())


class _Same:
    """A schema that is told apart by being another object: to compare two costs more than a model."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.schema is self.schema


def model_of(schema: Schema) -> Model:
    """The tables of a form, with every name spelled; names that would be the same get a _ more."""
    return _model(_Same(schema))


@lru_cache(maxsize=64)
def _model(same: _Same) -> Model:
    schema = same.schema
    places = {"": _Place(None, ROOT, (), taken={ID, "__system"})}
    for node in schema.nodes:
        around = places[node.path.rpartition("/")[0]]
        name = unused(node.name, around.taken)
        around.taken.add(name)
        if node.is_question:
            around.inside.append(Leaf(name, node))
            continue
        place = _Place(node, name, (*around.steps, name), taken={ID} if node.type == "repeat" else set())
        around.inside.append(place)
        places[node.path] = place
    tables = {"": Table("", None, (), "", places[""].items())}
    for node in schema.repeats:
        place, parent = places[node.path], places[node.table]
        parent_id = f"__{'-'.join((ROOT, *parent.steps))}-id"
        tables[node.path] = Table(node.path, node.table, place.steps, parent_id, place.items())
    return Model(schema.form_id, tables)
