"""What a program can ask of this server, for people to read."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, render_template, request
from flask_babel import gettext

from collector.errors import STATUS
from collector.openapi.document import DOORS
from collector.openapi.pages import described
from collector.openapi.themes import in_order, title

blueprint = Blueprint("programs", __name__)


def _read(code: float) -> tuple[int, int]:
    """409.16 as 409 and 16: after 9 comes 10."""
    whole, _, part = str(code).partition(".")
    return int(whole), int(part)


@blueprint.get("/api")
def index() -> str:
    """Every address of both doors by theme, and the codes of refusals."""
    titles = {
        "/api/": gettext("Figures, places and findings"),
        "/v1/": gettext("As ODK Central"),
    }
    doors = [
        (door, titles[door], [(title(group.name), group) for group in in_order(described(door)[1])])
        for door in reversed(DOORS)
    ]
    codes = sorted({(code.status, *_read(code.central)) for code in STATUS.values()})
    statuses = [
        (status, [f"{whole}.{part}" for _, whole, part in several])
        for status, several in groupby(codes, lambda one: one[0])
    ]
    return render_template("api.html", doors=doors, statuses=statuses, root=request.host_url)
