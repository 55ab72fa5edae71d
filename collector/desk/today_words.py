"""A campaign in few words: as a text to be pasted into Zalo, and as the table of a picture.

Both name places and numbers and nobody, and both are Vietnamese whatever the officer reads: they go on to
others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import normalize

from flask_babel import force_locale, format_date, format_decimal, gettext, ngettext

from collector.actions.today import LAST_CALL, SECOND_CALL, Part, Round
from forms.values import HOME
from storage.queries.campaigns import CENTRE

LONGEST_TEXT = 500
"""Characters of a message that Zalo sends in one piece."""

MOST_DRAWN = 20
"""Rows of a picture that can still be read on a phone."""

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Table:
    """A picture's words. A row is a name and as many numbers as there are heads."""

    title: str
    facts: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]
    foot: str


def days(left: int) -> str:
    """How many days are left, or over."""
    if left < 0:
        return str(ngettext("%(num)s day over", "%(num)s days over", -left))
    if left == 0:
        return str(gettext("due today"))
    return str(ngettext("%(num)s day left", "%(num)s days left", left))


def call(one: Round) -> str:
    """Which reminder it is: seven, three and one day before the last day, and after it."""
    if one.left < 0:
        return str(gettext("Overdue"))
    if one.left <= LAST_CALL:
        return str(gettext("Last reminder"))
    if one.left <= SECOND_CALL:
        return str(gettext("Second reminder"))
    return str(gettext("First reminder"))


def name_of(part: Part) -> str:
    """What a part is called; centres, which are no places, stand together."""
    return str(gettext("Centres")) if part.code == CENTRE else part.name or "–"


def text_of(one: Round, place: str, *, of_units: bool, now: datetime, address: str) -> str:
    """A message of at most LONGEST_TEXT characters: who has not reported of a campaign, and until when."""
    with force_locale("vi"):
        head = [_title(one, place), _due(one), _numbers(one)]
        foot = [_as_of(now), address]
        room = LONGEST_TEXT - sum(len(line) + 1 for line in (*head, *foot))
        names = _names([part for part in one.parts if part.awaited], room, of_units=of_units)
        lines = [*head, *([names] if names else []), *foot]
        text = normalize("NFC", "\n".join(line for line in lines if line))
    # An address longer than a message is left out rather than broken.
    return text if len(text) <= LONGEST_TEXT else "\n".join(text.splitlines()[:-1])[:LONGEST_TEXT]


def table_of(one: Round, place: str, *, now: datetime) -> Table:
    """The words of the picture: the places that wait for most first, the rest in one row."""
    with force_locale("vi"):
        drawn = one.parts if len(one.parts) <= MOST_DRAWN else one.parts[: MOST_DRAWN - 1]
        rest = one.parts[len(drawn) :]
        rows = [_row(name_of(part), [part]) for part in drawn]
        if rest:
            more = ngettext("%(num)s other place", "%(num)s other places", len(rest))
            rows.append(_row(more, rest))
        return Table(
            _cut(one.campaign.name),
            tuple(filter(None, (place, _due(one)))),
            (gettext("To report"), gettext("Reported"), gettext("Reported late"), gettext("Not reported")),
            tuple(rows),
            _row(gettext("Total"), one.parts),
            _as_of(now),
        )


def _row(name: str, parts: Sequence[Part]) -> tuple[str, ...]:
    numbers = (
        sum(part.expected for part in parts),
        sum(part.arrived for part in parts),
        sum(part.late for part in parts),
        sum(part.awaited for part in parts),
    )
    return (normalize("NFC", name), *(_number(one) for one in numbers))


def _title(one: Round, place: str) -> str:
    of = f" – {place}" if place else ""
    return f"[{call(one)}] {_cut(one.campaign.name)}{of}"


def _due(one: Round) -> str:
    day = _day(one.campaign.due_on)
    return str(gettext("Last day %(day)s (%(left)s).", day=day, left=days(one.left)))


def _numbers(one: Round) -> str:
    numbers = {
        "arrived": _number(one.arrived),
        "expected": _number(one.expected),
        "late": _number(one.late),
        "awaited": _number(one.awaited),
    }
    if not one.awaited:
        return str(gettext("All %(expected)s have sent.", **numbers))
    if one.late:
        return str(gettext("%(arrived)s/%(expected)s sent (%(late)s late), %(awaited)s not yet.", **numbers))
    return str(gettext("%(arrived)s/%(expected)s sent, %(awaited)s not yet.", **numbers))


def _names(parts: Sequence[Part], room: int, *, of_units: bool) -> str:
    """As many names as there is room for; how many are left out is said."""
    if not parts:
        return ""
    told = [_told(part, of_units=of_units) for part in parts]
    for count in range(len(told), 0, -1):
        left_out = len(told) - count
        names = ", ".join(told[:count])
        line = (
            gettext("Not yet: %(names)s and %(count)s more.", names=names, count=_number(left_out))
            if left_out
            else gettext("Not yet: %(names)s.", names=names)
        )
        if len(line) + 1 <= room:
            return str(line)
    return ""


def _told(part: Part, *, of_units: bool) -> str:
    name = name_of(part)
    return name if of_units and part.expected == 1 else f"{name} {_number(part.awaited)}"


def _as_of(now: datetime) -> str:
    here = now.astimezone(HOME)
    return str(gettext("As of %(hour)s:00 on %(day)s.", hour=here.hour, day=_day(here.date())))


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _day(value: date) -> str:
    return str(format_date(value, "dd/MM/yyyy", rebase=False))


def _number(value: int) -> str:
    return str(format_decimal(value))
