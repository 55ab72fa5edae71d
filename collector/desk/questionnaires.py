"""A form to be read before it is filled: in each of its languages, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import force_locale, gettext

from collector.desk.figure_words import class_title
from collector.desk.language import LANGUAGES
from collector.desk.page import form_of, language, scoped
from collector.wording import fill
from forms.phrases import Phrase
from forms.questionnaire.asked import ANSWERS, Asked, Kind, Questionnaire, Shown, Texts
from forms.questionnaire.paper import COLUMNS, ROWS, Layout, Way, lay_out, rows_of
from forms.questionnaire.reading import read_questionnaire
from forms.questionnaire.translations import Coverage, coverage, has, lacks
from forms.questionnaire.words import Speaker
from forms.schema import Choice
from storage.database import db
from storage.models import Form, FormVersion
from storage.queries import forms, lists, projects
from storage.queries.lists import FileLine

blueprint = Blueprint("questionnaires", __name__)

FEW_ANSWERS = 12
"""Answers of a list that stand open under their question."""

_HOLE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
_CODED = re.compile(r"^(?P<name>.*?)\s*\((?P<code>[\w-]+)\)\s*$")


@dataclass(frozen=True)
class Reading:
    """A form in one of its languages, as a page shows it. `blank` stands for an answer inside a text."""

    questionnaire: Questionnaire
    language: str
    files: Mapping[str, FileLine]
    called: bool = True
    blank: str = "…"

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each question, by path."""
        return self.questionnaire.numbers()

    @cached_property
    def layout(self) -> Layout:
        """How the form goes on paper."""
        return lay_out(self.questionnaire)

    @cached_property
    def _speaker(self) -> Speaker:
        computed = {one.name: class_title(one.name) for one in self.questionnaire.computed}
        names = {name: f"«{title}»" for name, title in computed.items() if title}
        return Speaker(self.questionnaire, self.language, called=self.called, names=names)

    @cached_property
    def _labels(self) -> dict[str, Texts]:
        return {one.name: one.labels for one in self.questionnaire.every()}

    def text(self, texts: Texts) -> str:
        """A text in the language of the page, else in any; answers inside it are called by their question."""
        found = texts.get(self.language) or texts.get("") or next(iter(texts.values()), "")
        return _HOLE.sub(lambda hole: self._inside(hole[1]), found)

    def _inside(self, name: str) -> str:
        label = self._labels.get(name, {}).get(self.language, "") if self.called else ""
        return f"[{label}]" if label and "${" not in label else self.blank

    def borrowed(self, texts: Texts) -> bool:
        """Whether a text is shown in another language because this one lacks it."""
        return bool(texts) and not has(texts, self.language)

    def lacks(self, one: Asked) -> tuple[str, ...]:
        """What of a question this language lacks."""
        return tuple(fill(part, {}) for part in lacks(one, self.language))

    def kind(self, one: Asked) -> str:
        """What kind of answer is given."""
        return fill(ANSWERS[one.answer], {})

    def asked_when(self, one: Asked) -> str:
        """The condition in words; "" where there are none."""
        return _said(self._speaker.relevant(one))

    def taken_when(self, one: Asked) -> str:
        """What the answer has to be, in words; "" where there are none."""
        return _said(self._speaker.constraint(one))

    def choices(self, one: Asked) -> tuple[Choice, ...]:
        """The answers of its list, none for one that comes from a file."""
        return self.questionnaire.lists.get(one.choices, ())

    def shown(self, one: Asked) -> tuple[Shown, ...]:
        """What is shown beside it in this language."""
        return one.media.get(self.language, ())

    def shown_with(self, one: Asked, choice: Choice) -> tuple[Shown, ...]:
        """What is shown beside one of its answers."""
        return self.questionnaire.list_media.get((one.choices, choice.name), {}).get(self.language, ())

    def way(self, one: Asked) -> Way:
        """How it is answered on paper."""
        return self.layout.ways[one.path]

    def on_paper(self, one: Asked) -> bool:
        """Whether it says something on paper: a note about answers only the phone knows does not."""
        return one.kind is not Kind.NOTE or "${" not in next(iter(one.labels.values()), "")

    def longest(self, one: Asked) -> int:
        """Characters of the longest answer of its list."""
        return max((len(self.text(choice.labels)) for choice in self.choices(one)), default=0)

    def list_name(self, name: str) -> str:
        """What the first question that asks from a list calls it."""
        asked = (one for one in self.questionnaire.questions() if one.choices == name)
        return next((self.text(one.labels) for one in asked), name)

    def rows(self, repeat: Asked) -> Iterator[Asked]:
        """What the table of a repeat asks."""
        return rows_of(repeat)

    @cached_property
    def without(self) -> list[Asked]:
        """What lacks something in this language, in the order of the screen."""
        return [one for one in self.questionnaire.every() if lacks(one, self.language)]


