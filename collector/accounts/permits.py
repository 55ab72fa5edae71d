"""Which verb a route asks for; the pages' are in `desk_permits`. A route that is not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping

from collector.accounts.desk_permits import DESK
from collector.accounts.permissions import PERSON, PHONE, PUBLIC, SIGNED_IN

_OPENROSA_LISTS = ("form_list", "submission_welcome", "submission")
_OPENROSA_FILES = (
    "form_xml",
    "version_xml",
    "manifest",
    "version_manifest",
    "attachment",
    "version_attachment",
    "integrity",
)
_OPENROSA_DRAFT = ("draft_xml", "draft_manifest", "draft_attachment", "draft_integrity")

_FILLING = (
    "shelf",
    "definition",
    "file",
    "submission",
    "sent",
    "sent_file",
    "save_draft",
    "list_drafts",
    "open_draft",
    "draft_file",
    "delete_draft",
)
"""What a browser asks for to fill forms, whoever it is that fills them."""

_ODATA = ("service", "table", "single", "rows_below")

_BOTH_RECORDS = {
    "submission.list": ("listing",),
    "submission.read": (
        "single",
        "keys",
        "submitters",
        "xml",
        "attachments",
        "attachment",
        "versions",
        "version",
        "version_xml",
        "version_attachments",
        "version_attachment",
        "diffs",
    ),
    "submission.create": ("create", "replace"),
    # Whoever only fills in forms may do it for what is his own: the route looks.
    "submission.update or submission.create": ("attach",),
    "submission.update": ("clear", "clear_version"),
}
_LIVE_RECORDS = {
    # Who may read a record may say something of it.
    "submission.read": ("comments", "comment", "audits"),
    "submission.update": ("judge", "edit"),
    "submission.delete": ("delete",),
    "submission.restore": ("restore",),
}
_RECORDS = {
    verb: tuple(
        f"{door}.{name}"
        for door, routes in (
            ("v1_submissions", _BOTH_RECORDS),
            ("v1_submissions", _LIVE_RECORDS),
            ("v1_draft_submissions", _BOTH_RECORDS),
        )
        for name in routes.get(verb, ())
    )
    for verb in (*_BOTH_RECORDS, "submission.delete", "submission.restore")
}

_WIRE = {
    PUBLIC: (
        "openapi.wire",
        "openapi.ours",
        "v1_sessions.sign_in",
        "v1_sessions.restore",
        "v1_users.ask_reset",
        "v1_users.reset",
        "w_ways.me",
        "w_ways.key",
        "w_ways.village",
        "w_shell.shell",
        "w_shell.link",
        "w_shell.village",
        "w_shell.page",
        "w_shell.worker",
        "w_shell.manifest",
        "w_shell.icon",
        "w_shell.asset",
    ),
    # These look for themselves whether it is one's own, or one has the right to others'.
    SIGNED_IN: (
        "v1_sessions.sign_out",
        "v1_sessions.end",
        "v1_sessions.current_user",
        "v1_projects.listing",
        "v1_users.listing",
        "v1_users.single",
        "v1_users.change",
        "v1_roles.listing",
        "v1_roles.single",
    ),
    PERSON: ("v1_users.change_password", "api_keys.listing", "api_keys.make", "api_keys.revoke"),
    "audit.read": ("v1_audits.listing",),
    "user.create": ("v1_users.create",),
    "user.delete": ("v1_users.remove",),
    "project.create": ("v1_projects.create",),
    "project.update": (
        "v1_projects.change",
        "api_webhooks.listing",
        "api_webhooks.single",
        "api_webhooks.make",
        "api_webhooks.change",
        "api_webhooks.remove",
        "api_webhooks.try_out",
    ),
    "project.delete": ("v1_projects.remove",),
    "project.read": ("v1_projects.single",),
    "open_form.list or form.list": ("v1_forms.listing",),
    "open_form.read or form.read": (
        "v1_forms.single",
        "v1_forms.fields",
        "v1_forms.version_fields",
        "v1_forms.form_attachments",
        "v1_forms.version_attachments",
        "v1_forms.versions",
        "v1_forms.version",
        "v1_forms.workbook_xls",
        "v1_forms.workbook_xlsx",
        "v1_forms.version_workbook_xls",
        "v1_forms.version_workbook_xlsx",
    ),
    "form.create": ("v1_forms.create",),
    "form.delete": ("v1_forms.delete",),
    "form.restore": ("v1_forms.restore",),
    "form.update": (
        "v1_forms.change",
        "v1_drafts.single",
        "v1_drafts.replace",
        "v1_drafts.abandon",
        "v1_drafts.go_live",
        "v1_drafts.xml",
        "v1_drafts.fields",
        "v1_drafts.listing",
        "v1_drafts.attachment",
        "v1_drafts.upload",
        "v1_drafts.link",
        "v1_drafts.clear",
        "v1_drafts.workbook_xls",
        "v1_drafts.workbook_xlsx",
    ),
    "field_key.list": ("v1_app_users.listing", "v1_app_users.single"),
    "field_key.create": ("v1_app_users.create",),
    "field_key.update": ("v1_app_users.change",),
    "field_key.delete": ("v1_app_users.remove",),
    "public_link.list": ("v1_public_links.listing",),
    "public_link.read": ("v1_public_links.single",),
    "public_link.create": ("v1_public_links.create",),
    "public_link.update": ("v1_public_links.change",),
    "public_link.delete": ("v1_public_links.remove",),
    "assignment.list": (
        "v1_assignments.listing",
        "v1_assignments.holders",
        "v1_assignments.of_project",
        "v1_assignments.holders_in_project",
        "v1_assignments.of_form",
        "v1_assignments.holders_of_form",
        "v1_assignments.matrix",
        "v1_assignments.matrix_of_role",
    ),
    "assignment.create": (
        "v1_app_users.assign",
        "v1_assignments.give",
        "v1_assignments.give_in_project",
    ),
    "assignment.delete": (
        "v1_app_users.unassign",
        "v1_assignments.take",
        "v1_assignments.take_in_project",
    ),
    "submission.list": (
        *_RECORDS["submission.list"],
        "v1_maps.every_record",
        "api_findings.listing",
        "api_findings.download",
        "api_figures.records",
    ),
    "submission.update": ("api_findings.change", *_RECORDS["submission.update"]),
    "submission.read": (
        "api_findings.single",
        *_RECORDS["submission.read"],
        "v1_maps.record",
        "v1_maps.record_version",
        "v1_exports.archive",
        "v1_exports.draft_archive",
        "v1_exports.root",
        "v1_exports.draft_root",
        "v1_odata_schema.metadata",
        "v1_odata_schema.draft_metadata",
        *(f"v1_odata.{name}" for name in _ODATA),
        *(f"v1_odata.draft_{name}" for name in _ODATA),
    ),
    **{verb: _RECORDS[verb] for verb in ("submission.delete", "submission.restore", "submission.create")},
    "submission.update or submission.create": _RECORDS["submission.update or submission.create"],
    "dataset.list": ("v1_datasets.listing",),
    "dataset.read": ("v1_datasets.single",),
    "dataset.create": ("v1_datasets.create",),
    "dataset.update": ("v1_datasets.change", "v1_datasets.add_property", "v1_datasets.delete_property"),
    "dataset.delete": ("v1_datasets.delete",),
    "entity.list": (
        "v1_entities.listing",
        "v1_entities.creators",
        "v1_datasets.table",
        "v1_datasets.deleted_table",
        "v1_maps.every_entity",
        "v1_odata_entities.service",
        "v1_odata_entities_schema.metadata",
        "v1_odata_entities.table",
    ),
    "entity.read": (
        "v1_entities.single",
        "v1_entity_history.versions",
        "v1_entity_history.diffs",
        "v1_entity_history.audits",
        "v1_maps.entity",
    ),
    "entity.create": ("v1_entities.create",),
    "entity.update": ("v1_entities.change",),
    "entity.delete": ("v1_entities.delete", "v1_entities.delete_many"),
    "entity.restore": ("v1_entities.restore", "v1_entities.restore_many"),
    "indicator.read": (
        "api_indicators.listing",
        "api_indicators.figures",
        "api_indicators.series",
        "api_figures.overview",
        "api_figures.table",
        "api_figures.sdmx",
        "api_figures.workbook",
    ),
    "extract.create": ("api_extracts.listing", "api_extracts.single", "api_extracts.make"),
    "extract.create or release.read": ("api_extracts.file", "api_extracts.link"),
    "release.read": ("api_releases.listing", "api_releases.single"),
    "release.create": (
        "api_releases.make",
        "api_releases.approve",
        "api_releases.decline",
        "api_releases.withdraw",
        "api_releases.reissue",
    ),
    "place.read": ("api_places.listing",),
    "campaign.read": ("api_campaigns.listing", "api_campaigns.single"),
}

PERMITS: Mapping[str, str] = {
    "static": PUBLIC,
    "health.healthz": PUBLIC,
    "health.readyz": PUBLIC,
    # Looks for itself where it is asked from.
    "health.metrics": PUBLIC,
    **{
        f"{door}.{name}": PHONE
        for door in ("key", "test", "project", "root", "root_project")
        for name in _OPENROSA_LISTS
    },
    **{
        f"{door}_files.{name}": PHONE
        for door in ("key", "project", "root_project")
        for name in _OPENROSA_FILES
    },
    **{f"{door}.{name}": PHONE for door in ("w_me", "w_key") for name in _FILLING},
    **{f"w_test.{name}": PHONE for name in ("shelf", "definition", "file", "submission")},
    **{f"test_files.{name}": PHONE for name in _OPENROSA_DRAFT},
    **{f"desk.{page}": verb for verb, pages in DESK.items() for page in pages},
    **{endpoint: verb for verb, endpoints in _WIRE.items() for endpoint in endpoints},
}
"""Endpoint to the verb it asks for; of two with "or" between them, one will do."""
