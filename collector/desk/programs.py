"""What a program can ask of this server, for people to read."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, render_template, request
from flask_babel import gettext

from collector.errors import STATUS
from collector.openapi.document import DOORS
from collector.openapi.pages import described
from collector.openapi.themes import title

blueprint = Blueprint("programs", __name__)


@blueprint.get("/api")
def index() -> str:
    """Every address of both doors by theme, and the codes of refusals."""
    titles = {
        "/api/": gettext("Figures, places and findings"),
        "/v1/": gettext("As ODK Central"),
    }
    doors = [
        (door, titles[door], [(title(group.name), group) for group in described(door)[1]])
        for door in reversed(DOORS)
    ]
    codes = sorted({(code.status, code.central) for code in STATUS.values()})
    statuses = [
        (status, [central for _, central in several])
        for status, several in groupby(codes, lambda one: one[0])
    ]
    return render_template("api.html", doors=doors, statuses=statuses, root=request.host_url)
