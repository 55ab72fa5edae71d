"""On whose behalf a browser asks, and under which address: signed in, or by a token in the address."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, g, request

from collector import visits
from collector.visits import Visit
from storage.database import db
from storage.models import Form
from storage.problems import NotAllowed, NotSignedIn
from storage.queries import forms, webforms

SIGNED_IN, BY_KEY = "w_me", "w_key"
"""The names `fill` is registered under."""
PERSON = "X-Collector-Person"
"""Header in which a browser says for whom it asks: on a shared phone the session may be another's by now."""

_PERSONAL = frozenset({"sent", "sent_file", "list_drafts", "open_draft", "save_draft"})

fill = Blueprint("fill", __name__)


@fill.url_value_preprocessor
def _take_address(_endpoint: str | None, values: dict[str, object] | None) -> None:
    address = values or {}
    g.web = {name: address.pop(name) for name in ("token", "project_id") if name in address}


@fill.after_request
def _private(response: Response) -> Response:
    # Answers of people stay in no browser's cache: the phone may be another's tomorrow.
    personal = (request.endpoint or "").rpartition(".")[2] in _PERSONAL
    response.headers.setdefault("Cache-Control", "no-store" if personal else "private, no-cache")
    return response


def project_id() -> int:
    """The project of the address."""
    found: int = g.web["project_id"]
    return found


def base() -> str:
    """The path of the address up to and with the project."""
    token = g.web.get("token")
    way = "me" if token is None else f"{g.web.get('way', 'key')}/{quote(token, safe='')}"
    return f"{request.script_root}/w/{way}/projects/{project_id()}"


def caller(*verbs: str) -> Visit:
    """Who asks; signed in, one of `verbs` is enough.

    Raises NotSignedIn, also where somebody else is signed in by now; NotAllowed, TokenUnknown.
    """
    if request.blueprint == SIGNED_IN:
        found = visits.by_session(project_id(), *verbs, under=visits.SIGNED_IN)
    else:
        # A link to a form that was closed still says so, and takes again what it has taken before.
        found = visits.by_key(g.web["token"], project_id(), even_closed=True)
    meant = request.headers.get(PERSON)
    if meant is not None and meant != str(found.actor_id):
        raise NotSignedIn
    return found


def owner(visit: Visit) -> int:
    """The actor behind a visit. Raises NotSignedIn for none."""
    if visit.actor_id is None:
        raise NotSignedIn
    return visit.actor_id


def form_of(visit: Visit, form_id: str) -> Form:
    """A form the caller may fill. Raises FormNotFound, NotAllowed."""
    found = forms.get_form(db.session(), project_id(), form_id)
    if visit.only is not None and found.id not in visit.only:
        raise NotAllowed
    return found


def who(visit: Visit) -> dict[str, object]:
    """The caller as his page shows him: `kind` is account, phone, village or link."""
    held = webforms.holder(db.session(), owner(visit))
    return {
        "id": visit.actor_id,
        "name": held.name,
        "kind": held.kind,
        "places": places(visit.place_codes),
    }


def places(codes: tuple[str, ...]) -> list[dict[str, str]]:
    """Places by their codes, with their names; codes of none are left out."""
    return [{"code": code, "name": name} for code, name in webforms.place_names(db.session(), codes).items()]
