"""Answers corrected on the desk: a form like the survey's own, a reason, and comments beside the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.actions.comments import comment
from collector.actions.corrections import (
    REASONS,
    Corrections,
    Officer,
    Standing,
    Why,
    Wish,
    Written,
    reason_of,
)
from collector.actions.reading import spoken
from collector.actions.records import Records
from collector.desk.page import form_of, language, local_target, now, scoped
from collector.errors import STATUS, say
from collector.parts import parts
from collector.wording import fill
from forms.corrections.amending import Typed
from forms.corrections.checking import SELECTS, Refusal, editable
from forms.corrections.filled import Row, Spot
from forms.corrections.rosters import Rows, next_key, with_rows
from forms.problems import Problem
from forms.schema import Node
from storage.database import db, transaction
from storage.models import Form
from storage.problems import AnswersRefused, CommentEmpty, EditSuperseded
from storage.queries import submissions
from storage.scope import current

blueprint = Blueprint("corrections", __name__)

_ANSWER, _SEVERAL = "answer:", "several:"
MOST_OPTIONS = 500
"""Choices a page offers to choose from; of a longer list the code is typed."""

REASON_WORDS: Mapping[str, Callable[[], str]] = {
    "typing": lambda: gettext("Mistyped"),
    "asked": lambda: gettext("Asked the household again"),
    "paper": lambda: gettext("Compared with the paper form"),
    "place": lambda: gettext("Belongs to another place"),
    "twice": lambda: gettext("Entered twice"),
    "agreed": lambda: gettext("Agreed with whoever filled it in"),
    "checked": lambda: gettext("Checked at the office"),
    "undone": lambda: gettext("An earlier change was undone"),
    "other": lambda: gettext("Another reason"),
}


def reasons() -> list[tuple[str, str]]:
    """The reasons somebody may choose from."""
    return [(code, REASON_WORDS[code]()) for code in REASONS if code != "undone"]


def reason_said(kept: str | None) -> str:
    """A reason as it is kept, in the reader's language."""
    code, _, words = (kept or "").partition(": ")
    known = REASON_WORDS.get(code)
    if known is None:
        return kept or ""
    return f"{known()}: {words}" if words else known()


def corrections() -> Corrections:
    """What corrects records."""
    return Corrections(parts().intake, parts().blobs, parts().shelf)


def officer() -> Officer:
    """Whoever asks."""
    return Officer(identity().actor_id, now(), current().codes or ())


@dataclass(frozen=True, slots=True)
class Field:
    """A question on the page: `kind` is text, area, number, date, select or checks."""

    name: str
    label: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]] = ()
    refusal: str = ""
    first: bool = False


