"""The settings: whether the key is safe, whether others can read on the way, whether proxies are known."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

from collector.actions.examined.finding import Finding, Patient
from forms.phrases import Phrase

_AT_HOME = frozenset({"127.0.0.1", "localhost", "::1"})


def settings(patient: Patient) -> Iterator[Finding]:
    """Each thing the settings decide."""
    yield _key(patient)
    yield _address(patient)
    yield _proxies(patient)


def _key(patient: Patient) -> Finding:
    about = Phrase("Key")
    if patient.settings.secret_key:
        return Finding(about, Phrase("it comes from COLLECTOR_SECRET_KEY; keep a copy of it elsewhere."))
    path = patient.home / "secret_key"
    if not path.exists():
        return Finding(about, Phrase("there is none yet; it is made as the server starts."))
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(
            about,
            Phrase("others on this machine can read secret_key in the data folder."),
            Phrase("Take it away from them: chmod 600 secret_key."),
        )
    return Finding(
        about, Phrase("nobody but the server's own account reads it; keep a copy of it elsewhere.")
    )


def _address(patient: Patient) -> Finding:
    about, given = Phrase("Address"), patient.settings.public_url
    if given is None and patient.settings.host in _AT_HOME:
        return Finding(about, Phrase("it serves this machine only."))
    if given is None:
        return Finding(
            about,
            Phrase("nobody said at which address phones reach it."),
            Phrase("Set COLLECTOR_PUBLIC_URL; codes on paper carry that address."),
            grave=False,
        )
    if given.startswith("https://") or (urlsplit(given).hostname or "") in _AT_HOME:
        return Finding(about, Phrase("{address}", address=given))
    return Finding(
        about,
        Phrase("{address} is not encrypted: whoever sits on the way reads along.", address=given),
        Phrase("Set up a certificate before phones use it outside of the office (docs/operate.md)."),
        grave=False,
    )


def _proxies(patient: Patient) -> Finding:
    about, named = Phrase("Proxies"), patient.settings.proxy_count
    strange = int(patient.counted.get("collector_strange_proxies", 0))
    missing = int(patient.counted.get("collector_missing_proxies", 0))
    if not named and strange:
        return Finding(
            about,
            Phrase("{number} requests came through a proxy that no setting names.", number=strange),
            Phrase("Set COLLECTOR_PROXY_COUNT to the number of proxies; until then all share one address."),
            grave=False,
        )
    if named and missing:
        return Finding(
            about,
            Phrase("{number} requests came past the proxy that the settings name.", number=missing),
            Phrase("Let the server listen for its proxy only (HOST), or set COLLECTOR_PROXY_COUNT to 0."),
            grave=False,
        )
    return Finding(about, Phrase("what comes fits COLLECTOR_PROXY_COUNT = {number}.", number=named))
