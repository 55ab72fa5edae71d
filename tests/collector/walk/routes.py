"""Every route of the server, and what a person with places of his own must find there.

A new route makes the walk fail until it stands in one of these lists:

- NAMED: its address names one thing. Somebody else's must look as if it were not there.
- CUT: it lists, counts or maps. Nothing of somebody else's may be among it.
- FREE: nothing there belongs to a place; say why.
"""

from __future__ import annotations

from collections.abc import Mapping

RECORD, PHONE, CAMPAIGN, BATCH, SENT_BACK, ENTITY, PLACE, FINDING = (
    "record", "phone", "campaign", "batch", "sent_back", "entity", "place", "finding",
)  # fmt: skip
"""What an address may name; the world has one of each, here and elsewhere."""

NAMED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "desk.records.show",
            "desk.records.file",
            "desk.records.xml",
            "v1_submissions.single",
            "v1_submissions.xml",
            "v1_submissions.attachments",
            "v1_submissions.attachment",
            "v1_submissions.versions",
            "v1_submissions.version",
            "v1_submissions.version_xml",
            "v1_submissions.version_attachments",
            "v1_submissions.version_attachment",
            "v1_submissions.diffs",
            "v1_submissions.comments",
            "v1_submissions.edit",
            "v1_draft_submissions.single",
            "v1_draft_submissions.xml",
            "v1_draft_submissions.attachments",
            "v1_draft_submissions.attachment",
            "v1_draft_submissions.versions",
            "v1_draft_submissions.version",
            "v1_draft_submissions.version_xml",
            "v1_draft_submissions.version_attachments",
            "v1_draft_submissions.version_attachment",
            "v1_draft_submissions.diffs",
            "v1_odata.single",
            "v1_odata.rows_below",
            "v1_odata.draft_single",
            "v1_odata.draft_rows_below",
            "desk.records.judge",
            "desk.duplicates.show",
            "v1_submissions.judge",
            "v1_submissions.comment",
            # What is taken from the old version was carried over into the new one.
            "v1_submissions.replace",
            "v1_submissions.attach",
            "v1_submissions.clear",
            "v1_submissions.clear_version",
            "v1_draft_submissions.replace",
            "v1_draft_submissions.attach",
            "v1_draft_submissions.clear",
            "v1_draft_submissions.clear_version",
            "desk.corrections.ask",
            "desk.corrections.take",
            "desk.corrections.note",
            # These change something; the last ones undo what the first ones do.
            "v1_submissions.delete",
            "v1_submissions.restore",
            "desk.records.delete",
            "desk.records.restore",
        ),
        RECORD,
    ),
    **dict.fromkeys(
        (
            "desk.phones.show",
            "desk.phones.qr_svg",
            "desk.phones.qr_png",
            "v1_app_users.single",
            "v1_app_users.assign",
            "v1_app_users.unassign",
            "desk.phones.edit",
            "desk.phones.give_again",
            "desk.phones.new_pin",
            "desk.phones.withdraw",
            "v1_app_users.remove",
        ),
        PHONE,
    ),
    **dict.fromkeys(("desk.campaigns.show", "api_campaigns.single", "desk.campaigns.close"), CAMPAIGN),
    "desk.duplicates.done": f"{BATCH} merge",
    "desk.duplicates.undo": f"{BATCH} merge",
    "desk.bulk.show": f"{BATCH} records",
    "desk.bulk.undo": f"{BATCH} records",
    "desk.round_trip.show": f"{BATCH} round_trip",
    "desk.round_trip.undo": f"{BATCH} round_trip",
    "desk.households.batch": f"{BATCH} sample",
    "desk.households.undo": f"{BATCH} sample",
    "desk.list_files.show": f"{BATCH} entities",
    "desk.list_files.undo": f"{BATCH} entities",
    "desk.volunteers.show": f"{BATCH} volunteers",
    "desk.volunteers.undo": f"{BATCH} volunteers",
    "desk.moving.undo": f"{BATCH} submissions",
    "desk.roll_forward.undo": f"{BATCH} roll_forward",
    **dict.fromkeys(
        (
            "desk.findings.show",
            "api_findings.single",
            "api_findings.change",
            "desk.findings.assign",
            "desk.findings.judge",
        ),
        FINDING,
    ),
    "desk.findings.undo": f"{BATCH} findings",
    "desk.returned.settle": SENT_BACK,
    "desk.places.show": PLACE,
    **dict.fromkeys(
        (
            "desk.lists.member",
            "desk.lists.resolve",
            "desk.lists.amend",
            "desk.lists.delete",
            "desk.lists.restore",
        ),
        ENTITY,
    ),
}
"""Endpoint to what its address names, in the order in which they are tried."""

