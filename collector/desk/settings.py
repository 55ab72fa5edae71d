"""Settings: one page from which everything else is set, and how the server is, for its administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions.doctor import Finding, Patient, glance
from collector.actions.examined.work import BACKUP
from collector.actions.vitals import vitals
from collector.desk import backups
from collector.desk.page import may, now, scoped, written_number, written_size
from collector.parts import parts
from collector.wording import fill
from forms.phrases import Phrase
from storage.cuts import within
from storage.database import db
from storage.erasing import keeping
from storage.erasing.keeping import Kept
from storage.queries import projects
from storage.scope import WHOLE

blueprint = Blueprint("settings", __name__)

_SERVER = "user.update"
"""Who may change accounts of the whole server keeps the server."""


@dataclass(frozen=True, slots=True)
class Door:
    """A page where something is set, and what for."""

    address: str
    title: str
    told: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of the server: what it is called, how it is, and what to do where it is not well."""

    about: str
    told: str
    do: str = ""


_Said = Callable[[], str]

_DOORS: tuple[tuple[str, str, _Said, _Said], ...] = (
    (
        "programme.update",
        "desk.decisions.index",
        lambda: gettext("Decisions of the programme"),
        lambda: gettext("What the plans leave open is decided here, each choice with its consequence."),
    ),
    (
        "place.update",
        "desk.outlines.index",
        lambda: gettext("Outlines for maps"),
        lambda: gettext("The borders of communes from a GeoJSON file of the office."),
    ),
    (
        "project.roll_forward",
        "desk.roll_forward.look",
        lambda: gettext("New year"),
        lambda: gettext("Begin the next year: lists go on, what was asked once a year is asked again."),
    ),
    (
        "submission.import",
        "desk.moving.ask",
        lambda: gettext("Records from another server"),
        lambda: gettext(
            "Bring what was collected with ODK Central or Kobo; looked at first, taken back if need be."
        ),
    ),
    (
        "project.update",
        "desk.webhooks.index",
        lambda: gettext("Webhooks"),
        lambda: gettext("Tell another server as soon as a record comes or changes."),
    ),
    (
        "audit.read",
        "desk.log.index",
        lambda: gettext("Log"),
        lambda: gettext("Who did what and when; it cannot be changed."),
    ),
    (
        "erasure.create",
        "desk.erasures.index",
        lambda: gettext("Personal data"),
        lambda: gettext("Erase a person or a household on request; how long names are kept."),
    ),
    (
        "submission.restore",
        "desk.trash.index",
        lambda: gettext("Trash"),
        lambda: gettext("What was deleted and can be put back."),
    ),
)
"""Pages where something is set: who may, where, what it is called, what for."""


@scoped(blueprint, "/settings")
def index(project_id: int) -> str:
    """What the reader may set, and for administrators how the server is."""
    return render_template(
        "settings.html",
        project=projects.get_project(db.session(), project_id),
        doors=list(_doors(project_id)),
        overdue=_overdue(project_id),
        facts=_facts() if identity().may_everywhere(_SERVER) else [],
        days=parts().settings.purge_days,
        backup=backups.told() if identity().may_everywhere(_SERVER) else None,
    )


def _overdue(project_id: int) -> list[Kept]:
    """The surveys that keep names beyond their date, for who may let them go."""
    if not may("erasure.create", project_id):
        return []
    return [one for one in keeping.surveys(db.session(), project_id, now()) if one.due]


def _doors(project_id: int) -> Iterator[Door]:
    for verb, endpoint, title, told in _DOORS:
        if endpoint in current_app.view_functions and may(verb, project_id):
            yield Door(url_for(endpoint, project_id=project_id), title(), told())
    yield Door("/account", gettext("My account"), gettext("Name, password, and the password of Collect."))
    told_of_keys = gettext("For Excel, Power BI, R: made and taken back.")
    yield Door("/account/keys", gettext("Keys for programs"), told_of_keys)
    address = url_for("desk.programs.index")
    yield Door(address, gettext("For programmers"), gettext("Addresses and documents for programs."))


def _facts() -> list[Fact]:
    settings, session = parts().settings, db.session()
    counted = parts().meters.totals()
    # The server as a whole, for who keeps it: nothing here is anybody's place.
    with within(WHOLE):
        found = vitals(session)
        seen = list(glance(Patient(session, parts().blobs, settings, now(), counted)))
    return [
        Fact(gettext("Version"), found.version),
        Fact(gettext("Database"), f"{found.database}, {written_size(found.database_size)}"),
        Fact(gettext("Kept files"), f"{written_number(found.files)}, {written_size(found.files_size)}"),
        # Backups have a card of their own.
        *(_fact(one) for one in seen if one.about != BACKUP),
        _https(settings.public_url),
        Fact(
            gettext("Mail"), gettext("None is sent: a new password is handed over as a link, under Accounts.")
        ),
    ]


def _fact(found: Finding) -> Fact:
    """What an examination found, in the reader's language."""
    told = _said(found.told)
    return Fact(_said(found.about), told[:1].upper() + told[1:], _said(found.do or ""))


def _said(text: str) -> str:
    return fill(text.template, text.details) if isinstance(text, Phrase) else text


def _https(public_url: str | None) -> Fact:
    if request.is_secure or (public_url or "").startswith("https://"):
        return Fact("HTTPS", gettext("Yes: nobody on the way reads what is sent."))
    return Fact(
        "HTTPS",
        gettext("No: this address is not encrypted."),
        gettext("Set up a certificate before phones use it outside of the office (docs/operate.md)."),
    )
