"""③ Entities as programs write them in JSON: each value text, no key that nobody knows.

Why so strict: a property that is misspelt or a number that loses its zeros would be missed by nobody until
the phones have it. Source: central-api.md §2b; https://docs.getodk.org/central-api-entity-management/
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.entities import entity_uuid
from forms.entity_problems import (
    EntityAttributeMissing,
    EntityAttributeUnknown,
    EntityEmpty,
    EntityLabelBlank,
    EntityValueNotText,
)

KEYS = ("label", "uuid", "data")
"""What an entity may say of itself."""

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Said:
    """An entity as a program wrote it: what is None or missing was not said."""

    uuid: str | None
    label: str | None
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BulkSource:
    """Where entities came from that are made at once: name of a file or program, bytes if it says so."""

    name: str
    size: float | None


def read_new(said: Any) -> Said:
    """An entity that is to be made: it needs a label. Whether its list has the properties is asked later.

    Raises EntityAttributeUnknown, EntityAttributeMissing, EntityValueNotText, EntityLabelBlank,
    EntityIdUnusable.
    """
    one = _read(said)
    if one.label is None:
        raise EntityAttributeMissing(field="label")
    return one


def read_change(said: Any) -> Said:
    """What is to be changed of an entity; its id stands elsewhere.

    Raises EntityAttributeUnknown, EntityValueNotText, EntityLabelBlank, EntityEmpty.
    """
    one = _read(said)
    if one.label is None and said.get("data") is None:
        raise EntityEmpty
    return one


def _read(said: Any) -> Said:
    if not isinstance(said, dict):
        raise EntityValueNotText(field="entities", expected="a JSON object")
    _require_keys(said, KEYS)
    uuid = _text(said, "uuid")
    label = _text(said, "label")
    if label is not None and not label.strip():
        raise EntityLabelBlank
    return Said(entity_uuid(uuid) if uuid else None, label, _data(said.get("data")))


def _require_keys(said: Mapping[str, Any], keys: Collection[str]) -> None:
    unknown = [name for name in said if name not in keys]
    if unknown:
        actual = ", ".join(list(said)[:_SHOWN])
        raise EntityAttributeUnknown(expected=", ".join(keys), actual=actual[:_SHOWN])


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    if value is not None and not is_text(value):
        raise EntityValueNotText(field=name, expected="text")
    return value


def _data(said: Any) -> dict[str, str]:
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise EntityValueNotText(field="data", expected="a JSON object")
    for name, value in said.items():
        if not is_text(value):
            raise EntityValueNotText(field=name[:_SHOWN], expected="text")
    return dict(said)


def is_text(value: Any) -> bool:
    """Whether a value is text that a database can hold: without NUL, and whole letters only."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_many(said: Mapping[str, Any]) -> list[Said]:
    """The entities of a request that makes many at once, in their order; at least one.

    Raises EntityValueNotText, and what `read_new` raises.
    """
    several = said.get("entities")
    if not isinstance(several, list) or not several:
        raise EntityAttributeUnknown(
            expected="entities: [...]", actual="an empty list" if several == [] else "no list"
        )
    return [read_new(one) for one in several]


def read_source(said: Any) -> BulkSource:
    """Where they come from. Raises EntityAttributeMissing, EntityValueNotText."""
    if not said:
        raise EntityAttributeMissing(field="source")
    if not isinstance(said, dict):
        raise EntityValueNotText(field="source", expected="a JSON object")
    name, size = said.get("name"), said.get("size")
    if not name:
        raise EntityAttributeMissing(field="source.name")
    if not is_text(name):
        raise EntityValueNotText(field="source.name", expected="text")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int | float)):
        raise EntityValueNotText(field="source.size", expected="a number")
    return BulkSource(name, size)


def read_ids(said: Any) -> Sequence[str]:
    """The ids of a request about several entities. Raises EntityAttributeMissing, EntityValueNotText."""
    if said is None:
        raise EntityAttributeMissing(field="ids")
    if not isinstance(said, list) or not all(is_text(one) for one in said):
        raise EntityValueNotText(field="ids", expected="a list of texts")
    return [entity_uuid(one) for one in said]
