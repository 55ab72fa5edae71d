"""The themes under which addresses are told, and their titles."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from collector.openapi.reading import Group

_THEMES: Mapping[str, str] = {
    **dict.fromkeys(("sessions", "users", "roles", "assignments", "keys"), "people"),
    **dict.fromkeys(("projects",), "projects"),
    **dict.fromkeys(("app_users", "public_links"), "phones"),
    **dict.fromkeys(("forms", "drafts"), "forms"),
    **dict.fromkeys(("key", "key_files", "project", "project_files"), "collect"),
    **dict.fromkeys(("test", "test_files"), "collect"),
    **dict.fromkeys(("datasets", "entities", "entity_history"), "lists"),
    **dict.fromkeys(("odata", "odata_schema", "odata_entities", "odata_entities_schema"), "odata"),
    **dict.fromkeys(("audits", "webhooks"), "audits"),
    **dict.fromkeys(("submissions", "draft_submissions"), "submissions"),
    **dict.fromkeys(("indicators", "figures"), "figures"),
    **dict.fromkeys(("extracts", "releases"), "releases"),
}


def theme(endpoint: str) -> str:
    """The theme of an endpoint: that of its blueprint, else the blueprint's name without the door."""
    name = endpoint.partition(".")[0].removeprefix("v1_").removeprefix("api_")
    return _THEMES.get(name, name)


_ORDER = (
    *("figures", "releases", "campaigns", "findings", "places"),
    *("projects", "forms", "submissions", "exports", "maps", "odata", "lists"),
    *("people", "phones", "collect", "audits", "openapi"),
)


def in_order(several: list[Group]) -> list[Group]:
    """The groups from what most ask for to what few do; those nobody has placed come last."""
    known = {name: place for place, name in enumerate(_ORDER)}
    return sorted(several, key=lambda one: known.get(one.name, len(known)))


def title(name: str) -> str:
    """A theme in the reader's language; as it is where nobody has named it."""
    known: dict[str, str] = {
        "people": gettext("Accounts, roles and keys"),
        "projects": gettext("Projects"),
        "phones": gettext("Phones and public links"),
        "forms": gettext("Forms and drafts"),
        "collect": gettext("ODK Collect"),
        "submissions": gettext("Records"),
        "exports": gettext("CSV and zip files"),
        "maps": gettext("Records and members on a map"),
        "odata": gettext("OData for Excel and Power BI"),
        "lists": gettext("Lists and their members"),
        "audits": gettext("What was done, and who is told"),
        "figures": gettext("Indicators and figures"),
        "releases": gettext("Files and releases"),
        "places": gettext("Places"),
        "campaigns": gettext("Campaigns"),
        "findings": gettext("Findings"),
        "openapi": gettext("This description"),
    }
    return known.get(name, name)
