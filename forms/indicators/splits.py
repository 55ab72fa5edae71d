"""What a figure is split by: `m_sex, m_age(15..25 26..35 36..60), @border`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from forms.expressions.scope import Scope
from forms.expressions.tree import Answer
from forms.indicators import faults
from forms.indicators.definition import Rows, Split
from forms.indicators.grounds import Ground
from forms.place_facts import FACTS
from forms.problems import ExpressionWrong
from forms.remarks import Remark
from forms.rows import Cell
from forms.schema import Node

Bands: TypeAlias = tuple[tuple[int | None, int | None], ...]

_PART = re.compile(r"(?P<name>@?[^\s,;()@]+)(?:\((?P<bands>[^()]*)\))?(?:[\s,;]+|$)")
_BAND = re.compile(r"(?P<first>-?[0-9]{1,9})?(?P<dots>\.\.)?(?P<last>-?[0-9]{1,9})?")


def read_splits(text: str, ground: Ground, below: Ground | None) -> tuple[tuple[Split, ...], list[Remark]]:
    """What `text` names among the rows of `ground`, and what is wrong with it.

    `below` is where the rows of the denominator come from, None without one; a question to split by has to
    be asked there too. Raises ExpressionWrong for a question there is not.
    """
    found: dict[str, Split] = {}
    remarks: list[Remark] = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return (), [replace(faults.SPLIT_UNREADABLE, details={"text": text[at : at + 40]})]
        split, told = _split(part, text, ground, below)
        remarks += [replace(one, details={"name": part["name"], **one.details}) for one in told]
        if found.setdefault(split.name, split) != split:
            remarks.append(replace(faults.SPLIT_TWICE, details={"name": split.name}))
        at = part.end()
    return tuple(found.values()), remarks


def _split(
    part: re.Match[str], text: str, ground: Ground, below: Ground | None
) -> tuple[Split, list[Remark]]:
    name = part["name"]
    if name.startswith("@"):
        known = ", ".join(f"@{fact}" for fact in FACTS)
        wrong = name[1:] not in FACTS or part["bands"] is not None
        return Split(name), [replace(faults.CLASS_UNKNOWN, details={"known": known})] if wrong else []
    if ground.source.rows is Rows.FIGURES:
        return Split(name), [faults.SPLIT_OF_FIGURES]
    answer = ground.scope.find(Answer(name, at=part.start()), text)
    node = ground.scope.schema.by_path[answer.path]
    bands, remarks = _bands(part["bands"])
    remarks += _unbanded(node, ground.scope) if bands else _ungroupable(node, ground.scope)
    under = _below(answer, below, text)
    if below is not None and under is None:
        remarks.append(faults.SPLIT_OVER_TWO_TABLES)
    return Split(answer.name, ground.answer(answer), bands, under), remarks


def _below(answer: Answer, below: Ground | None, text: str) -> Answer | None:
    if below is None or below.source.rows is Rows.FIGURES:
        return None
    try:
        return below.answer(below.scope.find(Answer(answer.name, at=answer.at), text))
    except ExpressionWrong:
        return None


def _bands(text: str | None) -> tuple[Bands, list[Remark]]:
    if text is None:
        return (), []
    bands: list[tuple[int | None, int | None]] = []
    for word in text.replace(",", " ").split():
        found = _BAND.fullmatch(word)
        if found is None or not (found["first"] or found["last"]):
            return (), [replace(faults.BANDS_WRONG, details={"bands": text})]
        first = int(found["first"]) if found["first"] else None
        last = int(found["last"]) if found["last"] else None if found["dots"] else first
        bands.append((first, last))
    if not bands or not _in_order(bands):
        return (), [replace(faults.BANDS_WRONG, details={"bands": text})]
    return tuple(bands), []


def _in_order(bands: list[tuple[int | None, int | None]]) -> bool:
    """Whether each band begins after the one before it ended; only the outer two may be open."""
    edges = [edge for band in bands for edge in band]
    if None in edges[1:-1]:
        return False
    numbers = [edge for edge in edges if edge is not None]
    firsts, lasts = [first for first, _last in bands[1:]], [last for _first, last in bands[:-1]]
    after = all(
        last is not None and first is not None and last < first
        for last, first in zip(lasts, firsts, strict=True)
    )
    return after and numbers == sorted(numbers)


def _unbanded(node: Node, scope: Scope) -> Iterator[Remark]:
    """Why a question cannot be put into bands of whole numbers, if it cannot."""
    cell = scope.cell(node.path)
    if cell is not Cell.INT and not (cell is Cell.TEXT and not node.control):
        yield faults.BANDS_OF_TEXT


def _ungroupable(node: Node, scope: Scope) -> Iterator[Remark]:
    """Why a figure cannot be split by a question, if it cannot."""
    if node.select_multiple or node.type == "odk:rank":
        yield faults.SPLIT_BY_LIST
    elif scope.cell(node.path) not in {Cell.TEXT, Cell.INT} or node.binary or node.type.startswith("geo"):
        yield faults.SPLIT_BY_MEASURE
    elif node.control == "input" and node.type == "string":
        yield faults.SPLIT_BY_FREE_TEXT
