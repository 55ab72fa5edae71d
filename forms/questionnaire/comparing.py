"""Two versions of a form side by side: what is asked anew, no longer, elsewhere or otherwise.

Why: who publishes has to see what changes on the phones, and what that does to records that are there.
Rests on: a question is its path; under another name, or in another group, it is another column.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from forms.compare import compare
from forms.phrases import template
from forms.questionnaire.asked import Asked, Kind, Questionnaire, Texts
from forms.schema import Choice


class What(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"  # another name, the same words: another column
    REGROUPED = "regrouped"  # the same name in another group: another column
    MOVED = "moved"  # asked earlier or later
    CHANGED = "changed"


class Fate(StrEnum):
    """What a change of type does to the answers that are there."""

    WIDENED = "widened"  # they become text
    REFUSED = "refused"  # they could not be kept: it cannot be published


LABEL = template("text of the question")
HINT = template("hint")
GUIDANCE = template("guidance")
MESSAGE = template("message when the answer is not taken")
REQUIRED_MESSAGE = template("message when it is left blank")
TYPE = template("kind of answer")
REQUIRED = template("has to be answered")
RELEVANT = template("asked when")
CONSTRAINT = template("taken when")
CALCULATION = template("formula")
DEFAULT = template("filled in beforehand")
LIST = template("list of answers")
FILTER = template("answers shown when")
REPEATED = template("how often")
LOOKS = template("appearance")
MEDIA = template("picture, sound or film")
TITLE = template("title of the form")
ASPECTS = (
    LABEL,
    HINT,
    GUIDANCE,
    MESSAGE,
    REQUIRED_MESSAGE,
    TYPE,
    REQUIRED,
    RELEVANT,
    CONSTRAINT,
    CALCULATION,
    DEFAULT,
    LIST,
    FILTER,
    REPEATED,
    LOOKS,
    MEDIA,
    TITLE,
)
"""What of a question can differ, in the order it is told."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One of ASPECTS, before and after; `language` for texts that belong to one."""

    what: str
    old: str
    new: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one question, note, group or computed value.

    `old` is None for what is new, `new` for what is gone. `later` tells where a moved one went.
    """

    what: What
    old: Asked | None
    new: Asked | None
    aspects: tuple[Aspect, ...] = ()
    fate: Fate | None = None
    later: bool = False

    @property
    def one(self) -> Asked:
        """The thing itself, as it is now or was last."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - one of the two is always there
        return found


