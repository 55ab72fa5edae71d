"""The files beside a form: what it wants, what is there, looked at, replaced, taken away and put back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions.form_files import Kept, fill_slot, keep_bytes, put_back, take_away
from collector.actions.reading import kind_of_file
from collector.desk import tickets
from collector.desk.page import form_of, now, scoped
from collector.desk.uploads import uploaded
from collector.errors import say
from collector.parts import parts
from storage.database import db, transaction
from storage.models import Form, FormVersion
from storage.problems import AttachmentNotExpected
from storage.queries import attachments, forms, lists
from storage.queries.lists import FileLine

blueprint = Blueprint("form_media", __name__)

ROWS_SHOWN = 30
"""Rows of a list that a page shows."""

LARGEST_COUNTED = 4 * 1024 * 1024
"""Bytes of a CSV file whose rows a page counts."""

_PIECE = 256 * 1024
_TICKET = "form-files"


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows under the heading, and columns, of a CSV file."""

    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a page lists it. `kind`: image, audio, video, file; `counted` for lists not too long."""

    file: FileLine
    kind: str
    counted: Counted | None = None

    @property
    def missing(self) -> bool:
        """Whether somebody still has to send it."""
        return self.file.size is None and not self.file.served


def shown_files(session: Session, version: FormVersion | None) -> list[Shown]:
    """The files a version wants, what is missing first."""
    if version is None:
        return []
    digests = {one.name: one.sha256 for one in forms.media_of(session, version.id)}
    several = [_shown(file, digests.get(file.name)) for file in lists.files(session, version.id)]
    return sorted(several, key=lambda one: not one.missing)


def _shown(file: FileLine, sha256: str | None) -> Shown:
    kind = kind_of_file(file.name).value
    if sha256 is None or not file.name.endswith(".csv") or (file.size or 0) > LARGEST_COUNTED:
        return Shown(file, kind)
    return Shown(file, kind, _counted(sha256))


@lru_cache(maxsize=512)
def _counted(sha256: str) -> Counted | None:
    """How large a stored list is; None for one whose bytes are gone or no text."""
    try:
        with parts().blobs.open(sha256) as handle:
            rows = csv.reader(io.TextIOWrapper(handle, encoding="utf-8-sig", newline=""))
            columns = len(next(rows, []))
            return Counted(sum(1 for row in rows if any(row)), columns)
    except (KeyError, UnicodeDecodeError, csv.Error):
        return None


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent, its bytes durable already. `name` is without folders."""

    name: str
    kept: Kept


def sent_files(field: str = "file") -> list[Sent]:
    """The files of a field; takes as long as they are large, so it is done before the transaction."""
    several = []
    for file in uploaded(field):
        name = PurePosixPath((file.filename or "").replace("\\", "/")).name
        several.append(Sent(name, keep_bytes(parts().blobs, iter(partial(file.stream.read, _PIECE), b""))))
    return several


def put_files(session: Session, form: Form, version: FormVersion, several: Sequence[Sent]) -> str:
    """Put sent files into the slots of their names, and tell the reader what came of it.

    Returns a ticket by which what they replaced is put back; "" where nothing was taken.
    """
    taken: dict[str, str | None] = {}
    for sent in several:
        before = attachments.blob_of(session, version.id, sent.name)
        try:
            fill_slot(session, (form, version), sent.name, sent.kept, now=now())
        except AttachmentNotExpected as problem:
            flash(say(problem), "error")
        else:
            taken.setdefault(sent.name, before)
    if not taken:
        return ""
    flash(gettext("Received: %(names)s.", names=", ".join(taken)))
    if version.published_at is not None:
        flash(gettext("Phones fetch the new files when they next look for forms."))
    return _ticket(version, taken)


def _ticket(version: FormVersion, before: dict[str, str | None]) -> str:
    pairs = [part for name, sha256 in before.items() for part in (name, sha256)]
    return tickets.sealed(_TICKET, version.id, identity().actor_id, *pairs)


def undo_of(ticket: str) -> dict[str, Any]:
    """What a page needs to offer to put back; nothing without a ticket."""
    if not ticket:
        return {}
    _version, _actor, *pairs = tickets.opened(_TICKET, ticket)
    return {"ticket": ticket, "names": pairs[::2]}


@scoped(blueprint, "/surveys/<seg:form_id>/files/<seg:name>/look")
def look(project_id: int, form_id: str, name: str) -> str:
    """What is in a file: the first rows of a list, a picture, a sound."""
    session = db.session()
    form = form_of(project_id, form_id)
    draft = "draft" in request.args
    version = forms.draft_version(session, form) if draft else forms.current_version(session, form)
    found = next((one for one in shown_files(session, version) if one.file.name == name), None)
    sha256 = attachments.blob_of(session, version.id, name)
    if found is None or sha256 is None:
        abort(404)
    rows = _first_rows(sha256) if name.endswith(".csv") else []
    return render_template(
        "form_file.html", form=form, version=version, draft=draft, one=found, rows=rows, shown=ROWS_SHOWN
    )


def _first_rows(sha256: str) -> list[list[str]]:
    """The heading and the first rows of a stored list; nothing for what is no text."""
    try:
        with parts().blobs.open(sha256) as handle:
            rows = csv.reader(io.TextIOWrapper(handle, encoding="utf-8-sig", newline=""))
            return list(islice(rows, ROWS_SHOWN + 1))
    except (KeyError, UnicodeDecodeError, csv.Error):
        return []


@scoped(blueprint, "/surveys/<seg:form_id>/files/<seg:name>/remove", methods=("POST",))
def remove(project_id: int, form_id: str, name: str) -> ResponseReturnValue:
    """Take a file away; the page it leads to offers to put it back."""
    with transaction() as session:
        form = form_of(project_id, form_id)
        draft = request.form.get("draft") == "1"
        version = forms.draft_version(session, form) if draft else forms.current_version(session, form)
        before = take_away(session, (form, version), name, now=now())
        ticket = _ticket(version, {name: before})
    flash(gettext("%(name)s is taken away.", name=name))
    return redirect(page_of(project_id, form_id, draft=draft, ticket=ticket), 303)


@scoped(blueprint, "/surveys/<seg:form_id>/files/undo", methods=("POST",))
def undo(project_id: int, form_id: str) -> ResponseReturnValue:
    """Put back what was replaced or taken away."""
    number, actor, *pairs = tickets.opened(_TICKET, request.form.get("ticket", ""))
    if actor != identity().actor_id:
        abort(400)
    with transaction() as session:
        form = form_of(project_id, form_id)
        version = session.get(FormVersion, number)
        if version is None or version.form_id != form.id or number not in {form.current_id, form.draft_id}:
            abort(400)
        for name, sha256 in zip(pairs[::2], pairs[1::2], strict=True):
            put_back(session, (form, version), name, sha256, now=now())
        draft = number == form.draft_id
    flash(gettext("Put back: %(names)s.", names=", ".join(pairs[::2])))
    return redirect(page_of(project_id, form_id, draft=draft), 303)


def page_of(project_id: int, form_id: str, *, draft: bool, ticket: str = "") -> str:
    """The address of the page that lists the files, offering to undo what the ticket says."""
    endpoint = "desk.drafts.show" if draft else "desk.surveys.show"
    return url_for(endpoint, undo=ticket or None, _anchor="files", project_id=project_id, form_id=form_id)
