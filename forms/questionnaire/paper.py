"""A form laid out for a sheet of paper: what is written where.

Why: where no phone works, the same questions are asked on paper and typed in afterwards, under the same
numbers. A repeat becomes a table: short ones with a row for each, long ones with a column for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.questionnaire.asked import Asked, Kind, Questionnaire, below

MOST_COLUMNS = 6
"""Questions of a repeat that fit side by side on a portrait sheet."""

ROWS = 8
"""Empty rows of a table whose questions stand side by side."""

COLUMNS = 4
"""Empty columns of a table whose questions stand one below the other."""

MOST_BOXES = 14
"""Answers of a list that are printed with the question; of more, the code is written, the list appended."""

MOST_APPENDED = 120
"""Answers of a list that is printed at the end; a longer one is looked up elsewhere."""


class Way(StrEnum):
    """How an answer is written down."""

    LINE = "line"  # a line
    LINES = "lines"  # several lines
    DATE = "date"  # day, month, year
    TIME = "time"
    MOMENT = "moment"  # both
    NUMBER = "number"  # a few boxes
    ONE = "one"  # a box to tick
    SEVERAL = "several"  # boxes to tick
    ORDER = "order"  # a number before each
    CODE = "code"  # the code of an answer in the list at the end
    POINT = "point"  # latitude and longitude
    CONFIRM = "confirm"  # one box
    FILE = "file"  # a number by which the picture or recording is found again


_WAYS: Mapping[str, Way] = {
    "int": Way.NUMBER,
    "decimal": Way.NUMBER,
    "range": Way.NUMBER,
    "date": Way.DATE,
    "time": Way.TIME,
    "dateTime": Way.MOMENT,
    "geopoint": Way.POINT,
    "geotrace": Way.LINES,
    "geoshape": Way.LINES,
    "image": Way.FILE,
    "audio": Way.FILE,
    "video": Way.FILE,
    "file": Way.FILE,
    "trigger": Way.CONFIRM,
}
_LISTED = {"select1": Way.ONE, "select": Way.SEVERAL, "rank": Way.ORDER}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a form goes on paper. `tables` holds for each repeat whether its questions stand side by side.

    `ways` is by path of the question, `appended` the lists printed at the end, by name.
    """

    ways: Mapping[str, Way]
    tables: Mapping[str, bool]
    appended: tuple[str, ...]


def lay_out(questionnaire: Questionnaire) -> Layout:
    """How every question of a form is written down."""
    ways = {one.path: _way(one, questionnaire) for one in questionnaire.questions()}
    wanted = (one.choices for one in questionnaire.questions() if ways[one.path] is Way.CODE)
    listed = (name for name in dict.fromkeys(wanted) if len(questionnaire.lists.get(name, ())) > 0)
    return Layout(
        ways,
        {one.path: _fits(one, ways) for one in questionnaire.every() if one.kind is Kind.REPEAT},
        tuple(name for name in listed if len(questionnaire.lists[name]) <= MOST_APPENDED),
    )


def rows_of(repeat: Asked) -> Iterator[Asked]:
    """What a table of a repeat asks, and its headings; of a repeat inside it only that there is one."""
    for one in repeat.inside:
        yield one
        if one.kind is Kind.GROUP:
            yield from rows_of(one)


def _way(one: Asked, questionnaire: Questionnaire) -> Way:
    if one.answer in _LISTED:
        number = len(questionnaire.lists.get(one.choices, ()))
        return _LISTED[one.answer] if 0 < number <= MOST_BOXES else Way.CODE
    if one.answer == "text" and "multiline" in one.appearance:
        return Way.LINES
    return _WAYS.get(one.answer, Way.LINE)


def _fits(repeat: Asked, ways: Mapping[str, Way]) -> bool:
    """Whether its questions stand side by side: few, none of which needs much room."""
    inside = list(below(repeat.inside))
    questions = [one for one in inside if one.is_asked]
    narrow = all(ways[one.path] not in {Way.LINES, Way.POINT, Way.MOMENT, Way.ORDER} for one in questions)
    return narrow and len(questions) <= MOST_COLUMNS and not any(one.kind is Kind.REPEAT for one in inside)
