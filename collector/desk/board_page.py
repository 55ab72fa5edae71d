"""What the pages of a campaign show: a survey's board by communes, its map, texts to send on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from collector.actions import campaign_boards, campaigns
from collector.actions.campaign_boards import ONLY, SORTS, Commune, Seen, TableWords
from collector.actions.campaigns import Board, Line, State, Tally
from collector.actions.maps import map_of
from collector.desk.page import may, seeing, written_day, written_full_moment
from forms.maps import Map, Mark
from forms.reminders import fitted, messages
from forms.vietnamese import sort_key
from storage.models import Campaign

MOST_MESSAGES = 6
"""Messages with the names of all; of more, the messages only say how many."""

_WORDS = 100
_PHONES = "field_key.list"


@dataclass(frozen=True)
class Standing:
    """A campaign with all its boards, the one that is looked at, and how (`query`: as in the address)."""

    campaign: Campaign
    boards: Sequence[Board]
    board: Board | None
    seen: Seen
    query: Mapping[str, str | None]


def standing(session: Session, campaign: Campaign, now: datetime) -> Standing:
    """The campaign as the address asks for it: `?form=`, `?only=`, `?sort=`, `?q=`."""
    boards = campaigns.boards(session, campaign, now=now)
    asked = request.args.get("form", "")
    board = next((one for one in boards if one.asked.xml_form_id == asked), boards[0] if boards else None)
    seen = Seen(
        _among(request.args.get("only", ""), ONLY),
        _among(request.args.get("sort", ""), SORTS),
        request.args.get("q", "").strip()[:_WORDS],
    )
    query = {
        "form": board.asked.xml_form_id if board and len(boards) > 1 else None,
        "only": seen.only or None,
        "sort": seen.sort if seen.sort != SORTS[0] else None,
        "q": seen.words or None,
    }
    return Standing(campaign, boards, board, seen, query)


def _among(asked: str, known: Sequence[str]) -> str:
    return asked if asked in known else known[0]


def map_for(session: Session, at: Standing, communes: Sequence[Commune]) -> Map | None:
    """The communes of the board on a map, by how they stand."""
    project_id, number = at.campaign.project_id, at.campaign.id
    here: dict[str, Any] = {"project_id": project_id, "number": number, **at.query}
    marks = {
        one.code: Mark(one.look, one.name, in_short(one.tally), url_for(".commune", code=one.code, **here))
        for one in communes
    }
    return map_of(session, project_id, marks)


def looks(communes: Sequence[Commune]) -> dict[str, str]:
    """What each look of the map means here, the worst first."""
    said = {
        "bad": gettext("somebody is missing"),
        "fair": gettext("all have sent, some late"),
        "none": gettext("not all yet, there is time"),
        "good": gettext("all have sent in time"),
        "plain": gettext("nobody is expected"),
    }
    held = {one.look for one in communes}
    return {look: words for look, words in said.items() if look in held}


def in_short(tally: Tally) -> str:
    """A tally in a few words."""
    parts = [f"{tally.arrived}/{tally.expected}"]
    if tally.late:
        parts.append(ngettext("%(num)s late", "%(num)s late", len(tally.late)))
    if tally.awaited:
        parts.append(ngettext("%(num)s not in yet", "%(num)s not in yet", len(tally.awaited)))
    return ", ".join(parts)


# Texts to send on ------------------------------------------------------------------------------------


def text_of_awaited(at: Standing, name: str, tally: Tally) -> str:
    """Who of a commune has not sent, as one text."""
    return str(
        gettext(
            "%(title)s – %(commune)s: not yet received from %(names)s. Last day: %(day)s.",
            title=_title(at),
            commune=name,
            names=", ".join(campaign_boards.names_of(tally.awaited)),
            day=written_day(at.campaign.due_on),
        )
    )


def text_of_late(at: Standing, name: str, tally: Tally) -> str:
    """Who of a commune has sent late, as one text."""
    return str(
        gettext(
            "%(title)s – %(commune)s: came after the last day (%(day)s) from %(names)s.",
            title=_title(at),
            commune=name,
            names=", ".join(campaign_boards.names_of(tally.late)),
            day=written_day(at.campaign.due_on),
        )
    )


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be copied: an id on the page, what it is for, and the text."""

    id: str
    label: str
    text: str


