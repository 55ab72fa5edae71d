"""What the operator sets, read once from the environment; nothing else reads it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from collector.problems import SettingUnusable

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_NAME = 40

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
"""How the address of a database begins that this server can use."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(/[a-z0-9._-]+)*/?")


@dataclass(frozen=True)
class Settings:
    """One server's settings. Each field names its variable.

    `home` COLLECTOR_HOME: the data folder. `database_url` COLLECTOR_DATABASE_URL: SQLite in the data
    folder unless set. `replica_url` COLLECTOR_REPLICA_URL: a PostgreSQL that follows that one, for
    reports. `blobs_url` COLLECTOR_BLOBS_URL. `s3_endpoint` COLLECTOR_S3_ENDPOINT: who serves the
    bucket, AWS unless set. `s3_presigned` COLLECTOR_S3_PRESIGNED: whether programs and downloads are sent
    to the bucket for large files. `secret_key` COLLECTOR_SECRET_KEY: a file in the data folder unless set.
    `admin_password` COLLECTOR_ADMIN_PASSWORD: of the first account. `workers`
    COLLECTOR_WORKERS: web processes. `exports_at_once` COLLECTOR_EXPORTS_AT_ONCE: files and feeds one
    account fetches at once, of those made while they are sent. `public_url` COLLECTOR_PUBLIC_URL: the
    address phones reach the server at. `proxy_count` COLLECTOR_PROXY_COUNT: trusted reverse proxies in
    front. `pilot_province` COLLECTOR_PILOT_PROVINCE: two-digit code of the province whose communes the
    surveys offer.
    `trusted_networks` COLLECTOR_TRUSTED_NETWORKS: where programs may send a password without https.
    `webhook_private` COLLECTOR_WEBHOOK_PRIVATE: whether webhooks may lead into this server's own network.
    `purge_days` COLLECTOR_PURGE_DAYS: days after which what was deleted is gone for good.
    `metrics_networks` COLLECTOR_METRICS_NETWORKS: from where /metrics is read besides this machine.
    `log_format` COLLECTOR_LOG_FORMAT: text or json. `log_requests` COLLECTOR_LOG_REQUESTS: whether each
    request leaves a line in the log.
    `totp_required` COLLECTOR_TOTP_REQUIRED: of whom a second step is wanted. `oidc_…` COLLECTOR_OIDC_…: who
    else may say who somebody is; without an issuer nobody.
    `backup_url` COLLECTOR_BACKUP_URL: a folder or bucket, nowhere unless set. `backup_endpoint`
    COLLECTOR_BACKUP_ENDPOINT: who serves that bucket, as `s3_endpoint` unless set. `backup_at`
    COLLECTOR_BACKUP_AT: when every day, in Viet Nam; None: never by itself. `backup_recipient`
    COLLECTOR_BACKUP_RECIPIENT: the public key; a file in the data folder unless set; plain: not encrypted.
    `backup_keep` COLLECTOR_BACKUP_KEEP: of how many days, weeks, months.
    `host`, `port` HOST, PORT: where to listen.
    """

    home: Path
    database_url: str
    blobs_url: str
    replica_url: str | None = None
    secret_key: str | None = None
    admin_password: str | None = None
    workers: int = 2
    exports_at_once: int = 6
    public_url: str | None = None
    proxy_count: int = 0
    pilot_province: str = "08"
    trusted_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    webhook_private: bool = False
    purge_days: int = 30
    metrics_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    log_format: str = "text"
    log_requests: bool = False
    totp_required: str = "none"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_client_secret_file: Path | None = None
    oidc_name: str = "VNeID"
    oidc_claim: str = "sub"
    host: str = "127.0.0.1"
    port: int = 8000
    s3_endpoint: str | None = None
    s3_presigned: bool = False
    backup_url: str | None = None
    backup_endpoint: str | None = None
    backup_at: time | None = time(2, 30)
    backup_recipient: str | None = None
    backup_keep: tuple[int, int, int] = (7, 4, 12)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from `environment` (the process's own unless given). Raises SettingUnusable."""
        source = os.environ if environment is None else environment
        home = Path(source.get("COLLECTOR_HOME") or "var").resolve()
        return cls(
            home=home,
            database_url=_database(
                source.get("COLLECTOR_DATABASE_URL") or f"sqlite:///{home / 'collector.db'}"
            ),
            blobs_url=_blobs(source.get("COLLECTOR_BLOBS_URL") or (home / "blobs").as_uri()),
            s3_endpoint=_endpoint(source.get("COLLECTOR_S3_ENDPOINT") or ""),
            s3_presigned=bool(_whole(source, "COLLECTOR_S3_PRESIGNED", 0, within=range(2))),
            replica_url=_replica(source),
            secret_key=source.get("COLLECTOR_SECRET_KEY") or None,
            admin_password=source.get("COLLECTOR_ADMIN_PASSWORD") or None,
            workers=_whole(source, "COLLECTOR_WORKERS", 2, within=range(1, 257)),
            exports_at_once=_whole(source, "COLLECTOR_EXPORTS_AT_ONCE", 6, within=range(1, 257)),
            public_url=_address(source.get("COLLECTOR_PUBLIC_URL") or ""),
            proxy_count=_whole(source, "COLLECTOR_PROXY_COUNT", 0, within=range(17)),
            pilot_province=_province(source.get("COLLECTOR_PILOT_PROVINCE") or "08"),
            trusted_networks=_networks(source, "COLLECTOR_TRUSTED_NETWORKS"),
            webhook_private=bool(_whole(source, "COLLECTOR_WEBHOOK_PRIVATE", 0, within=range(2))),
            purge_days=_whole(source, "COLLECTOR_PURGE_DAYS", 30, within=range(1, 3651)),
            metrics_networks=_networks(source, "COLLECTOR_METRICS_NETWORKS"),
            log_format=_one_of(source, "COLLECTOR_LOG_FORMAT", ("text", "json")),
            log_requests=bool(_whole(source, "COLLECTOR_LOG_REQUESTS", 0, within=range(2))),
            totp_required=_one_of(source, "COLLECTOR_TOTP_REQUIRED", ("none", "administrators", "managers")),
            **_oidc(source),
            backup_url=source.get("COLLECTOR_BACKUP_URL") or None,
            backup_endpoint=_endpoint(
                source.get("COLLECTOR_BACKUP_ENDPOINT") or "", "COLLECTOR_BACKUP_ENDPOINT"
            ),
            backup_at=_clock(source.get("COLLECTOR_BACKUP_AT") or "02:30"),
            backup_recipient=source.get("COLLECTOR_BACKUP_RECIPIENT") or None,
            backup_keep=_three(source.get("COLLECTOR_BACKUP_KEEP") or "7,4,12"),
            host=source.get("HOST") or "127.0.0.1",
            port=_whole(source, "PORT", 8000, within=range(1, 65536)),
        )

    def moved_to(self, database_url: str = "", blobs_url: str = "") -> Settings:
        """The same server with its database or files elsewhere; "" where it is. Raises SettingUnusable."""
        return replace(
            self,
            database_url=_database(database_url) if database_url else self.database_url,
            blobs_url=_blobs(blobs_url) if blobs_url else self.blobs_url,
            replica_url=None if database_url else self.replica_url,
        )


def tell_manager() -> Callable[[str], None]:
    """How to tell the service manager that started this process how it stands (systemd's sd_notify).

    Where none did, nothing is told. Processes started from here on tell it nothing themselves.
    """
    address = os.environ.pop("NOTIFY_SOCKET", "")

    def tell(word: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            way.send(word.encode())

    return tell if address else lambda _word: None


def _whole(source: Mapping[str, str], name: str, default: int, *, within: range) -> int:
    said = (source.get(name) or str(default)).strip()
    if not re.fullmatch(r"[0-9]{1,6}", said) or int(said) not in within:
        raise SettingUnusable(name=name, wanted=f"a whole number from {within[0]} to {within[-1]}")
    return int(said)


def _clock(said: str) -> time | None:
    if said == "never":
        return None
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", said)
    if found is None:
        raise SettingUnusable(name="COLLECTOR_BACKUP_AT", wanted="a time like 02:30, or never")
    return time(int(found[1]), int(found[2]))


def _three(said: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"([0-9]{1,3}),([0-9]{1,3}),([0-9]{1,3})", said.replace(" ", ""))
    if found is None:
        raise SettingUnusable(
            name="COLLECTOR_BACKUP_KEEP", wanted="how many days, weeks and months are kept, like 7,4,12"
        )
    return int(found[1]), int(found[2]), int(found[3])


def _database(url: str) -> str:
    if not url.startswith(DATABASES):
        raise SettingUnusable(
            name="COLLECTOR_DATABASE_URL", wanted=f"an address that begins with {' or '.join(DATABASES)}"
        )
    return url


def _blobs(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "s3" and not (_BUCKET.fullmatch(parts.netloc) and _PREFIX.fullmatch(parts.path)):
        raise SettingUnusable(
            name="COLLECTOR_BLOBS_URL",
            wanted="an address like s3://bucket/prefix, with small letters, digits, points and hyphens",
        )
    return url


def _replica(source: Mapping[str, str]) -> str | None:
    url = source.get("COLLECTOR_REPLICA_URL") or None
    of_postgresql = (source.get("COLLECTOR_DATABASE_URL") or "").startswith("postgresql")
    if url is not None and not (of_postgresql and url.startswith(DATABASES[1:])):
        raise SettingUnusable(
            name="COLLECTOR_REPLICA_URL",
            wanted="the address of a PostgreSQL that follows that of COLLECTOR_DATABASE_URL",
        )
    return url


def _endpoint(url: str, name: str = "COLLECTOR_S3_ENDPOINT") -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise SettingUnusable(name=name, wanted="an address like https://s3.example.vn, without keys in it")
    return url.rstrip("/")


def _address(url: str) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise SettingUnusable(
            name="COLLECTOR_PUBLIC_URL", wanted="an address like https://khaosat.example.vn, without ? and #"
        )
    return url.rstrip("/")


def _oidc(source: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a provider of identities, none where no issuer is named."""
    issuer = (source.get("COLLECTOR_OIDC_ISSUER") or "").strip()
    if not issuer:
        return {}
    path = source.get("COLLECTOR_OIDC_CLIENT_SECRET_FILE") or None
    client_id = (source.get("COLLECTOR_OIDC_CLIENT_ID") or "").strip()
    secret = source.get("COLLECTOR_OIDC_CLIENT_SECRET") or _secret_in(path)
    name = (source.get("COLLECTOR_OIDC_NAME") or "VNeID").strip()
    claim = (source.get("COLLECTOR_OIDC_CLAIM") or "sub").strip()
    for wrong, variable, wanted in (
        (
            not _is_issuer(issuer),
            "COLLECTOR_OIDC_ISSUER",
            "the https address of the provider, as it calls itself, without ? and #",
        ),
        (not client_id, "COLLECTOR_OIDC_CLIENT_ID", "the id this server has at the provider"),
        (not secret, "COLLECTOR_OIDC_CLIENT_SECRET", "the secret the provider gave, or leave it to a file"),
        (len(name) > _LONGEST_NAME, "COLLECTOR_OIDC_NAME", f"at most {_LONGEST_NAME} characters"),
        (
            not re.fullmatch(r"[A-Za-z0-9_.:/-]{1,60}", claim),
            "COLLECTOR_OIDC_CLAIM",
            "the name of a claim, like sub or preferred_username",
        ),
        (
            not source.get("COLLECTOR_PUBLIC_URL"),
            "COLLECTOR_PUBLIC_URL",
            "the address of this server where COLLECTOR_OIDC_ISSUER is set: the provider leads back there",
        ),
    ):
        if wrong:
            raise SettingUnusable(name=variable, wanted=wanted)
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": client_id,
        "oidc_client_secret": secret,
        "oidc_client_secret_file": Path(path) if path else None,
        "oidc_name": name,
        "oidc_claim": claim,
    }


def _is_issuer(address: str) -> bool:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    return is_safe and bool(parts.netloc) and not parts.query and not parts.fragment


def _secret_in(path: str | None) -> str:
    if path is None:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingUnusable(
            name="COLLECTOR_OIDC_CLIENT_SECRET_FILE",
            wanted="a file this server can read, with the secret in it",
        ) from error


def _province(code: str) -> str:
    if not re.fullmatch(r"[0-9]{2}", code):
        raise SettingUnusable(name="COLLECTOR_PILOT_PROVINCE", wanted="the two-digit code of a province")
    return code


def _networks(source: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    said = source.get(name) or ""
    try:
        return tuple(ip_network(one.strip()) for one in said.split(",") if one.strip())
    except ValueError as error:
        raise SettingUnusable(name=name, wanted="networks like 10.20.0.0/16, with commas between") from error


def _one_of(source: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    said = (source.get(name) or known[0]).strip().lower()
    if said not in known:
        raise SettingUnusable(name=name, wanted=" or ".join(known))
    return said
