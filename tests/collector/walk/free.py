"""Routes where nothing belongs to a place, each with the reason why: one of the lists of `routes`."""

from __future__ import annotations

from collections.abc import Mapping

MAP = (
    "desk.place_changes.ask",
    "desk.place_changes.change",
    "desk.place_changes.show",
    "desk.place_changes.undo",
    "desk.village_files.index",
    "desk.village_files.look",
    "desk.village_files.enter",
    "desk.village_files.undo",
    "desk.outlines.index",
    "desk.outlines.look",
    "desk.outlines.enter",
    "desk.outlines.undo",
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
            "desk.drafts.ask",
            "desk.form_media.look",
            "desk.form_media.remove",
            "desk.form_media.undo",
            "desk.changes.show",
            "desk.questionnaires.preview",
            "desk.questionnaires.preview_draft",
            "desk.questionnaires.paper",
            "desk.questionnaires.paper_draft",
            "desk.decisions.index",
            "desk.decisions.take",
            "desk.decisions.workbook",
            "desk.report_templates.index",
            "desk.report_templates.take",
            "desk.report_templates.remove",
            "desk.report_templates.undo",
            "desk.report_templates.file",
            # Names a file of the office; the place is that of the report (desk/test_reports.py).
            "desk.reports.own",
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
            "w_me.definition",
            "w_key.definition",
        ),
        _FORMS,
    ),
    **dict.fromkeys(
        (
            *(
                f"{door}.{name}"
                for door in ("w_me", "w_key")
                for name in ("save_draft", "list_drafts", "open_draft", "draft_file", "delete_draft")
            ),
            "w_key.sent",
            "w_key.sent_file",
        ),
        "only what the asker began or sent himself (tests/collector/webforms)",
    ),
    **dict.fromkeys(
        ("desk.record_views.index", "desk.record_views.keep", "desk.record_views.change"),
        "what a list is narrowed by; the list itself is cut (tests/collector/desk/test_record_list.py)",
    ),
    **dict.fromkeys(
        tuple(
            f"desk.erasures.{one}"
            for one in ("index", "find", "look", "everything", "erase", "keep", "order")
        ),
        "the whole server, for its administrator alone (tests/collector/desk/test_erasures.py)",
    ),
    "desk.backups.ask": (
        "the whole server, for its administrator alone (tests/collector/desk/test_backups.py)"
    ),
    **dict.fromkeys(
        (
            "desk.phones.give",
            "desk.phones_many.look",
            "desk.phones_many.withdraw",
            # They know only what is seen (tests/collector/desk/test_trash.py).
            "desk.trash.restore",
            "desk.trash.undo",
            "desk.trash.purge",
            "v1_app_users.create",
            "v1_entities.create",
            "api_webhooks.make",
            # They know only those ids that are seen (tests/collector/v1/test_entity_places.py).
            "v1_entities.delete_many",
            "v1_entities.restore_many",
            "v1_public_links.create",
            "desk.links.make",
            "v1_projects.create",
            "v1_submissions.create",
            "v1_draft_submissions.create",
            "desk.campaigns.make",
            "desk.campaigns.load",
            "desk.returned.send",
            "desk.duplicates.join",
            # The records are in a sealed ticket; what is undone is one's own last decision.
            "desk.deciding.join",
            "desk.deciding.undo",
            # What they hold is cut to the asker's places when it is made (tests/collector/test_releases.py).
            "desk.extracts.make",
            "desk.upload_files.make",
            "api_extracts.make",
            "desk.releases.make",
            "api_releases.make",
            "desk.release_plans.make",
            "desk.release_plans.remove",
            "desk.bulk.look",
            "desk.bulk.run",
            "desk.round_trip.look",
            "desk.round_trip.enter",
            "desk.sheets.make",
            "desk.households.sample",
            "desk.households.assign",
            "desk.village_codes.look",
            "desk.village_codes.make",
            "desk.village_sheets.make",
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
            "desk.extracts.mine",
            "desk.extracts.remove",
            "api_extracts.listing",
            "desk.settings.index",
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
            "desk.webhooks.index",
            "desk.webhooks.make",
            "desk.webhooks.pause",
            "desk.webhooks.remove",
            "desk.webhooks.try_out",
            "api_keys.listing",
            "api_keys.make",
            "api_keys.revoke",
            "desk.signin.form",
            "desk.signin.take",
            "desk.signin.leave",
            *(f"desk.signin.{one}" for one in ("ask_code", "take_code")),
            *(f"desk.second.{one}" for one in ("picture", "ask_at_sign_in", "set_up_at_sign_in")),
            *(f"desk.second.{one}" for one in ("show", "start", "confirm", "renew", "turn_off")),
            *(f"desk.outside.{one}" for one in ("leave", "back", "leave_to_link", "link", "unlink")),
            *(f"desk.sessions.{one}" for one in ("end", "end_others")),
            "v1_sessions.sign_in",
            "desk.languages.choose",
            "desk.home.icon",
        ),
        _OWN,
    ),
    **dict.fromkeys(
        (
            "desk.accounts.index",
            "desk.accounts.ask",
            "desk.accounts.make",
            "desk.accounts.show",
            "desk.accounts.change_role",
            "desk.accounts.disable",
            "desk.accounts.enable",
            "desk.accounts.sign_out",
            "desk.accounts.reset",
            "desk.accounts.take_step_away",
            "desk.accounts.tie",
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
    **dict.fromkeys(
        (
            "static",
            "desk.assets.bundle",
            "health.healthz",
            "health.readyz",
            "health.metrics",
            *(
                f"w_shell.{name}"
                for name in ("shell", "link", "village", "page", "worker", "manifest", "icon", "asset")
            ),
        ),
        "no data",
    ),
    "desk.shared.file": "what a signed link opens, to whoever has it (tests/collector/test_releases.py)",
    "w_ways.me": _OWN,
    **dict.fromkeys(("w_ways.key", "w_ways.village"), "what a token or a PIN opens, to whoever has it"),
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
    **dict.fromkeys(("w_me.submission", "w_key.submission"), "takes records, shows none"),
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
    **dict.fromkeys(
        ("w_test.shelf", "w_test.definition", "w_test.file", "w_test.submission"),
        "a form tried out before it is given out",
    ),
}
"""Endpoint to the reason why nothing there can be somebody else's."""
