"""What OData says about tables: the service document, and the schema document (EDMX).

What `$filter` and `$orderby` can do is said there truthfully, so that Power Query asks for as much.
Sources: OData CSDL 4.0; OData JSON Format 4.0 §5; Org.OData.Capabilities.V1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forms.odata.checking import FUNCTIONS
from forms.odata.model import ID, ROOT, Group, Item, Leaf, Model, Repeat, Table
from forms.odata.names import identifier
from forms.odata.tree import Kind

ENTITIES = "Entities"
ENTITY_SYSTEM = {
    "createdAt": "Edm.DateTimeOffset",
    "creatorId": "Edm.String",
    "creatorName": "Edm.String",
    "updates": "Edm.Int64",
    "updatedAt": "Edm.DateTimeOffset",
    "deletedAt": "Edm.DateTimeOffset",
    "version": "Edm.Int64",
    "conflict": "Edm.String",
}
"""What the server notes of an entity, in the order of the rows."""

_SUBMISSION = "org.opendatakit.submission"
_ENTITY = "org.opendatakit.entity"
_RECORD_SYSTEM = {
    "submissionDate": "Edm.DateTimeOffset",
    "updatedAt": "Edm.DateTimeOffset",
    "deletedAt": "Edm.DateTimeOffset",
    "submitterId": "Edm.String",
    "submitterName": "Edm.String",
    "attachmentsPresent": "Edm.Int64",
    "attachmentsExpected": "Edm.Int64",
    "status": f"{_SUBMISSION}.Status",
    "reviewState": f"{_SUBMISSION}.ReviewState",
    "deviceId": "Edm.String",
    "edits": "Edm.Int64",
    "formVersion": "Edm.String",
}
_ENUMS = (
    ("Status", ("notDecrypted", "missingEncryptedFormData")),
    ("ReviewState", ("hasIssues", "edited", "rejected", "approved")),
)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>'
)
_TAIL = "</edmx:DataServices></edmx:Edmx>\n"
_CAN = "Org.OData.Capabilities.V1."


def service_document(address: str, tables: Iterable[str]) -> dict[str, Any]:
    """Where each table lies; `address` is that of the service."""
    return {
        "@odata.context": f"{address}/$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in tables],
    }


def schema_document(model: Model) -> str:
    """The EDMX of a form."""
    types: list[str] = []
    for table in model.tables.values():
        types.append(_entity_type(model, table))
        types += _complex_types(model, table.items)
    sets = [_entity_set(model, table) for table in model.tables.values()]
    system = _complex("metadata", (_property(name, edm) for name, edm in _RECORD_SYSTEM.items()))
    enums = [_enum(name, members) for name, members in _ENUMS]
    return _document(_schema(_SUBMISSION, [system, *enums]), model.namespace, types, sets)


def entities_schema_document(name: str, properties: Sequence[str]) -> str:
    """The EDMX of an entity list; `properties` are spelled for OData."""
    namespace = f"org.opendatakit.user.{identifier(name)}"
    own = [_property("__system", f"{_ENTITY}.metadata"), _property("label", "Edm.String")]
    own += [_property(one, "Edm.String") for one in properties]
    entity_type = f'<EntityType Name="{ENTITIES}">{_key()}{"".join(own)}</EntityType>'
    notes = "".join((_can_filter(()), _can_sort(()), _COMMON, _SEARCH))
    entity_set = f'<EntitySet Name="{ENTITIES}" EntityType="{namespace}.{ENTITIES}">{notes}</EntitySet>'
    system = _complex("metadata", (_property(one, edm) for one, edm in ENTITY_SYSTEM.items()))
    return _document(_schema(_ENTITY, [system]), namespace, [entity_type], [entity_set])


def _document(first: str, namespace: str, types: Sequence[str], sets: Sequence[str]) -> str:
    name = namespace.rpartition(".")[2]
    container = f'<EntityContainer Name="{name}">{"".join(sets)}{_CONTAINER}</EntityContainer>'
    return f"{_HEAD}{first}{_schema(namespace, [*types, container])}{_TAIL}"


def _schema(namespace: str, inside: Iterable[str]) -> str:
    within = "".join(inside)
    return (
        f'<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="{namespace}">{within}</Schema>'
    )


def _key() -> str:
    return f'<Key><PropertyRef Name="{ID}"/></Key><Property Name="{ID}" Type="Edm.String" Nullable="false"/>'


def _entity_type(model: Model, table: Table) -> str:
    own = [_key()]
    own.append(
        _property(table.parent_id, "Edm.String")
        if table.path
        else _property("__system", f"{_SUBMISSION}.metadata")
    )
    own += _properties(model, table.items)
    # A repeat in a group would need one in a complex type, which Power BI refused for years.
    own += [
        f'<NavigationProperty Name="{one.name}" Type="Collection({model.namespace}.{_repeat_table(one)})"/>'
        for one in table.items
        if isinstance(one, Repeat)
    ]
    return f'<EntityType Name="{table.name}">{"".join(own)}</EntityType>'


def _repeat_table(repeat: Repeat) -> str:
    return ".".join((ROOT, *repeat.steps))


def _properties(model: Model, items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Leaf):
            # Decimals come with as many digits as they need.
            more = ' Scale="variable"' if item.edm == "Edm.Decimal" else ""
            yield _property(item.name, item.edm, more)
        elif isinstance(item, Group):
            yield _property(item.name, f"{model.namespace}.{'.'.join(item.steps)}")


def _complex_types(model: Model, items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Group):
            yield _complex(".".join(item.steps), _properties(model, item.items))
            yield from _complex_types(model, item.items)


def _complex(name: str, properties: Iterable[str]) -> str:
    return f'<ComplexType Name="{name}">{"".join(properties)}</ComplexType>'


def _property(name: str, edm: str, more: str = "") -> str:
    return f'<Property Name="{name}" Type="{edm}"{more}/>'


def _enum(name: str, members: Iterable[str]) -> str:
    listed = "".join(f'<Member Name="{member}"/>' for member in members)
    return f'<EnumType Name="{name}">{listed}</EnumType>'


def _entity_set(model: Model, table: Table) -> str:
    shapes = [name for name, one in table.by_name.items() if isinstance(one, Leaf) and one.kind is Kind.SHAPE]
    bound = "".join(
        f'<NavigationPropertyBinding Path="{one.name}" Target="{_repeat_table(one)}"/>'
        for one in table.items
        if isinstance(one, Repeat)
    )
    notes = "".join((_can_filter(shapes), _can_sort(shapes), _COMMON))
    name = table.name
    return f'<EntitySet Name="{name}" EntityType="{model.namespace}.{name}">{bound}{notes}</EntitySet>'


def _can_filter(but: Iterable[str]) -> str:
    return _record(
        "FilterRestrictions",
        '<PropertyValue Property="Filterable" Bool="true"/>'
        '<PropertyValue Property="RequiresFilter" Bool="false"/>' + _paths("NonFilterableProperties", but),
    )


def _can_sort(but: Iterable[str]) -> str:
    return _record(
        "SortRestrictions",
        '<PropertyValue Property="Sortable" Bool="true"/>' + _paths("NonSortableProperties", but),
    )


def _paths(name: str, paths: Iterable[str]) -> str:
    listed = "".join(f"<PropertyPath>{path}</PropertyPath>" for path in paths)
    return f'<PropertyValue Property="{name}"><Collection>{listed}</Collection></PropertyValue>'


def _record(term: str, inside: str) -> str:
    return f'<Annotation Term="{_CAN}{term}"><Record>{inside}</Record></Annotation>'


_COMMON = (
    _record("CountRestrictions", '<PropertyValue Property="Countable" Bool="true"/>')
    + _record("ExpandRestrictions", '<PropertyValue Property="Expandable" Bool="false"/>')
    + f'<Annotation Term="{_CAN}TopSupported" Bool="true"/>'
    + f'<Annotation Term="{_CAN}SkipSupported" Bool="true"/>'
)
_SEARCH = _record(
    "SearchRestrictions",
    '<PropertyValue Property="Searchable" Bool="true"/>'
    f'<PropertyValue Property="UnsupportedExpressions" EnumMember="{_CAN}SearchExpressions/AND '
    f"{_CAN}SearchExpressions/OR {_CAN}SearchExpressions/NOT {_CAN}SearchExpressions/phrase "
    f'{_CAN}SearchExpressions/group"/>',
)
_CONTAINER = (
    f'<Annotation Term="{_CAN}ConformanceLevel" EnumMember="{_CAN}ConformanceLevelType/Minimal"/>'
    f'<Annotation Term="{_CAN}BatchSupported" Bool="false"/>'
    f'<Annotation Term="{_CAN}FilterFunctions"><Collection>'
    + "".join(f"<String>{name}</String>" for name in FUNCTIONS)
    + "</Collection></Annotation>"
)
