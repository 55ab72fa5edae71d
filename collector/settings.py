"""What the operator sets, read once from the environment; nothing else reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """One server's settings. Each field names its variable.

    `home` COLLECTOR_HOME: the data folder. `database_url` COLLECTOR_DATABASE_URL: SQLite in the data
    folder unless set. `blobs_url` COLLECTOR_BLOBS_URL. `secret_key` COLLECTOR_SECRET_KEY: a file in the
    data folder unless set. `admin_password` COLLECTOR_ADMIN_PASSWORD: of the first account. `workers`
    COLLECTOR_WORKERS: web processes. `public_url` COLLECTOR_PUBLIC_URL: the address phones reach the
    server at. `proxy_count` COLLECTOR_PROXY_COUNT: trusted reverse proxies in front. `pilot_province`
    COLLECTOR_PILOT_PROVINCE: two-digit code of the province whose communes the surveys offer.
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
    host: str = "127.0.0.1"
    port: int = 8000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from `environment` (the process's own unless given)."""
        source = os.environ if environment is None else environment
        home = Path(source.get("COLLECTOR_HOME") or "var").resolve()
        return cls(
            home=home,
            database_url=source.get("COLLECTOR_DATABASE_URL") or f"sqlite:///{home / 'collector.db'}",
            blobs_url=source.get("COLLECTOR_BLOBS_URL") or (home / "blobs").as_uri(),
            secret_key=source.get("COLLECTOR_SECRET_KEY") or None,
            admin_password=source.get("COLLECTOR_ADMIN_PASSWORD") or None,
            workers=int(source.get("COLLECTOR_WORKERS") or 2),
            public_url=(source.get("COLLECTOR_PUBLIC_URL") or "").rstrip("/") or None,
            proxy_count=int(source.get("COLLECTOR_PROXY_COUNT") or 0),
            pilot_province=source.get("COLLECTOR_PILOT_PROVINCE") or "08",
            host=source.get("HOST") or "127.0.0.1",
            port=int(source.get("PORT") or 8000),
        )
