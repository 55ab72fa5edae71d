"""The trash: what was deleted and can be put back, for as long as the server keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import trash as actions
from collector.actions.publish import Author
from collector.desk.naming import list_title
from collector.desk.page import asked_number, may, now, scoped
from collector.desk.tickets import opened, sealed
from collector.errors import say
from collector.parts import parts
from storage.database import db
from storage.problems import NotAllowed
from storage.queries import lists, projects, trash
from storage.queries.trash import FORMS, KINDS, MEMBERS, RECORDS, Thrown

blueprint = Blueprint("trash", __name__)

A_PAGE = 50
_LAST_PAGE = 1_000_000
PURGE = "trash.purge"
_TICKET = "trash"
_VERBS: Mapping[str, str] = {
    RECORDS: "submission.restore",
    MEMBERS: "entity.restore",
    FORMS: "form.restore",
}
KIND_WORDS: Mapping[str, Callable[[], str]] = {
    RECORDS: lambda: gettext("Records"),
    MEMBERS: lambda: gettext("Members of lists"),
    FORMS: lambda: gettext("Surveys"),
}


def _kinds(project_id: int) -> list[str]:
    """What the reader may put back."""
    return [kind for kind in KINDS if may(_VERBS[kind], project_id)]


@scoped(blueprint, "/trash")
def index(project_id: int) -> str:
    """What lies there, kind by kind, the last deleted first."""
    return _index(project_id)


def _index(project_id: int, **more: object) -> str:
    session = db.session()
    kinds = _kinds(project_id)
    counts = trash.counts(session, project_id)
    asked = request.values.get("kind", "")
    fullest = next((kind for kind in kinds if counts[kind]), kinds[0] if kinds else RECORDS)
    kind = asked if asked in kinds else fullest
    page = asked_number("page") or 1
    things = _things(project_id, kind, page) if kinds else []
    codes = {one.place_code for one in things if one.place_code}
    return render_template(
        "trash.html",
        project=projects.get_project(session, project_id),
        kinds=[(one, KIND_WORDS[one](), counts[one]) for one in kinds],
        kind=kind,
        things=things[:A_PAGE],
        more=len(things) > A_PAGE,
        page=page,
        days=parts().settings.purge_days,
        left=_left,
        places=lists.place_names(session, codes),
        owner=_owner,
        purges=may(PURGE, project_id),
        **more,
    )


def _things(project_id: int, kind: str, page: int) -> Sequence[Thrown]:
    session, at = db.session(), min(page - 1, _LAST_PAGE) * A_PAGE
    if kind == FORMS:
        return trash.forms(session, project_id)[at:]
    find = trash.records if kind == RECORDS else trash.members
    return find(session, project_id, limit=A_PAGE + 1, offset=at)


def _owner(one: Thrown) -> str:
    return list_title(one.owner) if one.kind == MEMBERS else one.owner


def _left(one: Thrown) -> int:
    """Days until it goes for good."""
    return max(0, (one.deleted_at + timedelta(days=parts().settings.purge_days) - now()).days)


def _chosen(project_id: int, names: Sequence[str]) -> list[Thrown]:
    kinds = _kinds(project_id)
    return [one for one in actions.named(project_id, names) if one.kind in kinds]


def _author() -> Author:
    return Author(identity().actor_id, now())


@scoped(blueprint, "/trash/restore", methods=("POST",))
def restore(project_id: int) -> ResponseReturnValue:
    """Put back what is ticked; the page that answers offers to undo it."""
    chosen = _chosen(project_id, request.form.getlist("thing"))
    if not chosen:
        return _index(project_id, sentence=gettext("Tick what is to be put back first.")), 400
    done = actions.put_back(project_id, chosen, _author())
    said = [
        text
        for one in done.things
        for text in (one.kind, one.number, one.name, one.owner, one.key, one.form_id)
    ]
    return _index(
        project_id,
        done=done.things,
        refusals=[say(problem) for problem in done.refused],
        ticket=sealed(_TICKET, project_id, identity().actor_id, *said),
    )


@scoped(blueprint, "/trash/undo", methods=("POST",))
def undo(project_id: int) -> ResponseReturnValue:
    """Throw away again what was just put back."""
    project, actor, *said = opened(_TICKET, request.form.get("ticket", ""))
    if (project, actor) != (project_id, identity().actor_id):
        raise NotAllowed
    things = [
        Thrown(str(kind), int(number), str(name), str(owner), str(key), None, now(), form_id=str(form))
        for kind, number, name, owner, key, form in zip(*(iter(said),) * 6, strict=True)
    ]
    kinds = _kinds(project_id)
    done = actions.throw_again(project_id, [one for one in things if one.kind in kinds], _author())
    refusals = [say(problem) for problem in done.refused]
    return _index(project_id, undone=len(done.things), refusals=refusals)


@scoped(blueprint, "/trash/purge", methods=("POST",))
def purge(project_id: int) -> ResponseReturnValue:
    """Let what is ticked go for good, once its name was typed."""
    if not identity().is_person:
        raise NotAllowed
    names = request.form.getlist("thing")
    chosen = _chosen(project_id, names)
    if not chosen:
        return _index(project_id, sentence=gettext("Tick what is to go for good first.")), 400
    # Of several nobody types all names: that of the project stands for them.
    project = projects.get_project(db.session(), project_id).name
    expected = chosen[0].name if len(chosen) == 1 else project
    typed = " ".join(request.form.get("typed", "").split())
    if typed != " ".join(expected.split()):
        wrong = bool(typed) or "typed" in request.form
        page = render_template(
            "trash_purge.html",
            chosen=chosen,
            expected=expected,
            owner=_owner,
            wrong=wrong,
            kind=chosen[0].kind,
        )
        return page, 400 if wrong else 200
    gone = actions.erase(parts().blobs, chosen, _author())
    return _index(project_id, gone=gone)
