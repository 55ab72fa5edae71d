"""The least a server must do: parse the request, store bytes and one row durably, answer.

No accounts, no tables of answers, no checks. Run as a program: `python -m tests.proofs.floor FOLDER PORT
WORKERS THREADS`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from lxml import etree

FORM_LIST = b"<xforms>" + b"x" * 600 + b"</xforms>"


def create_floor(folder: Path) -> Flask:
    """The bare application."""
    app = Flask("floor")
    local = threading.local()

    def database() -> sqlite3.Connection:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(folder / "floor.db", isolation_level=None, timeout=30)
            local.connection.execute("PRAGMA journal_mode=WAL")
            local.connection.execute("PRAGMA synchronous=FULL")
        connection: sqlite3.Connection = local.connection
        return connection

    @app.post("/submission")
    def submission() -> Response:
        xml = request.files["xml_submission_file"].read()
        root = etree.fromstring(xml)
        number = root.findtext("{*}meta/{*}instanceID")
        for name, file in request.files.items():
            if name != "xml_submission_file":
                _keep(folder, file.read())
        database().execute("INSERT OR IGNORE INTO floor VALUES (?, ?)", (number, xml))
        return Response(b"<OpenRosaResponse/>", 201, content_type="text/xml")

    @app.get("/formList")
    def form_list() -> Response:
        return Response(FORM_LIST, content_type="text/xml")

    return app


def _keep(folder: Path, data: bytes) -> None:
    name = hashlib.sha256(data).hexdigest()
    part = folder / f"{name}.{threading.get_ident()}.part"
    with part.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(folder / name)
    place = os.open(folder, os.O_RDONLY)
    os.fsync(place)
    os.close(place)


class _Server(BaseApplication):
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._floor = app
        self._chosen = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._floor


def main() -> None:
    """Serve."""
    folder, port, workers, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    with sqlite3.connect(folder / "floor.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS floor (id TEXT PRIMARY KEY, xml BLOB)")
    _Server(
        create_floor(folder),
        {
            "bind": f"127.0.0.1:{port}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            "keepalive": 75,
            "loglevel": "warning",
        },
    ).run()


if __name__ == "__main__":
    main()
