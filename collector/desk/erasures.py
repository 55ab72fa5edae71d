"""Personal data: somebody erased on request, and how long surveys keep what names people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector import person_page
from collector.accounts.guard import identity
from collector.actions import person_file, record_names
from collector.actions.erasing import MOST, Erasing, ground_of
from collector.actions.erasure_targets import Target
from collector.actions.person_file import Wish
from collector.actions.web_drafts import WebDrafts
from collector.desk.naming import list_title
from collector.desk.page import form_of, language, now, scoped
from collector.errors import say
from collector.fileresponse import made_response
from collector.parts import parts
from forms.keeping import MOST_MONTHS
from forms.problems import Problem
from storage.database import db, transaction
from storage.erasing import keeping, tombstones
from storage.erasing.tombstones import Order
from storage.models import Erasure, Form
from storage.problems import NotAllowed
from storage.queries import belongings, lists, projects

blueprint = Blueprint("erasures", __name__)

_LONGEST = 200
_SHOWN = 50


@scoped(blueprint, "/personal-data")
def index(project_id: int) -> str:
    """Where somebody is searched for; what was erased; how long each survey keeps names."""
    return _index(project_id)


def _index(project_id: int, **more: Any) -> str:
    session = db.session()
    stones = tombstones.of_project(session, project_id, _SHOWN)
    return render_template(
        "erasures.html",
        project=projects.get_project(session, project_id),
        stones=stones,
        forms=_forms_of(stones),
        people=tombstones.who(session, stones),
        kinds=_kind_words(),
        surveys=keeping.surveys(session, project_id, now()),
        most_months=MOST_MONTHS,
        shortest=belongings.SHORTEST,
        **more,
    )


def _forms_of(stones: Sequence[Erasure]) -> Mapping[int, str]:
    numbers = {one.form_id for one in stones if one.form_id is not None}
    found = {number: db.session().get(Form, number) for number in numbers}
    return {number: one.xml_form_id for number, one in found.items() if one is not None}


def _kind_words() -> Mapping[str, str]:
    return {
        tombstones.SUBMISSION: gettext("a record"),
        tombstones.ROW: gettext("a person in a record"),
        tombstones.ENTITY: gettext("a member of a list"),
        tombstones.IDENTIFIERS: gettext("what names people, over its date"),
    }


# Not by GET: whom somebody searches for here stands in no address, and in no list of pages visited.
@scoped(blueprint, "/personal-data/find", methods=("POST",))
def find(project_id: int) -> ResponseReturnValue:
    """What holds a name, a telephone number or an id."""
    _require_person()
    said = _said()
    if len(said) < belongings.SHORTEST:
        told = gettext("Type at least %(number)s letters of a name, or a number.", number=belongings.SHORTEST)
        return _index(project_id, sentence=told), 400
    return _found(project_id, said)


def _found(project_id: int, said: str, sentence: str = "") -> str:
    record_names.keep_up(now())
    session = db.session()
    found = belongings.find(session, project_id, said)
    codes = {one.place_code for one in found if one.place_code}
    return render_template(
        "erasures_found.html",
        project=projects.get_project(session, project_id),
        said=said,
        found=found,
        most=belongings.MOST,
        beside=belongings.words(session, project_id, said),
        places=lists.place_names(session, codes),
        owner=_owner,
        sentence=sentence,
        purpose=request.form.get("purpose", "")[: tombstones.LONGEST_GROUND],
        longest=tombstones.LONGEST_GROUND,
        titles=belongings.titles(session, project_id),
        kinds={
            belongings.RECORD: gettext("Record"),
            belongings.ROW: gettext("Person in this record"),
            belongings.ENTITY: gettext("Member of a list"),
        },
    )


def _owner(one: belongings.Belonging) -> str:
    return list_title(one.owner) if one.kind == belongings.ENTITY else one.owner


@scoped(blueprint, "/personal-data/look", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """What exactly would go; nothing is touched."""
    _require_person()
    targets = _targets()
    if not targets:
        return _index(project_id, sentence=gettext("Tick what is to be erased first.")), 400
    return _look(project_id, targets)


@scoped(blueprint, "/personal-data/everything", methods=("POST",))
def everything(project_id: int) -> ResponseReturnValue:
    """All that is written about somebody, as one file for him; each thing in it is noted with the purpose."""
    _require_person()
    targets = _targets()
    if not targets:
        return _found(project_id, _said(), gettext("Tick what belongs to this person first.")), 400
    own = parts()
    purpose = request.form.get("purpose", "")[: tombstones.LONGEST_GROUND]
    wish = Wish(project_id, targets, _said(), purpose, identity().actor_id, now(), language())
    try:
        told = person_file.gather(wish, _erasing(), own.blobs, own.shelf)
    except Problem as problem:
        return _found(project_id, _said(), say(problem)), 400
    with ExitStack() as held:
        handle = held.enter_context(TemporaryFile(dir=own.settings.home))
        handle.writelines(person_file.pieces(told, person_page.page, own.blobs))
        held.pop_all()
    return made_response(handle, person_file.NAME, "application/zip")


def _look(
    project_id: int, targets: Sequence[Target], sentence: str = "", status: int = 200
) -> ResponseReturnValue:
    try:
        preview = _erasing().preview(project_id, targets, _said())
    except Problem as problem:
        return _index(project_id, sentence=say(problem)), 400
    page = render_template(
        "erasures_look.html",
        project=projects.get_project(db.session(), project_id),
        preview=preview,
        targets=targets,
        said=_said(),
        expected=_expected(project_id, preview.names, targets),
        ground=request.form.get("ground", "")[: tombstones.LONGEST_GROUND],
        longest=tombstones.LONGEST_GROUND,
        sentence=sentence,
    )
    return page, status


def _expected(project_id: int, names: Sequence[str], targets: Sequence[Target]) -> str:
    # Of several nobody types all names: that of the project stands for them.
    return names[0] if len(targets) == 1 else projects.get_project(db.session(), project_id).name


@scoped(blueprint, "/personal-data/erase", methods=("POST",))
def erase(project_id: int) -> ResponseReturnValue:
    """Erase what is ticked, on a legal ground, once its name was typed."""
    _require_person()
    targets = _targets()
    if not targets:
        return _index(project_id, sentence=gettext("Tick what is to be erased first.")), 400
    erasing = _erasing()
    try:
        names = erasing.preview(project_id, targets, _said()).names
        typed = " ".join(request.form.get("typed", "").split())
        if typed != " ".join(_expected(project_id, names, targets).split()):
            wrong = gettext("That is not the name. Type it exactly as it stands here.")
            return _look(project_id, targets, wrong, 400)
        order = Order(ground_of(request.form.get("ground", "")), identity().actor_id, now())
        done = erasing.erase(project_id, targets, order, _said())
    except Problem as problem:
        return _look(project_id, targets, say(problem), 400)
    return _index(project_id, done=done)


@scoped(blueprint, "/personal-data/keep", methods=("POST",))
def keep(project_id: int) -> ResponseReturnValue:
    """Say how long a survey keeps what names people."""
    _require_person()
    try:
        months = _months()
        with transaction() as session:
            form = form_of(project_id, request.form.get("form", ""))
            ground = " ".join(request.form.get("ground", "").split())
            order = Order(ground or gettext("decided by the office"), identity().actor_id, now())
            keeping.decide(session, form, months, request.form.get("act", ""), order)
    except Problem as problem:
        return _index(project_id, sentence=say(problem)), 400
    return _index(project_id, noted=gettext("It is noted how long this survey keeps names."))


def _months() -> int | None:
    typed = request.form.get("months", "").strip()
    if not typed:
        return None
    return int(typed) if typed.isdecimal() and len(typed) <= len(str(MOST_MONTHS)) else 0


@scoped(blueprint, "/personal-data/order", methods=("POST",))
def order(project_id: int) -> ResponseReturnValue:
    """Let go now what is over its date; the worker does it, some records at a time."""
    _require_person()
    form_id = request.form.get("form", "")
    if " ".join(request.form.get("typed", "").split()) != form_id:
        told = gettext("Type the id of the survey, %(id)s, to confirm.", id=form_id)
        return _index(project_id, sentence=told), 400
    try:
        with transaction() as session:
            form = form_of(project_id, form_id)
            keeping.order_now(session, form, Order("", identity().actor_id, now()))
    except Problem as problem:
        return _index(project_id, sentence=say(problem)), 400
    return _index(project_id, noted=gettext("It is begun. This page shows how far it is."))


def _require_person() -> None:
    if not identity().is_person:
        raise NotAllowed


def _said() -> str:
    return " ".join(request.form.get("said", "").split())[:_LONGEST]


def _targets() -> list[Target]:
    found = []
    for one in dict.fromkeys(request.form.getlist("thing")):
        kind, _, key = one.partition(" ")
        if kind in belongings.KINDS and key:
            found.append(Target(kind, key))
    return found[:MOST]


def _erasing() -> Erasing:
    own = parts()
    return Erasing(own.blobs, own.shelf, WebDrafts(own.vault, own.blobs))