CUT = (
    "desk.home.index",
    "desk.records.index",
    "desk.round_trip.index",
    "desk.round_trip.download",
    "desk.findings.index",
    "desk.findings.look",
    "desk.findings.table",
    "api_findings.listing",
    "api_findings.download",
    "desk.surveys.show",
    "desk.indicators.index",
    "desk.indicators.show",
    "desk.figure_downloads.table",
    "desk.figure_downloads.workbook",
    "desk.standards.show",
    "desk.indicators.records",
    "desk.returned.index",
    "desk.campaigns.index",
    "desk.campaigns.ask",
    "desk.phones.index",
    "desk.sheets.show",
    "desk.households.index",
    "desk.volunteers.index",
    "desk.volunteers.sample",
    "desk.roll_forward.look",
    "desk.moving.ask",
    "desk.lists.index",
    "desk.lists.show",
    "desk.lists.table",
    "desk.list_files.index",
    "desk.registers.index",
    "desk.places.index",
    "api_places.listing",
    "api_indicators.listing",
    "api_indicators.figures",
    "api_indicators.series",
    "api_figures.overview",
    "api_figures.table",
    "api_figures.sdmx",
    "api_figures.workbook",
    "api_figures.records",
    "api_campaigns.listing",
    "v1_audits.listing",
    "v1_projects.listing",
    "v1_projects.single",
    "v1_forms.listing",
    "v1_forms.single",
    "v1_app_users.listing",
    "v1_submissions.listing",
    "v1_drafts.attachment",
    "v1_exports.archive",
    "v1_exports.root",
    "v1_exports.draft_archive",
    "v1_exports.draft_root",
    "v1_odata.table",
    "v1_odata.draft_table",
    "key_files.attachment",
    "key_files.version_attachment",
    "key_files.manifest",
    "key_files.version_manifest",
    "key_files.integrity",
    "project_files.attachment",
    "project_files.version_attachment",
    "project_files.manifest",
    "project_files.version_manifest",
    "project_files.integrity",
)

ONLY_NUMBERS = (
    "desk.round_trip.index",
    "desk.home.index",
    "desk.surveys.show",
    "desk.campaigns.ask",
    "desk.indicators.index",
    "desk.volunteers.index",
    "desk.volunteers.sample",
    "desk.roll_forward.look",
    "desk.moving.ask",
    "desk.lists.index",
    "desk.list_files.index",
    "desk.registers.index",
    "api_indicators.listing",
    "api_figures.overview",
    "v1_projects.listing",
    "v1_projects.single",
    "v1_forms.listing",
    "v1_forms.single",
    # One phone of this commune tried the draft out for both.
    "v1_draft_submissions.submitters",
    "key_files.manifest",
    "key_files.version_manifest",
    "key_files.integrity",
    "project_files.manifest",
    "project_files.version_manifest",
    "project_files.integrity",
)
"""Those of CUT that name nobody: what they count is compared elsewhere."""

MAP = (
    "desk.places.change",
    "desk.places.undo",
    "desk.village_files.index",
    "desk.village_files.look",
    "desk.village_files.enter",
    "desk.village_files.undo",
)
"""What is refused to everybody with places of his own, whatever his role."""

_FORMS = "the survey itself, its workbook and the files its author gave it"
_WRITES = "makes something new, and nobody gives away more than he has (tests/storage/test_cuts.py)"
_OWN = "the reader's own account"
_DOOR = "a door that proves everybody anew (tests/collector/openrosa)"

