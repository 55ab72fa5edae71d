"""④ Finished forms come in, as phones send them; whoever sent one hears its receipt."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from flask import Response, jsonify, request
from sqlalchemy.exc import IntegrityError

from collector.accounts.guard import identity
from collector.actions import web_sent
from collector.actions.incoming import Received
from collector.actions.web_sent import Asking
from collector.clock import moment
from collector.parcels import ACCEPTS, take
from collector.visits import Visit
from collector.webforms.doors import caller, fill, owner, project_id
from forms.receipts import receipt
from storage.database import db, transaction
from storage.models import WebOnce
from storage.problems import FormNotOpen
from storage.queries import forms, webforms
from storage.scope import NOTHING, Scope
from storage.webform_problems import WebFormClosed


def asking(visit: Visit) -> Asking:
    """The caller as one who asks for what he sent."""
    return Asking(project_id(), owner(visit), visit.is_link, _reads(visit))


def _reads(visit: Visit) -> Scope:
    """Where an account sees records, whoever sent them: nowhere, where it may only fill."""
    if not visit.is_person or not identity().may("submission.read", project_id()):
        return NOTHING
    return identity().scope(("submission.read",), project_id())


@fill.post("/submission")
def submission() -> Response:
    """Take a form, or the next files of one; again and again, with the same receipt."""
    visit = caller("submission.create")
    actor_id = owner(visit)
    mark = _mark(visit)

    def look(xml: bytes) -> None:
        session = db.session()
        web_sent.require_editable(session, asking(visit), xml)
        if mark:
            web_sent.require_first(session, actor_id, mark, xml)

    try:
        received = take(visit, request.environ, look)
    except FormNotOpen as error:
        raise WebFormClosed(form=_title(str(error.details["form"]))) from error
    answer = receipted(received)
    if mark:
        _remember(actor_id, mark, webforms.taken(db.session(), received.record).instance_id)
    return answer


def receipted(received: Received) -> Response:
    """What whoever sent a form hears: its receipt, and the files that are still awaited."""
    found = webforms.taken(db.session(), received.record)
    answer = jsonify({
        "instance_id": found.instance_id,
        "receipt": receipt(received.record),
        "received_at": found.received_at.isoformat(),
        "files_missing": list(found.missing),
    })
    answer.status_code = 201
    return answer


def _title(form_id: str) -> str:
    session = db.session()
    return forms.current_version(session, forms.get_form(session, project_id(), form_id)).name


def _mark(visit: Visit) -> str:
    """What a browser that may answer once is remembered by; "" where it may answer often or says nothing."""
    said = request.args.get("deviceID", "")
    if not visit.is_link or not said or not webforms.holder(db.session(), owner(visit)).once:
        return ""
    return hashlib.sha256(f"{visit.actor_id}\0{said}".encode()).hexdigest()


def _remember(actor_id: int, mark: str, instance_id: str) -> None:
    # Two requests at once: the one that came second finds what the first has noted.
    with suppress(IntegrityError), transaction(noticed=False) as session:
        if webforms.once_before(session, actor_id, mark) is None:
            session.add(WebOnce(actor_id=actor_id, mark=mark, instance_id=instance_id, created_at=moment()))


@fill.after_request
def say_limit(response: Response) -> Response:
    """Whoever sends too much is told how much may come at once."""
    if request.method == "POST":
        response.headers["X-OpenRosa-Accept-Content-Length"] = str(ACCEPTS)
    return response
