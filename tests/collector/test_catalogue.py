"""Every sentence the house speaks has a Vietnamese one, and says the same."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from collector.desk.language import LANGUAGES
from collector.wording import WORDS
from forms import place_facts, remarks, village_list
from forms.problems import Problem

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "collector" / "translations" / "vi" / "LC_MESSAGES" / "messages.po"
HOLES = re.compile(r"%\(\w+\)s|\{\w+\}")
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="vi")


@cache
def spoken(root: Path = ROOT) -> set[str]:
    """What `make messages` gathers; of a plural its singular."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mappings = [(one["pattern"], one["method"]) for one in project["tool"]["babel"]["mappings"]]
    found = extract_from_dir(root, mappings, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, *_ in found}


def unsaid(several: Catalog) -> list[str]:
    """What has no Vietnamese, or one that was only guessed."""
    return [
        singular(message) for message in several if message.id and (not vietnamese(message) or message.fuzzy)
    ]


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def vietnamese(message: Message) -> str:
    return message.string if isinstance(message.string, str) else next(iter(message.string or ()), "")


def test_every_sentence_is_in_the_catalogue_and_nothing_else() -> None:
    known = {singular(message) for message in catalogue() if message.id}
    assert spoken() - known == set(), "run make messages, and say these in Vietnamese"
    assert known - spoken() == set(), "run make messages: nobody says these any more"


def test_the_catalogue_can_be_compiled() -> None:
    faults = [str(error) for message in catalogue() for error in message.check(catalogue())]
    assert faults == [], "a percent sign before a word looks like a hole: write “percent of”"


def test_what_is_said_at_run_time_was_gathered() -> None:
    for path in (ROOT / "forms").rglob("*.py"), (ROOT / "storage").glob("problems.py"):
        for file in path:
            import_module(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))

    def family(of: type[Problem]) -> set[type[Problem]]:
        return {of, *(one for child in of.__subclasses__() for one in family(child))}

    ours = {one.sentence for one in family(Problem) if not one.__module__.startswith("tests")}
    known = {singular(message) for message in catalogue()}
    assert (
        ours | set(remarks.templates()) | set(village_list.FAULTS) | set(place_facts.FAULTS) | WORDS
    ) - known == set()


def test_every_sentence_has_a_vietnamese_one() -> None:
    assert unsaid(catalogue()) == []


def test_a_sentence_of_a_new_page_would_be_missed(tmp_path: Path) -> None:
    page = tmp_path / "collector" / "desk" / "templates" / "new.html"
    page.parent.mkdir(parents=True)
    page.write_text('<p>{{ _("Of a page") }} {{ ngettext("%(num)s page", "%(num)s pages", 2) }}</p>', "utf-8")
    module = tmp_path / "collector" / "desk" / "new.py"
    module.write_text('from flask_babel import gettext\nTEXT = gettext("Of a module")\n', "utf-8")
    assert spoken(tmp_path) == {"Of a page", "%(num)s page", "Of a module"}


def test_a_sentence_without_a_vietnamese_one_would_be_missed() -> None:
    several = Catalog(locale="vi")
    several.add("Said", "Đã nói")
    several.add("Unsaid", "")
    several.add("Guessed", "Đoán", flags=["fuzzy"])
    assert unsaid(several) == ["Unsaid", "Guessed"]


def test_the_same_holes_are_filled() -> None:
    wrong = [
        (singular(message), vietnamese(message))
        for message in catalogue()
        if message.id
        and Counter(HOLES.findall(singular(message))) != Counter(HOLES.findall(vietnamese(message)))
    ]
    assert wrong == []


def test_no_word_of_developers_reaches_a_volunteer() -> None:
    told = re.compile(r"\b(submission|entity|instance|payload|token|request|parse)", re.IGNORECASE)
    said = [HOLES.sub("", vietnamese(message)) for message in catalogue() if message.id]
    wrong = [sentence for sentence in said if told.search(sentence.replace("instanceID", ""))]
    assert wrong == []


def test_every_language_but_english_has_a_catalogue() -> None:
    folders = {path.parent.parent.name for path in CATALOGUE.parents[2].glob("*/LC_MESSAGES/*.po")}
    assert folders == set(LANGUAGES) - {"en"}
