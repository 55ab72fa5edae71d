"""The names of what is noted, and the categories they are asked for by (central-api.md §1b, and ours)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def _each(prefix: str, *endings: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{ending}" for ending in endings)


_KEY = ("create", "delete", "session.end", "assignment.create", "assignment.delete", "property.set")
_BULK = _each("entity", "bulk.delete", "bulk.restore")

USER = (
    *_each("user", "create", "update", "delete", "assignment.create", "assignment.delete", "session.create"),
    "user.session.end",
)
FIELD_KEY = (*_each("field_key", *_KEY), "field_key.update", "field_key.session.create")
PUBLIC_LINK = (*_each("public_link", *_KEY), "public_link.update")
PROJECT = (*_each("project", "create", "update", "delete"), "actor_property.create")
FORM = _each(
    "form",
    "create",
    "update",
    "delete",
    "restore",
    "purge",
    "attachment.update",
    "submission.export",
    "update.draft.set",
    "update.draft.delete",
    "update.draft.replace",
    "update.publish",
)
SUBMISSION = _each(
    "submission",
    "create",
    "update",
    "update.version",
    "attachment.update",
    "backlog.hold",
    "backlog.reprocess",
    "backlog.force",
    "delete",
    "restore",
    "purge",
)
DATASET = (*_each("dataset", "create", "update", "update.property.delete", "delete", "purge"), *_BULK)
ENTITY = (
    *_each(
        "entity",
        "create",
        "bulk.create",
        "error",
        "update.version",
        "update.resolve",
        "delete",
        "restore",
        "purge",
    ),
    *_BULK,
)
CONFIG = ("config.set",)

PLACE = _each("place", "change", "undo", "outline", "outline_undo")
PROGRAMME = _each("programme", "publish", "decide")
FIGURE = _each("figure", "confirm", "lock", "unlock")
FINDING = _each("finding", "update")
CAMPAIGN = _each("campaign", "create", "update", "close", "open", "send_back", "settle")
COMMENT = _each("comment", "create")
BATCH = _each("batch", "create", "undo")
WEBHOOK = _each("webhook", "create", "update", "delete", "give_up")
RELEASE = _each("release", "create", "issue", "decline", "withdraw", "plan", "unplan")
REPORT_TEMPLATE = _each("report_template", "create", "update", "delete", "undo")
EXTRACT = _each("extract", "create", "delete", "download", "link", "parquet")
PERSON = _each("person", "export")
READING = _each("reading", "records", "entities")
ERASURE = _each("erasure", "create", "replay", "retention")
KEY = _each("user.api_key", "create", "delete")
SIGNING_IN = (
    "user.reset.create",
    *_each("user.second_step", "create", "delete", "codes", "recovery"),
    *_each("user.outside", "create", "delete"),
)
BACKUP = _each("backup", "ask", "create", "restore")
WEB_DRAFT = _each("web_draft", "create", "delete")

CATEGORIES: Mapping[str, Sequence[str]] = {
    "user": USER,
    "field_key": FIELD_KEY,
    "public_link": PUBLIC_LINK,
    "project": PROJECT,
    "form": FORM,
    "submission": SUBMISSION,
    "dataset": DATASET,
    "entity": ENTITY,
    "config": CONFIG,
    "place": PLACE,
    "programme": PROGRAMME,
    "figure": FIGURE,
    "finding": FINDING,
    "campaign": CAMPAIGN,
    "batch": BATCH,
    "webhook": WEBHOOK,
    "release": RELEASE,
    "extract": EXTRACT,
    "report_template": REPORT_TEMPLATE,
    "erasure": ERASURE,
    "person": PERSON,
    "reading": READING,
    "backup": BACKUP,
}
"""What `?action=` may name instead of one action. The last ten are ours."""

_NEVERTHELESS = {"submission.purge", *_BULK, "user.preference.update", "analytics"}
_VERBOSE = {*SUBMISSION, *ENTITY, *READING} - _NEVERTHELESS
NONVERBOSE = "nonverbose"
ALL = tuple(
    dict.fromkeys(
        action
        for several in (*CATEGORIES.values(), COMMENT, KEY, SIGNING_IN, WEB_DRAFT)
        for action in several
    )
)
"""Every action that is noted."""


def named(action: str) -> Sequence[str]:
    """The actions `?action=` asks for: those of a category, all but the frequent ones, or that one."""
    if action == NONVERBOSE:
        return [one for one in ALL if one not in _VERBOSE]
    return CATEGORIES.get(action, (action,))
