"""What the addresses of OData take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi.operations import ODATA_SERVICE, ODATA_TABLE, XML, Operation, gives

_OPTIONS = ("$top", "$skip", "$skiptoken", "$count", "$filter", "$orderby", "$select", "$format")
_TABLE = gives(ODATA_TABLE, *_OPTIONS, "$expand", "$wkt")

ODATA: Mapping[str, Operation] = {
    "v1_odata_entities.service": gives(ODATA_SERVICE, "$format"),
    "v1_odata_entities_schema.metadata": gives(XML, "$format"),
    "v1_odata_entities.table": gives(ODATA_TABLE, *_OPTIONS, "$search"),
    **dict.fromkeys(("v1_odata.service", "v1_odata.draft_service"), gives(ODATA_SERVICE, "$format")),
    **dict.fromkeys(("v1_odata_schema.metadata", "v1_odata_schema.draft_metadata"), gives(XML, "$format")),
    **dict.fromkeys(
        (f"v1_odata.{draft}{name}" for draft in ("", "draft_") for name in ("table", "single", "rows_below")),
        _TABLE,
    ),
}
"""Endpoint to operation."""
