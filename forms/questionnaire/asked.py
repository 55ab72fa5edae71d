"""What a form asks, as it is read: groups with their questions in the order of the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forms.phrases import template
from forms.schema import NOTHING, Choice, Schema


class Kind(StrEnum):
    """What stands on the screen."""

    GROUP = "group"
    REPEAT = "repeat"
    QUESTION = "question"
    NOTE = "note"
    COMPUTED = "computed"  # stands on no screen


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, sound or film beside a text. `kind`: image, audio, video."""

    kind: str
    name: str


Texts = Mapping[str, str]
"""Language to text; `""` is the language of a form that names none."""

Media = Mapping[str, tuple[Shown, ...]]
"""Language to what is shown."""

NO_MEDIA: Media = {}


@dataclass(frozen=True, slots=True)
class Rules:
    """When a question is asked and what it takes: expressions as an author writes them, `${name}`.

    `required` is "" where it may stay blank, `true()` where it may not; `raw_relevant` and
    `raw_constraint` are the same as the XForm has them, by path.
    """

    required: str = ""
    relevant: str = ""
    constraint: str = ""
    calculation: str = ""
    default: str = ""
    choice_filter: str = ""
    count: str = ""
    raw_relevant: str = ""
    raw_constraint: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing of a form. `path` is that of the schema; `answer` is a key of ANSWERS.

    `choices` names the list of its answers, which is in the form, or the file they come from.
    """

    path: str
    kind: Kind
    answer: str = ""
    appearance: str = ""
    labels: Texts = field(default_factory=lambda: NOTHING)
    hints: Texts = field(default_factory=lambda: NOTHING)
    guidance: Texts = field(default_factory=lambda: NOTHING)
    messages: Texts = field(default_factory=lambda: NOTHING)
    required_messages: Texts = field(default_factory=lambda: NOTHING)
    media: Media = field(default_factory=lambda: NO_MEDIA)
    rules: Rules = field(default_factory=Rules)
    choices: str = ""
    inside: tuple[Asked, ...] = ()

    @property
    def name(self) -> str:
        """What the workbook calls it."""
        return self.path.rpartition("/")[2]

    @property
    def within(self) -> str:
        """The path of what it stands in, "" for the form itself."""
        return self.path.rpartition("/")[0]

    @property
    def is_asked(self) -> bool:
        """True for what somebody answers."""
        return self.kind is Kind.QUESTION


ANSWERS: Mapping[str, str] = {
    "text": template("text"),
    "int": template("whole number"),
    "decimal": template("number"),
    "date": template("date"),
    "time": template("time of day"),
    "dateTime": template("date and time"),
    "select1": template("one answer of a list"),
    "select": template("several answers of a list"),
    "rank": template("answers put in order"),
    "geopoint": template("place on the map"),
    "geotrace": template("line on the map"),
    "geoshape": template("area on the map"),
    "barcode": template("code that is scanned"),
    "image": template("photo"),
    "audio": template("sound recording"),
    "video": template("film"),
    "file": template("file"),
    "trigger": template("confirmation"),
    "range": template("number on a scale"),
    "note": template("text to read"),
    "computed": template("computed by the form"),
    "group": template("group"),
    "repeat": template("group asked several times"),
}
"""What kind of answer is given, in words."""


@dataclass(frozen=True)
class Questionnaire:
    """A form as it is read. `languages` has the default one first and at least one.

    `items` stand on the screen, `computed` nowhere; `lists` are those of the form itself, `list_media`
    what is shown beside (list, code).
    """

    schema: Schema
    languages: tuple[str, ...]
    items: tuple[Asked, ...]
    computed: tuple[Asked, ...] = ()
    lists: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    list_media: Mapping[tuple[str, str], Media] = field(default_factory=dict)

    def every(self) -> Iterator[Asked]:
        """All that stands on the screen, in its order, groups before what is in them."""
        yield from below(self.items)

    def by_path(self) -> dict[str, Asked]:
        """Path to what is asked there; what is computed too."""
        return {one.path: one for one in (*self.every(), *self.computed)}

    def numbers(self) -> dict[str, int]:
        """The number of every question, counted through from 1, by path."""
        return {one.path: number for number, one in enumerate(self.questions(), 1)}

    def questions(self) -> Iterator[Asked]:
        """What somebody answers, in the order of the screen."""
        return (one for one in self.every() if one.is_asked)


def below(several: tuple[Asked, ...]) -> Iterator[Asked]:
    """These and all that is in them."""
    for one in several:
        yield one
        yield from below(one.inside)
