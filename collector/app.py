"""`create_app(settings)`: the composition root, the only place where the parts meet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from collector import api, desk, errors, health, numbered, unread, v1, webforms
from collector.accounts import guard
from collector.accounts.authentication import Authentication
from collector.accounts.devices import Devices
from collector.accounts.provider import Client, Provider
from collector.accounts.secrets import Vault, server_secret
from collector.actions.accounts import REALM
from collector.actions.delivery import Deliveries
from collector.actions.receive import Intake
from collector.actions.second_step import Gate
from collector.desk import forgery
from collector.desk.language import chosen_language
from collector.headers import Guarded
from collector.metering.meters import FOLDER, Meters
from collector.numbered import Numbered
from collector.openapi import pages as openapi
from collector.openrosa import routes as openrosa
from collector.openrosa.digest import Digest
from collector.openrosa.direct import ShortWay
from collector.openrosa.kept import KeptLists
from collector.openrosa.rendered import FormLists
from collector.parts import KEY, Parts
from collector.paths import ForgivingPaths, LateRule, Segment
from collector.sent_texts import WholeTexts
from collector.settings import Settings
from collector.visits import LIFETIME, PHONES
from storage.auditing import watching
from storage.blobs import open_store
from storage.database import db, prepare_engine, pulse_of
from storage.projection.shelf import Shelf
from storage.pulse import Kept, Pulse


class Application(Flask):
    """Flask, but a failure is logged by endpoint: addresses hold tokens."""

    request_class = WholeTexts
    url_rule_class = LateRule

    def log_exception(self, exc_info: Any) -> None:
        """Log what our own handlers let through."""
        self.logger.error("unhandled failure at %s", request.endpoint, exc_info=exc_info)


def create_app(settings: Settings) -> Flask:
    """The application for these settings; the data folder must exist, the database need not answer yet."""
    app = Application(
        "collector",
        static_folder="desk/static",
        static_url_path="/static",
        template_folder="desk/templates",
    )
    app.url_map.converters["seg"] = Segment
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    pulse = _connect(app, settings)
    made = app.extensions[KEY] = _parts(app, settings, pulse)
    Babel(
        app,
        default_locale="vi",
        default_timezone="Asia/Ho_Chi_Minh",
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=chosen_language,
    )
    _open_doors(app)
    numbered.install(app)
    guard.install(app)
    errors.install(app)
    unread.install(app)
    short = Guarded(ForgivingPaths(ShortWay(app, app.wsgi_app)))
    app.wsgi_app = KeptLists(short, pulse)  # type: ignore[method-assign]
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, 0, count)  # type: ignore[method-assign]
    app.wsgi_app = Numbered(  # type: ignore[method-assign]
        app.wsgi_app, made.meters, proxied=bool(settings.proxy_count), told=settings.log_requests
    )
    return app


def _connect(app: Flask, settings: Settings) -> Pulse:
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    if settings.database_url.startswith("postgresql"):
        # A pooled connection may have died with the server it led to.
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}
    else:
        # The connection used last still has the newest pages in its cache.
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_use_lifo": True, "pool_size": 16, "max_overflow": 32}
    # What people answered does not belong into the log.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"] = True
    db.init_app(app)
    watching.install()
    with app.app_context():
        prepare_engine(db.engine)
        return pulse_of(db.engine)


def _parts(app: Flask, settings: Settings, pulse: Pulse) -> Parts:
    vault = Vault(server_secret(settings.home, settings.secret_key))
    app.secret_key = vault.derived("browser forms")
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=24)
    gate = Gate(vault, settings.totp_required)
    blobs = open_store(
        settings.blobs_url, folder=settings.home / "incoming", endpoint=settings.s3_endpoint
    )
    shelf = Shelf()
    return Parts(
        settings=settings,
        blobs=blobs,
        shelf=shelf,
        vault=vault,
        authentication=Authentication(vault, settings.trusted_networks, gate),
        gate=gate,
        devices=Devices(vault),
        provider=_provider(settings),
        digest=Digest(REALM, vault.derived("digest")),
        form_lists=FormLists(),
        deliveries=Deliveries(settings.pilot_province),
        intake=Intake(blobs, shelf),
        pulse=pulse,
        phones=Kept(PHONES, LIFETIME),
        meters=Meters(settings.home / FOLDER),
    )


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    client_id, secret = settings.oidc_client_id or "", settings.oidc_client_secret or ""
    return Provider(Client(settings.oidc_issuer, client_id, secret, settings.oidc_claim, settings.oidc_name))


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
