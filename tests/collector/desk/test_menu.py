"""The menu: what the reader needs first, and nothing that would refuse him."""

from __future__ import annotations

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER, REVIEWER, VIEWER
from collector.desk.menu import SECTIONS
from tests.collector.desk.reader import Reader
from tests.office import Office

ENTRIES = "//nav[@class='menu']//a"
FIRST = "//nav[@class='menu']/ul[1]//a"

NOWHERE = frozenset({
    "account",
    "assets",
    "keys",
    "languages",
    "outside",
    "programs",
    "resets",
    "second",
    "selfservice",
    "sessions",
    "shared",
    "signin",
})
"""Pages that no entry of the menu leads to."""

ROLES = {"leader": VIEWER, "officer": REVIEWER, "manager": MANAGER, "collector": DATA_COLLECTOR}


@pytest.fixture(scope="module")
def readers(screen_office: Office) -> dict[str, Reader]:
    """Somebody of each role."""
    made = {name: Reader(screen_office, name, role) for name, role in ROLES.items()}
    return made | {"admin": Reader(screen_office)}


def test_a_leader_reads_and_an_officer_works(readers: dict[str, Reader]) -> None:
    assert readers["leader"].page("/").texts(FIRST)[:2] == ["Today", "Indicators"]
    for name in ("officer", "manager", "admin"):
        first = readers[name].page("/").texts(FIRST)
        assert first == ["Today", "Campaigns", "To mend", "Surveys"], name
    assert readers["collector"].page("/").texts(ENTRIES)[0] == "Today"


@pytest.mark.parametrize("name", [*ROLES, "admin"])
def test_no_entry_leads_to_a_refusal(readers: dict[str, Reader], name: str) -> None:
    links = readers[name].page("/").links(ENTRIES)
    assert len(links) == len(set(links)) >= (1 if name == "collector" else 4)
    assert {path: readers[name].get(path).status_code for path in links} == dict.fromkeys(links, 200)


def test_what_is_kept_from_somebody_is_no_entry_of_his(readers: dict[str, Reader]) -> None:
    leader, admin = (set(readers[name].page("/").texts(ENTRIES)) for name in ("leader", "admin"))
    assert admin >= {"Lists", "Places", "Survey staff", "Downloads", "Trash", "Settings"}
    assert not leader & {"To mend", "Lists", "Survey staff"}


def test_the_menu_says_where_one_is(readers: dict[str, Reader]) -> None:
    admin = readers["admin"]
    for path, name, kind in (
        ("/findings", "To mend", "page"),
        ("/upload", "Surveys", "true"),
        ("/accounts", "Survey staff", "true"),
    ):
        [here] = admin.page(path).find(f"{ENTRIES}[@aria-current]")
        assert (here.text_content(), here.get("aria-current")) == (name, kind)
    assert admin.page("/account").find(f"{ENTRIES}[@aria-current]") == []


def test_nobody_without_a_session_has_a_menu(screen_office: Office) -> None:
    assert Reader(screen_office, "").page("/signin").find("//nav") == []


def test_every_page_is_behind_an_entry_or_behind_none(screen_office: Office) -> None:
    modules = {
        rule.endpoint.split(".")[1]
        for rule in screen_office.app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.")
    }
    named = [page for pages in SECTIONS.values() for page in pages]
    assert len(named) == len(set(named))
    assert modules - set(named) - NOWHERE == set(), (
        "say in collector/desk/menu.py which entry they are behind"
    )
    assert set(named) - modules == set(), "these pages are gone"
