"""`create_app(settings)`: the composition root, the only place where the doors meet."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from collector import api, desk, errors, exporting, health, numbered, reading_log, unread, v1, webforms
from collector.accounts import guard
from collector.core import make_core
from collector.desk import forgery
from collector.desk.language import chosen_language
from collector.headers import Guarded
from collector.numbered import Numbered
from collector.openapi import pages as openapi
from collector.openrosa import routes as openrosa
from collector.openrosa.direct import ShortWay
from collector.openrosa.kept import KeptLists
from collector.parts import parts_of
from collector.paths import ForgivingPaths, Segment
from collector.settings import Settings


def create_app(settings: Settings) -> Flask:
    """The application for these settings; the data folder must exist, the database need not answer yet."""
    app = make_core(settings, chosen_language)
    made = parts_of(app)
    app.url_map.converters["seg"] = Segment
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    _open_doors(app)
    numbered.install(app)
    guard.install(app)
    exporting.install(app)
    reading_log.install(app)
    errors.install(app)
    unread.install(app)
    short = Guarded(ForgivingPaths(ShortWay(app, app.wsgi_app)))
    app.wsgi_app = KeptLists(short, made.pulse)  # type: ignore[method-assign]
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, 0, count)  # type: ignore[method-assign]
    app.wsgi_app = Numbered(  # type: ignore[method-assign]
        app.wsgi_app, made.meters, proxied=bool(settings.proxy_count), told=settings.log_requests
    )
    return app


def _open_doors(app: Flask) -> None:
    by_key = "/v1/key/<token>/projects/<int:project_id>"
    test = "/v1/test/<token>/projects/<int:project_id>/forms/<seg:draft_form_id>"
    session = "/v1/projects/<int:project_id>"
    for blueprint, name, prefix in (
        (openrosa.lists, "key", by_key),
        (openrosa.files, "key_files", by_key),
        (openrosa.lists, "test", f"{test}/draft"),
        (openrosa.draft_files, "test_files", test),
        (openrosa.lists, "project", session),
        (openrosa.files, "project_files", session),
        (openrosa.lists, "root", ""),
        (openrosa.lists, "root_project", "/projects/<int:project_id>"),
        (openrosa.files, "root_project_files", "/projects/<int:project_id>"),
    ):
        app.register_blueprint(blueprint, name=name, url_prefix=prefix)
    app.register_blueprint(health.blueprint)
    for blueprint in (*v1.BLUEPRINTS, *api.BLUEPRINTS, openapi.blueprint):
        app.register_blueprint(blueprint)
    webforms.register(app)
    # Only pages are forms of a browser; phones and programs prove themselves with every request.
    forgery.install(app)
    for blueprint in desk.BLUEPRINTS:
        app.before_request_funcs.setdefault(blueprint.name, []).append(forgery.protect)
        app.register_blueprint(blueprint)
