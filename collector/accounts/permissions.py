"""Who may do what: roles to verbs, and every route to the verb it asks for. Unlisted is refused.

Verbs are Central's where Central has one.
"""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC = "public"
"""No right needed: sign-in, health, the static files."""

PHONE = "phone"
"""The right is in the address or in the challenge: the OpenRosa door checks it itself."""

SIGNED_IN = "signed_in"
"""Any account; the route shows only what that account may see."""

ADMINISTRATOR, APP_USER, MANAGER, VIEWER, DATA_COLLECTOR, PUBLIC_LINK, REVIEWER = 1, 2, 5, 6, 8, 9, 20

_LOOK = frozenset({"project.read", "form.list", "form.read", "indicator.read", "campaign.read", "place.read"})
_READ = _LOOK | {"submission.list", "submission.read", "dataset.list", "entity.list", "entity.read"}
_FILL = frozenset({"open_form.list", "open_form.read", "submission.create"})
_MANAGE = (
    _READ
    | _FILL
    | {
        "project.update",
        "form.create",
        "form.update",
        "form.delete",
        "submission.update",
        "submission.delete",
        "submission.restore",
        "field_key.create",
        "field_key.list",
        "field_key.update",
        "field_key.delete",
        "assignment.create",
        "assignment.delete",
        "session.end",
        "dataset.create",
        "entity.update",
        "dataset.update",
        "entity.create",
        "entity.delete",
        "campaign.update",
        "submission.import",
        "project.roll_forward",
        "place.update",
        "programme.update",
        "figure.confirm",
        "figure.lock",
    }
)

ROLES: Mapping[int, frozenset[str]] = {
    ADMINISTRATOR: _MANAGE | {"project.create", "user.create", "user.list", "user.update"},
    MANAGER: _MANAGE,
    REVIEWER: _READ | _FILL | {"submission.update", "entity.update", "figure.confirm"},
    # A leader sees figures. Records come once they can be shown without the people in them.
    VIEWER: _LOOK,
    DATA_COLLECTOR: frozenset({"project.read"}) | _FILL,
    APP_USER: _FILL,
    PUBLIC_LINK: frozenset({"open_form.read", "submission.create"}),
}
"""Role number (Central's; 20 is ours) to what it may do."""

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

_BY_PIN = ("selfservice.form", "selfservice.take", "selfservice.picture")

