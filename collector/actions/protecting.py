"""⑨ What the protection of persons needs of the server: a key for each project, the middles of communes."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault
from storage.queries import outlines

_PURPOSE: Final = "pseudonyms"


def project_key(vault: Vault, project_id: int, alone: str = "") -> bytes:
    """The key of a project's pseudonyms: the same in every year, as long as the server keeps its own.

    What is `alone` has a key of its own: two narrow files laid side by side then tell no more than one.
    """
    name = f"project {project_id} {alone}".strip()
    return hmac.digest(vault.derived(_PURPOSE), name.encode(), "sha256")


def middles(session: Session) -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude of the middle of each commune whose outline is known, by code."""
    return outlines.middles(session)
