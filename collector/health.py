"""Whether the server lives, whether it can work, and in figures how it is."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Blueprint, Response, request
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from collector.clock import moment
from collector.metering.gauges import ANSWERS, Seldom, gauges
from collector.metering.page import CONTENT_TYPE, written
from collector.parts import parts
from collector.problems import MetricsElsewhere
from storage.database import db

blueprint = Blueprint("health", __name__)

_FILES = Seldom()
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return Response("ok\n", content_type="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the database answers too; a failing database raises and becomes a 503."""
    db.session.execute(text("SELECT 1"))
    return Response("ready\n", content_type="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of the server's own work, for Prometheus; for this machine unless the settings say more."""
    if not _may_read():
        raise MetricsElsewhere
    try:
        found = gauges(db.session(), parts().settings.home, moment(), _FILES) | {ANSWERS: 1.0}
    except (InterfaceError, OperationalError):
        # What was counted is told all the same: now of all times somebody wants to know.
        found = {ANSWERS: 0.0}
    return Response(written(parts().meters, found), content_type=CONTENT_TYPE)


def _may_read() -> bool:
    settings = parts().settings
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    if not settings.proxy_count and any(name in request.headers for name in _FORWARDED):
        # Somebody stands between whom no setting names: everybody would look like this machine.
        return False
    return address.is_loopback or any(address in network for network in settings.metrics_networks)
