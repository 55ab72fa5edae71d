"""⑨ A list of records as a table for Excel: one line each, the questions and answers in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forms.exports.harmless import harmless
from forms.schema import Node
from forms.values import HOME
from storage.cuts import within
from storage.database import db
from storage.groups import in_groups
from storage.models import Form
from storage.projection.catalogue import answer_tables
from storage.queries import choosing, record_list
from storage.queries.choosing import Filter
from storage.queries.sheet_rows import rows_of
from storage.scope import current
from storage.snapshot import snapshot

BOM = "\ufeff"
_AT_ONCE = 500
_CELLS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Columns:
    """The head of the table, `nodes` the questions it ends with, and how an answer is said in words."""

    head: Sequence[str]
    nodes: Sequence[Node]
    said: Callable[[Node, Any], str]
    state: Callable[[str | None], str]


def table(form: Form, chosen: Filter, columns: Columns) -> Iterator[str]:
    """The table, in pieces, oldest record first: UTF-8 that Excel opens by a double click.

    Before the questions stand name, receipt, sender, state, place, the wider place, and the record's id.
    """
    form_id, scope = form.id, current()
    numbers = choosing.numbers(db.session(), chosen)
    yield BOM + _written([columns.head])
    at_once = max(1, min(_AT_ONCE, _CELLS_AT_ONCE // max(1, len(columns.nodes))))
    for some in in_groups(numbers, at_once):
        with within(scope), snapshot() as session:
            lines = record_list.lines(session, some)
            root = answer_tables(session, form_id, draft=False)[""]
            paths = [node.path for node in columns.nodes]
            answers = {one.number: one.answers for one in rows_of(session, root, paths, some)}
        rows = []
        for line in lines:
            told = answers.get(line.number, {})
            own = (
                line.name,
                line.received_at.astimezone(HOME).strftime("%d/%m/%Y %H:%M"),
                line.sender,
                columns.state(line.state),
                line.place,
                line.around,
                line.instance_id,
            )
            rows.append([*own, *(columns.said(node, told.get(node.path)) for node in columns.nodes)])
        yield _written(rows)


def _written(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()
