"""What a list of records says of its form: answers in columns, conditions, the questions to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar, cast

from flask import request
from flask_babel import format_decimal, gettext
from markupsafe import Markup, escape

from collector.actions.listing import Listing, Narrowing, Shown, can_stand
from collector.actions.records import Records
from collector.desk.history import Words
from collector.desk.narrowing import DAY_WORDS, OPERATOR_WORDS
from collector.desk.page import language
from collector.errors import say
from collector.parts import parts
from forms.condition_problems import ConditionMisfit
from forms.conditions import OPERATORS, Condition, Sort, sort_of
from forms.schema import Node, Schema
from storage.database import db
from storage.models import Form
from storage.projection.catalogue import answer_tables
from storage.queries import record_names
from storage.queries.record_list import RecordLine
from storage.queries.sheet_rows import rows_of

_LONGEST_CELL = 120


@dataclass(frozen=True)
class Asking:
    """A condition that is being put together: the question, what may be said of it, what was typed."""

    path: str
    label: str
    sort: Sort
    operators: Sequence[tuple[str, str]]
    choices: Sequence[tuple[str, str]]
    operator: str = ""
    values: Sequence[str] = ("", "")
    sentence: str = ""


# Conditions ----------------------------------------------------------------------------------------


def asking(asked: Listing) -> Asking | Condition | None:
    """The condition that is being put together; a whole one once it can be asked; None: a column, or none.

    A condition is put together in two steps, so that it works without a script: which question, then what.
    """
    path = request.args.get("ask", "")
    node = asked.schema.by_path.get(path) if asked.schema is not None else None
    if node is None or asked.schema is None or not node.is_question or request.args.get("do") == "col":
        return None
    made = _empty(node, asked.schema)
    operator = request.args.get("op", "")
    if not operator:
        return made
    values = [text.strip()[:500] for text in request.args.getlist("value") if text.strip()]
    wanted = {"answered": 0, "blank": 0, "between": 2}.get(operator, 1)
    condition = Condition(path, operator, tuple(values[:wanted]))
    try:
        asked.read(condition)
    except ConditionMisfit as problem:
        shown = (*values, "", "")[:2]
        return replace(made, operator=operator, values=shown, sentence=say(problem))
    return condition


def _empty(node: Node, schema: Schema) -> Asking:
    words, sort = Words(schema), sort_of(node, schema)
    choices = [(one.name, words.answer(node.path, one.name)) for one in schema.choices.get(node.choices, ())]
    operators = [(one, _operator(one, sort)) for one in OPERATORS[sort]]
    return Asking(node.path, _full_label(node, schema), sort, operators, choices)


def _operator(operator: str, sort: Sort) -> str:
    of_day = sort in {Sort.DAY, Sort.MOMENT} and operator in DAY_WORDS
    return (DAY_WORDS if of_day else OPERATOR_WORDS)[operator]()


def _full_label(node: Node, schema: Schema) -> str:
    words = Words(schema)
    repeat = schema.by_path.get(node.table) if node.table else None
    if repeat is None:
        return words.label(node)
    named = {"group": words.label(repeat), "question": words.label(node)}
    return str(gettext("Any of “%(group)s”: %(question)s", **named))


def said(asked: Listing, narrowing: Narrowing) -> Iterator[tuple[str, str]]:
    """Each condition as its address has it, and in words."""
    for one in narrowing.read:
        if asked.schema is None:
            return
        node = asked.schema.by_path[one.asked.path]
        sort = sort_of(node, asked.schema)
        words = Words(asked.schema)
        values = [words.answer(node.path, value) for value in one.asked.values]
        told = (_full_label(node, asked.schema), _operator(one.asked.operator, sort), " – ".join(values))
        yield one.asked.written, " ".join(part for part in told if part)


# What is written in the lines ----------------------------------------------------------------------


def columns(asked: Listing, shown: Shown) -> list[tuple[str, str]]:
    """The questions that stand as columns: path and words."""
    if asked.schema is None:
        return []
    words = Words(asked.schema)
    return [(node.path, _brief(words.label(node))) for node in shown.columns]


def _brief(label: str) -> str:
    """A question without what is added in brackets for whoever fills the form in."""
    return label.partition(" (")[0] or label


def cells(form: Form, asked: Listing, shown: Shown, lines: Sequence[RecordLine]) -> dict[str, list[str]]:
    """The texts of the columns by instance id."""
    if not shown.columns or asked.schema is None or not lines:
        return {}
    session = db.session()
    table = answer_tables(session, form.id, draft=False)[""]
    paths = [node.path for node in shown.columns]
    told = teller(form, asked.schema, shown.columns)
    return {
        laid.record: [_short(told(node, laid.answers.get(node.path))) for node in shown.columns]
        for laid in rows_of(session, table, paths, [line.number for line in lines])
    }


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…"


def teller(form: Form, schema: Schema, nodes: Sequence[Node]) -> Callable[[Node, Any], str]:
    """What says answers to these questions in words: labels for codes, days as people write them."""
    words = Words(schema)
    records = Records(db.session(), parts().blobs, parts().shelf)
    files = {
        node.choices: records.labels(form.current_id or 0, node.choices)
        for node in nodes
        if node.choices and node.choices not in schema.choices
    }
    return lambda node, value: _cell(node, value, words, files)


def _cell(node: Node, value: Any, words: Words, files: Mapping[str, Mapping[str, str] | None]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(format_decimal(value))
    text = str(value)
    listed = files.get(node.choices) if node.choices else None
    if listed is not None:
        return ", ".join(listed.get(code, code) for code in text.split())
    if node.type == "geopoint":
        return ", ".join(text.split()[:2])
    return words.answer(node.path, text)


# Questions to choose from --------------------------------------------------------------------------


def searched(form: Form, schema: Schema | None) -> list[str]:
    """What a search looks through beside the names of the records."""
    return [] if schema is None else _once("searched", schema, lambda: _searched(form, schema))


def _searched(form: Form, schema: Schema) -> list[str]:
    words = Words(schema)
    several = (schema.by_path.get(path) for path in record_names.searched_in(db.session(), form))
    nodes = [node for node in several if node is not None and node.labels]
    return list(dict.fromkeys(_brief(words.label(node)) for node in nodes))


def questions(schema: Schema | None) -> Markup:
    """Every question that has words, grouped as in the form, as the options of a field."""
    return Markup() if schema is None else _once("questions", schema, lambda: _options(schema))


def _once(what: str, schema: Schema, make: Callable[[], _T]) -> _T:
    """What is made of a schema, in the reader's language: kept, because it changes with the schema only."""
    key = (what, id(schema), language())
    found = _MADE.get(key)
    if found is None:
        if len(_MADE) >= _ROOM:
            _MADE.clear()
        # The schema is kept too, so that no other one can come to stand where it stood.
        found = _MADE[key] = (schema, make())
    return cast("_T", found[1])


_ROOM = 128
_MADE: dict[tuple[str, int, str], tuple[Schema, object]] = {}
_T = TypeVar("_T")


def _options(schema: Schema) -> Markup:
    words = Words(schema)
    groups: dict[str, list[Node]] = {}
    for node in schema.questions:
        if node.labels and not node.path.startswith("/meta/") and node.type not in {"", "trigger"}:
            groups.setdefault(_group(node, schema, words), []).append(node)
    pieces = []
    for title, nodes in groups.items():
        inside = Markup().join(
            Markup('<option value="{}"{}>{}</option>').format(
                node.path, Markup("") if can_stand(node) else Markup(' data-rows=""'), words.label(node)[:150]
            )
            for node in nodes
        )
        pieces.append(Markup('<optgroup label="{}">{}</optgroup>').format(escape(title), inside))
    return Markup().join(pieces)


def _group(node: Node, schema: Schema, words: Words) -> str:
    """The groups around a question that have words, from the outermost."""
    titles = []
    around = schema.by_path.get(node.path.rpartition("/")[0])
    while around is not None:
        if around.labels:
            titles.append(words.label(around))
        around = schema.by_path.get(around.path.rpartition("/")[0])
    return " › ".join(reversed(titles)) or gettext("The record itself")
