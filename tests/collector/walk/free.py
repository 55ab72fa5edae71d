"""Routes where nothing belongs to a place, each with the reason why: one of the lists of `routes`."""

from __future__ import annotations

from collections.abc import Mapping

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
_PEOPLE = "accounts and roles, which are nobody's place (tests/collector/v1/test_people.py)"
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
            "v1_odata_entities.service",
            "v1_odata_entities_schema.metadata",
            "v1_datasets.create",
            "v1_datasets.change",
            "v1_datasets.delete",
            "v1_datasets.add_property",
            "v1_datasets.delete_property",
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
            "v1_entities.create",
            "api_webhooks.make",
            # They know only those ids that are seen (tests/collector/v1/test_entity_places.py).
            "v1_entities.delete_many",
            "v1_entities.restore_many",
            "v1_public_links.create",
            "v1_projects.create",
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
            "v1_sessions.restore",
            "v1_sessions.end",
            "v1_users.ask_reset",
            "v1_users.reset",
            "v1_users.change_password",
            "desk.resets.form",
            "desk.resets.take",
            "desk.keys.index",
            "desk.keys.make",
            "desk.keys.revoke",
            # They name no record; whoever sees some places only may change none of them.
            "api_webhooks.listing",
            "api_webhooks.single",
            "api_webhooks.change",
            "api_webhooks.remove",
            "api_webhooks.try_out",
            "api_keys.listing",
            "api_keys.make",
            "api_keys.revoke",
            "desk.signin.form",
            "desk.signin.take",
            "desk.signin.leave",
            "v1_sessions.sign_in",
            "desk.languages.choose",
            "desk.home.icon",
        ),
        _OWN,
    ),
    **dict.fromkeys(
        (
            "desk.accounts.index",
            "desk.accounts.reset",
            "v1_users.listing",
            "v1_users.create",
            "v1_users.single",
            "v1_users.change",
            "v1_users.remove",
            "v1_roles.listing",
            "v1_roles.single",
            "v1_assignments.give",
            "v1_assignments.take",
            "v1_assignments.give_in_project",
            "v1_assignments.take_in_project",
        ),
        _PEOPLE,
    ),
    **dict.fromkeys(
        ("v1_projects.change", "v1_projects.remove"),
        "only who sees the whole tree changes the project itself",
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
