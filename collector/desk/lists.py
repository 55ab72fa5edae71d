"""Entity lists: what phones carry from form to form, who is in it, what two people wrote differently."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wsgi import wrap_file

from collector.accounts.guard import identity
from collector.actions import datasets
from collector.actions.datasets import Change
from collector.actions.delivery import spooled
from collector.actions.entities import Settling
from collector.actions.register_import import fields
from collector.desk.page import asked_number, now, scoped
from collector.errors import STATUS, say
from collector.fileresponse import disposition
from collector.parts import parts
from collector.reading_log import counted
from forms.entity_csv import ENTITY_COLUMNS
from forms.exports.harmless import harmless
from forms.problems import Problem
from storage.database import db, transaction
from storage.entities import by_hand, lists, reading
from storage.entities.by_hand import Terms, Written
from storage.entities.following import VILLAGES
from storage.entities.problems import EntityNotFound
from storage.entities.writing import Source, find
from storage.models import Entity, EntityList
from storage.queries import entity_pages, projects
from storage.queries.entity_pages import A_PAGE, Wanted

blueprint = Blueprint("lists", __name__)

_LONGEST_WORDS = 100


@scoped(blueprint, "/lists")
def index(project_id: int) -> str:
    """Every list of the project."""
    return _index(project_id)


def _index(project_id: int, **more: object) -> str:
    session = db.session()
    return render_template(
        "lists.html",
        project=projects.get_project(session, project_id),
        lines=entity_pages.list_lines(session, project_id),
        **more,
    )


@scoped(blueprint, "/lists", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """A new list with its properties, before any form writes it."""
    name = request.form.get("name", "").strip()
    try:
        with transaction() as session:
            projects.get_project(session, project_id)
            made = lists.create_list(session, project_id, name, now=now())
            lists.ensure_properties(session, made, request.form.get("properties", "").split(), now=now())
            # Forms that ask for its file have one from now on.
            projects.touch_forms(session, project_id)
    except Problem as problem:
        return _index(project_id, sentence=say(problem)), STATUS[type(problem)].status
    return redirect(url_for(".show", project_id=project_id, name=name), 303)


@scoped(blueprint, "/lists/<seg:name>")
def show(project_id: int, name: str) -> str:
    """Its members, those in conflict first; `?q=` searches, `?before=` goes on, `?deleted=1`: the deleted."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    wanted = Wanted(
        of.id,
        request.args.get("q", "").strip()[:_LONGEST_WORDS],
        deleted=request.args.get("deleted") == "1",
        before=asked_number("before"),
    )
    lines = entity_pages.member_lines(session, wanted)
    first = not (wanted.words or wanted.before or wanted.deleted)
    return render_template(
        "list.html",
        of=of,
        wanted=wanted,
        lines=lines[:A_PAGE],
        older=lines[A_PAGE - 1].number if len(lines) > A_PAGE else None,
        conflicts=entity_pages.conflict_lines(session, of.id) if first else [],
        members=reading.count(session, of.id),
        properties=lists.properties(session, of.id),
        writers=lists.writing_forms(session, of.id),
        follows=name == VILLAGES,
    )


@scoped(blueprint, "/lists/<seg:name>/properties", methods=("POST",))
def add_property(project_id: int, name: str) -> ResponseReturnValue:
    """Give the list a property."""
    try:
        with transaction() as session:
            of = lists.list_by_name(session, project_id, name)
            lists.add_property(session, of, request.form.get("property", "").strip(), now=now())
    except Problem as problem:
        flash(say(problem), "error")
    return redirect(url_for(".show", project_id=project_id, name=name, _anchor="properties"), 303)


@scoped(blueprint, "/lists/<seg:name>/approval", methods=("POST",))
def change_approval(project_id: int, name: str) -> ResponseReturnValue:
    """Whether members that phones make wait for an officer's approval of the record."""
    required = request.form.get("required") == "1"
    settling = Settling(parts().blobs, parts().shelf)
    wanted = Change(approval_required=required, convert=True)
    datasets.change(project_id, name, wanted, settling, actor_id=identity().actor_id, now=now())
    return redirect(url_for(".show", project_id=project_id, name=name, _anchor="properties"), 303)


