"""Records of another ODK server: an archive looked through, brought in, taken out again.

They may lie anywhere, and correct what lies anywhere: only who sees the whole map brings them in.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import moving
from collector.actions.instances import Archive
from collector.actions.moving import Verdict
from collector.desk.page import may_everywhere, now, scoped
from collector.desk.tickets import opened, sealed
from collector.desk.uploads import uploaded
from collector.errors import STATUS, say
from collector.parts import parts
from forms.problems import Problem
from storage.database import db
from storage.problems import AttachmentNotFound
from storage.queries import projects
from storage.queries.batches import batches_of

blueprint = Blueprint("moving", __name__)

_PIECE = 1024 * 1024
_TICKET = "archive"


@scoped(blueprint, "/import")
def ask(project_id: int) -> str:
    """Ask for an archive; what was brought in so far stands below."""
    _require_whole(project_id)
    return _page(project_id)


def _require_whole(project_id: int) -> None:
    if not may_everywhere("submission.import", project_id):
        abort(403)


@scoped(blueprint, "/import", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """Look an archive through: what would come in, and what cannot."""
    _require_whole(project_id)
    several = uploaded("archive")
    if not several:
        return _page(project_id, sentence=gettext("Choose a file first: a zip archive of filled forms.")), 400
    staged = parts().blobs.stage()
    try:
        while piece := several[0].stream.read(_PIECE):
            staged.write(piece)
        digest = staged.sha256
        parts().blobs.keep([staged])
        return _judged(project_id, digest, several[0].filename or "")
    except Problem as problem:
        return _page(project_id, sentence=say(problem)), STATUS[type(problem)].status
    finally:
        staged.discard()


def _judged(project_id: int, digest: str, name: str) -> str:
    with parts().blobs.open(digest) as handle, Archive(handle) as archive:
        found = moving.preview(db.session(), project_id, archive)
    given = sealed(_TICKET, digest, name, project_id, identity().actor_id)
    return _page(project_id, found=found, given=given, name=name)


@scoped(blueprint, "/import/bring", methods=("POST",))
def bring(project_id: int) -> ResponseReturnValue:
    """Bring in what was looked at."""
    _require_whole(project_id)
    # Digest and name of an archive that was looked at, here and by whoever asks.
    digest, name, *whose = opened(_TICKET, request.form.get("ticket", ""))
    if whose != [project_id, identity().actor_id]:
        abort(400)
    mover = moving.Mover(project_id, identity().actor_id, name, now())
    try:
        with parts().blobs.open(digest) as handle, Archive(handle) as archive:
            batch = moving.move_in(archive, mover, parts().intake, parts().blobs)
    except KeyError as error:
        raise AttachmentNotFound(name=name) from error
    flash(gettext("%(count)s records brought in.", count=batch.summary.get("new", 0)))
    return redirect(url_for(".ask", project_id=project_id), 303)


@scoped(blueprint, "/import/<int(max=2147483647):number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take out again what an import brought in."""
    taken = moving.undo(project_id, number, identity().actor_id, now=now())
    flash(gettext("%(count)s records taken out.", count=taken))
    return redirect(url_for(".ask", project_id=project_id), 303)


def _page(
    project_id: int,
    found: moving.Preview | None = None,
    given: str = "",
    name: str = "",
    sentence: str = "",
) -> str:
    session = db.session()
    return render_template(
        "import.html",
        project=projects.get_project(session, project_id),
        found=found,
        ticket=given,
        name=name,
        sentence=sentence,
        verdicts=Verdict,
        batches=batches_of(session, project_id, moving.KIND),
    )
