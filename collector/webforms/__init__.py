"""③④ The browsers' door: the page that fills forms without network, what it fetches, what it sends."""

from __future__ import annotations

from flask import Flask

from collector.webforms import drafts, sending, sent, shell, trying, ways
from collector.webforms import shelf as shelves
from collector.webforms.doors import BY_KEY, SIGNED_IN, fill

# Each of these puts its routes on `fill`.
_ = (drafts, sending, sent, shelves)


def register(app: Flask) -> None:
    """Open the door: the same routes for whoever signed in, and for whoever has a token."""
    app.register_blueprint(ways.blueprint)
    app.register_blueprint(fill, name=SIGNED_IN, url_prefix="/w/me/projects/<int:project_id>")
    app.register_blueprint(fill, name=BY_KEY, url_prefix="/w/key/<token>/projects/<int:project_id>")
    app.register_blueprint(trying.blueprint)
    app.register_blueprint(shell.blueprint)
