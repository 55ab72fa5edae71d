"""docs/coverage.md names everything the plans name, once, and nothing that is not there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RoutingException

from collector.actions.campaigns import read_calendar
from collector.app import create_app
from collector.commands.roles import ROLES
from collector.settings import Settings
from tests import coverage
from tests.coverage import ROOT, book, lines
from tests.test_docs import commands, rows, section

TEXT = coverage.PAGE.read_text(encoding="utf-8")
PARTS = {
    "Indicators · Chỉ tiêu": 95,
    "Deadlines · Hạn báo cáo": 23,
    "Systems · Hệ thống, công cụ, bộ tiêu chí": 35,
    "Actors · Chủ thể": 37,
}
"""Heading to how many the five documents name."""

FORMS = frozenset(path.name for path in (ROOT / "xlsforms").glob("f[0-9]*"))


def ids(heading: str) -> list[str]:
    """The names in the third column."""
    return [row[2].strip("`") for row in rows(section(TEXT, heading))]


@cache
def questions(form: str) -> frozenset[str]:
    return frozenset(row["name"] for row in book(form).rows("survey") if not row["type"].startswith("end_"))


@cache
def figures() -> frozenset[str]:
    names = ("programme", *FORMS)
    return frozenset(row["code"] for name in names for row in book(name).rows("indicators"))


@cache
def lists() -> frozenset[str]:
    """The entity lists the forms write."""
    return frozenset(row["list_name"] for form in FORMS for row in book(form).rows("entities"))


@cache
def reports() -> frozenset[str]:
    return frozenset(line["id"] for line in lines("xlsforms/programme/reports.csv"))


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> MapAdapter:
    """What the server answers a GET at."""
    home = tmp_path_factory.mktemp("home")
    app: Flask = create_app(Settings.from_environment({"COLLECTOR_HOME": str(home)}))
    return app.url_map.bind("localhost")


def is_there(name: str, addresses: MapAdapter) -> bool:
    """Whether the code has what a page calls so."""
    form, asks, asked = name.partition(": ")
    if name.startswith("/"):
        return is_served(name, addresses)
    if name.startswith("collector "):
        return name.removeprefix("collector ") in {words for words, _ in commands()}
    if asks:
        return form in FORMS and set(asked.split()) <= questions(form)
    return name in FORMS | figures() | set(ROLES) or ("/" in name and (ROOT / name).exists())


def is_served(address: str, addresses: MapAdapter) -> bool:
    try:
        _, steps = addresses.match(address)
    except (HTTPException, RoutingException):
        return False
    known = {"form_id": FORMS, "name": lists(), "code": figures(), "report": reports()}
    return all(value in known.get(step, {value}) for step, value in steps.items())


@pytest.mark.parametrize("heading", PARTS)
def test_everything_the_plans_name_is_there_once(heading: str) -> None:
    found = ids(heading)
    assert len(found) == len(set(found)) == PARTS[heading]


def test_the_page_is_what_the_data_say() -> None:
    # `make coverage-page` writes it anew.
    assert coverage.page() == TEXT


def test_a_name_without_a_thing_is_found(addresses: MapAdapter) -> None:
    for good in (
        "f03_clc_profile: books readers",
        "/lists/centres/table.csv",
        "/reports/commune_annual",
        "collector refresh",
        "reviewer",
    ):
        assert is_there(good, addresses), good
    for bad in (
        "f03_clc_profile: books nothing", "f12_nothing", "/lists/nothing/table.csv", "/nothing",
        "/indicators/nothing", "/reports/nothing", "collector nothing", "xlsforms/nothing.csv", "nothing",
    ):  # fmt: skip
        assert not is_there(bad, addresses), bad


@pytest.mark.parametrize("heading", PARTS)
def test_what_serves_is_there(heading: str, addresses: MapAdapter) -> None:
    named = {
        (row[2], name)
        for row in rows(section(TEXT, heading))
        for cell in row[3:]
        for name in re.findall(r"`([^`]+)`", cell)
    }
    assert {(key, name) for key, name in named if not is_there(name, addresses)} == set()


def test_addresses_and_commands_told_above_the_tables_are_there(addresses: MapAdapter) -> None:
    prose = re.sub(r"^\|.*$", "", TEXT, flags=re.MULTILINE)
    told = re.findall(r"`((?:/|collector |f\d\d_)[^`]+)`", prose)
    assert told
    assert [name for name in told if not is_there(name, addresses)] == []


def test_figures_are_those_of_the_programme() -> None:
    assert set(ids("Indicators · Chỉ tiêu")) <= figures()


def test_every_line_says_what_serves_it_or_that_nothing_does() -> None:
    for heading in PARTS:
        for row in rows(section(TEXT, heading)):
            said = " ".join(row[3:])
            assert "`" in said or "not yet" in said.lower() or "nothing is asked" in said, row[2]


def test_a_round_is_made_of_every_deadline_that_names_a_day() -> None:
    entries = {entry.key for entry in read_calendar(ROOT / "xlsforms" / "programme" / "calendar.csv")}
    told = {row[2].strip("`"): row[-1] for row in rows(section(TEXT, "Deadlines · Hạn báo cáo"))}
    assert {key for key, served in told.items() if served.startswith("a round")} == entries & told.keys()


def test_contracts_are_whole() -> None:
    several = lines(str(Path("tests") / "contracts" / "domain.csv"))
    assert all(line[column] for line in several for column in ("kind", "id", "title_vi", "owed", "now"))
    assert [line["kind"] for line in several] == ["system"] * 35 + ["actor"] * 37
    assert not re.search(r"(?i)\bissue|#\d", TEXT)
