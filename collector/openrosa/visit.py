"""On whose behalf a phone asks, where it does not come by its own token: a link's, or a challenge."""

from __future__ import annotations

from flask import Request, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from collector.accounts.authentication import SHAPE, account_identity
from collector.accounts.identity import Identity
from collector.clock import moment
from collector.openrosa.digest import Digest
from collector.parts import parts
from collector.visits import Visit, by_key, codes_of
from storage.database import db
from storage.models import User
from storage.problems import NotAllowed, NotSignedIn
from storage.queries import actors, projects


class Challenge(HTTPException):
    """401 with the ways to answer it: Digest always, Basic only where nobody can listen."""

    code = 401

    def __init__(self, digest: Digest, *, secure: bool, stale: bool) -> None:
        super().__init__()
        self.ways = [digest.challenge(stale=stale)]
        if secure:
            self.ways.append('Basic realm="Collector", charset="UTF-8"')


def by_link(token: str, project_id: int) -> Visit:
    """Whoever sends the token of a link or a phone beside the address (`?st=`), which is looked at first.

    Raises NotSignedIn for what is no token, TokenUnknown for one that opens nothing.
    """
    if not SHAPE.fullmatch(token):
        raise NotSignedIn
    return by_key(token, project_id)


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
    codes, sees_all = codes_of(identity.scope((verb,), first)), identity.may("entity.list", first)
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
