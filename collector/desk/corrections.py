"""Answers corrected on the desk: a form like the survey's own, a reason, and comments beside the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.actions.comments import comment
from collector.actions.corrections import REASONS, Corrections, Officer, Standing, Why, Wish, reason_of
from collector.actions.reading import spoken
from collector.actions.records import Records
from collector.desk.page import form_of, language, now, scoped
from collector.errors import STATUS, say
from collector.parts import parts
from collector.wording import fill
from forms.corrections.checking import SELECTS, Refusal, editable
from forms.corrections.filled import Row, Spot
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
    locked: bool = False


@dataclass(frozen=True)
class Section:
    """The questions of one row."""

    title: str
    fields: Sequence[Field]


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/correct")
def ask(project_id: int, form_id: str, instance_id: str) -> str:
    """The answers of a record as fields; `?only=` shows the question of that path first."""
    form = form_of(project_id, form_id)
    return _page(form, instance_id, {})


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/correct", methods=("POST",))
def take(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Store what was corrected; a refusal keeps what was typed."""
    session, form = db.session(), form_of(project_id, form_id)
    typed = _typed()
    try:
        reason = reason_of(request.form.get("reason", ""), request.form.get("words", ""))
        wish = Wish(instance_id, request.form.get("base", ""), typed)
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
        return _page(form, instance_id, {}), STATUS[type(problem)].status
    except Problem as problem:
        if type(problem).__name__ not in {"CorrectionReasonMissing", "CorrectionEmpty"}:
            raise
        return _page(form, instance_id, typed, problem), STATUS[type(problem)].status
    count = sum(not one.worked_out for one in done.differences)
    flash(ngettext("%(num)s answer is corrected.", "%(num)s answers are corrected.", count))
    if done.stale:
        flash(
            gettext("Some of what the form worked out from them could not be worked out anew; it is marked."),
            "error",
        )
    here = url_for("desk.records.show", project_id=project_id, form_id=form_id, instance_id=instance_id)
    return redirect(here, 303)


def _typed() -> dict[Spot, str]:
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
    typed: Mapping[Spot, str],
    problem: Problem | None = None,
    refusals: Mapping[Spot, Refusal] | None = None,
) -> str:
    session = db.session()
    record = submissions.get_submission(session, form, instance_id)
    standing = corrections().standing(session, form, record)
    fields = _Fields(standing, typed, refusals or {})
    return render_template(
        "correct.html",
        form=form,
        record=record,
        version=standing.version,
        base=request.form.get("base", standing.version.instance_id)
        if typed
        else standing.version.instance_id,
        sections=list(fields.sections()),
        sentence=say(problem) if problem is not None else "",
        reasons=reasons(),
        reason=request.form.get("reason", ""),
        words=request.form.get("words", ""),
    )


class _Fields:
    """The fields of a record, with what was typed and refused."""

    def __init__(
        self, standing: Standing, typed: Mapping[Spot, str], refusals: Mapping[Spot, Refusal]
    ) -> None:
        self._standing = standing
        self._typed, self._refusals = typed, refusals
        self._schema = standing.logic.schema
        self._filled = standing.filled
        self._records = Records(db.session(), parts().blobs, parts().shelf)
        self._options: dict[str, list[tuple[str, str]]] = {}

    def sections(self) -> Iterator[Section]:
        """A section for each row, the record itself first."""
        for row in self._filled.rows.values():
            fields = [
                self._field(row, node)
                for node in self._schema.questions
                if node.table == row.table and editable(node, self._standing.logic)
            ]
            if fields:
                yield Section(self._title(row), fields)

    def _title(self, row: Row) -> str:
        if not row.key:
            return ""
        number = row.key.rpartition("[")[2].rstrip("]")
        title = self.label(self._schema.by_path[row.table])
        names = (
            row.text(node.path)
            for node in self._schema.questions
            if node.table == row.table and node.type == "string" and node.control == "input"
        )
        return " ".join(part for part in (title, f"{number}.", next(names, "")) if part)

    def label(self, node: Node) -> str:
        """A question in the words of the form."""
        return spoken(node.labels, self._schema.languages, language()) or node.name

    def _field(self, row: Row, node: Node) -> Field:
        spot = Spot(row.key, node.path)
        value = self._typed.get(spot, row.text(node.path))
        refusal = self._refusals.get(spot)
        kind, options = self._kind(node, value)
        return Field(
            str(spot), self.label(node), kind, value, options, self._said(refusal) if refusal else ""
        )

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