@dataclass(frozen=True, slots=True)
class ListDifference:
    """A list of answers: codes that came, went, or are called otherwise; `reordered`: only their order."""

    name: str
    added: tuple[Choice, ...] = ()
    removed: tuple[Choice, ...] = ()
    renamed: tuple[tuple[Choice, Choice], ...] = ()
    reordered: bool = False


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs; `whole` is what differs of the form itself, such as its title."""

    questions: tuple[Difference, ...] = ()
    computed: tuple[Difference, ...] = ()
    lists: tuple[ListDifference, ...] = ()
    whole: tuple[Aspect, ...] = ()
    languages_added: tuple[str, ...] = ()
    languages_removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(
            self.questions
            or self.computed
            or self.lists
            or self.whole
            or self.languages_added
            or self.languages_removed
        )

    def of(self, *wanted: What) -> tuple[Difference, ...]:
        """The differences on the screen of these sorts."""
        return tuple(one for one in self.questions if one.what in wanted)


def differences(old: Questionnaire, new: Questionnaire) -> Differences:
    """What the version `new` changes of the version `old`."""
    fates = _fates(old, new)
    title = Aspect(TITLE, old.schema.title, new.schema.title)
    return Differences(
        questions=tuple(_paired(_things(list(old.every()), list(new.every()), fates))),
        computed=tuple(_paired(_things(old.computed, new.computed, fates, moves=False))),
        lists=tuple(_lists(old, new)),
        whole=(title,) if title.old != title.new else (),
        languages_added=tuple(one for one in new.languages if one not in old.languages),
        languages_removed=tuple(one for one in old.languages if one not in new.languages),
    )


def _fates(old: Questionnaire, new: Questionnaire) -> dict[str, Fate]:
    compared = compare(old.schema, new.schema)
    widened = {one.path: Fate.WIDENED for one in compared.widened}
    return widened | {one.path: Fate.REFUSED for one in compared.conflicts}


def _things(
    old: Sequence[Asked], new: Sequence[Asked], fates: Mapping[str, Fate], *, moves: bool = True
) -> list[Difference]:
    """What came and changed in the order of the new version, then what went."""
    before = {one.path: one for one in old}
    after = {one.path: one for one in new}
    moved = _moved(old, new) if moves else {}
    found: list[Difference] = []
    for path, one in after.items():
        earlier = before.get(path)
        if earlier is None:
            found.append(Difference(What.ADDED, None, one))
            continue
        aspects, fate = tuple(_aspects(earlier, one)), fates.get(path)
        if aspects or fate:
            found.append(Difference(What.CHANGED, earlier, one, aspects, fate))
        if path in moved:
            found.append(Difference(What.MOVED, earlier, one, later=moved[path]))
    found += [Difference(What.REMOVED, one, None) for path, one in before.items() if path not in after]
    return found


def _moved(old: Sequence[Asked], new: Sequence[Asked]) -> dict[str, bool]:
    """The paths whose turn among their neighbours changed, and whether it comes later now."""
    before = {one.path: turn for turn, one in enumerate(old)}
    groups: dict[str, list[str]] = {}
    for one in new:
        if one.path in before:
            groups.setdefault(one.within, []).append(one.path)
    found: dict[str, bool] = {}
    for after in groups.values():
        kept = _in_order([before[path] for path in after])
        ranks = {path: rank for rank, path in enumerate(sorted(after, key=before.__getitem__))}
        found |= {path: rank > ranks[path] for rank, path in enumerate(after) if before[path] not in kept}
    return found


def _in_order(turns: Sequence[int]) -> set[int]:
    """The largest set of these numbers that grows as it is written; none comes twice."""
    ends: list[int] = []
    places: list[int] = []
    for turn in turns:
        place = bisect_left(ends, turn)
        ends[place : place + 1] = [turn]
        places.append(place)
    kept: set[int] = set()
    wanted = len(ends) - 1
    for turn, place in zip(reversed(turns), reversed(places), strict=True):
        if place == wanted:
            kept.add(turn)
            wanted -= 1
    return kept


def _paired(found: list[Difference]) -> Iterator[Difference]:
    """Those that went and came again under another name, or in another group, are told as one."""
    gone = {one.one.path: one for one in found if one.what is What.REMOVED}
    known: dict[_Likeness, list[str]] = {}
    for path, one in gone.items():
        for likeness in _likenesses(one.one):
            known.setdefault(likeness, []).append(path)
    for one in found:
        partner = _partner(one.one, known, gone) if one.what is What.ADDED else None
        if partner is not None:
            what = What.REGROUPED if partner.one.name == one.one.name else What.RENAMED
            yield Difference(what, partner.old, one.new, tuple(_aspects(partner.one, one.one)))
        elif one.what is not What.REMOVED:
            yield one
    yield from gone.values()


_Likeness: TypeAlias = tuple[object, ...]


def _likenesses(one: Asked) -> Iterator[_Likeness]:
    """By what it is known again: its name in another group, its words under another name."""
    if one.kind not in {Kind.GROUP, Kind.REPEAT}:
        yield "name", one.kind, one.name
        if one.labels:
            yield "words", one.kind, one.within, one.answer, *sorted(one.labels.items())


def _partner(
    one: Asked, known: Mapping[_Likeness, list[str]], gone: dict[str, Difference]
) -> Difference | None:
    """What it was before; it is taken out of those that are gone."""
    for likeness in _likenesses(one):
        for path in known.get(likeness, ()):
            if path in gone:
                return gone.pop(path)
    return None


def _aspects(old: Asked, new: Asked) -> Iterator[Aspect]:
    for what, before, after in (
        (LABEL, old.labels, new.labels),
        (HINT, old.hints, new.hints),
        (GUIDANCE, old.guidance, new.guidance),
        (MESSAGE, old.messages, new.messages),
        (REQUIRED_MESSAGE, old.required_messages, new.required_messages),
        (MEDIA, _media(old), _media(new)),
    ):
        yield from _texts(what, before, after)
    rules = (old.rules, new.rules)
    for what, first, second in (
        (TYPE, old.answer, new.answer),
        (REQUIRED, *(one.required for one in rules)),
        (RELEVANT, *(one.relevant for one in rules)),
        (CONSTRAINT, *(one.constraint for one in rules)),
        (CALCULATION, *(one.calculation for one in rules)),
        (DEFAULT, *(one.default for one in rules)),
        (LIST, old.choices, new.choices),
        (FILTER, *(one.choice_filter for one in rules)),
        (REPEATED, *(one.count for one in rules)),
        (LOOKS, old.appearance, new.appearance),
    ):
        if first != second:
            yield Aspect(what, first, second)


def _texts(what: str, old: Texts, new: Texts) -> Iterator[Aspect]:
    """Texts that differ in a language both versions have, or that one of them has."""
    for language in dict.fromkeys((*new, *old)):
        before, after = old.get(language, ""), new.get(language, "")
        if before != after:
            yield Aspect(what, before, after, language)


def _media(one: Asked) -> Texts:
    return {language: ", ".join(shown.name for shown in several) for language, several in one.media.items()}


def _lists(old: Questionnaire, new: Questionnaire) -> Iterator[ListDifference]:
    for name in dict.fromkeys((*new.lists, *old.lists)):
        before = {one.name: one for one in old.lists.get(name, ())}
        after = {one.name: one for one in new.lists.get(name, ())}
        added = tuple(one for code, one in after.items() if code not in before)
        removed = tuple(one for code, one in before.items() if code not in after)
        renamed = tuple(
            (before[code], one)
            for code, one in after.items()
            if code in before and dict(before[code].labels) != dict(one.labels)
        )
        order = [code for code in before if code in after] != [code for code in after if code in before]
        if added or removed or renamed or order:
            yield ListDifference(name, added, removed, renamed, order)
