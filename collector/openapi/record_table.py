"""What the addresses of records and their exports take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi import wire_shapes as shapes
from collector.openapi.operations import CSV, FILE, SUCCESS, XML, ZIP, Many, Operation, gives
from collector.v1 import schemas

_CSV = ("attachments", "groupPaths", "splitSelectMultiples", "deletedFields", "$filter")
_FILES = gives(Many(schemas.SUBMISSION_ATTACHMENT))
_DONE = gives(SUCCESS)

RECORDS: Mapping[str, Operation] = {
    "v1_submissions.listing": gives(Many(schemas.SUBMISSION), "deleted", "limit", "offset"),
    "v1_submissions.keys": gives(Many({})),
    "v1_submissions.single": gives(schemas.SUBMISSION),
    "v1_submissions.delete": _DONE,
    "v1_submissions.restore": _DONE,
    "v1_submissions.xml": gives(XML),
    "v1_submissions.attachments": _FILES,
    "v1_submissions.attachment": gives(FILE),
    "v1_submissions.versions": gives(Many(schemas.VERSION)),
    "v1_submissions.version": gives(schemas.VERSION),
    "v1_submissions.version_xml": gives(XML),
    "v1_submissions.version_attachments": _FILES,
    "v1_submissions.version_attachment": gives(FILE),
    **dict.fromkeys(
        ("v1_exports.root", "v1_exports.draft_root"), gives(CSV, *_CSV, takes=shapes.PASSPHRASES)
    ),
    **dict.fromkeys(
        ("v1_exports.archive", "v1_exports.draft_archive"), gives(ZIP, *_CSV, takes=shapes.PASSPHRASES)
    ),
}
"""Endpoint to operation."""
