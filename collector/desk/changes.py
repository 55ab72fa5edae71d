"""Two versions of a form side by side, in words an officer decides on; and what publishing one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import gettext, ngettext

from collector.desk.figure_words import class_title
from collector.desk.page import form_of, language, scoped
from collector.desk.questionnaires import language_name, published_version
from collector.wording import fill
from forms.phrases import template
from forms.questionnaire.asked import ANSWERS, Asked, Kind, Questionnaire
from forms.questionnaire.comparing import (
    CONSTRAINT,
    RELEVANT,
    REQUIRED,
    TYPE,
    Aspect,
    Difference,
    Differences,
    Fate,
    ListDifference,
    What,
    differences,
)
from forms.questionnaire.definitions import COLUMNS, SHEETS, RowDifference, row_differences
from forms.questionnaire.reading import read_questionnaire
from forms.questionnaire.words import Speaker
from forms.schema import Choice
from storage.database import db
from storage.models import Form, FormVersion
from storage.queries import forms
from storage.queries.versions import version_lines

blueprint = Blueprint("changes", __name__)

HEADINGS: Mapping[str, str] = {
    "added": template("New questions"),
    "removed": template("Questions no longer asked"),
    "elsewhere": template("Renamed, or put into another group"),
    "changed": template("Questions that change"),
    "moved": template("Asked earlier or later"),
    "lists": template("Lists of answers"),
    "computed": template("What the form computes"),
}
"""The parts of a comparison, in the order they are told."""

MEANING: Mapping[str, str] = {
    "added": template("Records that are there stay as they are: they are blank here."),
    "removed": template("Nothing is lost: what was answered stays in the records, lists and files."),
    "elsewhere": template(
        "For the server these are other questions: earlier answers stay under the earlier name, new ones "
        "come under the new name. Give them their earlier name and group back if they are to stay together."
    ),
    "changed": template("It holds for what is filled from now on; records that are there stay as they are."),
    "moved": template("Only the order on the screen changes."),
    "lists": template("Answers already given stay, also where an answer is no longer offered."),
    "computed": template("It is computed anew only in records filled from now on."),
    "indicators": template(
        "Figures are worked out anew after publishing, of all records; confirmed and locked ones stay."
    ),
    "targets": template("Figures are held against the new targets right after publishing."),
    "checks": template("All records are looked through again after publishing."),
    "thresholds": template("The checks of every night go by the new limits."),
}
"""What each part does to records that are there."""

FATES: Mapping[Fate, str] = {
    Fate.WIDENED: template(
        "Answers already given become text and stay; the server rearranges them right after publishing."
    ),
    Fate.REFUSED: template(
        "It cannot be published: answers already given would not fit. Give the question its earlier kind of "
        "answer back, or another name."
    ),
}
"""What a change of the kind of answer does to answers that are there."""


@dataclass(frozen=True, slots=True)
class Told:
    """A part of a question before and after; blank where there was, or is, nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Item:
    """One change: what it is about, in short, and its details for whoever wants them."""

    title: str
    code: str
    short: str = ""
    warning: str = ""
    details: tuple[Told, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Changes of one sort with what they do to the records that are there."""

    name: str
    heading: str
    meaning: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Compared:
    """Two versions as a page tells them apart. `whole` are changes of the form itself."""

    parts: tuple[Part, ...]
    whole: tuple[Told, ...]
    old: Questionnaire
    new: Questionnaire

    @property
    def refused(self) -> bool:
        """Whether something in it cannot be published."""
        return any(item.refused for part in self.parts for item in part.items)


def compare_versions(old: FormVersion, new: FormVersion) -> Compared:
    """What the version `new` changes of `old`."""
    session = db.session()
    before = read_questionnaire(forms.version_xml(session, old.id))
    after = read_questionnaire(forms.version_xml(session, new.id))
    found = differences(before, after)
    teller = _Teller(before, after)
    parts = (*teller.parts(found), *_row_parts(row_differences(old.sheets, new.sheets)))
    return Compared(parts, tuple(teller.whole(found)), before, after)


class _Teller:
    """Says differences in words; conditions in the words of the version they belong to."""

    def __init__(self, old: Questionnaire, new: Questionnaire) -> None:
        self._speakers = tuple(_speaker(one) for one in (old, new))
        self._numbers = new.numbers()
        self._paths = (old.by_path(), new.by_path())
        self._new = new

    def parts(self, found: Differences) -> Iterator[Part]:
        several = {
            "added": found.of(What.ADDED),
            "removed": found.of(What.REMOVED),
            "elsewhere": found.of(What.RENAMED, What.REGROUPED),
            "changed": found.of(What.CHANGED),
            "moved": found.of(What.MOVED),
        }
        items = {name: tuple(map(self._item, those)) for name, those in several.items()}
        items["lists"] = tuple(map(self._list, found.lists))
        items["computed"] = tuple(map(self._item, found.computed))
        for name, those in items.items():
            if those:
                yield Part(name, fill(HEADINGS[name], {}), fill(MEANING[name], {}), those)

    def whole(self, found: Differences) -> Iterator[Told]:
        for aspect in found.whole:
            yield Told(fill(aspect.what, {}), aspect.old, aspect.new)
        for name in found.languages_added:
            yield Told(gettext("language"), "", language_name(name))
        for name in found.languages_removed:
            yield Told(gettext("language"), language_name(name), "")

    def _item(self, one: Difference) -> Item:
        details = tuple(self._told(one, aspect) for aspect in one.aspects)
        fate = one.fate
        return Item(
            title=self._title(one.one),
            code=_code(one),
            short=self._short(one, details),
            warning=fill(FATES[fate], {}) if fate else "",
            details=details,
            refused=fate is Fate.REFUSED,
        )

    def _title(self, one: Asked) -> str:
        label = _spoken(one.labels)
        number = self._numbers.get(one.path)
        if number is None:
            return label or one.name
        return f"{number}. {label or one.name}"

    def _short(self, one: Difference, details: Sequence[Told]) -> str:
        if one.what in {What.ADDED, What.REMOVED}:
            kind = fill(ANSWERS[one.one.answer], {})
            where = _spoken(self._group(one))
            return f"{kind} · {where}" if where else kind
        if one.what is What.MOVED:
            return str(gettext("later") if one.later else gettext("earlier"))
        if one.what is What.REGROUPED:
            return str(gettext("now in the group “%(group)s”", group=_spoken(self._group(one)) or "–"))
        return ", ".join(dict.fromkeys(told.name for told in details))

    def _group(self, one: Difference) -> Mapping[str, str]:
        group = self._paths[one.new is not None].get(one.one.within)
        return group.labels if group is not None else {}

    def _told(self, one: Difference, aspect: Aspect) -> Told:
        name = fill(aspect.what, {})
        if aspect.language and len(self._new.languages) > 1:
            name = f"{name} ({language_name(aspect.language)})"
        old, new = (
            self._value(aspect.what, text, side, speaker)
            for text, side, speaker in zip(
                (aspect.old, aspect.new), (one.old, one.new), self._speakers, strict=True
            )
        )
        return Told(name, old, new)

    @staticmethod
    def _value(what: str, text: str, side: Asked | None, speaker: Speaker) -> str:
        if what == TYPE:
            return fill(ANSWERS[text], {})
        if what == REQUIRED:
            return gettext("yes") if text == "true()" else text or gettext("no")
        if what in {RELEVANT, CONSTRAINT} and side is not None:
            said = speaker.relevant(side) if what == RELEVANT else speaker.constraint(side)
            return fill(said.template, said.details) if said is not None else text
        return text

    def _list(self, one: ListDifference) -> Item:
        details = [
            *(Told(gettext("new answer"), "", _choice(choice)) for choice in one.added),
            *(Told(gettext("no longer offered"), _choice(choice), "") for choice in one.removed),
            *(told for old, new in one.renamed for told in self._reworded(old, new)),
        ]
        asked = [each for each in self._new.questions() if each.choices == one.name]
        short = [
            ngettext("%(num)s new", "%(num)s new", len(one.added)) if one.added else "",
            ngettext("%(num)s removed", "%(num)s removed", len(one.removed)) if one.removed else "",
            ngettext("%(num)s reworded", "%(num)s reworded", len(one.renamed)) if one.renamed else "",
            gettext("another order") if one.reordered else "",
        ]
        title = _spoken(asked[0].labels) if asked else ""
        return Item(title or one.name, one.name, ", ".join(filter(None, short)), details=tuple(details))

    def _reworded(self, old: Choice, new: Choice) -> Iterator[Told]:
        """An answer in each language in which it is called otherwise."""
        for named in dict.fromkeys((*new.labels, *old.labels)):
            before, after = old.labels.get(named, ""), new.labels.get(named, "")
            if before != after:
                words = gettext("other words")
                several = len(self._new.languages) > 1
                name = f"{words} ({language_name(named)})" if several else words
                yield Told(name, f"{old.name} · {before}", f"{new.name} · {after}")


def _speaker(questionnaire: Questionnaire) -> Speaker:
    mine = (one for one in questionnaire.languages if one.endswith(f"({language()})"))
    names = {one.name: class_title(one.name) for one in questionnaire.computed}
    known = {name: f"«{title}»" for name, title in names.items() if title}
    return Speaker(questionnaire, next(mine, questionnaire.languages[0]), names=known)


def _spoken(labels: Mapping[str, str]) -> str:
    mine = (text for name, text in labels.items() if name.endswith(f"({language()})"))
    return next(mine, "") or next(iter(labels.values()), "")


def _choice(choice: Choice) -> str:
    return f"{choice.name} · {_spoken(choice.labels)}"


def _code(one: Difference) -> str:
    if one.what is What.RENAMED and one.old is not None:
        return f"{one.old.name} → {one.one.name}"
    return one.one.name if one.one.kind is not Kind.GROUP else ""


_WHATS: Mapping[str, str] = {
    "added": template("new"),
    "removed": template("removed"),
    "changed": template("changed"),
}


def _row_parts(found: Sequence[RowDifference]) -> Iterator[Part]:
    for sheet, title in SHEETS.items():
        items = tuple(
            Item(
                one.label or one.code,
                one.code if one.label else "",
                fill(_WHATS[one.what], {}),
                details=tuple(Told(_column(cell.column), cell.old, cell.new) for cell in one.cells),
            )
            for one in found
            if one.sheet == sheet
        )
        if items:
            meaning = MEANING.get(sheet, "")
            yield Part(sheet, fill(title, {}), fill(meaning, {}), items)


def _column(name: str) -> str:
    column, colons, named = name.partition("::")
    words = fill(COLUMNS[column], {}) if column in COLUMNS else column
    return f"{words} ({language_name(named)})" if colons else words


@scoped(blueprint, "/surveys/<seg:form_id>/changes")
def show(project_id: int, form_id: str) -> str:
    """What one published version changed of another: `?from=` and `?to=`, else the last two."""
    form = form_of(project_id, form_id)
    several = version_lines(db.session(), form.id)
    old, new = _chosen(form, [one.id for one in several])
    return render_template(
        "changes.html",
        form=form,
        versions=several,
        old=old,
        new=new,
        compared=compare_versions(old, new) if old.id != new.id else None,
    )


def _chosen(form: Form, newest_first: Sequence[int]) -> tuple[FormVersion, FormVersion]:
    asked = request.args
    current = form.current_id or next(iter(newest_first), 0)
    later = asked.get("to", type=int) or current
    earlier = list(newest_first[newest_first.index(later) + 1 :]) if later in newest_first else []
    first = asked.get("from", type=int) or next(iter(earlier), later)
    return published_version(form, first), published_version(form, later)
