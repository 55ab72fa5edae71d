"""What stands in the log of what was done, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext

NOUNS: Mapping[str, Callable[[], str]] = {
    "user": lambda: gettext("Account"),
    "field_key": lambda: gettext("Phone"),
    "public_link": lambda: gettext("Public link"),
    "project": lambda: gettext("Project"),
    "form": lambda: gettext("Form"),
    "submission": lambda: gettext("Record"),
    "dataset": lambda: gettext("List"),
    "entity": lambda: gettext("Member of a list"),
    "place": lambda: gettext("Place"),
    "programme": lambda: gettext("Programme"),
    "figure": lambda: gettext("Figures"),
    "finding": lambda: gettext("Finding"),
    "campaign": lambda: gettext("Campaign"),
    "batch": lambda: gettext("Many at once"),
    "webhook": lambda: gettext("Webhook"),
    "release": lambda: gettext("Release"),
    "extract": lambda: gettext("Files taken away"),
    "report_template": lambda: gettext("Own file for reports"),
    "config": lambda: gettext("Settings"),
    "comment": lambda: gettext("Comment"),
    "web_draft": lambda: gettext("Unfinished form on the server"),
    "erasure": lambda: gettext("Erasure of personal data"),
    "backup": lambda: gettext("Backup"),
    "person": lambda: gettext("All about one person"),
    "reading": lambda: gettext("Reading of many"),
}
"""What was acted on, by the beginning of an action."""

_VERBS: Mapping[str, Callable[[], str]] = {
    "create": lambda: gettext("made"),
    "update": lambda: gettext("changed"),
    "delete": lambda: gettext("deleted"),
    "restore": lambda: gettext("put back"),
    "ask": lambda: gettext("ordered"),
    "purge": lambda: gettext("gone for good"),
    "undo": lambda: gettext("taken back"),
    "publish": lambda: gettext("published"),
    "export": lambda: gettext("taken away as a file"),
    "confirm": lambda: gettext("confirmed"),
    "lock": lambda: gettext("locked"),
    "unlock": lambda: gettext("unlocked"),
    "close": lambda: gettext("closed"),
    "version": lambda: gettext("corrected"),
    "end": lambda: gettext("access withdrawn"),
    "renew": lambda: gettext("access given again"),
    "error": lambda: gettext("could not be changed"),
    "resolve": lambda: gettext("conflict settled"),
    "send_back": lambda: gettext("sent back"),
    "settle": lambda: gettext("settled"),
    "decide": lambda: gettext("decided"),
    "change": lambda: gettext("changed"),
    "set": lambda: gettext("changed"),
    "replace": lambda: gettext("replaced"),
    "retention": lambda: gettext("time of keeping changed"),
}


_SAID: Mapping[str, Callable[[], str]] = {
    "reading.records": lambda: gettext("records of a survey, as a list or feed"),
    "reading.entities": lambda: gettext("members of a list, as a list or feed"),
    "user.reset.create": lambda: gettext("link for a new password made"),
    "user.second_step.create": lambda: gettext("second step turned on"),
    "user.second_step.delete": lambda: gettext("second step taken away"),
    "user.second_step.codes": lambda: gettext("new recovery codes made"),
    "user.second_step.recovery": lambda: gettext("signed in with a recovery code"),
    "user.outside.create": lambda: gettext("linked with an identity of another provider"),
    "user.outside.delete": lambda: gettext("link with another provider taken away"),
}
"""What was done, where the end of an action does not say it."""


def named(action: str) -> str:
    """An action in words: what it was done to, and what was done."""
    first, _, _rest = action.partition(".")
    said = _SAID.get(action) or _VERBS.get(action.rpartition(".")[2])
    verb = gettext("signed in") if action.endswith(".session.create") else said() if said else ""
    noun = NOUNS.get(first)
    return f"{noun() if noun else first}: {verb or action}"