FREE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "desk.drafts.upload",
            "desk.drafts.take",
            "desk.drafts.show",
            "desk.drafts.qr_svg",
            "desk.drafts.take_files",
            "desk.drafts.give_out",
            "desk.drafts.abandon",
            "desk.decisions.index",
            "desk.decisions.take",
            "desk.decisions.workbook",
            "desk.surveys.change_state",
            "desk.surveys.take_files",
            "desk.surveys.file",
            "desk.surveys.xform",
            "desk.surveys.workbook",
            "v1_forms.create",
            "v1_forms.change",
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
            "v1_drafts.workbook_xls",
            "v1_drafts.workbook_xlsx",
            "v1_drafts.link",
            "v1_forms.delete",
            "v1_forms.restore",
            "v1_odata.service",
            "v1_odata.draft_service",
            "v1_odata_schema.metadata",
            "v1_odata_schema.draft_metadata",
            "v1_drafts.single",
            "v1_drafts.replace",
            "v1_drafts.abandon",
            "v1_drafts.go_live",
            "v1_drafts.xml",
            "v1_drafts.fields",
            "v1_drafts.listing",
            "v1_drafts.upload",
            "v1_drafts.clear",
            "v1_submissions.keys",
            "v1_draft_submissions.keys",
            "key.form_list",
            "key_files.form_xml",
            "key_files.version_xml",
            "project.form_list",
            "project_files.form_xml",
            "project_files.version_xml",
        ),
        _FORMS,
    ),
    **dict.fromkeys(
        (
            "desk.phones.give",
            "v1_app_users.create",
            "v1_submissions.create",
            "v1_draft_submissions.create",
            "desk.campaigns.make",
            "desk.campaigns.load",
            "desk.returned.send",
            "desk.duplicates.join",
            "desk.bulk.look",
            "desk.bulk.run",
            "desk.round_trip.look",
            "desk.round_trip.enter",
            "desk.sheets.make",
            "desk.households.sample",
            "desk.households.assign",
            "desk.volunteers.look",
            "desk.volunteers.enter",
            "desk.moving.look",
            "desk.moving.bring",
            "desk.roll_forward.run",
            "desk.findings.judge_many",
            "desk.lists.make",
            "desk.lists.add_property",
            "desk.lists.change_approval",
            "desk.list_files.look",
            "desk.list_files.enter",
            "desk.registers.look",
            "desk.registers.enter",
            "desk.approvals.confirm",
            "desk.approvals.lock",
            "desk.approvals.unlock",
        ),
        _WRITES,
    ),
    **dict.fromkeys(
        (
            "desk.account.show",
            "desk.account.change_password",
            "desk.account.renew",
            "v1_sessions.current_user",
            "v1_sessions.sign_out",
            "desk.signin.form",
            "desk.signin.take",
            "desk.signin.leave",
            "v1_sessions.sign_in",
            "desk.languages.choose",
            "desk.home.icon",
        ),
        _OWN,
    ),
    **dict.fromkeys(MAP, "the map belongs to all, so only who sees all of it may change it"),
    **dict.fromkeys(("static", "health.healthz", "health.readyz"), "no data"),
    **dict.fromkeys(("openapi.wire", "openapi.ours", "desk.programs.index"), "what addresses there are"),
    **dict.fromkeys(
        ("desk.selfservice.form", "desk.selfservice.take", "desk.selfservice.picture"),
        "a volunteer's own code, against his PIN",
    ),
    **dict.fromkeys(
        (
            f"{door}.{name}"
            for door in ("key", "test", "project", "root", "root_project")
            for name in ("submission", "submission_welcome")
        ),
        "takes records, shows none",
    ),
    **dict.fromkeys(("root.form_list", "root_project.form_list", "test.form_list"), _DOOR),
    **dict.fromkeys(
        (
            f"root_project_files.{name}"
            for name in (
                "attachment",
                "form_xml",
                "integrity",
                "manifest",
                "version_attachment",
                "version_manifest",
                "version_xml",
            )
        ),
        _DOOR,
    ),
    **dict.fromkeys(
        (
            f"test_files.{name}"
            for name in ("draft_attachment", "draft_integrity", "draft_manifest", "draft_xml")
        ),
        "a form tried out before it is given out",
    ),
}
"""Endpoint to the reason why nothing there can be somebody else's."""

NEWER = (
    b'<data id="hh" version="1"><head>X</head><photo>photo.jpg</photo><meta>'
    b"<deprecatedID>uuid:there</deprecatedID><instanceID>uuid:newer</instanceID></meta></data>"
)
"""A new version of the record elsewhere."""

FIELDS: Mapping[str, Mapping[str, str] | bytes] = {
    "v1_submissions.replace": NEWER,
    "v1_draft_submissions.replace": NEWER,
    "v1_submissions.judge": {"reviewState": "approved"},
    "v1_submissions.comment": {"body": "Đã xem"},
    "desk.phones.edit": {"name": "Máy", "place": "", "phone": "", "organisation": ""},
    "desk.lists.amend": {"_label": "Hộ khác"},
    "desk.corrections.take": {"base": "uuid:newer", "answer:|/head": "Chủ khác", "reason": "typing"},
    "desk.corrections.note": {"body": "Đã xem"},
    "desk.findings.judge": {"verdict": "accepted", "reason": "đúng thực tế"},
    "api_findings.change": {"state": "rejected"},
}
"""What a form of a page, or a program, needs to say to be taken."""

QUERY: Mapping[str, str] = {
    "desk.indicators.show": "?level=village&period=2026",
    "desk.indicators.records": "?period=2026",
    "desk.standards.show": "?period=2026",
    "desk.findings.index": "?state=all",
    "desk.findings.table": "?state=all",
    "api_findings.listing": "?state=all",
    # A word of villages of both communes.
    "desk.places.index": "?q=p%E1%BA%A3",
    "api_places.listing": "?search=pa",
    "api_indicators.figures": "?level=village",
    "api_indicators.series": "?level=village&periods=2024,2026",
    "api_figures.overview": "?period=2026",
    "api_figures.sdmx": "?by=all",
    "api_figures.records": "?period=2026",
    "key_files.integrity": "?id=5f3a1c58-2222-4aaa-8aaa-000000000002",
    "project_files.integrity": "?id=5f3a1c58-2222-4aaa-8aaa-000000000002",
}
"""What an address has to ask to show the most."""
