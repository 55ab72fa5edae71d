"""The menu of the desk: what the reader may open, what he needs most first.

An entry stands there only where its page exists and its reader may see it: a menu that leads to a refusal
teaches nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import current_app, request, url_for

from collector.accounts.identity import Identity
from collector.accounts.permissions import PERSON, SIGNED_IN
from collector.accounts.permits import PERMITS
from collector.desk.translating import gettext

FIRST: Final = 4
"""Entries a thumb reaches at once; the others stand behind “More”."""

_PAGES: Mapping[str, tuple[str, ...]] = {
    "today": ("home",),
    "people": ("people", "phones"),
}
"""Where an entry leads, the first of these that exists; without a line, to the pages of its own name."""

_FOR_READERS = ("today", "indicators", "campaigns", "places")
_FOR_OFFICERS = ("today", "campaigns", "findings", "surveys")

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "today": ("home",),
    "campaigns": ("campaigns",),
    "findings": ("findings", "deciding", "duplicates", "returned"),
    "surveys": (
        "surveys",
        "drafts",
        "links",
        "changes",
        "questionnaires",
        "form_media",
        "records",
        "record_views",
        "receipts",
        "corrections",
        "bulk",
        "round_trip",
        "moving",
        "roll_forward",
    ),
    "indicators": (
        "indicators",
        "comparisons",
        "figure_downloads",
        "approvals",
        "standards",
        "decisions",
    ),
    "lists": ("lists", "list_files", "registers", "households"),
    "places": ("places", "place_changes", "outlines", "village_files"),
    "people": (
        "people",
        "interviewers",
        "phones",
        "phones_many",
        "village_codes",
        "village_sheets",
        "volunteers",
        "sheets",
        "accounts",
    ),
    "reports": ("reports", "report_templates"),
    "downloads": ("downloads", "extracts", "upload_files", "releases", "release_plans"),
    "trash": ("trash",),
    "settings": ("settings", "webhooks", "log", "erasures", "backups"),
}
"""Entry of the menu to the pages it lights up on, by the names of their modules."""

_SECTION_OF = {page: section for section, pages in SECTIONS.items() for page in pages}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: `current` is "page" on its own page, "true" on those behind it, else empty."""

    section: str
    name: str
    address: str
    current: str


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands in the bar, and what stands behind “More”."""

    first: tuple[Entry, ...]
    rest: tuple[Entry, ...]

    @property
    def more_is_current(self) -> bool:
        """Whether the reader is on a page behind “More”."""
        return any(entry.current for entry in self.rest)


def menu_of(reader: Identity, project_id: int) -> Menu:
    """The menu of a reader in a project."""
    found = tuple(_entries(reader, project_id))
    # One more fits where “More” would stand.
    cut = FIRST if len(found) > FIRST + 1 else len(found)
    return Menu(found[:cut], found[cut:])


def _names() -> Mapping[str, str]:
    """Every section there may be, in the order in which they stand behind “More”."""
    return {
        "today": gettext("Today"),
        "campaigns": gettext("Campaigns"),
        "findings": gettext("To mend"),
        "surveys": gettext("Surveys"),
        "indicators": gettext("Indicators"),
        "lists": gettext("Lists"),
        "places": gettext("Places"),
        "people": gettext("Survey staff"),
        "reports": gettext("Reports"),
        "downloads": gettext("Downloads"),
        "trash": gettext("Trash"),
        "settings": gettext("Settings"),
    }


def _entries(reader: Identity, project_id: int) -> Iterator[Entry]:
    works = reader.may("submission.list", project_id)
    first = _FOR_OFFICERS if works else _FOR_READERS
    names, endpoint = _names(), request.endpoint or ""
    here = _SECTION_OF.get(endpoint.removeprefix("desk.").partition(".")[0])
    for section in (*first, *(one for one in names if one not in first)):
        for page in _PAGES.get(section, (section,)):
            target = f"desk.{page}.index"
            if target in current_app.view_functions and _may(reader, target, project_id):
                current = "page" if endpoint == target else ("true" if section == here else "")
                yield Entry(section, names[section], _address(target, project_id), current)
                break


def _may(reader: Identity, endpoint: str, project_id: int) -> bool:
    permit = PERMITS.get(endpoint)
    if permit is None:
        return False
    if permit in {PERSON, SIGNED_IN}:
        return True
    return any(reader.may(verb, project_id) for verb in permit.split(" or "))


def _address(endpoint: str, project_id: int) -> str:
    rules = current_app.url_map.iter_rules(endpoint)
    if any("project_id" in rule.arguments for rule in rules):
        return url_for(endpoint, project_id=project_id)
    return url_for(endpoint)
