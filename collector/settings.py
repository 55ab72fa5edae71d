"""What the operator sets, read once from the environment; nothing else reads it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from collector.problems import SettingUnusable

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
"""How the address of a database begins that this server can use."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(/[a-z0-9._-]+)*/?")


@dataclass(frozen=True)
class Settings:
    """One server's settings. Each field names its variable.

    `home` COLLECTOR_HOME: the data folder. `database_url` COLLECTOR_DATABASE_URL: SQLite in the data
    folder unless set. `blobs_url` COLLECTOR_BLOBS_URL. `s3_endpoint` COLLECTOR_S3_ENDPOINT: who serves the
    bucket, AWS unless set. `s3_presigned` COLLECTOR_S3_PRESIGNED: whether programs and downloads are sent
    to the bucket for large files. `secret_key` COLLECTOR_SECRET_KEY: a file in the data folder unless set.
    `admin_password` COLLECTOR_ADMIN_PASSWORD: of the first account. `workers`
    COLLECTOR_WORKERS: web processes. `public_url` COLLECTOR_PUBLIC_URL: the address phones reach the
    server at. `proxy_count` COLLECTOR_PROXY_COUNT: trusted reverse proxies in front. `pilot_province`
    COLLECTOR_PILOT_PROVINCE: two-digit code of the province whose communes the surveys offer.
    `trusted_networks` COLLECTOR_TRUSTED_NETWORKS: where programs may send a password without https.
    `webhook_private` COLLECTOR_WEBHOOK_PRIVATE: whether webhooks may lead into this server's own network.
    `purge_days` COLLECTOR_PURGE_DAYS: days after which what was deleted is gone for good.
    `metrics_networks` COLLECTOR_METRICS_NETWORKS: from where /metrics is read besides this machine.
    `log_format` COLLECTOR_LOG_FORMAT: text or json. `log_requests` COLLECTOR_LOG_REQUESTS: whether each
    request leaves a line in the log.
    `host`, `port` HOST, PORT: where to listen.
    """

    home: Path
    database_url: str
    blobs_url: str
    secret_key: str | None = None
    admin_password: str | None = None
    workers: int = 2
    public_url: str | None = None
    proxy_count: int = 0
    pilot_province: str = "08"
    trusted_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    webhook_private: bool = False
    purge_days: int = 30
    metrics_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    log_format: str = "text"
    log_requests: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    s3_endpoint: str | None = None
    s3_presigned: bool = False

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
            secret_key=source.get("COLLECTOR_SECRET_KEY") or None,
            admin_password=source.get("COLLECTOR_ADMIN_PASSWORD") or None,
            workers=_whole(source, "COLLECTOR_WORKERS", 2, within=range(1, 257)),
            public_url=_address(source.get("COLLECTOR_PUBLIC_URL") or ""),
            proxy_count=_whole(source, "COLLECTOR_PROXY_COUNT", 0, within=range(17)),
            pilot_province=_province(source.get("COLLECTOR_PILOT_PROVINCE") or "08"),
            trusted_networks=_networks(source, "COLLECTOR_TRUSTED_NETWORKS"),
            webhook_private=bool(_whole(source, "COLLECTOR_WEBHOOK_PRIVATE", 0, within=range(2))),
            purge_days=_whole(source, "COLLECTOR_PURGE_DAYS", 30, within=range(1, 3651)),
            metrics_networks=_networks(source, "COLLECTOR_METRICS_NETWORKS"),
            log_format=_one_of(source, "COLLECTOR_LOG_FORMAT", ("text", "json")),
            log_requests=bool(_whole(source, "COLLECTOR_LOG_REQUESTS", 0, within=range(2))),
            host=source.get("HOST") or "127.0.0.1",
            port=_whole(source, "PORT", 8000, within=range(1, 65536)),
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


def _endpoint(url: str) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise SettingUnusable(
            name="COLLECTOR_S3_ENDPOINT", wanted="an address like https://s3.example.vn, without keys in it"
        )
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