_DESK = {
    "place.read": ("places.index", "places.show"),
    "place.update": (
        "places.change",
        "places.undo",
        "village_files.index",
        "village_files.look",
        "village_files.enter",
        "village_files.undo",
    ),
    PUBLIC: ("signin.form", "signin.take", "signin.leave", "languages.choose", "home.icon", *_BY_PIN),
    SIGNED_IN: ("home.index", "account.show", "account.change_password", "account.renew"),
    "form.read": ("surveys.show",),
    "form.create": ("drafts.upload", "drafts.take"),
    "form.update": (
        "surveys.change_state",
        "surveys.take_files",
        "surveys.xform",
        "surveys.workbook",
        "drafts.show",
        "drafts.qr_svg",
        "drafts.take_files",
        "drafts.give_out",
        "drafts.abandon",
        "records.xml",
    ),
    "submission.list": (
        "records.index",
        "returned.index",
        "households.index",
        "households.batch",
        "findings.index",
        "findings.table",
        "indicators.records",
    ),
    # The lists a form brings along may name people too.
    "submission.read": ("records.show", "records.file", "surveys.file", "findings.show"),
    "field_key.list": (
        "phones.index",
        "phones.show",
        "phones.qr_svg",
        "phones.qr_png",
        "sheets.show",
        "sheets.make",
    ),
    "field_key.create": (
        "phones.give",
        "volunteers.index",
        "volunteers.sample",
        "volunteers.look",
        "volunteers.enter",
        "volunteers.show",
    ),
    "field_key.update": ("phones.edit", "phones.give_again", "phones.new_pin"),
    "field_key.delete": ("phones.withdraw", "volunteers.undo"),
    "submission.update": (
        "records.judge",
        "corrections.ask",
        "corrections.take",
        "corrections.note",
        "bulk.look",
        "bulk.run",
        "bulk.show",
        "bulk.undo",
        "duplicates.show",
        "duplicates.join",
        "duplicates.done",
        "duplicates.undo",
        "round_trip.index",
        "round_trip.download",
        "round_trip.look",
        "round_trip.enter",
        "round_trip.show",
        "round_trip.undo",
        "findings.judge",
        "findings.assign",
        "findings.look",
        "findings.judge_many",
        "findings.undo",
        "returned.send",
        "returned.settle",
        "households.assign",
        "households.sample",
        "households.undo",
    ),
    "submission.delete": ("records.delete",),
    "dataset.list": ("lists.index",),
    "dataset.create": ("lists.make",),
    "dataset.update": ("lists.add_property", "lists.change_approval"),
    "entity.list": ("lists.show", "lists.table"),
    "entity.read": ("lists.member",),
    "entity.update": ("lists.amend", "lists.resolve"),
    "entity.delete": ("lists.delete", "lists.restore"),
    "entity.create": (
        "list_files.index",
        "list_files.look",
        "list_files.enter",
        "list_files.show",
        "list_files.undo",
        "registers.index",
        "registers.look",
        "registers.enter",
    ),
    "submission.restore": ("records.restore",),
    "indicator.read": (
        "indicators.index",
        "indicators.show",
        "standards.show",
        "figure_downloads.table",
        "figure_downloads.workbook",
    ),
    "figure.confirm": ("approvals.confirm",),
    "figure.lock": ("approvals.lock", "approvals.unlock"),
    "programme.update": ("decisions.index", "decisions.take", "decisions.workbook"),
    "project.roll_forward": ("roll_forward.look", "roll_forward.run", "roll_forward.undo"),
    "submission.import": ("moving.ask", "moving.look", "moving.bring", "moving.undo"),
    "campaign.read": ("campaigns.index", "campaigns.show"),
    "campaign.update": ("campaigns.ask", "campaigns.make", "campaigns.load", "campaigns.close"),
}

_WIRE = {
    PUBLIC: ("v1_sessions.sign_in",),
    SIGNED_IN: ("v1_sessions.sign_out", "v1_sessions.current_user", "v1_projects.listing"),
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
    ),
    "form.create": ("v1_forms.create",),
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
        "v1_drafts.clear",
    ),
    "field_key.list": ("v1_app_users.listing", "v1_app_users.single"),
    "field_key.create": ("v1_app_users.create",),
    "field_key.delete": ("v1_app_users.remove",),
    "assignment.create": ("v1_app_users.assign",),
    "assignment.delete": ("v1_app_users.unassign",),
    "submission.list": (
        "v1_submissions.listing",
        "api_findings.listing",
        "api_findings.download",
        "api_figures.records",
    ),
    "submission.update": ("api_findings.change",),
    "submission.read": (
        "api_findings.single",
        "v1_submissions.single",
        "v1_submissions.keys",
        "v1_submissions.xml",
        "v1_submissions.attachments",
        "v1_submissions.attachment",
        "v1_submissions.versions",
        "v1_submissions.version",
        "v1_submissions.version_xml",
        "v1_submissions.version_attachments",
        "v1_submissions.version_attachment",
        "v1_exports.archive",
        "v1_exports.draft_archive",
        "v1_exports.root",
        "v1_exports.draft_root",
    ),
    "submission.delete": ("v1_submissions.delete",),
    "submission.restore": ("v1_submissions.restore",),
    "indicator.read": (
        "api_indicators.listing",
        "api_indicators.figures",
        "api_indicators.series",
        "api_figures.overview",
        "api_figures.table",
        "api_figures.sdmx",
        "api_figures.workbook",
    ),
    "place.read": ("api_places.listing",),
    "campaign.read": ("api_campaigns.listing", "api_campaigns.single"),
}

PERMITS: Mapping[str, str] = {
    "static": PUBLIC,
    "health.healthz": PUBLIC,
    "health.readyz": PUBLIC,
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
    **{f"test_files.{name}": PHONE for name in _OPENROSA_DRAFT},
    **{f"desk.{page}": verb for verb, pages in _DESK.items() for page in pages},
    **{endpoint: verb for verb, endpoints in _WIRE.items() for endpoint in endpoints},
}
"""Endpoint to the verb it asks for; of two with "or" between them, one will do."""
