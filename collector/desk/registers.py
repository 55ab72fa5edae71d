"""Old registers on the desk: sent, understood together with whoever sends them, entered into a list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import list_upload
from collector.actions import register_import as actions
from collector.actions.list_upload import Import
from collector.actions.register_import import Chosen, Looked, column_id
from collector.desk import uploads
from collector.desk.page import now, scoped
from collector.desk.uploads import Kept
from forms.member_rows import MOST_MEMBERS
from forms.problems import FormRefused
from forms.register_rows import NAMES
from forms.register_words import COMMUNE, IGNORED, LABEL, VILLAGE
from forms.remarks import Weight
from storage.database import db
from storage.entities import lists
from storage.models import EntityList
from storage.queries.batches import with_ticket

blueprint = Blueprint("registers", __name__)

_TICKET = "register"
SHOWN = 20
"""Rows of a register that its preview shows."""

MOST_WORDS = 40
"""Unclear words whose meaning is asked at once."""

_COLUMN, _WORD = "column:", "word:"
_UNDECIDED = "?"


@scoped(blueprint, "/lists/<seg:name>/register")
def index(project_id: int, name: str) -> str:
    """Where an old register is sent."""
    return _index(_list(project_id, name))


def _index(of: EntityList, **more: object) -> str:
    return render_template("register.html", of=of, most=MOST_MEMBERS, **more)


def _list(project_id: int, name: str) -> EntityList:
    return lists.list_by_name(db.session(), project_id, name)


@scoped(blueprint, "/lists/<seg:name>/register", methods=("POST",))
def look(project_id: int, name: str) -> ResponseReturnValue:
    """Say how a register is understood, as it is or as whoever sends it now says; nothing is entered."""
    of = _list(project_id, name)
    sent = uploads.sent()
    if sent is not None:
        return _preview(of, uploads.keep(sent), sent.data, _chosen())
    if "ticket" not in request.form:
        return _index(of, sentence=uploads.nothing_chosen()), 400
    file, _state_before = uploads.reopened(_TICKET, of.id)
    data = file.data()
    if data is None:
        return _gone(of)
    return _preview(of, file, data, _chosen())


def _gone(of: EntityList) -> ResponseReturnValue:
    return _index(of, sentence=uploads.gone()), 400


def _chosen() -> Chosen:
    said = request.form
    words = {key: said[_WORD + key] for key in _named(said, _WORD) if said[_WORD + key] != _UNDECIDED}
    columns = {key: said[_COLUMN + key] for key in _named(said, _COLUMN)}
    return Chosen(columns, words, said.get("commune", "").strip()[:100], again=said.get("again") == "1")


def _named(said: Mapping[str, str], start: str) -> list[str]:
    return [key.removeprefix(start) for key in said if key.startswith(start)]


def _state(chosen: Chosen) -> str:
    """What was said of a file, shortly: only what was looked at is entered."""
    said = [sorted(chosen.columns.items()), sorted(chosen.words.items()), chosen.commune, chosen.again]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _preview(of: EntityList, file: Kept, data: bytes, chosen: Chosen) -> ResponseReturnValue:
    try:
        looked = actions.look(db.session(), of, data, file.name, chosen)
    except FormRefused as refused:
        return _index(of, remarks=refused.remarks, file_name=file.name), 400
    return _page(of, file, looked)


def _page(of: EntityList, file: Kept, looked: Looked) -> ResponseReturnValue:
    columns = {column_id(one): looked.targets[one.number] for one in looked.register.columns}
    shown = replace(looked.chosen, columns=columns)
    rows = looked.checked.rows[:SHOWN]
    page = render_template(
        "register_preview.html",
        of=of,
        looked=looked,
        checked=looked.checked,
        file_name=file.name,
        ticket=uploads.ticket(_TICKET, file, of.id, _state(shown)),
        columns=[(one, column_id(one), looked.targets[one.number]) for one in looked.register.columns],
        examples={one.number: _example(looked, one.number) for one in looked.register.columns},
        special=_special(),
        targets=actions.meanings(looked),
        offers=list(actions.offers(looked))[:MOST_WORDS],
        rows=[(row, _place(looked, row.row), _spoken(looked, row.values)) for row in rows],
        shown=[
            looked.fields[name]
            for name in dict.fromkeys(chain(*(row.values for row in rows)))
            if _is_told(looked, name)
        ],
        notices=[remark for remark in looked.checked.remarks if remark.weight != Weight.ERROR],
    )
    return page, 400 if looked.checked.errors else 200


def _is_told(looked: Looked, name: str) -> bool:
    """Whether a property stands in the preview: name and place have columns of their own."""
    return name in looked.fields and name not in NAMES


def _place(looked: Looked, row: int) -> str:
    place = looked.places.get(row)
    return place.full if place is not None else ""


def _spoken(looked: Looked, values: Mapping[str, str]) -> dict[str, str]:
    """What is known of a member in the words of the forms."""
    return {
        name: ", ".join(map(looked.fields[name].label, text.split())) if looked.fields[name].choices else text
        for name, text in values.items()
        if name in looked.fields
    }


def _example(looked: Looked, number: int) -> str:
    cells = (row.cells[number] for row in looked.register.rows if number < len(row.cells))
    return ", ".join(dict.fromkeys(text[:30] for text in cells if text).keys())[:60]


def _special() -> list[tuple[str, str]]:
    """What a column may mean besides a property, in words."""
    return [
        ("", gettext("not taken")),
        (IGNORED, gettext("says nothing (a number, a signature)")),
        (LABEL, gettext("the name people choose by")),
        (VILLAGE, gettext("village")),
        (COMMUNE, gettext("commune")),
    ]


@scoped(blueprint, "/lists/<seg:name>/register/enter", methods=("POST",))
def enter(project_id: int, name: str) -> ResponseReturnValue:
    """Enter a register as it was looked at; whoever says something else of it looks again first."""
    of = _list(project_id, name)
    file, state = uploads.reopened(_TICKET, of.id)
    data = file.data()
    if data is None:
        return _gone(of)
    wanted = Import(of.id, project_id, identity().actor_id, file.name, file.nonce, now())
    before = with_ticket(db.session(), project_id, list_upload.KIND, wanted.ticket)
    if before is None or not before.summary.get("done"):
        chosen = _chosen()
        looked = actions.look(db.session(), of, data, file.name, chosen)
        if before is None and (looked.checked.errors or [_state(chosen)] != state):
            return _page(of, file, looked)
        number = actions.enter(looked, wanted)
    else:
        number = before.id
    return redirect(url_for("desk.list_files.show", project_id=project_id, name=name, number=number), 303)
