"""What the addresses of entity lists, entities and audits take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi import list_shapes as shapes
from collector.openapi.operations import CSV, GEOJSON, SUCCESS, Many, Operation, gives
from collector.v1 import datasets, schemas

_DONE = gives(SUCCESS)
_CHOOSING = ("$filter", "$search")

LISTS: Mapping[str, Operation] = {
    "v1_datasets.listing": gives(Many(shapes.DATASET), "deleted"),
    "v1_datasets.create": gives(shapes.WHOLE_DATASET, takes=datasets.NEW),
    "v1_datasets.single": gives(shapes.WHOLE_DATASET),
    "v1_datasets.change": gives(shapes.WHOLE_DATASET, "convert", takes=datasets.PATCH),
    "v1_datasets.delete": _DONE,
    "v1_datasets.add_property": gives(SUCCESS, takes=datasets.NEW_PROPERTY),
    "v1_datasets.delete_property": _DONE,
    "v1_datasets.table": gives(CSV, *_CHOOSING),
    "v1_datasets.deleted_table": gives(CSV),
    "v1_entities.listing": gives(Many(shapes.ENTITY), "deleted"),
    "v1_entities.creators": gives(Many(schemas.ACTOR)),
    "v1_entities.single": gives(shapes.ENTITY),
    "v1_entities.create": gives(shapes.MADE, takes=shapes.NEW_ENTITIES),
    "v1_entities.change": gives(shapes.ENTITY, "baseVersion", "force", "resolve", takes=shapes.CHANGE),
    "v1_entities.delete": _DONE,
    "v1_entities.restore": _DONE,
    "v1_entities.delete_many": gives(shapes.COUNT, takes=shapes.IDS),
    "v1_entities.restore_many": gives(shapes.COUNT, takes=shapes.IDS),
    "v1_entity_history.versions": gives(Many(shapes.ENTITY_VERSION), "relevantToConflict"),
    "v1_entity_history.diffs": gives(shapes.ENTITY_DIFFS),
    "v1_entity_history.audits": gives(Many(shapes.AUDIT), "limit", "offset"),
    "v1_maps.every_entity": gives(GEOJSON, "limit", *_CHOOSING),
    "v1_maps.entity": gives(GEOJSON),
    "v1_audits.listing": gives(Many(shapes.AUDIT), "action", "start", "end", "limit", "offset"),
}
"""Endpoint to operation."""
