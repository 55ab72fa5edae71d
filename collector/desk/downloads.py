"""What can be taken away as a file, on one page: records, lists, figures, and an address for Excel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import export
from collector.actions.export import Export, ExportOptions
from collector.actions.extracts import KEPT_DAYS
from collector.actions.form_notes import note_form
from collector.actions.publish import Author
from collector.desk.interviewers import midnight
from collector.desk.page import language, may, now, phone_address, scoped, start_of_today
from collector.desk.phones import places_typed
from collector.desk.wanted import said_names
from collector.fileresponse import disposition
from collector.parts import parts
from forms.exports.csv_text import safe_name
from forms.values import HOME
from storage.database import db, transaction
from storage.models import Form, Place
from storage.queries import forms, lists, projects, releases, taking
from storage.queries.entity_pages import list_lines
from storage.queries.lists import Tally
from storage.queries.odata_filter import RecordFilter
from storage.queries.taking import Taken
from storage.snapshot import report_snapshot

blueprint = Blueprint("downloads", __name__)

_MOST_COMMUNES = 200


_YEARS = 4
"""Years of figures that can be picked, the present one included."""

LEVELS: Mapping[str, Callable[[], str]] = {
    "province": lambda: gettext("provinces"),
    "commune": lambda: gettext("communes"),
    "village": lambda: gettext("villages"),
}


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey whose records can be taken away."""

    form: Form
    title: str
    tally: Tally
    has_map: bool


@scoped(blueprint, "/downloads")
def index(project_id: int) -> str:
    """What there is to take away, with how much it is and of when."""
    session = db.session()
    reads, members = may("extract.create", project_id), may("entity.list", project_id)
    year = start_of_today().year
    return render_template(
        "downloads.html",
        project=projects.get_project(session, project_id),
        surveys=_surveys(project_id) if reads else [],
        communes=communes() if reads else [],
        entity_lists=list_lines(session, project_id) if members else [],
        figures=may("indicator.read", project_id),
        years=[year - ago for ago in range(_YEARS)],
        levels={level: name() for level, name in LEVELS.items()},
        address=f"{phone_address()}/v1/projects/{project_id}/forms/",
        today=start_of_today(),
        now=now(),
        people=may("submission.read", project_id),
        own=len(releases.own_extracts(session, project_id, identity().actor_id)) if reads else 0,
        releases=may("release.read", project_id),
        kept_days=KEPT_DAYS,
        **said_names(),
    )


def communes() -> Sequence[Place]:
    """The communes to pick from; none where they are so many that typing is quicker."""
    several = lists.places_of_level(db.session(), "commune")
    return several if len(several) <= _MOST_COMMUNES else []


def _surveys(project_id: int) -> list[Survey]:
    session = db.session()
    lines = [line for line in lists.survey_lines(session, project_id) if line.form.current_id]
    numbers = [line.form.id for line in lines]
    tallies = lists.tallies(session, numbers, since=start_of_today())
    maps = taking.with_maps(session, numbers)
    return [
        Survey(line.form, line.title, tallies.get(line.form.id, Tally()), line.form.id in maps)
        for line in lines
    ]


@scoped(blueprint, "/downloads/file")
def answers(project_id: int) -> ResponseReturnValue:
    """Records of one survey as the page's form asks: `file=csv:<form>` or `zip:<form>`, and how."""
    kind, _, form_id = request.args.get("file", "").partition(":")
    if kind not in {"csv", "zip"}:
        abort(404)
    places, doubt = places_typed(request.args.get("place", ""))
    if doubt:
        return render_template("error.html", status=400, sentence=doubt), 400
    prepared = _prepared(project_id, form_id, places, archive=kind == "zip")
    with transaction() as session:
        author = Author(identity().actor_id, now())
        note_form(session, "form.submission.export", forms.get_form(session, project_id, form_id), author)
    if kind == "zip":
        body = export.archive(prepared, parts().blobs, parts().settings.home)
    else:
        body = export.root_csv(prepared)
    content_type = "application/zip" if kind == "zip" else "text/csv; charset=utf-8"
    response = Response(stream_with_context(body), content_type=content_type)
    response.headers["Content-Disposition"] = disposition(_name(prepared, places, kind))
    return response


def _prepared(project_id: int, form_id: str, places: tuple[str, ...], *, archive: bool) -> Export:
    asked = request.args
    last = midnight(asked.get("to", ""))
    end = last + timedelta(days=1) if last else None
    taken = Taken(places, midnight(asked.get("from", "")), end)
    words = asked.get("words", "labels")
    options = ExportOptions(
        attachments=archive and asked.get("photos") == "1",
        labels={"labels": "true", "both": "both"}.get(words, ""),
        language=language(),
        wide=asked.get("wide") == "1",
        bom=True,
        zone=HOME,
        harmless=True,
        chosen=RecordFilter(taken.condition()),
    )
    # What was read so far would be held as long as the reader takes to get the file.
    db.session().rollback()
    with report_snapshot() as session:
        return export.prepare(session, forms.get_form(session, project_id, form_id), options, now=now())


def _name(prepared: Export, places: tuple[str, ...], ending: str) -> str:
    """A name in ASCII that sorts by day."""
    where = f"_{places[0]}" if len(places) == 1 else ""
    stem = safe_name(prepared.form_id).encode("ascii", "replace").decode().replace("?", "-")
    return f"{stem}{where}_{now().astimezone(HOME):%Y-%m-%d}.{ending}"
