"""The certificate at the server's own address: whether phones take it, and until when."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from collector.actions.examined.finding import Finding, Patient
from forms.phrases import Phrase

_WITHIN = 5.0
_SOON = timedelta(days=14)


def certificate(patient: Patient) -> Finding:
    """Looked at over the network, at the public address."""
    about, address = Phrase("Certificate"), urlsplit(patient.settings.public_url or "")
    if address.scheme != "https" or address.hostname is None:
        return Finding(about, Phrase("the settings name no address with https."))
    try:
        end = _ends(address.hostname, address.port or 443)
    except ssl.SSLCertVerificationError as error:
        return Finding(
            about,
            Phrase("phones do not trust it ({reason}).", reason=error.verify_message.rstrip(".")),
            Phrase("Collect takes no certificate of one's own making: get a public one (docs/operate.md)."),
        )
    except (OSError, ssl.SSLError):
        return Finding(
            about, Phrase("{host} cannot be reached from here; not looked at.", host=address.hostname)
        )
    told = Phrase("it is good until {day}.", day=f"{end:%Y-%m-%d}")
    if end - patient.now > _SOON:
        return Finding(about, told)
    return Finding(about, told, Phrase("Renew it now; the proxy's log says why it did not do so by itself."))


def _ends(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=_WITHIN) as line,
        context.wrap_socket(line, server_hostname=host) as sealed,
    ):
        said = sealed.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), UTC)
