"""An entity list as OData sees it: one table, every property a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from forms.odata.documents import ENTITY_SYSTEM
from forms.odata.model import ID
from forms.odata.names import unused
from forms.odata.problems import SelectUnknown
from forms.odata.tree import Field, Kind, Source

LABEL = "label"
_SYSTEM = "__system"
_KINDS = {"Edm.DateTimeOffset": Kind.MOMENT, "Edm.Int64": Kind.NUMBER, "Edm.String": Kind.TEXT}


@dataclass(frozen=True)
class EntityModel:
    """The table of a list; `properties` are its own names."""

    name: str
    properties: Sequence[str]

    @cached_property
    def spelled(self) -> Mapping[str, str]:
        """The name in the rows of each property, to its own."""
        found: dict[str, str] = {}
        taken = {ID, _SYSTEM, LABEL}
        for name in self.properties:
            found[unused(name, taken | found.keys())] = name
        return found

    @cached_property
    def reach(self) -> Mapping[str, Field]:
        """Every field a `$filter` may name, by how it is written."""
        own = {name: Field(Source.ANSWER, name, Kind.TEXT) for name in self.properties}
        spelled = {name: own[one] for name, one in self.spelled.items()}
        noted = {
            f"{_SYSTEM}/{name}": Field(
                Source.SYSTEM, name, Kind.NUMBER if name == "creatorId" else _KINDS[edm]
            )
            for name, edm in ENTITY_SYSTEM.items()
        }
        first = {name: Field(Source.SYSTEM, name, Kind.TEXT) for name in (ID, LABEL)}
        return own | spelled | noted | first


@dataclass(frozen=True, slots=True)
class EntitySelection:
    """What a row has: of `first` (`__id`, `label`), of `system`, and properties by their name there."""

    first: frozenset[str]
    system: frozenset[str]
    properties: Mapping[str, str]


def read_entity_select(text: str, model: EntityModel) -> EntitySelection:
    """The selection of a `$select`; all of it where that is blank or *. Raises SelectUnknown."""
    asked = [name.strip() for name in text.split(",")]
    if asked in ([""], ["*"]):
        return EntitySelection(frozenset({ID, LABEL}), frozenset(ENTITY_SYSTEM), model.spelled)
    noted = {f"{_SYSTEM}/{name}" for name in ENTITY_SYSTEM}
    own = dict(model.spelled)
    by_own = {one: name for name, one in own.items()}
    chosen: dict[str, str] = {}
    for name in asked:
        spelled = name if name in own else by_own.get(name)
        if spelled is not None:
            chosen[spelled] = own[spelled]
        elif name not in {ID, LABEL, _SYSTEM, *noted}:
            raise SelectUnknown(property=name)
    system = (
        ENTITY_SYSTEM.keys()
        if _SYSTEM in asked
        else {name.partition("/")[2] for name in asked} & ENTITY_SYSTEM.keys()
    )
    return EntitySelection(frozenset({ID, LABEL} & set(asked)), frozenset(system), chosen)
