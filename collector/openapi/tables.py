"""Every operation of both doors; tests/collector/test_openapi.py finds a route that is in no table."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi.api_table import OURS
from collector.openapi.form_table import FORMS
from collector.openapi.list_table import LISTS
from collector.openapi.odata_table import ODATA
from collector.openapi.operations import JSON_DOCUMENT, Operation, gives
from collector.openapi.people_table import PEOPLE
from collector.openapi.phone_table import PHONES
from collector.openapi.record_table import RECORDS

OPERATIONS: Mapping[str, Operation] = {
    **PEOPLE,
    **FORMS,
    **RECORDS,
    **LISTS,
    **ODATA,
    **OURS,
    **PHONES,
    "openapi.wire": gives(JSON_DOCUMENT),
    "openapi.ours": gives(JSON_DOCUMENT),
}
"""Endpoint to operation."""
