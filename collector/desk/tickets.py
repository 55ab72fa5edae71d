"""What a page hands out to be sent back: sealed, and good for the page that made it only."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import InvalidToken
from flask import abort

from collector.parts import parts


def sealed(kind: str, *said: str | int | None) -> str:
    """A ticket of that kind for a hidden field."""
    return parts().vault.seal(json.dumps([kind, *said])).decode()


def opened(kind: str, given: str) -> list[Any]:
    """What was said when a ticket was made. Ends the request with 400 for any other ticket."""
    try:
        found, *said = json.loads(parts().vault.open(given.encode()))
    except (InvalidToken, ValueError, TypeError):
        abort(400)
    if found != kind:
        abort(400)
    return list(said)
