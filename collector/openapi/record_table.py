"""What the addresses of records and their exports take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi import wire_shapes as shapes
from collector.openapi.list_shapes import AUDIT, RECORD_DIFFS
from collector.openapi.operations import CSV, FILE, GEOJSON, PAGE, SUCCESS, XML, ZIP, Many, Operation, gives
from collector.v1 import schemas
from collector.v1 import submission_documents as said

_CSV = (
    *("attachments", "groupPaths", "splitSelectMultiples", "deletedFields", "$filter"),
    *("labels", "lang", "layout", "bom", "tz"),
)
_FILES = gives(Many(schemas.SUBMISSION_ATTACHMENT))
_DONE = gives(SUCCESS)

_BOTH = {
    "listing": gives(Many(schemas.SUBMISSION), "deleted", "limit", "offset", "$filter"),
    "create": gives(schemas.SUBMISSION, "deviceID", takes=XML),
    "submitters": gives(Many(schemas.ACTOR)),
    "keys": gives(Many({})),
    "single": gives(schemas.SUBMISSION),
    "replace": gives(schemas.SUBMISSION, "deviceID", takes=XML),
    "xml": gives(XML),
    "attachments": _FILES,
    "attachment": gives(FILE),
    "attach": gives(SUCCESS, takes=FILE),
    "clear": _DONE,
    "versions": gives(Many(schemas.VERSION)),
    "diffs": gives(RECORD_DIFFS),
    "version": gives(schemas.VERSION),
    "version_xml": gives(XML),
    "version_attachments": _FILES,
    "version_attachment": gives(FILE),
    "clear_version": _DONE,
}
"""What a form's records and the test records of its draft have in common."""

RECORDS: Mapping[str, Operation] = {
    **{
        f"{of}.{name}": one
        for of in ("v1_submissions", "v1_draft_submissions")
        for name, one in _BOTH.items()
    },
    "v1_submissions.judge": gives(schemas.SUBMISSION, takes=said.REVIEW),
    "v1_submissions.delete": _DONE,
    "v1_submissions.restore": _DONE,
    "v1_submissions.comments": gives(Many(said.COMMENT)),
    "v1_submissions.comment": gives(said.COMMENT, takes=said.NEW_COMMENT),
    "v1_submissions.audits": gives(Many(AUDIT), "limit", "offset"),
    "v1_submissions.edit": gives(PAGE, status=302),
    "v1_maps.every_record": gives(GEOJSON, "fieldpath", "limit", "$filter"),
    "v1_maps.record": gives(GEOJSON, "fieldpath"),
    "v1_maps.record_version": gives(GEOJSON, "fieldpath"),
    **dict.fromkeys(
        ("v1_exports.root", "v1_exports.draft_root"), gives(CSV, *_CSV, takes=shapes.PASSPHRASES)
    ),
    **dict.fromkeys(
        ("v1_exports.archive", "v1_exports.draft_archive"), gives(ZIP, *_CSV, takes=shapes.PASSPHRASES)
    ),
}
"""Endpoint to operation."""
