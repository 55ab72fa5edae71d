"""What a form calls the questions and answers that figures are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.actions.asking import read_asking
from collector.actions.definitions import Defined
from collector.actions.reading import spoken
from collector.desk.page import language
from collector.parts import parts
from forms.phrases import template
from forms.schema import Schema
from storage.models import Form
from storage.queries import forms

_NAME = re.compile(r"\$\{\s*([^}\s]+)\s*\}")

CLASSES: Mapping[str, str] = {
    "@zone": template("Zone of the commune"),
    "@border": template("Border commune"),
    "@especially_difficult": template("Especially difficult commune"),
    "@ethnic_mountainous": template("Ethnic minority or mountainous commune"),
}
"""What communes are classed by, in words."""

PEOPLE: Mapping[str, str] = {
    "sex": template("Sex"),
    "age": template("Age"),
    "ethnic": template("Ethnic group"),
    "disability": template("Disability"),
    "poverty": template("Poverty"),
}
"""What surveys work out of people without asking in words, by how the question's name ends."""

_TRUTHS: Mapping[str, str] = {"1": template("yes"), "0": template("no"), "": template("not said")}
_ZONES: Mapping[str, str] = {"": template("not said")}


def class_title(name: str) -> str:
    """A class of communes, or of people, in the reader's language; "" for anything else."""
    title = CLASSES.get(name) or PEOPLE.get(name.rpartition("_")[2])
    return gettext(title) if title else ""


def schema_of(session: Session, defined: Defined) -> Schema | None:
    """The form whose records an indicator counts, None where it counts no records."""
    survey = defined.counted
    if survey is None:
        return None
    generation = session.get_one(Form, survey.form_id).generation
    return parts().shelf.get(survey.version_id, draft=False, generation=generation).writer.schema


def answer_names(session: Session, defined: Defined, split: str) -> dict[str, str]:
    """The answers to what a figure is split by, code to words, in the order of the form."""
    if split.startswith("@"):
        words = _ZONES if split == "@zone" else _TRUTHS
        return {code: gettext(text) for code, text in words.items()}
    schema, survey = schema_of(session, defined), defined.counted
    splits = defined.indicator.disaggregate
    path = next((one.answer.path for one in splits if one.answer and one.name == split), "")
    node = schema.by_path.get(path) if schema else None
    if schema is None or survey is None or node is None:
        return {}
    asking = read_asking(forms.version_xml(session, survey.version_id), schema)
    choices = schema.choices.get(node.choices or asking.borrowed.get(path, ""), ())
    return {one.name: spoken(one.labels, schema.languages, language()) for one in choices}


def questions_in(session: Session, defined: Defined, names: Sequence[str] = ()) -> dict[str, str]:
    """What the form asks behind names: these, else all those in the formulas, where it asks something."""
    schema = schema_of(session, defined)
    classes = {name: class_title(name) for name in names if class_title(name)}
    if schema is None:
        return classes
    above, below = defined.indicator.numerator, defined.indicator.denominator
    formulas = (above.where, above.amount, below.amount if below else None)
    wanted = names or [name for one in formulas if one for name in _NAME.findall(one.text)]
    asked = {node.name: spoken(node.labels, schema.languages, language()) for node in schema.questions}
    return {**classes, **{name: asked[name] for name in wanted if asked.get(name)}}
