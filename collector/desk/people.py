"""The entrance to everything about people: accounts, phones and volunteers, interviewers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.actions import account_keeping
from collector.actions.account_keeping import Search
from collector.desk.page import may, now, scoped
from storage.database import db
from storage.queries import projects, returned, village_codes, volunteers

blueprint = Blueprint("people", __name__)

SILENT = timedelta(days=7)
"""A phone that was not seen for so long is worth a call."""
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Door:
    """A page about people: where it is, what it is for, and what is worth knowing before one opens it."""

    address: str
    title: str
    told: str
    facts: tuple[str, ...] = ()


@scoped(blueprint, "/people")
def index(project_id: int) -> str:
    """What there is about people, with its numbers."""
    return render_template(
        "people.html",
        project=projects.get_project(db.session(), project_id),
        doors=list(_doors(project_id)),
    )


def _doors(project_id: int) -> Iterator[Door]:
    def at(endpoint: str) -> str:
        return url_for(endpoint, project_id=project_id)

    if may("assignment.list", project_id):
        told = gettext("Officers who sign in here: open, change, disable, give a new password.")
        yield Door(at("desk.accounts.index"), gettext("Accounts"), told, _of_accounts())
    if may("field_key.list", project_id):
        told = gettext("Phones with a code: found, printed, withdrawn when one is lost.")
        yield Door(at("desk.phones.index"), gettext("Phones"), told, _of_phones(project_id))
        told = gettext("A short address and a PIN for each village, to fill in forms without the app.")
        yield Door(at("desk.village_codes.index"), gettext("Village codes"), told, _of_villages(project_id))
    if may("field_key.create", project_id):
        told = gettext(
            "Volunteers from an Excel list: looked at first, entered together, taken back together."
        )
        yield Door(at("desk.volunteers.index"), gettext("Enter a list"), told)
    if may("submission.update", project_id):
        told = gettext("What each one sent, on how many days, and what was found in it: by name, no ranking.")
        yield Door(at("desk.interviewers.index"), gettext("Interviewers"), told)
        waiting = len(returned.listing(db.session(), project_id, answered=False, limit=_MOST))
        facts = (ngettext("%(num)s waits for a correction", "%(num)s wait for a correction", waiting),)
        told = gettext("Records that went back to whoever filled them, with the words to send him.")
        yield Door(at("desk.returned.index"), gettext("Sent back"), told, facts if waiting else ())
        told = gettext("Which households each volunteer visits, and how far everybody is.")
        yield Door(at("desk.households.index"), gettext("Households"), told)


def _of_accounts() -> tuple[str, ...]:
    several = [line.user for line in account_keeping.find(db.session(), identity(), Search())]
    never = sum(1 for user in several if user.last_login_at is None and user.disabled_at is None)
    disabled = sum(1 for user in several if user.disabled_at is not None)
    facts = [ngettext("%(num)s account", "%(num)s accounts", len(several))]
    facts += [ngettext("%(num)s never signed in", "%(num)s never signed in", never)] if never else []
    facts += [ngettext("%(num)s disabled", "%(num)s disabled", disabled)] if disabled else []
    return tuple(facts)


def _of_phones(project_id: int) -> tuple[str, ...]:
    lines = [line for line in volunteers.phone_lines(db.session(), project_id) if line.has_access]
    never = sum(1 for line in lines if line.last_used_at is None)
    silent = sum(1 for line in lines if line.last_used_at is not None and now() - line.last_used_at > SILENT)
    facts = [ngettext("%(num)s phone with access", "%(num)s phones with access", len(lines))]
    facts += [ngettext("%(num)s never connected", "%(num)s never connected", never)] if never else []
    if silent:
        facts.append(ngettext("%(num)s not seen for a week", "%(num)s not seen for a week", silent))
    return tuple(facts)


def _of_villages(project_id: int) -> tuple[str, ...]:
    number = sum(village_codes.by_commune(db.session(), project_id).values())
    return (ngettext("%(num)s village has a code", "%(num)s villages have a code", number),) if number else ()
