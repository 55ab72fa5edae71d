"""What the addresses of forms, their drafts and their files take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi.operations import (
    DEFINITION,
    EXCEL,
    FILE,
    OLD_EXCEL,
    SUCCESS,
    XML,
    Many,
    Operation,
    gives,
)
from collector.v1 import schemas

_FORM = gives(schemas.FORM)
_FIELDS = gives(Many(schemas.FIELD), "odata")
_FILES = gives(Many(schemas.FORM_ATTACHMENT))
_DONE = gives(SUCCESS)

FORMS: Mapping[str, Operation] = {
    "v1_forms.listing": gives(Many(schemas.FORM), "deleted"),
    "v1_forms.create": gives(schemas.FORM, "publish", "ignoreWarnings", takes=DEFINITION),
    "v1_forms.single": _FORM,
    "v1_forms.change": gives(schemas.FORM, takes=schemas.FORM_PATCH),
    "v1_forms.delete": _DONE,
    "v1_forms.restore": _DONE,
    "v1_forms.fields": _FIELDS,
    "v1_forms.version_fields": _FIELDS,
    "v1_forms.form_attachments": _FILES,
    "v1_forms.version_attachments": _FILES,
    "v1_forms.versions": gives(Many(schemas.FORM)),
    "v1_forms.version": _FORM,
    "v1_forms.workbook_xls": gives(OLD_EXCEL),
    "v1_forms.workbook_xlsx": gives(EXCEL),
    "v1_forms.version_workbook_xls": gives(OLD_EXCEL),
    "v1_forms.version_workbook_xlsx": gives(EXCEL),
    "v1_drafts.single": _FORM,
    "v1_drafts.replace": gives(SUCCESS, "ignoreWarnings", takes=DEFINITION),
    "v1_drafts.abandon": _DONE,
    "v1_drafts.go_live": gives(SUCCESS, "version"),
    "v1_drafts.xml": gives(XML),
    "v1_drafts.workbook_xls": gives(OLD_EXCEL),
    "v1_drafts.workbook_xlsx": gives(EXCEL),
    "v1_drafts.fields": _FIELDS,
    "v1_drafts.listing": _FILES,
    "v1_drafts.attachment": gives(FILE),
    "v1_drafts.upload": gives(schemas.FORM_ATTACHMENT, takes=FILE),
    "v1_drafts.link": gives(schemas.FORM_ATTACHMENT, takes=schemas.SLOT_PATCH),
    "v1_drafts.clear": _DONE,
}
"""Endpoint to operation."""
