"""Many people's answers read at once, noted once a request: who, what, how it was narrowed, how many rows.

Why: the law on personal data wants to know who has read what. A record that is opened is noted by itself
(`collector.actions.looks`), a file that is taken as an export; a list or a feed hands out thousands. Words
and values somebody searched for are left out: they may be a person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from flask import Flask, Response, current_app, g, has_request_context, request, template_rendered

from collector.accounts.guard import identity
from collector.actions import bulk_reading
from collector.actions.bulk_reading import Reading
from collector.clock import moment
from storage.database import db

RECORDS, ENTITIES = "reading.records", "reading.entities"
READ: Final[Mapping[str, tuple[str, str]]] = {
    "v1_submissions.listing": (RECORDS, "list"),
    "v1_odata.table": (RECORDS, "odata"),
    "v1_maps.every_record": (RECORDS, "map"),
    "desk.records.index": (RECORDS, "page"),
    "v1_entities.listing": (ENTITIES, "list"),
    "v1_odata_entities.table": (ENTITIES, "odata"),
    "v1_maps.every_entity": (ENTITIES, "map"),
    "v1_datasets.table": (ENTITIES, "csv"),
    "desk.lists.table": (ENTITIES, "csv"),
    "desk.lists.show": (ENTITIES, "page"),
}
"""Routes that hand out many people's answers: what is noted, and by which way."""

_CHOICES = frozenset({"place", "state", "sort", "from", "to", "deleted", "draft", "$top", "$skip", "limit"})
"""Parameters whose values are choices, never somebody's words."""
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_LONGEST = 200
_LINES = ("lines", "conflicts")

Row = TypeVar("Row")


def install(app: Flask) -> None:
    """Note such a request when its answer has been sent, or as much of it as somebody took."""
    app.after_request(_note)
    template_rendered.connect(_count_lines, app)


def counted(pages: Iterable[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """The same pages, their rows counted for the request that reads them."""
    return _counted(pages, g.setdefault("rows_read", [0]))


def _counted(pages: Iterable[Sequence[Row]], tally: list[int]) -> Iterator[Sequence[Row]]:
    for page in pages:
        tally[0] += len(page)
        yield page


def _count_lines(_app: Flask, context: Mapping[str, Any], **_more: object) -> None:
    """What a page shows a line each of."""
    if has_request_context() and request.endpoint in READ:
        g.setdefault("rows_read", [0])[0] += sum(len(context.get(name) or ()) for name in _LINES)


def _note(response: Response) -> Response:
    action, way = READ.get(request.endpoint or "", ("", ""))
    if not action or response.status_code != 200 or request.method == "HEAD":  # noqa: PLR2004
        return response
    named = request.view_args or {}
    said = {"way": way, "filter": _filter()}
    one = Reading(action, named["project_id"], named.get("form_id") or named["name"], said)
    tally, actor_id, now = g.setdefault("rows_read", [0]), identity().actor_id, moment()
    if way == "page":
        bulk_reading.note_page(one, tally[0], actor_id, now)
    elif response.is_streamed:
        response.call_on_close(_later(one, tally, actor_id, now))
    else:
        bulk_reading.note(one, tally[0], actor_id, now)
    return response


def _later(one: Reading, tally: Sequence[int], actor_id: int | None, now: datetime) -> Any:
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's own way

    def note() -> None:
        with app.app_context():
            bulk_reading.note(one, tally[0], actor_id, now)
            db.session.remove()

    return note


def _filter() -> str:
    """How it was narrowed, without anybody's words: names of parameters, and values that are choices."""
    said = []
    for name, value in request.args.items(multi=True):
        if name == "$filter":
            said.append("$filter=" + _QUOTED.sub("'…'", value))
        elif value:
            said.append(f"{name}={value}" if name in _CHOICES else name)
    return " ".join(sorted(said))[:_LONGEST]
