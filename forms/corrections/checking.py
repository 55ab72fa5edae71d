"""An answer as somebody at the office types it: read, written as a phone would, refused as the form would."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from forms import values
from forms.corrections.filled import Filled, Spot
from forms.corrections.logic import Logic
from forms.corrections.working import CannotSay, Working, truth
from forms.phrases import template
from forms.schema import NOTHING, Node

LONGEST = 10_000
"""Characters of an answer."""

EDITABLE = frozenset({"string", "int", "decimal", "date", "time", "dateTime", "geopoint", "barcode"})
"""Types of questions that can be corrected by typing; a photo or a drawn line cannot."""

SELECTS = frozenset({"select", "select1", "odk:rank"})

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no file may hold; a page that was copied from may bring them along."""

_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")

UNKNOWN = template("There is no such question in this record.")
LOCKED = template("The form works this answer out by itself; correct what it comes from.")
NOT_WHOLE = template("“{text}” is not a whole number. Write digits only, such as 12.")
NO_NUMBER = template("“{text}” is not a number. Write it such as 12.5.")
NO_DATE = template("“{text}” is not a date. Write it such as 31/01/2026.")
NO_TIME = template("“{text}” is not a time. Write it such as 08:30.")
NO_POINT = template("“{text}” is not a position. Write latitude and longitude, such as 22.8034 104.9784.")
NO_CHOICE = template("“{text}” is not on the list of this question. Choose one that is.")
TOO_LONG = template("The answer is longer than {limit} characters. Shorten it.")
MISSING = template("This question must be answered. Give an answer.")
BLANK_ROW = template("This new row is blank. Answer something in it, or take it out again.")
COUNTED = template("There are {number} rows now: write {number} here as well.")
UNFIT = template("The form does not allow “{text}” here. Look at the question's hint and correct it.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer is not taken: a template with its details, or `messages`, the form's own words."""

    sentence: str
    details: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    messages: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class AnswerRefused(Exception):
    """An answer the form would not take."""

    def __init__(self, sentence: str, **details: object) -> None:
        super().__init__()
        self.refusal = Refusal(sentence, details)


Codes = Callable[[Node], Mapping[str, str] | None]
"""The codes and labels a select question knows; None where nobody can say."""


def editable(node: Node, logic: Logic) -> bool:
    """Whether people answer this question, and can type its answer."""
    if not node.control or node.path in logic.locked or node.path.startswith("/meta"):
        return False
    return node.control in SELECTS or node.type in EDITABLE


def written(node: Node, typed: str, codes: Codes) -> str:
    """The text a phone would have sent for what was typed. Raises AnswerRefused."""
    text = unicodedata.normalize("NFC", _NO_XML.sub("", typed.replace("\r\n", "\n"))).strip()
    if len(text) > LONGEST:
        raise AnswerRefused(TOO_LONG, limit=LONGEST)
    if not text:
        return ""
    if node.control in SELECTS:
        return _chosen(node, text, codes)
    writer = _WRITERS.get(node.type)
    return writer(text) if writer else text


def _chosen(node: Node, text: str, codes: Codes) -> str:
    several = [text] if node.control == "select1" else values.codes(text)
    known = codes(node)
    for code in several if known is not None else ():
        if known is not None and code not in known:
            raise AnswerRefused(NO_CHOICE, text=code[:60])
    return " ".join(several)


def _int(text: str) -> str:
    try:
        return str(values.read_int(text))
    except ValueError as error:
        raise AnswerRefused(NOT_WHOLE, text=text[:60]) from error


def _decimal(text: str) -> str:
    plain = text.replace(",", ".")
    try:
        values.read_decimal(plain)
    except ValueError as error:
        raise AnswerRefused(NO_NUMBER, text=text[:60]) from error
    return plain


def _date(text: str) -> str:
    found = _DAY.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        return values.read_date(text).isoformat()
    except ValueError as error:
        raise AnswerRefused(NO_DATE, text=text[:60]) from error


def _time(text: str) -> str:
    try:
        values.read_time(text)
    except ValueError as error:
        raise AnswerRefused(NO_TIME, text=text[:60]) from error
    return text


def _moment(text: str) -> str:
    try:
        values.read_instant(text)
    except ValueError as error:
        raise AnswerRefused(NO_DATE, text=text[:60]) from error
    return text


def _point(text: str) -> str:
    plain = " ".join(text.replace(",", " ").split())
    try:
        values.read_point(plain)
    except ValueError as error:
        raise AnswerRefused(NO_POINT, text=text[:60]) from error
    return plain


_WRITERS: Mapping[str, Callable[[str], str]] = {
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "time": _time,
    "dateTime": _moment,
    "geopoint": _point,
}


def unfit(filled: Filled, spot: Spot, logic: Logic, today: date) -> Refusal | None:
    """Why the form would not take what stands at a spot now; None where it would, or only a phone knows."""
    text = filled.text(spot)
    if not text:
        return Refusal(MISSING) if spot.path in logic.required else None
    constraint = logic.constraints.get(spot.path)
    if constraint is None:
        return None
    try:
        holds = truth(Working(filled, filled.rows[spot.row], spot.path, today).value(constraint.expression))
    except (CannotSay, RecursionError, OverflowError, ValueError):
        return None
    return None if holds else Refusal(UNFIT, {"text": text[:60]}, constraint.messages)