def _said(phrase: Phrase | None) -> str:
    return fill(phrase.template, phrase.details) if phrase is not None else ""


def language_name(named: str) -> str:
    """A language of a form as a reader calls it: the form says `Tiếng Việt (vi)`, `Hmong`, or nothing."""
    if not named:
        return str(gettext("the only language"))
    found = _CODED.match(named)
    known = {"vi": gettext("Vietnamese"), "en": gettext("English")}
    return str(known.get(found["code"]) or found["name"]) if found else named


def _code(named: str) -> str:
    found = _CODED.match(named)
    return found["code"] if found else ""


@scoped(blueprint, "/surveys/<seg:form_id>/preview")
def preview(project_id: int, form_id: str) -> str:
    """The form as it reads, in the language of `?language=`; an older version with `?version=`."""
    form, version = _published(project_id, form_id)
    return _preview(form, version)


@scoped(blueprint, "/surveys/<seg:form_id>/draft/preview")
def preview_draft(project_id: int, form_id: str) -> str:
    """The draft as it reads."""
    form = form_of(project_id, form_id)
    return _preview(form, forms.draft_version(db.session(), form))


@scoped(blueprint, "/surveys/<seg:form_id>/paper")
def paper(project_id: int, form_id: str) -> Response:
    """The blank form for filling by hand."""
    form, version = _published(project_id, form_id)
    return _paper(project_id, form, version)


@scoped(blueprint, "/surveys/<seg:form_id>/draft/paper")
def paper_draft(project_id: int, form_id: str) -> Response:
    """The draft for filling by hand."""
    form = form_of(project_id, form_id)
    return _paper(project_id, form, forms.draft_version(db.session(), form))


def _published(project_id: int, form_id: str) -> tuple[Form, FormVersion]:
    session = db.session()
    form = form_of(project_id, form_id)
    number = request.args.get("version", type=int)
    if number is None:
        return form, forms.current_version(session, form)
    return form, published_version(form, number)


def published_version(form: Form, number: int) -> FormVersion:
    """A published version of a form by its number, 404 where there is none."""
    version = db.session.get(FormVersion, number) if 0 < number < 2**31 else None
    if version is None or version.form_id != form.id or version.published_at is None:
        abort(404)
    return version


def _read(version: FormVersion, *, called: bool = True, blank: str = "…") -> Reading:
    session = db.session()
    questionnaire = read_questionnaire(forms.version_xml(session, version.id))
    files = {file.name: file for file in lists.files(session, version.id)}
    wanted = request.args.get("language")
    mine = [one for one in questionnaire.languages if _code(one) == language()]
    chosen = wanted if wanted in questionnaire.languages else (mine or [questionnaire.languages[0]])[0]
    return Reading(questionnaire, chosen, files, called, blank)


def _addresses(form: Form, version: FormVersion) -> dict[str, dict[str, object]]:
    """What addresses of the survey need, and those of this version of it."""
    here: dict[str, object] = {"project_id": form.project_id, "form_id": form.xml_form_id}
    older = version.published_at is not None and version.id != form.current_id
    return {"here": here, "there": {**here, "version": version.id} if older else here}


def _preview(form: Form, version: FormVersion) -> str:
    reading = _read(version)
    several: tuple[Coverage, ...] = coverage(reading.questionnaire)
    return render_template(
        "preview.html",
        form=form,
        version=version,
        draft=version.published_at is None,
        **_addresses(form, version),
        reading=reading,
        coverage=several,
        language_name=language_name,
        few=FEW_ANSWERS,
    )


def _paper(project_id: int, form: Form, version: FormVersion) -> Response:
    reading = _read(version, called=False, blank="…………")
    code = _code(reading.language)
    spoken = code if code in LANGUAGES else "vi"
    with force_locale(spoken):
        page = render_template(
            "paper.html",
            form=form,
            version=version,
            draft=version.published_at is None,
            **_addresses(form, version),
            project=projects.get_project(db.session(), project_id),
            reading=reading,
            language_name=language_name,
            spoken=spoken,
            rows=ROWS,
            columns=COLUMNS,
        )
    return Response(page, content_type="text/html; charset=utf-8")
