"""Codes of villages: made for a whole commune in one go, listed with how far each is, taken back together."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.accounts.secrets import new_token
from collector.actions import village_codes as actions
from collector.actions.village_codes import KIND, Import, Line, State
from collector.desk.page import NUMBER, is_out_of_reach, now, phone_address, scoped, whole_number
from collector.desk.tickets import opened, sealed
from collector.fileresponse import disposition
from collector.parts import parts
from forms.exports.figures import Value, csv_pieces
from forms.places import COMMUNE
from storage.database import db, transaction
from storage.models import Place
from storage.problems import BatchUndone
from storage.queries import lists, places, projects, village_codes, volunteers
from storage.queries.batches import A_PAGE, batches_of, get_batch
from storage.queries.volunteers import PlaceName

blueprint = Blueprint("village_codes", __name__)

_MOST_COMMUNES = 20
"""Communes that are offered without asking for a name."""
_TICKET = "village_codes"


def state_words(state: State) -> str:
    """How far a village's code is, for people."""
    words: dict[State, str] = {
        State.NONE: gettext("no code yet"),
        State.UNPRINTED: gettext("not printed yet"),
        State.UNOPENED: gettext("never opened"),
        State.USED: gettext("opened"),
        State.WITHDRAWN: gettext("withdrawn"),
    }
    return words[state]


@dataclass(frozen=True, slots=True)
class Offered:
    """A commune one may choose, and how many of its villages have a code."""

    place: PlaceName
    codes: int


@scoped(blueprint, "/village-codes")
def index(project_id: int) -> str:
    """The villages of a commune and how far their codes are; without `?commune=` a commune to choose."""
    return _index(project_id)


def _index(project_id: int, **more: object) -> str:
    session = db.session()
    words = request.args.get("q", "").strip()[:100]
    offered, searches = _offered(project_id, words)
    asked = request.values.get("commune", "").strip()[:40]
    sole = offered[0].place.code if len(offered) == 1 and (words or not searches) else ""
    chosen = asked or sole
    commune = volunteers.place_lines(session, [chosen]).get(chosen) if chosen else None
    lines = actions.lines_of(session, project_id, chosen) if commune else []
    numbers = [line.access.actor_id for line in lines if line.access]
    return render_template(
        "village_codes.html",
        project=projects.get_project(session, project_id),
        offered=offered,
        searches=searches,
        words=words,
        commune=commune,
        lines=lines,
        states=State,
        state_words=state_words,
        sent=lists.sent_by(session, numbers),
        surveys=lists.survey_lines(session, project_id),
        batches=batches_of(session, project_id, KIND, limit=A_PAGE),
        address=phone_address(),
        out_of_reach=is_out_of_reach(phone_address()),
        **more,
    )


def _offered(project_id: int, words: str) -> tuple[list[Offered], bool]:
    """The communes to choose from, and whether there are more, to be searched by name.

    Those that fit what was typed; without that all if they are few, else those with codes.
    """
    session = db.session()
    counts = village_codes.by_commune(session, project_id)
    every = volunteers.places_where(session, Place.level == COMMUNE, limit=_MOST_COMMUNES + 1)
    searches = len(every) > _MOST_COMMUNES
    if words:
        found = [one.code for one in places.find(session, words, level=COMMUNE, limit=_MOST_COMMUNES)]
    else:
        found = sorted(counts) if searches else [one.code for one in every]
    named = volunteers.place_lines(session, found)
    return [Offered(named[code], counts.get(code, 0)) for code in found if code in named], searches


