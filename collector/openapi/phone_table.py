"""What the phones' addresses under `/v1` take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi.operations import FILE, TEXT_XML, Media, Operation, gives

_SENT = Media(("multipart/form-data",))

_LISTS = {
    "form_list": gives(TEXT_XML, "formID", "verbose", "listAllVersions", "deviceID"),
    "submission_welcome": gives(None, "deviceID", status=204),
    "submission": gives(TEXT_XML, "deviceID", takes=_SENT, status=201),
}
_FILES = {
    "form_xml": gives(TEXT_XML),
    "version_xml": gives(TEXT_XML),
    "manifest": gives(TEXT_XML),
    "version_manifest": gives(TEXT_XML),
    "attachment": gives(FILE),
    "version_attachment": gives(FILE),
    "integrity": gives(TEXT_XML, "id"),
}

PHONES: Mapping[str, Operation] = {
    **{f"{door}.{name}": one for door in ("key", "test", "project") for name, one in _LISTS.items()},
    **{f"{door}_files.{name}": one for door in ("key", "project") for name, one in _FILES.items()},
    **{
        f"test_files.draft_{name}": _FILES[of]
        for name, of in (
            ("xml", "form_xml"),
            ("manifest", "manifest"),
            ("attachment", "attachment"),
            ("integrity", "integrity"),
        )
    },
}
"""Endpoint to operation."""
