"""On whose behalf somebody fetches forms and sends them: by a token in the address, or signed in.

What the doors of phones and of browsers have in common: both hand out forms and files, and take records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request

from collector.accounts.secrets import fingerprint
from collector.actions.delivery import Asker
from collector.clock import moment
from collector.parts import parts
from storage.database import db, swift_reading, transaction
from storage.models import AppUser, Form, FormVersion
from storage.problems import DraftGone, NotAllowed, NotSignedIn, TokenUnknown
from storage.queries import access, actors, projects
from storage.queries.forms import draft_by_token
from storage.scope import Scope

_USED_EVERY = timedelta(hours=1)
_NO_PLACE = "-"
"""A code no place has."""
LIFETIME = 1800.0
"""Seconds a phone is known without looking it up, so that its last use is noted every hour or so."""
SIGNED_IN = "w/me/"
"""What a browser's addresses begin with where somebody signed in."""
PHONES = 4000
"""Phones a process knows at a time."""


@dataclass(frozen=True)
class Visit:
    """What one phone request may reach.

    `under` is the path before `projects/<number>/…`, as the phone came by it; `stamps` says
    of each project how often its forms have changed; `only` cuts to these form numbers; `draft` is set
    on a draft testing address; `place_codes` are the places lists are cut to (none: everywhere);
    `sees_all`: lists of what one made oneself are not cut, because he may look at lists anyway.
    `is_link`: many share what proves them.
    """

    under: str
    stamps: tuple[tuple[int, int], ...]
    actor_id: int | None
    only: frozenset[int] | None = None
    draft: tuple[Form, FormVersion] | None = None
    place_codes: tuple[str, ...] = ()
    sees_all: bool = False
    is_link: bool = False

    @property
    def is_person(self) -> bool:
        """Whether an account asks, no phone."""
        return self.under in {"", "v1/", SIGNED_IN}

    @property
    def base(self) -> str:
        """The absolute address before `projects/<number>/…`: worked out only where one is written down."""
        return f"{request.root_url}{self.under}"

    def asker(self, project_id: int) -> Asker:
        """For whom files and lists of a project are cut."""
        return Asker(project_id, self.place_codes, None if self.sees_all else self.actor_id)

    @property
    def project_ids(self) -> tuple[int, ...]:
        """The projects whose forms are offered here."""
        return tuple(project_id for project_id, _stamp in self.stamps)


def by_key(token: str, project_id: int, *, even_closed: bool = False) -> Visit:
    """A phone with its token in the address. Raises TokenUnknown (403: a 401 would ask for a password).

    `even_closed`: a link to a form that takes nothing any more is known, too.
    """
    known = parts().phones
    pulse = parts().pulse.read()
    kept = known.get((token, project_id), pulse)
    if kept is not None:
        return kept
    made, may_be_kept = _looked_up(token, project_id, even_closed=even_closed)
    if may_be_kept:
        known.keep((token, project_id), pulse, made)
    return made


def _looked_up(token: str, project_id: int, *, even_closed: bool) -> tuple[Visit, bool]:
    now = moment()
    with swift_reading() as line:
        phone = actors.phone_by_token(line, fingerprint(token), lately=now - _USED_EVERY)
    if phone is None:
        return _by_link(token, project_id, even_closed=even_closed)
    if phone.project_id != project_id:
        raise TokenUnknown
    only = None if phone.all_forms else actors.form_ids_of(db.session(), phone.actor_id)
    if not phone.seen:
        _note_use(phone.actor_id, now)
    stamps = ((project_id, phone.forms_stamp),)
    return Visit(f"v1/key/{token}/", stamps, phone.actor_id, only, None, phone.place_codes), True


def _by_link(token: str, project_id: int, *, even_closed: bool) -> tuple[Visit, bool]:
    """Whoever has a link to fill a form: it opens that form as long as it takes records, and no other."""
    found = access.link_of_token(db.session(), fingerprint(token))
    if found is None or found[2].id != project_id:
        raise TokenUnknown
    link, form, project = found
    is_closed = form.state == "closed"
    if is_closed and not even_closed:
        raise NotAllowed
    stamps = ((project_id, project.forms_stamp),)
    only, codes = frozenset({form.id}), tuple(link.place_codes)
    made = Visit(f"v1/key/{token}/", stamps, link.actor_id, only, None, codes, is_link=True)
    return made, not is_closed


def by_draft(token: str, project_id: int, form_id: str | None = None) -> Visit:
    """A draft under test; `form_id` is what its address calls it. Raises DraftGone, ProjectNotFound."""
    projects.get_project(db.session(), project_id)
    found = draft_by_token(db.session(), token)
    if found is None or found[0].project_id != project_id or form_id not in {None, found[0].xml_form_id}:
        raise DraftGone
    return Visit(f"v1/test/{token}/", ((project_id, 0),), None, draft=found)


def _note_use(actor_id: int, now: datetime) -> None:
    with transaction(noticed=False) as session:
        session.get_one(AppUser, actor_id).last_used_at = now


def by_session(project_id: int, *verbs: str, under: str = "v1/") -> Visit:
    """A program or browser with a session; one of `verbs` is enough.

    Raises NotSignedIn, NotAllowed, ProjectNotFound.
    """
    session = db.session()
    identity = parts().authentication.identify(session, request, moment())
    if identity.actor_id is None:
        raise NotSignedIn
    if not any(identity.may(verb, project_id) for verb in verbs):
        raise NotAllowed
    project = projects.get_project(session, project_id)
    stamps = ((project_id, project.forms_stamp),)
    codes = codes_of(identity.scope(verbs, project_id))
    sees_all = identity.may("entity.list", project_id)
    return Visit(under, stamps, identity.actor_id, place_codes=codes, sees_all=sees_all)


def codes_of(scope: Scope) -> tuple[str, ...]:
    """The places of a scope as lists are cut to them: there none at all means everywhere."""
    if scope.codes is None:
        return ()
    return scope.codes or (_NO_PLACE,)
