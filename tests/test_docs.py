"""What is written is so: settings, commands, addresses, error codes, limits, make targets, links."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from collector import parcels, turns, unread
from collector.actions import (
    attempts,
    extracts,
    file_links,
    releases,
    second_step,
    taking_away,
    village_entry,
    web_drafts,
)
from collector.app import create_app
from collector.cli import main
from collector.desk import page
from collector.errors import STATUS
from collector.serving import LONGEST_ADDRESS, THREADS
from collector.settings import Settings
from collector.v1 import entities, incoming
from forms import spreadsheet
from forms.xform import document

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("xlsforms/*/README.md")])
IDS = [str(path.relative_to(ROOT)) for path in PAGES]
COMMAND = re.compile(r"\.venv/bin/collector ([^`#\n]+)")
EXAMPLE = "COMMAND"

PLACEHOLDERS = {
    "number": "NUMBER",
    "project_id": "N",
    "form_id": "FORM",
    "draft_form_id": "FORM",
    "version": "VERSION",
    "version_id": "VERSION",
    "instance_id": "ID",
    "name": "NAME",
    "token": "TOKEN",
    "actor_id": "NUMBER",
    "role": "ROLE",
    "code": "CODE",
    "property_name": "PROPERTY",
    "table": "TABLE",
    "below": "PATH",
    "uuid": "ID",
    "key": "KEY",
}
"""How docs/api.md writes the variable steps of an address."""

FOR_PEOPLE = ("desk.", "static", "w_shell.")
"""Endpoints docs/api.md does not list: pages and what belongs to them."""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of its tables, without their heads."""
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
    ruled = [place for place, row in enumerate(cells) if set("".join(row)) <= set("-:")]
    heads = {place - 1 for place in ruled}
    return [row for place, row in enumerate(cells) if place not in heads and place not in ruled]


