"""Files that are looked at before they are entered: kept between the two pages, carried by a sealed ticket.

A file is kept without an entry in the database: what nobody confirms goes after a week.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import PurePath

from flask import Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from collector.accounts.guard import identity
from collector.desk import tickets
from collector.parts import parts

NONCE = 8
"""Bytes of chance that tell one entry of a file from another entry of the same file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its bytes, and its name without folders."""

    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file between two pages: where its bytes are, its name, and what tells its entry from others."""

    sha256: str
    name: str
    nonce: str

    def data(self) -> bytes | None:
        """Its bytes; None when they are gone."""
        try:
            with parts().blobs.open(self.sha256) as file:
                return file.read()
        except KeyError:
            return None


def sent() -> Upload | None:
    """The field `file` of the form that was sent; None when nobody chose one."""
    found = request.files.get("file")
    if found is None or not found.filename:
        return None
    return Upload(found.read(), PurePath(found.filename.replace("\\", "/")).name)


def uploaded(field: str) -> list[FileStorage]:
    """The files of a field that were really chosen."""
    return [file for file in request.files.getlist(field) if file.filename]


def led_on(address: str) -> ResponseReturnValue:
    """Where to go after something was sent: a script that shows how far it is goes there by itself."""
    if request.headers.get("X-Progress"):
        return Response(status=204, headers={"Location": address})
    return redirect(address, 303)


def keep(upload: Upload) -> Kept:
    """Keep a file until it is entered."""
    staged = parts().blobs.stage()
    staged.write(upload.data)
    parts().blobs.keep([staged])
    return Kept(staged.sha256, upload.name, secrets.token_hex(NONCE))


def ticket(kind: str, file: Kept, owner: int, *said: str | int) -> str:
    """What the page carries: the file, what it is for (`owner`), who looked at it, and what was `said`."""
    return tickets.sealed(kind, file.sha256, file.name, file.nonce, owner, identity().actor_id, *said)


def reopened(kind: str, owner: int) -> tuple[Kept, list[str | int]]:
    """The file of the ticket that came back, and what was said.

    Status 400 when it was looked at for something else, or by somebody else.
    """
    found = tickets.opened(kind, request.form.get("ticket", ""))
    sha256, name, nonce, *whose = found[:5]
    if whose != [owner, identity().actor_id]:
        abort(400)
    return Kept(sha256, name, nonce), found[5:]


def nothing_chosen() -> str:
    """What is said when no file was chosen."""
    return str(gettext("Choose a file first."))


def gone() -> str:
    """What is said when a file is kept no more."""
    return str(gettext("The file was sent too long ago. Send it again."))
