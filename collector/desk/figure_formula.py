"""How a figure is counted, in words: which rows, which of them, what each adds, and under which names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.actions.asking import Asking, read_asking
from collector.actions.definitions import Defined, definitions_of
from collector.actions.reading import spoken
from collector.desk.figure_words import class_title, schema_of
from collector.desk.naming import list_title, property_title
from collector.desk.page import language
from collector.wording import fill
from forms.expressions.checking import Formula
from forms.expressions.functions import Kind
from forms.expressions.saying import Names, in_words
from forms.expressions.tree import Answer
from forms.indicators.definition import Measure, Rows
from forms.phrases import Phrase, template
from forms.schema import Schema
from storage.queries import forms

_LEVELS: Mapping[str, str] = {
    "village": template("villages"),
    "commune": template("communes"),
    "province": template("provinces"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """A numerator or denominator in words, "" for what does not apply.

    `rows` are looked at ("": other figures), those with `where`; each counts if `counts`, or adds `adds`.
    `each` is what is counted once, `latest` of what only the last record of the period counts.
    """

    rows: str
    where: str
    counts: str
    adds: str
    each: str
    latest: str


def sides(session: Session, defined: Defined) -> tuple[Side, Side | None]:
    """The numerator and the denominator of an indicator in the reader's language."""
    names = _Names(session, defined)
    one = defined.indicator
    below = names.side(one.denominator) if one.denominator else None
    return names.side(one.numerator), below


class _Names:
    """What the forms, lists and indicators call what formulas name."""

    def __init__(self, session: Session, defined: Defined) -> None:
        self._schema: Schema | None = schema_of(session, defined)
        self._asking = Asking()
        survey = defined.counted
        if survey is not None and self._schema is not None:
            self._asking = read_asking(forms.version_xml(session, survey.version_id), self._schema)
        several = definitions_of(session, defined.project_id).indicators
        self._labels = {one.indicator.code: spoken(one.indicator.labels, (), language()) for one in several}
        self._rows = Rows.FORM

    def side(self, measure: Measure) -> Side:
        """One side in words."""
        self._rows = measure.source.rows
        truth = Kind.TRUTH in measure.amount.kinds
        amount = self._said(measure.amount)
        return Side(
            self._source(measure),
            self._said(measure.where),
            amount if truth else "",
            "" if truth else amount,
            self._said(measure.distinct),
            self._said(measure.latest_by),
        )

    def _source(self, measure: Measure) -> str:
        source = measure.source
        if source.rows is Rows.ENTITIES:
            return list_title(source.name)
        if source.rows is Rows.PLACES:
            level = _LEVELS.get(source.name)
            return str(gettext(level)) if level else source.name
        if source.rows is Rows.FIGURES:
            return ""
        if not source.path:
            return str(gettext("records of the survey %(form)s", form=source.name))
        part = source.path.rpartition("/")[2]
        node = self._schema.by_path.get(source.path) if self._schema else None
        titled = spoken(node.labels, self._schema.languages, language()) if node and self._schema else ""
        return str(gettext("rows “%(part)s” of the survey %(form)s", part=titled or part, form=source.name))

    def _said(self, formula: Formula | None) -> str:
        if formula is None:
            return ""
        said = in_words(formula.tree, Names(self._question, self._choice))
        return fill(said.template, said.details) if isinstance(said, Phrase) else said

    def _question(self, answer: Answer) -> str:
        if self._rows is Rows.FIGURES:
            return self._labels.get(answer.name) or answer.name
        known = class_title(answer.name) or property_title(answer.name)
        node = self._schema.by_path.get(answer.path) if self._schema and self._rows is Rows.FORM else None
        if node is None or self._schema is None:
            return known or answer.name
        return spoken(node.labels, self._schema.languages, language()) or known or answer.name

    def _choice(self, answer: Answer, code: str) -> str:
        node = self._schema.by_path.get(answer.path) if self._schema and self._rows is Rows.FORM else None
        if node is None or self._schema is None:
            return code
        choices = self._schema.choices.get(node.choices or self._asking.borrowed.get(answer.path, ""), ())
        labels = (one.labels for one in choices if one.name == code)
        return spoken(next(labels, {}), self._schema.languages, language()) or code
