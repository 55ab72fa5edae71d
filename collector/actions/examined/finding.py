"""What an examination finds, and what it is given to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from collector.settings import Settings
from storage.blobs import BlobStore

Progress = Callable[[str], Callable[[int, int], None]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found: its name, what it says, and what to do (None: all is well).

    What is not `grave` should be looked at, but the server works. Phrases are said in the reader's language.
    """

    about: str
    told: str
    do: str | None = None
    grave: bool = True

    @property
    def state(self) -> str:
        """ok, note or bad."""
        if self.do is None:
            return "ok"
        return "bad" if self.grave else "note"


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: its database, files and settings, what time it is, and what it counted."""

    session: Session
    blobs: BlobStore
    settings: Settings
    now: datetime
    counted: Mapping[str, float]

    @property
    def home(self) -> Path:
        """The data folder."""
        return self.settings.home