@scoped(blueprint, "/village-codes.csv")
def table(project_id: int) -> Response:
    """The same list for Excel: addresses and how far each is, no PINs."""
    session = db.session()
    asked = request.args.get("commune", "").strip()[:40]
    lines = actions.lines_of(session, project_id, asked)
    sent = lists.sent_by(session, [line.access.actor_id for line in lines if line.access])
    header = [
        gettext("Commune"),
        gettext("Code"),
        gettext("Village"),
        gettext("Address"),
        gettext("State"),
        gettext("Last seen"),
        gettext("Records sent"),
    ]
    body = b"".join(csv_pieces(header, [[_row(line, sent) for line in lines]], for_people=True))
    response = Response(body, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = disposition(f"ma-thon_{asked}.csv" if lines else "ma-thon.csv")
    return response


def _row(line: Line, sent: dict[int, int]) -> list[Value]:
    access = line.access
    address = f"{phone_address()}/w/v/{access.short_code}" if access and access.has_access else ""
    seen = access.last_used_at if access else None
    return [
        line.place.parent_name,
        line.place.code,
        line.place.name,
        address,
        state_words(line.state),
        seen.strftime("%Y-%m-%d") if seen else "",
        sent.get(access.actor_id, 0) if access else 0,
    ]


@scoped(blueprint, "/village-codes/look", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """Which villages would get a code, and for which surveys; nothing is made yet."""
    session = db.session()
    commune = request.form.get("commune", "").strip()[:40]
    ticked = request.form.getlist("village")[: actions.MOST]
    if request.form.get("all") == "1":
        ticked = [one.code for one in village_codes.villages_in(session, commune)]
    found = actions.plan(session, project_id, ticked)
    known = {line.form.id: line.title for line in lists.survey_lines(session, project_id)}
    forms = [number for number in request.form.getlist("form", type=whole_number) if number in known]
    every = request.form.get("forms") != "some"
    sentence = ""
    if not found.fresh:
        sentence = gettext("Tick at least one village that has no code.")
    elif not every and not forms:
        sentence = gettext("Tick at least one survey, or choose all.")
    if sentence:
        return _index(project_id, sentence=sentence), 400
    chosen = None if every else forms
    fresh = [one.code for one in found.fresh]
    return render_template(
        "village_codes_look.html",
        project=projects.get_project(session, project_id),
        plan=found,
        commune=commune,
        titles=[known[number] for number in chosen] if chosen is not None else None,
        ticket=sealed(_TICKET, project_id, new_token(), ",".join(map(str, chosen or ())), ",".join(fresh)),
    )


@scoped(blueprint, "/village-codes", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """Make the codes that were looked at: all of them or none."""
    owner, nonce, forms, codes = opened(_TICKET, request.form.get("ticket", ""))[:4]
    if owner != project_id:
        abort(400)
    fresh = actions.plan(db.session(), project_id, codes.split(",")).fresh
    chosen = tuple(int(number) for number in forms.split(",") if number) or None
    prepared = actions.prepare(db.session(), fresh, chosen, parts().vault)
    # What the batch is called where batches are listed.
    name = ", ".join(dict.fromkeys(one.parent_name for one in fresh if one.parent_name))
    wanted = Import(project_id, identity().actor_id, name, nonce, KIND, now=now())
    with transaction() as session:
        number = actions.make(session, prepared, wanted).id
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/village-codes/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """What was made together, to be printed or taken back."""
    session = db.session()
    batch = get_batch(session, project_id, {KIND}, number)
    numbers = volunteers.numbers_of_batch(session, batch.id)
    phones = volunteers.phones_of(session, project_id, numbers)
    return render_template(
        "village_codes_made.html",
        batch=batch,
        phones=phones,
        opened=sum(1 for one in phones if one.last_used_at),
        printed=sum(1 for one in phones if one.pin_hash),
        commune=_commune_of(phones[0].village or "") if phones else "",
        address=phone_address(),
    )


def _commune_of(village: str) -> str:
    found = volunteers.place_lines(db.session(), [village]).get(village)
    return found.parent_code if found else ""


@scoped(blueprint, f"/village-codes/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Withdraw what was made together and nobody has opened yet."""
    with transaction() as session:
        batch = get_batch(session, project_id, {KIND}, number)
        if batch.undone_at is not None:
            raise BatchUndone(number=number)
        done = actions.undo(session, batch, actor_id=identity().actor_id, now=now())
    flash(ngettext("%(num)s code is withdrawn.", "%(num)s codes are withdrawn.", done.taken_back))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)