def texts(at: Standing, communes: Sequence[Commune], left: int) -> list[Text]:
    """All that may be sent on: the reminder of the day, then who is missing and who is late, by communes."""
    board = at.board
    if board is None:
        return []
    found = [Text("text-remind", gettext("Reminder"), _reminder(at, board, communes, left))]
    for key, label, head, lines in (
        (
            "missing",
            gettext("Who has not sent yet"),
            gettext("%(title)s – not yet received (last day: %(day)s):", title=_title(at), day=_day(at)),
            [(one.name, campaign_boards.names_of(one.tally.awaited)) for one in communes],
        ),
        (
            "late",
            gettext("Who has sent late"),
            gettext("%(title)s – came after the last day (%(day)s):", title=_title(at), day=_day(at)),
            [(one.name, campaign_boards.names_of(one.tally.late)) for one in communes],
        ),
    ):
        told = [_line(at, name, names) for name, names in lines if names]
        several = messages(head, told)
        if len(several) > MOST_MESSAGES:
            # Nobody sends twenty messages: the numbers are for the chat, the names for a letter.
            found.append(
                Text(f"text-{key}-all", gettext("%(what)s, all names", what=label), "\n".join([head, *told]))
            )
            several = messages(head, [f"{name}: {len(names)}" for name, names in lines if names])
        found += [
            Text(
                f"text-{key}-{number}",
                label if len(several) == 1 else f"{label} ({number}/{len(several)})",
                text,
            )
            for number, text in enumerate(several, start=1)
        ]
    return found


def _line(at: Standing, name: str, names: Sequence[str]) -> str:
    if at.board is not None and campaign_boards.is_by_commune(at.board):
        return name
    return f"{name}: {', '.join(names)}"


def _day(at: Standing) -> str:
    return written_day(at.campaign.due_on)


def _title(at: Standing) -> str:
    return at.board.title if at.board else at.campaign.name


def _reminder(at: Standing, board: Board, communes: Sequence[Commune], left: int) -> str:
    awaited = [one for one in communes if one.tally.awaited]
    said = {"title": board.title, "day": _day(at), "arrived": board.arrived, "expected": board.expected}
    if not awaited:
        return str(
            gettext("“%(title)s”: everybody has sent, %(arrived)s of %(expected)s. Thank you.", **said)
        )
    stage = campaign_boards.stage(left)
    if stage == "over":
        head = gettext(
            "“%(title)s”: the last day, %(day)s, is over. Received: %(arrived)s of %(expected)s. "
            "Please send at once what is missing:",
            **said,
        )
    elif stage == "tomorrow":
        head = (
            gettext(
                "“%(title)s” is due today, %(day)s. Received: %(arrived)s of %(expected)s. "
                "Still awaited today:",
                **said,
            )
            if left == 0
            else gettext(
                "“%(title)s” is due tomorrow, %(day)s. Received: %(arrived)s of %(expected)s. Still awaited:",
                **said,
            )
        )
    else:
        head = gettext(
            "“%(title)s” is due in %(left)s days, on %(day)s. Received: %(arrived)s of %(expected)s. "
            "Still awaited:",
            left=left,
            **said,
        )
    names = [
        one.name if campaign_boards.is_by_commune(board) else f"{one.name} ({len(one.tally.awaited)})"
        for one in awaited
    ]
    return fitted(str(head), names, lambda more: ngettext("and %(num)s more", "and %(num)s more", more))


# Words -------------------------------------------------------------------------------------------------


def state_words() -> dict[State, str]:
    """How a unit stands, in words."""
    return {
        State.RECEIVED: gettext("has sent"),
        State.LATE: gettext("late"),
        State.MISSING: gettext("missing"),
        State.WAITING: gettext("not in yet"),
    }


def table_words() -> TableWords:
    """What the table of a board says."""
    heads = (
        gettext("Commune"),
        gettext("Code of the commune"),
        gettext("Who reports"),
        gettext("Code"),
        gettext("State"),
        gettext("Records"),
        gettext("First arrival"),
        gettext("Last arrival"),
    )
    return TableWords(heads, state_words(), written_full_moment)


def reporters(session: Session, project_id: int, here: Commune) -> campaign_boards.Reporters | None:
    """The volunteers of a commune with their numbers, as far as the reader may know them."""
    if not may(_PHONES, project_id):
        return None
    with seeing(_PHONES, project_id):
        return campaign_boards.reporters(session, project_id, here.code, here.tally.lines)


_WORST_FIRST = (State.MISSING, State.WAITING, State.LATE, State.RECEIVED)


def by_state(line: Line) -> tuple[int, str]:
    """Units in the order in which they are asked about: who is missing, then late, each by name."""
    return _WORST_FIRST.index(line.state), sort_key(line.unit.name)


LOOK_OF: Mapping[State, str] = {
    State.RECEIVED: "good",
    State.LATE: "warn",
    State.MISSING: "bad",
    State.WAITING: "",
}
"""The class of the pill of each state."""
