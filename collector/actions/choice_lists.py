"""⑨ What the answers of lists outside a form are called, for the datasets of a survey.

Names of provinces, communes and villages, and lists that an office put beside its form. What people entered
themselves (households, learners) is called by their names: those only where the question is about no person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions.records import LARGEST_LIST, labels_in
from forms.schema import Choice, Schema
from storage.blobs import BlobStore
from storage.entities.following import PLACE_FILES, VILLAGES
from storage.models import Entity, Form, FormVersion, Place
from storage.queries import forms
from storage.queries.entity_lists import listings

MOST: Final = 20_000
"""Answers of a list; a longer one is called by its codes."""

_LEVELS: Final = dict(zip(PLACE_FILES, ("province", "commune"), strict=True))


def choices_of(
    session: Session, form: Form, version: FormVersion, schema: Schema, blobs: BlobStore
) -> dict[str, tuple[Choice, ...]]:
    """By name of the file: the codes of each list that is not in the form itself, and their labels."""
    named = {one.choices for one in schema.questions if one.choices.endswith(".csv")}
    uploaded = {one.name: one for one in forms.media_of(session, version.id)}
    found: dict[str, tuple[Choice, ...]] = {}
    for name in sorted(named):
        media = uploaded.get(name)
        if media is not None:
            labels = _read(blobs, media.sha256) if media.size <= LARGEST_LIST else {}
        elif name in _LEVELS:
            labels = _places(session, _LEVELS[name])
        else:
            labels = _members(session, form, version, schema, name)
        found[name] = tuple(Choice(code, {"": label}) for code, label in labels.items())
    return found


def _read(blobs: BlobStore, sha256: str) -> Mapping[str, str]:
    try:
        with blobs.open(sha256) as handle:
            found = labels_in(handle.read())
    except KeyError:
        return {}
    return found if len(found) <= MOST else {}


def _places(session: Session, level: str) -> Mapping[str, str]:
    query = select(Place.code, Place.name).where(Place.level == level).order_by(Place.code)
    return {code: name for code, name in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def _members(
    session: Session, form: Form, version: FormVersion, schema: Schema, name: str
) -> Mapping[str, str]:
    marks = version.sheets.get("marks", {})
    asking = [one.path for one in schema.questions if one.choices == name]
    harmless = all(marks.get(path, {}).get("pii") == "none" for path in asking)
    list_name = name.removesuffix(".csv")
    if not (harmless or list_name == VILLAGES):
        return {}
    listing = listings(session, form.project_id, [list_name]).get(list_name)
    if listing is None:
        return {}
    query = select(Entity.uuid, Entity.label).where(Entity.list_id == listing.id).limit(MOST + 1)
    rows = dict(_sorted([(name, label) for name, label in session.execute(query)]))
    return rows if len(rows) <= MOST else {}


def _sorted(rows: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from sorted(rows, key=lambda row: (row[1], row[0]))