@scoped(blueprint, "/lists/<seg:name>/table.csv")
def table(project_id: int, name: str) -> Response:
    """The list for a spreadsheet program, as far as the reader sees it; it can be sent back changed."""
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    names = lists.property_names(session, of.id)
    # Written out whole: what belongs to the reader is known only while the request lasts.
    handle = spooled(_table(of, names), packed=False)
    response = Response(wrap_file(request.environ, handle), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = disposition(f"{name}.csv")
    return response


def _table(of: EntityList, names: list[str]) -> Iterator[bytes]:
    yield "\ufeff".encode() + _line([*ENTITY_COLUMNS[:2], *names])
    for [one] in counted([member] for member in reading.rows(db.session(), of.id)):
        values = {**one.data, **one.computed}
        yield _line([one.uuid, one.label, *(values.get(column, "") for column in names)])


def _line(cells: list[str]) -> bytes:
    return (",".join(f'"{harmless(cell).replace(chr(34), chr(34) * 2)}"' for cell in cells) + "\r\n").encode(
        errors="replace"
    )


# A member ---------------------------------------------------------------------------------------


@scoped(blueprint, "/lists/<seg:name>/members/<seg:uuid>")
def member(project_id: int, name: str, uuid: str) -> str:
    """What a member is, and how it came to be so."""
    return _member(project_id, name, uuid)


def _member(project_id: int, name: str, uuid: str, **more: object) -> str:
    session = db.session()
    of = lists.list_by_name(session, project_id, name)
    found = _found(of, uuid)
    steps = entity_pages.steps(session, found.id)
    return render_template(
        "member.html",
        of=of,
        one=found,
        values={**found.data, **found.computed},
        properties=lists.properties(session, of.id),
        fields=fields(session, of),
        steps=steps,
        conflicting=list(dict.fromkeys(name for step in steps for name in step.conflicting)),
        place=entity_pages.place_name(session, found.place_code),
        **more,
    )


def _found(of: EntityList, uuid: str) -> Entity:
    found = find(db.session(), of.id, uuid.lower())
    if found is None:
        raise EntityNotFound(uuid=uuid[:100], list=of.name)
    return found


@scoped(blueprint, "/lists/<seg:name>/members/<seg:uuid>", methods=("POST",))
def amend(project_id: int, name: str, uuid: str) -> ResponseReturnValue:
    """Write a member anew, by hand; a conflict ends with it, and phones get what was written."""
    try:
        with transaction() as session:
            of = lists.list_by_name(session, project_id, name)
            before = _found(of, uuid)
            known = {one.name for one in lists.properties(session, of.id) if not one.computed}
            said = {
                column: text.strip()
                for column, text in request.form.items()
                if column in known and text.strip() != before.data.get(column, "")
            }
            label = request.form.get("_label", before.label).strip()
            terms = Terms(request.form.get("_version", type=int), resolve=before.conflict is not None)
            by_hand.update(session, of, Written(before.uuid, label, said), _source(), terms)
    except Problem as problem:
        return _member(project_id, name, uuid, sentence=say(problem)), STATUS[type(problem)].status
    flash(gettext("Saved. Phones get it when they next look."))
    return redirect(url_for(".member", project_id=project_id, name=name, uuid=uuid), 303)


@scoped(blueprint, "/lists/<seg:name>/members/<seg:uuid>/resolve", methods=("POST",))
def resolve(project_id: int, name: str, uuid: str) -> ResponseReturnValue:
    """Leave a member as it is: somebody has looked at what was written differently."""
    with transaction() as session:
        by_hand.resolve(session, lists.list_by_name(session, project_id, name), uuid, _source())
    flash(gettext("The conflict is settled; the member stays as it is."))
    return redirect(url_for(".show", project_id=project_id, name=name), 303)


@scoped(blueprint, "/lists/<seg:name>/members/<seg:uuid>/delete", methods=("POST",))
def delete(project_id: int, name: str, uuid: str) -> ResponseReturnValue:
    """Take a member out; it stays known and can be put back."""
    with transaction() as session:
        by_hand.delete(session, lists.list_by_name(session, project_id, name), uuid, _source())
    flash(gettext("Deleted. Phones drop it when they next look; it can be put back."))
    return redirect(url_for(".member", project_id=project_id, name=name, uuid=uuid), 303)


@scoped(blueprint, "/lists/<seg:name>/members/<seg:uuid>/restore", methods=("POST",))
def restore(project_id: int, name: str, uuid: str) -> ResponseReturnValue:
    """Put a deleted member back."""
    with transaction() as session:
        by_hand.restore(session, lists.list_by_name(session, project_id, name), uuid, _source())
    return redirect(url_for(".member", project_id=project_id, name=name, uuid=uuid), 303)


def _source() -> Source:
    return Source(identity().actor_id, now())