def commands(group: click.Group = main, *before: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join((*before, name)), command


def test_every_setting_is_told_with_its_default() -> None:
    told = {
        row[0].strip("`"): row[1].strip("`") for row in rows(section(read("docs/operate.md"), "Settings"))
    }
    asked = set(re.findall(r'"(COLLECTOR_[A-Z0-9_]+|HOST|PORT)"', read("collector/settings.py")))
    assert set(told) == asked
    assert len(told) == len(dataclasses.fields(Settings))
    defaults = Settings.from_environment({})
    assert {name: told[name] for name in ("COLLECTOR_WORKERS", "COLLECTOR_PROXY_COUNT", "HOST", "PORT")} == {
        "COLLECTOR_WORKERS": str(defaults.workers),
        "COLLECTOR_PROXY_COUNT": str(defaults.proxy_count),
        "HOST": defaults.host,
        "PORT": str(defaults.port),
    }
    assert told["COLLECTOR_PILOT_PROVINCE"] == defaults.pilot_province
    assert told["COLLECTOR_HOME"] == defaults.home.name


def test_every_command_is_told_with_its_options() -> None:
    told = {row[0].strip("`"): " ".join(row) for row in rows(section(read("docs/operate.md"), "Commands"))}
    for name, command in commands():
        [text] = [text for line, text in told.items() if re.match(rf"{name}( [A-Z-]|$)", line)]
        real = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        written = set(re.findall(r"--[a-z-]+", text))
        assert written <= real, name
        required = {one.opts[-1] for one in command.params if isinstance(one, click.Option) and one.required}
        assert required <= written, name
    assert len(told) == len(list(commands()))


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_command_lines_can_be_typed(path: Path) -> None:
    for line in COMMAND.findall(path.read_text(encoding="utf-8")):
        words = shlex.split(line)
        command: click.Command = main
        while words and isinstance(command, click.Group) and words[0] != EXAMPLE:
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        real = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= real | {"--help"}, line


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^|\s)(?:[A-Z_]+=\S+ )*make ([a-z-]+)(?=[`\s])", code_of(text), re.MULTILINE)
    assert set(named) <= targets


def code_of(text: str) -> str:
    """What is set as code, a piece a line."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *(f"`{piece}`" for piece in re.findall(r"`([^`\n]+)`", text))])


def test_make_help_tells_every_target_once() -> None:
    makefile = read("Makefile")
    told = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert len(told) == len(set(told))
    assert {"serve", "demo", "test", "check", "bench", "help"} <= set(told)


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
    near = [link.partition("#")[0] for link in links if "://" not in link]
    assert [link for link in near if link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_files_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:collector|forms|storage|tests|xlsforms|docs)/[\w/.-]+\.(?:py|md|csv|xlsx))`", text
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_no_page_knows_a_machine(path: Path) -> None:
    assert not re.search(r"(?<![\w.…])/(?:home|root|work|tmp|Users)/\w", path.read_text(encoding="utf-8"))


def addresses_told() -> set[tuple[str, str]]:
    """Method and address of everything docs/api.md lists."""
    told = set()
    for part in re.split(r"^### ", read("docs/api.md"), flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        bases = re.findall(r"`([^`]+)`", heading) or [""]
        for methods, address, _what in rows(re.split(r"^## ", text, flags=re.MULTILINE)[0]):
            for base in bases:
                told |= {(method, base + address.strip("`")) for method in methods.split(", ")}
    return told


def addresses_served(home: Path) -> set[tuple[str, str]]:
    """Method and address of everything that is not a page."""
    app = create_app(Settings.from_environment({"COLLECTOR_HOME": str(home)}))
    served = set()
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(FOR_PEOPLE):
            address = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda step: PLACEHOLDERS[step[1]], rule.rule)
            served |= {(method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return served


def test_every_address_is_told(tmp_path: Path) -> None:
    told, served = addresses_told(), addresses_served(tmp_path)
    assert served - told == set(), "served and not told"
    assert told - served == set(), "told and not served"


def test_every_error_code_is_told() -> None:
    told = [float(row[0]) for row in rows(section(read("docs/api.md"), "Errors"))]
    assert told == sorted(told, key=lambda code: (int(code), int(str(code).partition(".")[2])))
    assert set(told) == {code.central for code in STATUS.values()}


def test_limits_are_those_of_the_code() -> None:
    told = {row[0]: row[1] for row in rows(section(read("docs/operate.md"), "Limits"))}
    mebi = 1024 * 1024
    assert told == {
        "one request of a phone": f"{parcels.BODY_LIMIT // (1024 * mebi)} GiB; "
        f"phones are told to cut at {parcels.ACCEPTS // 1_000_000} MB",
        "the answers of one form, without its files": f"{parcels.XML_LIMIT // mebi} MiB",
        "parts of one request": str(parcels._PARTS),
        "a workbook": f"{spreadsheet.LARGEST_FILE // mebi} MiB",
        "an XForm": f"{document.LARGEST // mebi} MiB",
        "a file of a form": f"{incoming.FILE_LIMIT // mebi} MiB over `/v1`, "
        f"{page.LARGEST_FILE // mebi} MiB on its page",
        "a JSON body": f"{incoming.JSON_LIMIT // 1000} kB",
        "a JSON body with entities": f"{entities.LARGEST // 1_000_000} MB",
        "an address": f"{LONGEST_ADDRESS // 1024} KiB",
        "wrong passwords for one name from one address": f"{attempts.MOST_FAILURES} in "
        f"{int(attempts.FAILURES_LAST.total_seconds()) // 60} minutes",
        "wrong passwords for one name, or from one address": f"{attempts.MOST_OF_NAME} and "
        f"{attempts.MOST_OF_ADDRESS} in 15 minutes, but on devices its owner has used",
        "wrong codes of the second step of one account": f"{attempts.MOST_FAILURES} from one address in "
        f"15 minutes, {second_step.MOST_CODES} from anywhere in a day",
        "wrong PINs for a village's code": f"{village_entry.MOST_OF_LINE} from one address, "
        f"{village_entry.MOST_OF_CODE} from anywhere in 15 minutes",
        "a form begun in a browser and kept here": f"{web_drafts.LARGEST // mebi} MiB, "
        f"for {web_drafts.KEPT.days} days",
        "all that one person has begun": f"{web_drafts.MOST} forms, {web_drafts.MOST_BYTES // mebi} MiB",
        "all that was begun by one link": f"{web_drafts.MOST_OF_LINK} forms, "
        f"{web_drafts.MOST_BYTES // mebi} MiB",
        "files somebody asked for": f"kept {extracts.KEPT_DAYS} days; those of a release for good",
        "a link to a file": f"works for {max(file_links.DAYS)} days",
        "sets of files one account waits for": str(taking_away.MOST_AWAITED),
        "sets of files one account keeps": f"{taking_away.MOST_KEPT}, "
        f"{taking_away.MOST_KEPT_BYTES // 1024**3} GB; then it asks for no others",
        "photos and recordings in one set of files": f"{taking_away.MOST_PHOTOS:,}, within the "
        f"{taking_away.MOST_KEPT_BYTES // 1024**3} GB",
        "releases of a project being made at a time": str(releases.MOST_MAKING),
        "exports at once": f"{Settings.exports_at_once} of an account, {turns.MOST_HERE} of a process",
    }
    assert f"{THREADS} requests at once" in read("docs/operate.md")
    assert int(unread.LONGEST) == int(parcels.PATIENCE) == 60


def test_decisions_are_short_and_say_all_there_is_to_say() -> None:
    several = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in several] == list(range(1, len(several) + 1))
    for path in several:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path
        assert len(text.splitlines()) <= 25, path
        heads = re.findall(r"^(Context|Decision|Consequences|Status):", text, re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences", "Status"], path
        assert text.endswith("Status: Accepted.\n"), path


def test_both_readmes_tell_the_same_commands() -> None:
    english, vietnamese = (code_of(read(name)) for name in ("README.md", "README.vi.md"))
    for text in ("make serve", "HOST=0.0.0.0 make serve", "make demo", "make test", "app-user create"):
        assert text in english
        assert text in vietnamese
