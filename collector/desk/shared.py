"""A link to one file that ends: whoever holds it gets the file, and only that."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from collector.accounts.guard import identity
from collector.actions import file_links, taking_away
from collector.actions.releases import Maker
from collector.desk.page import now
from collector.fileresponse import blob_response
from collector.parts import parts
from storage.database import transaction
from storage.problems import NotSignedIn

blueprint = Blueprint("shared", __name__)


@blueprint.get("/shared/<token>/<name>")
def file(token: str, name: str) -> ResponseReturnValue:  # noqa: ARG001 - so that browsers and curl save it under its name
    """The file of a link; what has people in it asks its holder to sign in and have the right himself."""
    with transaction(noticed=False) as session:
        found_file, extract, _until = file_links.opened(session, parts().vault, token, now=now())
        found = found_file, extract
        if file_links.is_without_people(extract):
            file_links.note_file(session, "download", found, {"link": True}, now())
        else:
            who = identity()
            if who.actor_id is None:
                raise NotSignedIn
            taking_away.check(session, who, found, Maker(who.actor_id, now()))
            file_links.note_file(session, "download", found, {"link": True}, now())
        sha256, called = found_file.blob_sha256, found_file.name
    return blob_response(parts().blobs, sha256, called)