@dataclass(frozen=True)
class Section:
    """The questions of one row: its key, whether it is new or goes, and whether it is shown open."""

    title: str
    fields: Sequence[Field]
    key: str = ""
    new: bool = False
    goes: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Grow:
    """A button that adds a row to a repeat: `name` is what it sends."""

    label: str
    name: str


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/correct")
def ask(project_id: int, form_id: str, instance_id: str) -> str:
    """The answers of a record as fields; `?only=` a spot begins there, `?next=` is where saving leads."""
    form = form_of(project_id, form_id)
    return _page(form, instance_id, NOTHING_TYPED)


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/correct", methods=("POST",))
def take(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Store what was corrected; a refusal keeps what was typed."""
    session, form = db.session(), form_of(project_id, form_id)
    typed = _typed()
    if "grow" in request.form:
        return _page(form, instance_id, typed)
    try:
        reason = reason_of(request.form.get("reason", ""), request.form.get("words", ""))
        wish = Wish(instance_id, request.form.get("base", ""), typed.answers, typed.rows)
        done = corrections().correct(session, form, wish, Why(officer(), reason))
    except AnswersRefused as problem:
        return _page(form, instance_id, typed, problem, problem.refusals), 400
    except EditSuperseded as problem:
        flash(
            gettext(
                "Somebody else changed this record while you were correcting it, so nothing of yours was "
                "kept. Look at it as it is now, and correct it again if that is still needed."
            ),
            "error",
        )
        return _page(form, instance_id, NOTHING_TYPED), STATUS[type(problem)].status
    except Problem as problem:
        if type(problem).__name__ not in {"CorrectionReasonMissing", "CorrectionEmpty"}:
            raise
        return _page(form, instance_id, typed, problem), STATUS[type(problem)].status
    _tell(done)
    here = url_for("desk.records.show", project_id=project_id, form_id=form_id, instance_id=instance_id)
    return redirect(local_target(request.form.get("next") or here), 303)


def _tell(done: Written) -> None:
    count = sum(not one.worked_out for one in done.differences)
    if count:
        flash(ngettext("%(num)s answer is corrected.", "%(num)s answers are corrected.", count))
    if done.rows:
        flash(ngettext("%(num)s row came or went.", "%(num)s rows came or went.", len(done.rows)))
    if done.stale:
        flash(
            gettext("Some of what the form worked out from them could not be worked out anew; it is marked."),
            "error",
        )


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/take-back", methods=("POST",))
def take_back(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Make what stood before the last correction count again; both versions are kept."""
    form = form_of(project_id, form_id)
    here = url_for("desk.records.show", project_id=project_id, form_id=form_id, instance_id=instance_id)
    try:
        base = request.form.get("base", "")
        corrections().take_back(db.session(), form, instance_id, base, officer())
    except EditSuperseded:
        flash(
            gettext("Somebody changed this record since you looked at it, so nothing was taken back."),
            "error",
        )
        return redirect(here, 303)
    flash(gettext("The correction is taken back; the answers are as before."))
    return redirect(here, 303)


NOTHING_TYPED = Typed({})


def _typed() -> Typed:
    rows = Rows(tuple(request.form.getlist("added")), tuple(request.form.getlist("removed")))
    return Typed(_answers(), rows)


def _answers() -> dict[Spot, str]:
    said = request.form
    typed = {Spot.read(key[len(_ANSWER) :]): said[key] for key in said if key.startswith(_ANSWER)}
    for key in said:
        if key.startswith(_SEVERAL):
            spot = Spot.read(key[len(_SEVERAL) :])
            typed[spot] = " ".join(code for code in said.getlist(f"{_ANSWER}{spot}") if code)
    return typed


def _page(
    form: Form,
    instance_id: str,
    typed: Typed,
    problem: Problem | None = None,
    refusals: Mapping[Spot, Refusal] | None = None,
) -> str:
    session = db.session()
    record = submissions.get_submission(session, form, instance_id)
    standing = corrections().standing(session, form, record)
    fields = _Fields(standing, typed, refusals or {})
    if "grow" in request.form:
        fields.grow(Spot.read(request.form["grow"]))
    return render_template(
        "correct.html",
        form=form,
        record=record,
        version=standing.version,
        base=request.form.get("base", standing.version.instance_id)
        if typed is not NOTHING_TYPED
        else standing.version.instance_id,
        sections=list(fields.sections()),
        added=fields.added,
        onward=request.values.get("next", ""),
        sentence=say(problem) if problem is not None else "",
        reasons=reasons(),
        reason=request.form.get("reason", ""),
        words=request.form.get("words", ""),
    )


class _Fields:
    """The fields of a record, with what was typed and refused."""

    def __init__(self, standing: Standing, typed: Typed, refusals: Mapping[Spot, Refusal]) -> None:
        self._standing = standing
        self._typed, self._refusals = typed, refusals
        self._schema = standing.logic.schema
        self.added = typed.rows.added
        self._filled = with_rows(standing.filled, self.added, standing.logic.repeats, "")
        self._records = Records(db.session(), parts().blobs, parts().shelf)
        self._options: dict[str, list[tuple[str, str]]] = {}
        self._first = Spot.read(request.args.get("only", ""))

    def grow(self, where: Spot) -> None:
        """One more row of a repeat (its path) inside a row; its first field is where typing begins."""
        key = next_key(self._filled, where.path, where.row)
        self._filled = with_rows(self._filled, (key,), self._standing.logic.repeats, "")
        self.added = (*self.added, key)
        asked = (
            node.path
            for node in self._schema.questions
            if node.table == where.path and editable(node, self._standing.logic)
        )
        self._first = Spot(key, next(asked, ""))

    def sections(self) -> Iterator[Section | Grow]:
        """A section for each row, the record itself first; after the rows of a repeat what adds one."""
        yield from self._of(self._filled.rows[""])

    def _of(self, row: Row) -> Iterator[Section | Grow]:
        fields = [
            self._field(row, node)
            for node in self._schema.questions
            if node.table == row.table and editable(node, self._standing.logic)
        ]
        goes = row.key in self._typed.rows.removed
        shown = any(one.refusal or one.first for one in fields)
        if fields:
            yield Section(self._title(row), fields, row.key, row.key in self.added, goes, shown or goes)
        for repeat in self._schema.repeats:
            if repeat.table == row.table:
                for inner in row.inner[repeat.path]:
                    yield from self._of(inner)
                if repeat.path in self._standing.logic.repeats.blank:
                    inside = self._title(row)
                    words = f"{self.label(repeat)} ({inside})" if inside else self.label(repeat)
                    yield Grow(words, str(Spot(row.key, repeat.path)))

    def _title(self, row: Row) -> str:
        if not row.key:
            return ""
        number = row.key.rpartition("[")[2].rstrip("]")
        title = self.label(self._schema.by_path[row.table])
        names = (
            text
            for node in self._schema.questions
            if node.table == row.table and node.type == "string" and not node.choices
            for text in (row.text(node.path),)
            # One word that was worked out is rather a code.
            if any(map(str.isalpha, text)) and (node.control == "input" or " " in text)
        )
        return " ".join(part for part in (title, f"{number}.", next(names, "")) if part)

    def label(self, node: Node) -> str:
        """A question in the words of the form."""
        return spoken(node.labels, self._schema.languages, language()) or node.name

    def _field(self, row: Row, node: Node) -> Field:
        spot = Spot(row.key, node.path)
        value = self._typed.answers.get(spot, row.text(node.path))
        refusal = self._refusals.get(spot)
        kind, options = self._kind(node, value)
        said = self._said(refusal) if refusal else ""
        return Field(str(spot), self.label(node), kind, value, options, said, spot == self._first)

    def _kind(self, node: Node, value: str) -> tuple[str, Sequence[tuple[str, str]]]:
        if node.control in SELECTS:
            options = self._choices(node)
            if not options or node.control == "odk:rank":
                return "text", ()
            if node.control == "select":
                return "checks", options
            known = {code for code, _label in options}
            return "select", options if not value or value in known else [(value, value), *options]
        kinds = {"int": "number", "decimal": "number", "date": "date"}
        return kinds.get(node.type, "area" if len(value) > 80 or "\n" in value else "text"), ()  # noqa: PLR2004 - what a line of a phone holds

    def _choices(self, node: Node) -> list[tuple[str, str]]:
        if node.choices not in self._options:
            inside = self._schema.choices.get(node.choices)
            if inside is not None:
                languages = self._schema.languages
                named = {one.name: spoken(one.labels, languages, language()) or one.name for one in inside}
            else:
                version_id = self._standing.version.form_version_id
                named = dict(self._records.labels(version_id, node.choices) or {})
            self._options[node.choices] = list(named.items()) if len(named) <= MOST_OPTIONS else []
        return self._options[node.choices]

    def _said(self, refusal: Refusal) -> str:
        own = spoken(refusal.messages, self._schema.languages, language())
        return own or fill(refusal.sentence, refusal.details)


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/comment", methods=("POST",))
def note(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Note something beside the record."""
    try:
        with transaction() as session:
            form = form_of(project_id, form_id)
            body = request.form.get("body", "")
            comment(session, form, instance_id, body, by=identity().actor_id, now=now())
    except CommentEmpty as problem:
        flash(say(problem), "error")
    here = url_for("desk.records.show", project_id=project_id, form_id=form_id, instance_id=instance_id)
    return redirect(f"{here}#comments", 303)
