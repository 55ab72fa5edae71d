"""⑧ Indicators as the plans group them: staff, facilities, literacy …, each with the rows that detail it.

Why: a programme has some hundred rows, and people look for one of the plans' indicators. Which group each
of these is in stands in `xlsforms/programme/groups.csv`; `<code>_…` is a detail of `<code>`.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from collector.actions.start import surveys_folder


@dataclass(frozen=True, slots=True)
class Group:
    """A group under its title by language ("" = no group): codes, each with those that detail it."""

    titles: Mapping[str, str]
    codes: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def read_groups(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Codes of the plans' indicators to the title of their group, by language."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["indicator"]: {"vi": row["group_vi"], "en": row["group_en"]} for row in csv.DictReader(file)
        }


def shipped_groups() -> Mapping[str, Mapping[str, str]]:
    """The groups that come with the programme."""
    return read_groups(surveys_folder() / "programme" / "groups.csv")


def grouped(codes: Iterable[str], groups: Mapping[str, Mapping[str, str]]) -> list[Group]:
    """The same codes by group, in the order they come; those of no group stand last."""
    several = list(dict.fromkeys(codes))
    known = set(several)
    details: dict[str, list[str]] = {}
    for code in several:
        main = main_of(code, known, groups)
        details.setdefault(main, [])
        if main != code:
            details[main].append(code)
    found: dict[str, tuple[Mapping[str, str], list[tuple[str, tuple[str, ...]]]]] = {}
    for code, more in details.items():
        titles = groups.get(_longest(code, groups) or "", {})
        _titles, lines = found.setdefault(titles.get("vi", ""), (titles, []))
        lines.append((code, tuple(more)))
    order = sorted(found, key=lambda title: (not title, title))
    return [Group(found[title][0], tuple(found[title][1])) for title in order]


def main_of(code: str, known: Collection[str], groups: Mapping[str, Mapping[str, str]]) -> str:
    """The indicator a code is a detail of, among those known; itself where there is none."""
    if code in groups:
        return code
    main = _longest(code, groups)
    if main is not None and main in known:
        return main
    others = [one for one in known if one != code]
    return _longest(code, others) or code


def _longest(code: str, several: Iterable[str]) -> str | None:
    """The longest of these codes that is this one or begins it."""
    found = (one for one in several if code == one or code.startswith(f"{one}_"))
    return max(found, key=len, default=None)
