"""On whose behalf a phone asks: by token in the address, by draft token, by challenge, or by session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Request, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from collector.accounts.authentication import SHAPE, account_identity
from collector.accounts.identity import Identity
from collector.accounts.secrets import fingerprint
from collector.clock import moment
from collector.openrosa.digest import Digest
from collector.parts import parts
from storage.database import db, swift_reading, transaction
from storage.models import AppUser, Form, FormVersion, User
from storage.problems import DraftGone, NotAllowed, NotSignedIn, TokenUnknown
from storage.queries import access, actors, projects
from storage.queries.forms import draft_by_token
from storage.scope import Scope

_USED_EVERY = timedelta(hours=1)
_NO_PLACE = "-"
"""A code no place has."""
LIFETIME = 1800.0
"""Seconds a phone is known without looking it up, so that its last use is noted every hour or so."""
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
        return self.under in {"", "v1/"}

    @property
    def base(self) -> str:
        """The absolute address before `projects/<number>/…`: worked out only where one is written down."""
        return f"{request.root_url}{self.under}"

    @property
    def project_ids(self) -> tuple[int, ...]:
        """The projects whose forms are offered here."""
        return tuple(project_id for project_id, _stamp in self.stamps)


class Challenge(HTTPException):
    """401 with the ways to answer it: Digest always, Basic only where nobody can listen."""

    code = 401

    def __init__(self, digest: Digest, *, secure: bool, stale: bool) -> None:
        super().__init__()
        self.ways = [digest.challenge(stale=stale)]
        if secure:
            self.ways.append('Basic realm="Collector", charset="UTF-8"')


def by_key(token: str, project_id: int) -> Visit:
    """A phone with its token in the address. Raises TokenUnknown (403: a 401 would ask for a password)."""
    known = parts().phones
    pulse = parts().pulse.read()
    kept = known.get((token, project_id), pulse)
    if kept is not None:
        return kept
    made = _looked_up(token, project_id)
    known.keep((token, project_id), pulse, made)
    return made


def _looked_up(token: str, project_id: int) -> Visit:
    now = moment()
    with swift_reading() as line:
        phone = actors.phone_by_token(line, fingerprint(token), lately=now - _USED_EVERY)
    if phone is None:
        return _by_link(token, project_id)
    if phone.project_id != project_id:
        raise TokenUnknown
    only = None if phone.all_forms else actors.form_ids_of(db.session(), phone.actor_id)
    if not phone.seen:
        _note_use(phone.actor_id, now)
    return Visit(
        f"v1/key/{token}/", ((project_id, phone.forms_stamp),), phone.actor_id, only, None, phone.place_codes
    )


def _by_link(token: str, project_id: int) -> Visit:
    """Whoever has a link to fill a form: it opens that form as long as it takes records, and no other."""
    found = access.link_of_token(db.session(), fingerprint(token))
    if found is None or found[2].id != project_id:
        raise TokenUnknown
    link, form, project = found
    if form.state == "closed":
        raise NotAllowed
    stamps = ((project_id, project.forms_stamp),)
    only, codes = frozenset({form.id}), tuple(link.place_codes)
    return Visit(f"v1/key/{token}/", stamps, link.actor_id, only, None, codes, is_link=True)


def by_link(token: str, project_id: int) -> Visit:
    """Whoever sends the token of a link or a phone beside the address (`?st=`), which is looked at first.

    Raises NotSignedIn for what is no token, TokenUnknown for one that opens nothing.
    """
    if not SHAPE.fullmatch(token):
        raise NotSignedIn
    return by_key(token, project_id)


def _note_use(actor_id: int, now: datetime) -> None:
    with transaction(noticed=False) as session:
        session.get_one(AppUser, actor_id).last_used_at = now


def by_draft_token(token: str, project_id: int, form_id: str) -> Visit:
    """A draft under test. Raises DraftGone, ProjectNotFound."""
    projects.get_project(db.session(), project_id)
    found = draft_by_token(db.session(), token)
    if found is None or found[0].project_id != project_id or found[0].xml_form_id != form_id:
        raise DraftGone
    return Visit(f"v1/test/{token}/", ((project_id, 0),), None, draft=found)


def by_session(project_id: int, *verbs: str) -> Visit:
    """A program or browser with a session, under `/v1/projects`; one of `verbs` is enough.

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
    codes = _codes(identity.scope(verbs, project_id))
    sees_all = identity.may("entity.list", project_id)
    return Visit("v1/", stamps, identity.actor_id, place_codes=codes, sees_all=sees_all)


def _codes(scope: Scope) -> tuple[str, ...]:
    """The places of a scope as lists are cut to them: there none at all means everywhere."""
    if scope.codes is None:
        return ()
    return scope.codes or (_NO_PLACE,)


def by_challenge(verb: str, project_id: int | None = None) -> Visit:
    """A Collect set up by hand at the root. Raises Challenge until it answers rightly."""
    session = db.session()
    identity = _answer(session, request)
    every = projects.list_projects(session)
    may = [one for one in every if identity.may(verb, one.id) and project_id in {None, one.id}]
    if not may:
        raise NotAllowed
    stamps = tuple((one.id, one.forms_stamp) for one in may)
    first = project_id or may[0].id
    codes, sees_all = _codes(identity.scope((verb,), first)), identity.may("entity.list", first)
    return Visit("", stamps, identity.actor_id, place_codes=codes, sees_all=sees_all)


def _answer(session: Session, asked: Request) -> Identity:
    authentication, digest = parts().authentication, parts().digest
    said = asked.authorization
    if said is not None and said.type == "digest":
        found: dict[str, User] = {}

        def ha1_of(name: str) -> str | None:
            user = actors.open_account(session, name)
            if user is None:
                return None
            found[name] = user
            return authentication.ha1_of(user)

        name = digest.username(said, asked.method, raw_uri(asked), ha1_of)
        if name is not None:
            return account_identity(session, found[name])
        raise Challenge(digest, secure=authentication.takes_basic(asked), stale=digest.is_stale(said))
    secure = authentication.takes_basic(asked)
    if said is not None and said.type == "basic" and secure:
        try:
            user = authentication.by_basic(session, asked, moment(), at_phone_door=True)
        except NotSignedIn as error:
            raise Challenge(digest, secure=True, stale=False) from error
        return account_identity(session, user)
    raise Challenge(digest, secure=secure, stale=False)


def raw_uri(asked: Request) -> str:
    """Path and query exactly as the phone wrote them: Digest signs those very letters.

    With the prefix a proxy took off (X-Forwarded-Prefix), which the phone signed too.
    """
    raw: str = asked.environ.get("RAW_URI") or asked.environ.get("REQUEST_URI") or asked.full_path
    if "://" in raw.split("?", 1)[0]:
        raw = "/" + raw.split("://", 1)[1].partition("/")[2]
    return f"{asked.root_path}{raw}"
