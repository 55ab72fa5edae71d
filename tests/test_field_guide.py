"""The field guide says what phones and pages say, and shows what it points at."""

from __future__ import annotations

import ast
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from collector import openrosa
from forms.problems import Problem
from storage.problems import TooManyAttempts

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "field-guide.vi.md"
TEXT = GUIDE.read_text(encoding="utf-8")
PICTURES = ROOT / "docs" / "pictures"
CATALOGUE = ROOT / "collector" / "translations" / "vi" / "LC_MESSAGES" / "messages.po"

ON_THE_WAY = (
    *(f"collector.openrosa.{module.name}" for module in pkgutil.iter_modules(openrosa.__path__)),
    "collector.visits",
    "collector.parcels",
    "collector.actions.delivery",
    "collector.actions.receive",
    "collector.actions.sniffing",
    "forms.submission",
    "storage.blobs.staging",
    "storage.queries.forms",
    "storage.queries.projects",
)
"""What a phone's request runs through: whatever refusal one of these knows, a phone may show."""

SELF_SERVICE = "Phone number or PIN is wrong", "Wrong too often"
HOLE = re.compile(r"%\(\w+\)s|\{\w+\}")


def sentences() -> dict[str, str]:
    """English to Vietnamese, holes as the guide writes them."""
    with CATALOGUE.open("rb") as file:
        found = read_po(file, locale="vi")
    return {
        message.id: HOLE.sub("…", message.string)
        for message in found
        if isinstance(message.id, str) and isinstance(message.string, str)
    }


def refusals() -> set[type[Problem]]:
    # Passwords are counted beside much that no phone is told.
    return {TooManyAttempts} | {
        known
        for name in ON_THE_WAY
        for known in vars(import_module(name)).values()
        if isinstance(known, type) and issubclass(known, Problem) and known is not Problem
    }


def spoken_in(name: str) -> set[str]:
    """The sentences a module hands to gettext."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {
        node.args[0].value
        for node in calls
        if isinstance(node.func, ast.Name)
        and node.func.id == "gettext"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def rows() -> dict[str, list[str]]:
    """First cell to the others, of every table."""
    lines = re.findall(r"^\| (.+) \|$", TEXT, re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    return {row[0]: row[1:] for row in cells}


def anchor(heading: str) -> str:
    """How GitHub names a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def told() -> list[str]:
    """What a phone, or the page for phones, may say; in English."""
    pages = {one for one in spoken_in("collector/desk/selfservice.py") if one.startswith(SELF_SERVICE)}
    assert len(pages) == len(SELF_SERVICE)
    return sorted({one.sentence for one in refusals()} | spoken_in("collector/errors.py") | pages)


def test_the_way_of_a_phone_knows_its_refusals() -> None:
    known = {one.__name__ for one in refusals()}
    assert {"TokenUnknown", "FormNotOpen", "InstanceConflict", "SubmissionUnreadable", "StoreFailed"} <= known


@pytest.mark.parametrize("english", told())
def test_every_sentence_a_phone_shows_has_a_row_that_says_what_to_do(english: str) -> None:
    vietnamese = sentences()[english]
    row = rows().get(vietnamese)
    assert row is not None, f"docs/field-guide.vi.md, section 5, has no row for: {vietnamese}"
    assert len([cell for cell in row if cell.strip()]) == 2, row


def test_no_row_is_about_a_sentence_nobody_says() -> None:
    section = TEXT.partition("### Máy chủ trả lời")[2].partition("## 6.")[0]
    lines = re.findall(r"^\| (.+?) \| ", section, re.MULTILINE)
    ours = {sentences()[english] for english in told()}
    assert {line for line in lines if line != "máy báo"} - ours == set()


def test_what_stands_in_bold_is_said_on_a_page() -> None:
    section = TEXT.partition("## 7.")[2].partition("## 8.")[0]
    pages = set(sentences().values())
    named = {one for one in re.findall(r"\*\*(.+?)\*\*", section) if not one.endswith(":")}
    assert named - pages == set()


def test_pictures_are_there_and_light() -> None:
    shown = re.findall(r"!\[(.+?)\]\((.+?)\)", TEXT)
    assert {GUIDE.parent / path for _, path in shown} == set(PICTURES.glob("*.png"))
    assert all(words.strip() for words, _ in shown)
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_000_000


def test_links_lead_somewhere() -> None:
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", TEXT)
    assert links
    for link in links:
        assert link.startswith("#"), link
        assert link[1:] in anchors, link


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_whoever_reads_the_first_page_finds_it(name: str) -> None:
    assert "(docs/field-guide.vi.md)" in (ROOT / name).read_text(encoding="utf-8")
