"""An OpenAPI document in the order in which people read it: by theme, address by address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from collector.openapi.schemas import Document


@dataclass(frozen=True)
class Told:
    """One method of one address."""

    method: str
    path: str
    summary: str
    right: str
    asked: tuple[tuple[str, str], ...]
    """Name and sentence of what can stand behind the question mark."""
    takes: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The addresses of one theme."""

    name: str
    operations: tuple[Told, ...]


def groups(found: Document) -> list[Group]:
    """The operations of a document by theme, in the order of their addresses."""
    several = sorted(_operations(found), key=lambda one: one[0])
    return [
        Group(name, tuple(told for _, told in those)) for name, those in groupby(several, lambda one: one[0])
    ]


def _operations(found: Document) -> Iterator[tuple[str, Told]]:
    for path, item in found["paths"].items():
        for method, one in item.items():
            behind = [said for said in one["parameters"] if said["in"] == "query"]
            yield (
                one["tags"][0],
                Told(
                    method.upper(),
                    path,
                    one["summary"],
                    one["x-verb"] if one["security"] else "",
                    tuple((said["name"], said["description"]) for said in behind),
                    _kinds(one.get("requestBody", {})),
                    _kinds(next(iter(one["responses"].values()))),
                ),
            )


def _kinds(answer: Document) -> tuple[str, ...]:
    """What it is: the name of a shape, or the media type."""
    found = []
    for kind, said in answer.get("content", {}).items():
        schema = said.get("schema", {})
        many = schema.get("type") == "array"
        named = (schema.get("items", {}) if many else schema).get("$ref", "").rpartition("/")[2]
        found.append(f"{named}[]" if named and many else named or kind)
    return tuple(found)
