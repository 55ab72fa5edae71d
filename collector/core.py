"""`make_core(settings)`: the parts of a server put together, without its doors.

What commands and the worker need; `collector.app` opens the doors of one. Apart from it, because reading the
doors is most of a start, in time and in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_babel import Babel

from collector.accounts.authentication import Authentication
from collector.accounts.devices import Devices
from collector.accounts.provider import Client, Provider
from collector.accounts.secrets import Vault, server_secret
from collector.actions.accounts import REALM
from collector.actions.delivery import Deliveries
from collector.actions.receive import Intake
from collector.actions.second_step import Gate
from collector.metering.meters import FOLDER, Meters
from collector.openrosa.digest import Digest
from collector.openrosa.rendered import FormLists
from collector.parts import KEY, Parts
from collector.paths import LateRule
from collector.sent_texts import WholeTexts
from collector.settings import Settings
from collector.turns import FOLDER as TURNS
from collector.turns import Turns
from collector.visits import LIFETIME, PHONES
from storage.alive import patience
from storage.auditing import watching
from storage.blobs import open_store
from storage.database import db, prepare_engine, pulse_of
from storage.projection.shelf import Shelf
from storage.pulse import Kept, Pulse
from storage.replica import BIND

_LISTS, _A_MINUTE = 500, 60.0


class Application(Flask):
    """Flask, but a failure is logged by endpoint: addresses hold tokens."""

    request_class = WholeTexts
    url_rule_class = LateRule

    def log_exception(self, exc_info: Any) -> None:
        """Log what our own handlers let through."""
        self.logger.error("unhandled failure at %s", request.endpoint, exc_info=exc_info)


def make_core(settings: Settings, language: Callable[[], str] | None = None) -> Application:
    """An application without an address; the data folder must exist, the database need not answer yet.

    `language` says in which language whoever asks is answered; Vietnamese where nobody asks.
    """
    app = Application(
        "collector",
        static_folder="desk/static",
        static_url_path="/static",
        template_folder="desk/templates",
    )
    pulse = _connect(app, settings)
    app.extensions[KEY] = _parts(app, settings, pulse)
    Babel(
        app,
        default_locale="vi",
        default_timezone="Asia/Ho_Chi_Minh",
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=language,
    )
    return app


def _connect(app: Flask, settings: Settings) -> Pulse:
    several = 10 if settings.database_url.startswith("postgresql") else 16

    def reached(url: str) -> dict[str, object]:
        return {
            "url": url,
            # The connection used last still has the newest pages in its cache, or its statements' plans.
            "pool_use_lifo": True,
            "pool_size": several,
            "max_overflow": 2 * several,
            # What people answered does not belong into the log.
            "hide_parameters": True,
            "connect_args": patience(url),
        }

    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = reached(settings.database_url)
    if settings.replica_url:
        app.config["SQLALCHEMY_BINDS"] = {BIND: reached(settings.replica_url)}
    db.init_app(app)
    watching.install()
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)
        return pulse_of(db.engine)


def _parts(app: Flask, settings: Settings, pulse: Pulse) -> Parts:
    vault = Vault(server_secret(settings.home, settings.secret_key))
    app.secret_key = vault.derived("browser forms")
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=24)
    gate = Gate(vault, settings.totp_required)
    blobs = open_store(settings.blobs_url, folder=settings.home / "incoming", endpoint=settings.s3_endpoint)
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
        long_lists=Kept(_LISTS, _A_MINUTE),
        meters=Meters(settings.home / FOLDER),
        turns=Turns(settings.home / TURNS, settings.exports_at_once),
    )


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    client_id, secret = settings.oidc_client_id or "", settings.oidc_client_secret or ""
    return Provider(Client(settings.oidc_issuer, client_id, secret, settings.oidc_claim, settings.oidc_name))
